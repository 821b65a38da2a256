"""Calendars of a city: which days are working days, holidays, school days."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Days:
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    def has(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def bounds(self) -> "Bounds":
        return self.first, self.last


@dataclass(frozen=True, slots=True)
class EveryYear:
    """The days from `first` to `last`, (month, day), of every year; over New Year when `last` comes before `first`."""

    first: tuple[int, int]
    last: tuple[int, int]

    def has(self, day: date) -> bool:
        at = day.month, day.day
        if self.first <= self.last:
            return self.first <= at <= self.last
        return at >= self.first or at <= self.last

    @property
    def bounds(self) -> "Bounds":
        return EVER


@dataclass(frozen=True)
class Calendar:
    """A day belongs to it if it is one of the weekdays (0 for Monday) and a day of the calendar `of`, where they are
    given, lies in one of `within`, if there are any, and in none of `without`; or else if it is in `also`."""

    name: str
    weekdays: frozenset[int] = frozenset()
    of: "Calendar | None" = None
    within: "tuple[Part, ...]" = ()
    without: "tuple[Part, ...]" = ()
    also: "tuple[Part, ...]" = ()
    _known: dict[date, bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def bounds(self) -> "Bounds | None":
        """Between which days all of its days lie; None when there are none."""
        base: Bounds | None = EVER if self.weekdays else None
        if self.of is not None:
            base = self.of.bounds
        if self.within:
            inner = around(part.bounds for part in self.within)
            base = inner if self.of is None else both(base, inner)
        return around((base, *(part.bounds for part in self.also)))

    def has(self, day: date) -> bool:
        """Whether a local day belongs to it."""
        found = self._known.get(day)
        if found is None:
            found = self._known[day] = self._find(day)
        return found

    def _find(self, day: date) -> bool:
        if _any(self.also, day):
            return True
        if not (self.weekdays or self.of is not None or self.within):
            return False
        return (
            (not self.weekdays or day.weekday() in self.weekdays)
            and (self.of is None or self.of.has(day))
            and (not self.within or _any(self.within, day))
            and not _any(self.without, day)
        )


Bounds = tuple[date, date]
"""The first and the last day that something may happen on."""
EVER: Bounds = (date.min, date.max)


def around(several: "Iterable[Bounds | None]") -> "Bounds | None":
    """The bounds of all of them together."""
    found = [each for each in several if each is not None]
    return (min(each[0] for each in found), max(each[1] for each in found)) if found else None


def both(one: "Bounds | None", other: "Bounds | None") -> "Bounds | None":
    """The bounds of what lies within both."""
    if one is None or other is None:
        return None
    first, last = max(one[0], other[0]), min(one[1], other[1])
    return (first, last) if first <= last else None


Part = Days | EveryYear | Calendar


def _any(parts: Iterable[Part], day: date) -> bool:
    return any(part.has(day) for part in parts)
