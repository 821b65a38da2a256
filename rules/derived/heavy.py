"""The heavy-pollution warning of a station, 0 (none) to 4 (red): by its hourly indices of the last days, in the edition
of the local day."""

from collections.abc import Callable

from rules.derived.firm import firm
from rules.derived.program import HOUR, Program, View
from rules.derived.settings import Indices
from rules.indices.china_aqi import Report
from rules.indices.heavy_pollution import standing

NAME = "heavy_pollution"
_INDICES = f"{NAME} indices"


def program(inputs: tuple[str, ...], hourly: Callable[[View], Report], indices: Indices) -> Program:
    """`hourly`: the real-time report as of the end of the newest hour."""
    hours_back = indices.standards.warning_hours
    keep = hours_back * HOUR

    def of(view: View) -> int | None:
        trail = view.trail(_INDICES)
        if (aqi := hourly(view).aqi) is not None:
            trail[view.end] = float(aqi)
        hours = [_whole(trail.get(view.end - back * HOUR)) for back in reversed(range(hours_back))]
        verdict = standing(indices.standards.warnings(indices.day(view.end - 1)), hours)
        return firm(view, NAME, int(verdict.colour or 0), verdict.sure)

    return Program(NAME, inputs, HOUR, 24 * HOUR, of, ((_INDICES, keep), (NAME, keep)))


def _whole(index: float | None) -> int | None:
    return None if index is None else int(index)
