"""Two values as one: as of an instant the newest of each, or all pairs of readings that are near in time."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from rules.areas.event import Event


def _difference(left: float, right: float) -> float | None:
    return left - right + 0.0


def _distance(left: float, right: float) -> float | None:
    return abs(left - right)


def _ratio(left: float, right: float) -> float | None:
    """Of 0 nothing is a ratio."""
    return left / right + 0.0 if right else None


Measure = Callable[[float, float], float | None]
MEASURES: Mapping[str, Measure] = MappingProxyType({"difference": _difference, "distance": _distance, "ratio": _ratio})


class Pair(NamedTuple):
    """What the two readings measure together."""

    value: float
    left: Event
    right: Event


def pair(measure: Measure, left: Event, right: Event) -> Pair | None:
    """None where one has no value, or the two have no measure."""
    if left.value is None or right.value is None:
        return None
    value = measure(left.value, right.value)
    return None if value is None else Pair(value, left, right)


def joined(measure: Measure, lefts: Iterable[Event], rights: Iterable[Event], at: int, within: int) -> list[Pair]:
    """The pairs that come about at `at` (ms): one reading of then, the other at most `within` ms older. In the order of
    left's time, then right's."""
    theirs = [event for event in rights if at - event.at <= within]
    return [
        found
        for left in lefts
        if at - left.at <= within
        for right in theirs
        if max(left.at, right.at) == at and (found := pair(measure, left, right)) is not None
    ]
