"""How congested a road is: the index of GB/T 33171 of the mean speed over one short window."""

from collections.abc import Iterator
from fractions import Fraction

from rules.derived.program import Program, View
from rules.indices.congestion import lost_time, tpi


def programs(measured: frozenset[str], every: int, free_flow: float) -> Iterator[Program]:
    """For whatever measures speed, beside an empty road's `free_flow` (km/h)."""
    if "speed" not in measured:
        return

    def of(view: View) -> Fraction | None:
        speed = view.newest("speed")
        return None if speed is None else tpi(lost_time(speed.mean, free_flow))

    yield Program("tpi", ("speed",), every, every, of)
