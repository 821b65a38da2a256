"""Readings that nobody has measured."""

from typing import NamedTuple


class Derived(NamedTuple):
    """A reading that the judge has made: of a derived metric, as of `ts` (ms), in the metric's unit."""

    sensor: str
    metric: str
    ts: int
    value: float
