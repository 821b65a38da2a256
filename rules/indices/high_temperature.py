"""High-temperature signals of the Chinese weather service, from the greatest temperature of each day."""

from collections.abc import Sequence
from typing import NamedTuple

from rules.indices.table import read, source_of
from rules.indices.warning import Colour, Verdict

_TABLE = read("weather_signals")["high_temperature"]
SOURCE = source_of(_TABLE)


class Step(NamedTuple):
    """Called for when the greatest temperature of `days` days in a row reaches `at` °C."""

    colour: Colour
    at: float
    days: int

    def implies(self, other: "Step") -> bool:
        """Whatever heat reaches this one reaches the other."""
        return other.at <= self.at and other.days <= self.days


STEPS = tuple(Step(Colour[row["colour"]], float(row["at"]), row["days"]) for row in _TABLE["steps"])


def high_temperature(days: Sequence[float | None], steps: Sequence[Step] = STEPS) -> Verdict:
    """The signal for the last of `days`: daily maxima in °C, oldest first; None for a day not (wholly) measured.

    `steps` from the gravest. A day of which we know nothing, and days before the first, might have been hot.
    """
    sure = True
    for colour, at, needed in steps:
        run = [None] * (needed - len(days)) + list(days[-needed:])
        if all(day is not None and day >= at for day in run):
            return Verdict(colour, sure)
        if all(day is None or day >= at for day in run):
            sure = False
    return Verdict(None, sure)
