"""The limits of GB 3095 by pollutant, averaging time, class of area and date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from rules.indices.exact import Number, amount
from rules.indices.source import Source
from rules.indices.table import Table, read, source_of

Limits = Mapping[tuple[str, str], tuple[Fraction, Fraction]]


@dataclass(frozen=True, slots=True)
class Edition:
    """`limits`: (pollutant, period) to the limits of class I areas (parks, reserves) and class II areas (where people
    live, trade, work and farm), in µg/m³,
    CO in mg/m³. A pair that is not there has no limit, or none that we know."""

    source: Source
    limits: Limits


def _edition(row: Table) -> Edition:
    limits = {(pollutant, period): (Fraction(one), Fraction(two)) for pollutant, period, one, two in row["limits"]}
    return Edition(source_of(row), MappingProxyType(limits))


EDITIONS = tuple(_edition(row) for row in read("air_limits")["edition"])
"""The newest first."""
FINAL, TRANSITION, OF_2012 = EDITIONS


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
