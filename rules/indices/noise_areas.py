"""What noise a place may have: GB 3096 by functional area, the grades of HJ 640, the WHO's advice for roads."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from rules.indices.source import Certainty, Source

Part = Literal["day", "night"]

SOURCE = Source(
    "GB 3096",
    "2008",
    Certainty.secondary,
    remark="Classes 0 to 4a are read in a program that cites the standard. Class 4b, the hours of day and night and "
    "the 15 dB for sudden noise at night are not confirmed.",
)
DAY_BEGINS, NIGHT_BEGINS = 6, 22
SUDDEN_AT_NIGHT = 15.0


@dataclass(frozen=True, slots=True)
class Area:
    """A functional class: its limits in dB(A) and what it is for."""

    name: str
    day: float
    night: float
    use: str


AREAS: Mapping[str, Area] = MappingProxyType(
    {
        area.name: area
        for area in (
            Area("0", 50, 40, "convalescence"),
            Area("1", 55, 45, "homes, hospitals, schools, offices"),
            Area("2", 60, 50, "trade, or mixed"),
            Area("3", 65, 55, "industry, logistics"),
            Area("4a", 70, 55, "beside motorways, main and secondary roads, urban rail on the surface, waterways"),
            Area("4b", 70, 60, "beside main railway lines"),
        )
    }
)

GRADES_SOURCE = Source("HJ 640", "2012", Certainty.secondary)
# The greatest level (dB(A)) of grades 1 to 4; above is grade 5.
GRADES: Mapping[tuple[str, Part], tuple[float, ...]] = MappingProxyType(
    {
        ("area", "day"): (50, 55, 60, 65),
        ("area", "night"): (40, 45, 50, 55),
        ("road", "day"): (68, 70, 72, 74),
        ("road", "night"): (58, 60, 62, 64),
    }
)

WHO_SOURCE = Source("WHO environmental noise guidelines, European region", "2018", Certainty.unconfirmed)
WHO_ROAD = MappingProxyType({"Lden": 53.0, "Lnight": 45.0})


def part_of_day(hour: int, day_begins: int = DAY_BEGINS, night_begins: int = NIGHT_BEGINS) -> Part:
    """Day or night, by the hour of local time (0 to 23) that has begun. A city may set other hours."""
    return "day" if day_begins <= hour < night_begins else "night"


def excess(area: str, part: Part, level: float, areas: Mapping[str, Area] = AREAS) -> float:
    """By how many dB an equivalent level is above the limit of its area; 0 or less complies. KeyError: no such area."""
    limits = areas[area]
    return level - (limits.day if part == "day" else limits.night)


def sudden_excess(area: str, loudest: float) -> float:
    """The same for the loudest moment of the night, which may be 15 dB above the night's limit."""
    return loudest - AREAS[area].night - SUDDEN_AT_NIGHT


def grade(network: str, part: Part, mean: float) -> int:
    """HJ 640's grade, 1 (good) to 5 (bad), of the mean of an "area" or a "road" network (KeyError for another)."""
    return bisect_left(GRADES[network, part], mean) + 1
