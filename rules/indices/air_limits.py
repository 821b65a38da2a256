"""The limits of GB 3095 by pollutant, averaging time, class of area and date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from rules.indices.exact import Number, amount
from rules.indices.source import Certainty, Source

Limits = Mapping[tuple[str, str], tuple[Fraction, Fraction]]


@dataclass(frozen=True, slots=True)
class Edition:
    """`limits`: (pollutant, period) to the limits of class I areas (parks, reserves) and class II areas (where people
    live, trade, work and farm), in µg/m³,
    CO in mg/m³. A pair that is not there has no limit, or none that we know."""

    source: Source
    limits: Limits


def _rows(table: str) -> Limits:
    """Lines of: pollutant, period, limit in class I, limit in class II."""
    rows = [line.split() for line in table.split("\n") if line]
    return MappingProxyType({(row[0], row[1]): (Fraction(row[2]), Fraction(row[3])) for row in rows})


_SAME = """
co day 4 4
co 1h 10 10
o3 8h 100 160
o3 1h 160 200
tsp year 80 200
tsp day 120 300
pb year 0.5 0.5
pb season 1.0 1.0
bap year 0.001 0.001
bap day 0.0025 0.0025
"""

TRANSITION = Edition(
    Source("GB 3095", "2026, transition", Certainty.read, date(2026, 3, 1), date(2030, 12, 31)),
    _rows(
        _SAME
        + """
so2 year 20 60
so2 day 50 150
so2 1h 150 500
no2 year 40 40
no2 day 80 80
no2 1h 200 200
pm10 year 40 60
pm10 day 50 120
pm25 year 15 30
pm25 day 35 60
nox year 50 50
nox day 100 100
nox 1h 250 250
"""
    ),
)

FINAL = Edition(
    Source("GB 3095", "2026, final", Certainty.read, date(2031, 1, 1)),
    _rows(
        _SAME
        + """
so2 year 20 20
so2 day 50 50
so2 1h 150 150
no2 year 30 30
no2 day 50 50
no2 1h 200 200
pm10 year 20 50
pm10 day 50 100
pm25 year 10 25
pm25 day 25 50
nox year 40 40
nox day 70 70
nox 1h 250 250
"""
    ),
)

OF_2012 = Edition(
    Source(
        "GB 3095",
        "2012",
        Certainty.secondary,
        date(2016, 1, 1),
        date(2026, 2, 28),
        remark="Read in a reprint; the limits of TSP, lead, benzo[a]pyrene and NOx were not in it.",
    ),
    _rows("""
so2 year 20 60
so2 day 50 150
so2 1h 150 500
no2 year 40 40
no2 day 80 80
no2 1h 200 200
co day 4 4
co 1h 10 10
o3 8h 100 160
o3 1h 160 200
pm10 year 40 70
pm10 day 50 150
pm25 year 15 35
pm25 day 35 75
"""),
)

EDITIONS = (FINAL, TRANSITION, OF_2012)


def edition_at(day: date) -> Edition:
    """The limits in force on that day; before the first edition's day, the first one's."""
    return next((edition for edition in EDITIONS if edition.source.holds(day)), OF_2012)


def limit(edition: Edition, pollutant: str, period: str, area: int = 2) -> Fraction | None:
    """The limit for a class of area (1 or 2); None where there is none or we do not know it.

    `period`: year, season, day, 8h (the day's greatest 8-hour mean) or 1h. Raises ValueError for another class.
    """
    if area not in (1, 2):
        raise ValueError(f"areas are of class 1 or 2, not {area}")
    pair = edition.limits.get((pollutant, period))
    return None if pair is None else pair[area - 1]


def exceeds(edition: Edition, pollutant: str, period: str, mean: Number, area: int = 2) -> bool | None:
    """Is a valid mean (µg/m³, CO in mg/m³) above the limit? An equal one complies. None where there is no limit."""
    allowed = limit(edition, pollutant, period, area)
    return None if allowed is None else amount(mean) > allowed
