"""The breakpoints of the US air quality index of 2024, in the units of its document: ozone and CO in ppm, SO2 and NO2
in ppb, particles in µg/m³."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from rules.indices.source import Certainty, Source

SOURCE = Source("EPA-454/B-24-002", "May 2024 (89 FR 16202)", Certainty.read, date(2024, 5, 6))

_BANDS = {50: (0, 50), 100: (51, 100), 150: (101, 150), 200: (151, 200), 300: (201, 300), 500: (301, 500)}


@dataclass(frozen=True, slots=True)
class Category:
    """Indices up to and including `up_to`; None: all above. `rgb` from 0 to 255."""

    rank: int
    name: str
    colour: str
    rgb: tuple[int, int, int]
    up_to: int | None


CATEGORIES = (
    Category(1, "good", "green", (0, 228, 0), 50),
    Category(2, "moderate", "yellow", (255, 255, 0), 100),
    Category(3, "unhealthy for sensitive groups", "orange", (255, 126, 0), 150),
    Category(4, "unhealthy", "red", (255, 0, 0), 200),
    Category(5, "very unhealthy", "purple", (143, 63, 151), 300),
    Category(6, "hazardous", "maroon", (126, 0, 35), None),
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


def _column(decimals: int, *rows: str, continues: bool = True) -> Column:
    """Rows of: low, high, the band's greatest index."""
    bands = []
    for row in rows:
        low, high, top = row.split()
        bands.append(Band(Fraction(low), Fraction(high), *_BANDS[int(top)]))
    return Column(tuple(bands), decimals, continues)


COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "o3_8h": _column(
            3, "0 0.054 50", "0.055 0.070 100", "0.071 0.085 150", "0.086 0.105 200", "0.106 0.200 300", continues=False
        ),
        "o3_1h": _column(3, "0.125 0.164 150", "0.165 0.204 200", "0.205 0.404 300", "0.405 0.604 500"),
        "pm25_24h": _column(
            1, "0 9.0 50", "9.1 35.4 100", "35.5 55.4 150", "55.5 125.4 200", "125.5 225.4 300", "225.5 325.4 500"
        ),
        "pm10_24h": _column(0, "0 54 50", "55 154 100", "155 254 150", "255 354 200", "355 424 300", "425 604 500"),
        "co_8h": _column(
            1, "0 4.4 50", "4.5 9.4 100", "9.5 12.4 150", "12.5 15.4 200", "15.5 30.4 300", "30.5 50.4 500"
        ),
        "so2_1h": _column(0, "0 35 50", "36 75 100", "76 185 150", "186 304 200", continues=False),
        "so2_24h": _column(0, "305 604 300", "605 1004 500"),
        "no2_1h": _column(0, "0 53 50", "54 100 100", "101 360 150", "361 649 200", "650 1249 300", "1250 2049 500"),
    }
)
