"""The tables of the Chinese air quality index, edition by edition.

Items are a pollutant and the time it is averaged over (`pm25_24h`, `o3_8h`); CO in mg/m³, all others in µg/m³.
Concentrations are rounded before they are used: CO to 1 decimal, the others to whole µg/m³.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from rules.indices.exact import Ties
from rules.indices.scale import Beyond, Scale
from rules.indices.source import Certainty, Source

POLLUTANTS = ("so2", "no2", "co", "o3", "pm10", "pm25")
_INDEX = (0, 50, 100, 150, 200, 300, 400, 500)


@dataclass(frozen=True, slots=True)
class Level:
    """Level I to VI: indices up to and including `up_to`; None: all above. `rgb` from 0 to 255."""

    rank: int
    name: str
    local: str
    colour: str
    rgb: tuple[int, int, int]
    up_to: int | None


LEVELS = (
    Level(1, "excellent", "优", "green", (0, 228, 0), 50),
    Level(2, "good", "良", "yellow", (255, 255, 0), 100),
    Level(3, "light pollution", "轻度污染", "orange", (255, 126, 0), 150),
    Level(4, "moderate pollution", "中度污染", "red", (255, 0, 0), 200),
    Level(5, "heavy pollution", "重度污染", "purple", (153, 0, 76), 300),
    Level(6, "severe pollution", "严重污染", "maroon", (126, 0, 35), None),
)


# Table 2: who should take care when a pollutant's own index is above 100.
_LUNGS, _HEART = "people with diseases of the respiratory system", "people with diseases of the heart and vessels"
_YOUNG, _OLD, _OUTDOORS = "children and adolescents", "the elderly", "people who are often outdoors"
SENSITIVE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "so2": (_LUNGS, _YOUNG, _OLD),
        "no2": (_LUNGS, _YOUNG, _OLD),
        "co": (_HEART,),
        "o3": (_LUNGS, _YOUNG, _OUTDOORS, _OLD),
        "pm10": (_HEART, _LUNGS, _YOUNG, _OUTDOORS, _OLD),
        "pm25": (_HEART, _LUNGS, _YOUNG, _OUTDOORS, _OLD),
    }
)


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition. `daily` and `hourly` name the items of the daily and of the real-time report; `scales` has all of
    them. `ties`: how GB/T 8170 rounds what lies exactly between two."""

    source: Source
    scales: Mapping[str, Scale]
    daily: tuple[str, ...]
    hourly: tuple[str, ...]
    ties: Ties = "even"


def _column(*concentrations: int, decimals: int = 0, beyond: Beyond = "capped") -> Scale:
    return Scale(tuple(zip(concentrations, _INDEX, strict=False)), decimals, beyond)


_SHARED = {
    "so2_24h": _column(0, 50, 150, 475, 800, 1600, 2100, 2620),
    "no2_24h": _column(0, 40, 80, 180, 280, 565, 750, 940),
    "no2_1h": _column(0, 100, 200, 700, 1200, 2340, 3090, 3840),
    "co_24h": _column(0, 2, 4, 14, 24, 36, 48, 60, decimals=1),
    "co_1h": _column(0, 5, 10, 35, 60, 90, 120, 150, decimals=1),
    "o3_1h": _column(0, 160, 200, 300, 400, 800, 1000, 1200),
}
_SO2_1H = (0, 150, 500, 650, 800)
_O3_8H = (0, 100, 160, 215, 265, 800)
_PM10 = _column(0, 50, 120, 250, 350, 420, 500, 600)
_PM25 = _column(0, 35, 60, 115, 150, 250, 350, 500)
_PM10_2012 = _column(0, 50, 150, 250, 350, 420, 500, 600)
_PM25_2012 = _column(0, 35, 75, 115, 150, 250, 350, 500)

HJ633_2026 = Edition(
    Source(
        "HJ 633",
        "2026",
        Certainty.read,
        date(2026, 3, 1),
        remark="That ties round to even is not confirmed by GB/T 8170's own text. Above the last breakpoint the "
        "standard is silent: 500, marked as beyond the scale.",
    ),
    MappingProxyType(
        _SHARED
        | {
            "so2_1h": _column(*_SO2_1H, beyond="held"),
            "o3_8h": _column(*_O3_8H, beyond="held"),
            "pm10_24h": _PM10,
            "pm25_24h": _PM25,
            # The real-time report takes hourly means of particles on the breakpoints of 24 h.
            "pm10_1h": _PM10,
            "pm25_1h": _PM25,
        }
    ),
    daily=("so2_24h", "no2_24h", "co_24h", "o3_8h", "pm10_24h", "pm25_24h"),
    hourly=("so2_1h", "no2_1h", "co_1h", "o3_1h", "pm10_1h", "pm25_1h"),
)

HJ633_2012 = Edition(
    Source(
        "HJ 633",
        "2012",
        Certainty.read,
        date(2016, 1, 1),
        date(2026, 2, 28),
        remark="Its real-time report lists nine means; the hourly ones of particles have no breakpoints, so seven "
        "make the index. In force nationwide from 2016, in some cities before. What it does without a pollutant is not "
        "known to us: the rule of 2026 is applied.",
    ),
    MappingProxyType(
        _SHARED
        | {
            "so2_1h": _column(*_SO2_1H, beyond="none"),
            "o3_8h": _column(*_O3_8H, beyond="none"),
            "pm10_24h": _PM10_2012,
            "pm25_24h": _PM25_2012,
        }
    ),
    daily=("so2_24h", "no2_24h", "co_24h", "o3_8h", "o3_1h", "pm10_24h", "pm25_24h"),
    hourly=("so2_1h", "no2_1h", "co_1h", "o3_1h", "o3_8h", "pm10_24h", "pm25_24h"),
)

EDITIONS = (HJ633_2026, HJ633_2012)


def rounding(edition: Edition, ties: Ties) -> Edition:
    """The edition under another reading of GB/T 8170."""
    return edition if edition.ties == ties else replace(edition, ties=ties)


def edition_at(day: date) -> Edition:
    """The edition in force on that day; before the first one's day, the first one."""
    return next((edition for edition in EDITIONS if edition.source.holds(day)), HJ633_2012)
