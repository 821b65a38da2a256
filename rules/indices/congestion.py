"""How congested a road is: grades and index (TPI) of GB/T 33171, and Beijing's grades by absolute speed.

The index rises from 0 to 10 with the part of the travel time that is lost (DTP). A DTP on the border of two grades
belongs to the worse one, so a road at exactly 70 % of its free speed is basically free-flowing, not free-flowing.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from rules.indices.exact import Number, exact
from rules.indices.table import read, source_of

_TABLE = read("traffic")
SOURCE = source_of(_TABLE["index"])
SPEEDS_SOURCE = source_of(_TABLE["speeds"])


@dataclass(frozen=True, slots=True)
class Grade:
    """1 (free) to 5 (severe)."""

    rank: int
    name: str
    local: str


GRADES = tuple(Grade(row["rank"], row["name"], row["local"]) for row in _TABLE["index"]["grades"])
# DTP to TPI, straight between the points; the inner ones are the borders of the grades.
POINTS = tuple((Fraction(share), Fraction(index)) for share, index in _TABLE["index"]["points"])
_BORDERS = tuple(share for share, _ in POINTS[1:-1])

# km/h from which a road of a class is in grades 1 to 4; slower is grade 5.
SPEEDS: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {road: tuple(_TABLE["speeds"][road]) for road in ("expressway", "arterial", "secondary", "local")}
)


def lost_time(speed: Number, free_speed: Number) -> Fraction:
    """DTP, 0 to 1: the part of the travel time that an empty road (`free_speed`, km/h) would have spared.

    Raises ValueError for a free speed that is not above 0.
    """
    free = exact(free_speed)
    if free <= 0:
        raise ValueError(f"a free speed is above 0, not {free_speed}")
    return min(max(1 - exact(speed) / free, Fraction(0)), Fraction(1))


def tpi(lost: Fraction) -> Fraction:
    """The index, 0 to 10, of a DTP from 0 to 1."""
    place = min(bisect_right(POINTS, lost, key=lambda point: point[0]), len(POINTS) - 1)
    (low, bottom), (high, top) = POINTS[place - 1], POINTS[place]
    return bottom + (top - bottom) * (lost - low) / (high - low)


def grade(lost: Fraction) -> Grade:
    """The grade of a DTP."""
    return GRADES[bisect_right(_BORDERS, lost)]


def grade_by_speed(road: str, speed: float) -> Grade:
    """The grade of a speed (km/h) on an expressway, arterial, secondary or local road (KeyError for another).

    A speed equal to a border belongs to the worse grade, as above.
    """
    return GRADES[sum(speed <= border for border in SPEEDS[road])]
