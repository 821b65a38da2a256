"""The breakpoints of the US air quality index of 2024, in the units of its document: ozone and CO in ppm, SO2 and NO2
in ppb, particles in µg/m³."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from rules.indices.table import Table, read, source_of

_TABLE = read("us_aqi")
SOURCE = source_of(_TABLE)


@dataclass(frozen=True, slots=True)
class Category:
    """Indices up to and including `up_to`; None: all above. `rgb` from 0 to 255."""

    rank: int
    name: str
    colour: str
    rgb: tuple[int, int, int]
    up_to: int | None


CATEGORIES = tuple(
    Category(row["rank"], row["name"], row["colour"], tuple(row["rgb"]), row.get("up_to")) for row in _TABLE["category"]
)


@dataclass(frozen=True, slots=True)
class Band:
    """Concentrations from `low` to `high` have indices from `bottom` to `top`, both ends included."""

    low: Fraction
    high: Fraction
    bottom: int
    top: int


@dataclass(frozen=True, slots=True)
class Column:
    """One item: its bands in rising order, the decimals that count. `continues`: above the last band its line goes on
    without an end; else another item takes over there and there is no index."""

    bands: tuple[Band, ...]
    decimals: int
    continues: bool


def _column(row: Table) -> Column:
    bands = (Band(Fraction(low), Fraction(high), bottom, top) for low, high, bottom, top in row["bands"])
    return Column(tuple(bands), row["decimals"], row["continues"])


COLUMNS: Mapping[str, Column] = MappingProxyType({item: _column(row) for item, row in _TABLE["column"].items()})
