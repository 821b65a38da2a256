"""Water on a road: the level of warning, 0 (none) to 4 (red), that its depth calls for now, and will call for soon."""

from collections.abc import Iterator

from rules.derived.program import Program, View
from rules.indices.waterlogging import Depths, Water, waterlogging

_WINDOWS = 3
"""Of which the rise is taken."""


def programs(measured: frozenset[str], every: int, dry: float | None, depths: Depths) -> Iterator[Program]:
    """For a gauge above a road; `dry`: what it shows (m) when there is no water, None for a gauge elsewhere."""
    if "water_level" not in measured or dry is None:
        return
    bottom: float = dry

    def now(view: View) -> int | None:
        found = _water(view, bottom, depths)
        return None if found is None else int(found.now or 0)

    def soon(view: View) -> int | None:
        found = _water(view, bottom, depths)
        return None if found is None else int(found.soon or 0)

    yield Program("waterlogging", ("water_level",), every, every, now)
    yield Program("waterlogging_soon", ("water_level",), every, every, soon)


def _water(view: View, dry: float, depths: Depths) -> Water | None:
    """By the means of the newest windows, each as of its middle."""

    def of() -> Water | None:
        levels = view.last("water_level", _WINDOWS)
        if levels[-1] is None:
            return None
        ends = range(view.end - (_WINDOWS - 1) * view.every, view.end + 1, view.every)
        known = [(end, float(each.mean)) for end, each in zip(ends, levels, strict=True) if each is not None]
        return waterlogging([end for end, _ in known], [level for _, level in known], dry, depths)

    return view.once("water", of)
