"""What noise a place may have: GB 3096 by functional area, the grades of HJ 640, the WHO's advice for roads."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from rules.indices.table import read, source_of

Part = Literal["day", "night"]

_TABLE = read("noise")
SOURCE = source_of(_TABLE["areas"])
DAY_BEGINS: int = _TABLE["areas"]["day_begins"]
NIGHT_BEGINS: int = _TABLE["areas"]["night_begins"]
SUDDEN_AT_NIGHT = float(_TABLE["areas"]["sudden_at_night"])


@dataclass(frozen=True, slots=True)
class Area:
    """A functional class: its limits in dB(A) and what it is for."""

    name: str
    day: float
    night: float
    use: str


AREAS: Mapping[str, Area] = MappingProxyType(
    {row["name"]: Area(row["name"], row["day"], row["night"], row["use"]) for row in _TABLE["areas"]["area"]}
)

GRADES_SOURCE = source_of(_TABLE["grades"])
_PARTS: tuple[Part, ...] = ("day", "night")
GRADES: Mapping[tuple[str, Part], tuple[float, ...]] = MappingProxyType(
    {(network, part): tuple(_TABLE["grades"][network][part]) for network in ("area", "road") for part in _PARTS}
)
"""The greatest level (dB(A)) of grades 1 to 4 by network and part of the day; above is grade 5."""

WHO_SOURCE = source_of(_TABLE["who_road"])
WHO_ROAD = MappingProxyType({name: float(_TABLE["who_road"][name]) for name in ("Lden", "Lnight")})


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
