"""What a window is made into: one value from the panes of which it consists."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from rules.panes import MICRO, Pane
from rules.tallies.names import share_name

PLAIN = ("mean", "max", "min", "count", "sum")
"""Those that every pane can tell."""

_TALLIES: Mapping[str, str] = MappingProxyType(
    {
        "median": "sketch",
        "percentile": "sketch",
        "stddev": "squares",
        "first": "ends",
        "last": "ends",
        "slope": "trend",
        "leq": "energy",
    }
)
AGGREGATES = (*PLAIN, *_TALLIES, "share_above")


def tally_of(aggregate: str, mark: float) -> str:
    """The name of the tally that an aggregate is worked out from, "" for none."""
    return share_name(mark) if aggregate == "share_above" else _TALLIES.get(aggregate, "")


def unit_of(aggregate: str, unit: str) -> str:
    """The unit of an aggregate of values in `unit`."""
    if aggregate == "count":
        return "readings"
    if aggregate == "share_above":
        return "1"
    return f"{unit}/h" if aggregate == "slope" else unit


def result(aggregate: str, pane: Pane, end: int, tally: str = "", percent: int = 50) -> float | None:
    """The value of a folded pane with at least one reading. `end`: of the window (ms); `tally`: as `tally_of` says.
    None where so few readings have no such value."""
    return _RESULTS[aggregate](pane, pane.tallies.get(tally), end, percent)


def _percentile(pane: Pane, sketch: Any, end: int, percent: int) -> float:
    # What is known exactly bounds what is known to half a per cent.
    return min(max(float(sketch.percentile(percent)), pane.low), pane.high)


_RESULTS: Mapping[str, Callable[[Pane, Any, int, int], float | None]] = MappingProxyType(
    {
        "mean": lambda pane, tally, end, percent: pane.total / (pane.count * int(MICRO)),
        "max": lambda pane, tally, end, percent: pane.high,
        "min": lambda pane, tally, end, percent: pane.low,
        "count": lambda pane, tally, end, percent: float(pane.count),
        "sum": lambda pane, tally, end, percent: pane.total / int(MICRO),
        "median": lambda pane, tally, end, percent: _percentile(pane, tally, end, 50),
        "percentile": _percentile,
        "stddev": lambda pane, tally, end, percent: tally.deviation(pane.count, pane.total),
        "first": lambda pane, tally, end, percent: tally.first[1],
        "last": lambda pane, tally, end, percent: tally.last[1],
        "slope": lambda pane, tally, end, percent: tally.slope(),
        "leq": lambda pane, tally, end, percent: tally.level(pane.count),
        "share_above": lambda pane, tally, end, percent: tally.share(end),
    }
)
