"""Rainstorm signals of the Chinese weather service, from hourly sums of rain."""

from collections.abc import Sequence
from typing import NamedTuple

from rules.indices.exact import Number, exact
from rules.indices.table import read, source_of
from rules.indices.warning import Colour, Verdict

_TABLE = read("weather_signals")["rainstorm"]
SOURCE = source_of(_TABLE)


class Step(NamedTuple):
    """Called for when `mm` of rain fell within `hours`."""

    colour: Colour
    mm: float
    hours: int

    def implies(self, other: "Step") -> bool:
        """Whatever rain reaches this one reaches the other."""
        return other.mm <= self.mm and other.hours >= self.hours


STEPS = tuple(Step(Colour[row["colour"]], float(row["mm"]), row["hours"]) for row in _TABLE["steps"])


def rainstorm(hours: Sequence[Number | None], steps: Sequence[Step] = STEPS) -> Verdict:
    """The signal for now: sums of rain (mm) of the last hours, oldest first; None for an hour not (wholly) measured.

    `steps` from the gravest. Rain only adds, so what is known to have fallen is enough for a signal; an hour of which
    we know nothing, or that is before the first, might have brought a graver one.
    """
    sure = True
    for colour, mm, needed in steps:
        known = [exact(hour) for hour in hours[-needed:] if hour is not None]
        if sum(known) >= mm:
            return Verdict(colour, sure)
        sure = sure and len(known) == needed
    return Verdict(None, sure)
