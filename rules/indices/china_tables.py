"""The tables of the Chinese air quality index, edition by edition.

Items are a pollutant and the time it is averaged over (`pm25_24h`, `o3_8h`); CO in mg/m³, all others in µg/m³.
Concentrations are rounded before they are used: CO to 1 decimal, the others to whole µg/m³.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from rules.indices.exact import Ties
from rules.indices.scale import Scale
from rules.indices.source import Source
from rules.indices.table import Table, read, source_of

_TABLE = read("china_aqi")
POLLUTANTS: tuple[str, ...] = tuple(_TABLE["pollutants"])


@dataclass(frozen=True, slots=True)
class Level:
    """Level I to VI: indices up to and including `up_to`; None: all above. `rgb` from 0 to 255."""

    rank: int
    name: str
    local: str
    colour: str
    rgb: tuple[int, int, int]
    up_to: int | None


LEVELS = tuple(
    Level(row["rank"], row["name"], row["local"], row["colour"], tuple(row["rgb"]), row.get("up_to"))
    for row in _TABLE["level"]
)
SENSITIVE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: tuple(groups) for name, groups in _TABLE["sensitive"].items()}
)
"""Who should take care when a pollutant's own index is above 100."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition. `daily` and `hourly` name the items of the daily and of the real-time report; `scales` has all of
    them. `ties`: how GB/T 8170 rounds what lies exactly between two."""

    source: Source
    scales: Mapping[str, Scale]
    daily: tuple[str, ...]
    hourly: tuple[str, ...]
    ties: Ties = "even"


def _edition(row: Table) -> Edition:
    scales = {
        item: Scale(
            tuple(zip(scale["points"], row["index"], strict=False)),
            scale.get("decimals", 0),
            scale.get("beyond", "capped"),
        )
        for item, scale in row["scale"].items()
    }
    return Edition(source_of(row), MappingProxyType(scales), tuple(row["daily"]), tuple(row["hourly"]), row["ties"])


EDITIONS = tuple(_edition(row) for row in _TABLE["edition"])
"""The newest first."""
HJ633_2026, HJ633_2012 = EDITIONS


def rounding(edition: Edition, ties: Ties) -> Edition:
    """The edition under another reading of GB/T 8170."""
    return edition if edition.ties == ties else replace(edition, ties=ties)


def edition_at(day: date) -> Edition:
    """The edition in force on that day; before the first one's day, the first one."""
    return next((edition for edition in EDITIONS if edition.source.holds(day)), HJ633_2012)
