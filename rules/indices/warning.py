"""The four colours of a Chinese warning, and what each says in the words of CAP."""

from enum import IntEnum
from typing import NamedTuple

from rules.indices.source import Certainty, Source

SOURCE = Source(
    "Emergency Response Law, four levels of warning",
    "2024",
    Certainty.unconfirmed,
    remark="The order of the colours is read in several places; the mapping to CAP is our proposal.",
)


class Colour(IntEnum):
    """From level IV (blue) to level I (red); greater is graver."""

    blue = 1
    yellow = 2
    orange = 3
    red = 4

    @property
    def level(self) -> str:
        """The roman number by which the law calls it."""
        return ("IV", "III", "II", "I")[self - 1]


class Verdict(NamedTuple):
    """`colour`: the gravest warning that the known values call for, None for none. `sure`: no value that is missing
    could make it graver; where it is False, a missing or lower warning is not to be believed."""

    colour: Colour | None
    sure: bool


class Terms(NamedTuple):
    """The three judgements of a CAP info block."""

    severity: str
    urgency: str
    certainty: str


_SEVERITY = {Colour.blue: "Minor", Colour.yellow: "Moderate", Colour.orange: "Severe", Colour.red: "Extreme"}


def cap_terms(colour: Colour, *, observed: bool, ahead_minutes: float = 0.0) -> Terms:
    """How grave, how soon and how sure: what was measured is Observed, what is computed ahead is Likely.

    `ahead_minutes`: when it will begin; within the hour is Expected, later is Future. What has begun is Immediate.
    """
    urgency = "Immediate" if ahead_minutes <= 0 else "Expected" if ahead_minutes <= 60 else "Future"
    return Terms(_SEVERITY[colour], urgency, "Observed" if observed else "Likely")
