"""Rainstorm signals of the Chinese weather service, from hourly sums of rain."""

from collections.abc import Sequence
from typing import NamedTuple

from rules.indices.exact import Number, exact
from rules.indices.source import Certainty, Source
from rules.indices.warning import Colour, Verdict

SOURCE = Source("CMA rainstorm signals", "2007", Certainty.secondary, remark="Read in a web page that reprints them.")


class Step(NamedTuple):
    """Called for when `mm` of rain fell within `hours`."""

    colour: Colour
    mm: float
    hours: int


STEPS = (
    Step(Colour.red, 100.0, 3),
    Step(Colour.orange, 50.0, 3),
    Step(Colour.yellow, 50.0, 6),
    Step(Colour.blue, 50.0, 12),
)


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
