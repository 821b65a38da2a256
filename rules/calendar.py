"""Calendars of a city: which days are working days, holidays, school days."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Days:
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    def has(self, day: date) -> bool:
        return self.first <= day <= self.last


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


Part = Days | EveryYear | Calendar


def _any(parts: Iterable[Part], day: date) -> bool:
    return any(part.has(day) for part in parts)
