"""The WHO's air quality guidelines of 2021 and their interim targets."""

from fractions import Fraction
from types import MappingProxyType

from rules.indices.exact import Number, amount
from rules.indices.table import read, source_of

_TABLE = read("who_air")
SOURCE = source_of(_TABLE)
GUIDELINES = MappingProxyType(
    {
        (row["pollutant"], row["period"]): MappingProxyType(
            {name: Fraction(limit) for name, limit in row["limits"].items()}
        )
        for row in _TABLE["guideline"]
    }
)
"""By pollutant and period what must not be exceeded, from the loosest interim target to the guideline; µg/m³, CO in
mg/m³."""


def met(pollutant: str, period: str, mean: Number) -> str | None:
    """The strictest that a mean meets: "AQG", "IT-4" ... "IT-1", or None when it is above them all.

    `period`: year, season (the six months with most ozone), 24h or 8h. Raises KeyError for a pair without guideline.
    """
    value = amount(mean)
    return next((name for name, most in reversed(list(GUIDELINES[pollutant, period].items())) if value <= most), None)
