"""The WHO's air quality guidelines of 2021 and their interim targets."""

from fractions import Fraction
from types import MappingProxyType

from rules.indices.exact import Number, amount
from rules.indices.source import Certainty, Source

SOURCE = Source(
    "WHO global air quality guidelines",
    "2021",
    Certainty.secondary,
    remark="Read in a reprint; SO2's guideline (40) is corrected from another source. 24-hour values are 99th "
    "percentiles: three to four days a year may be above.",
)

# (pollutant, period) to what must not be exceeded, from the loosest interim target to the guideline; µg/m³, CO mg/m³.
_TABLE: dict[tuple[str, str], dict[str, str]] = {
    ("pm25", "year"): {"IT-1": "35", "IT-2": "25", "IT-3": "15", "IT-4": "10", "AQG": "5"},
    ("pm25", "24h"): {"IT-1": "75", "IT-2": "50", "IT-3": "37.5", "IT-4": "25", "AQG": "15"},
    ("pm10", "year"): {"IT-1": "70", "IT-2": "50", "IT-3": "30", "IT-4": "20", "AQG": "15"},
    ("pm10", "24h"): {"IT-1": "150", "IT-2": "100", "IT-3": "75", "IT-4": "50", "AQG": "45"},
    ("o3", "season"): {"IT-1": "100", "IT-2": "70", "AQG": "60"},
    ("o3", "8h"): {"IT-1": "160", "IT-2": "120", "AQG": "100"},
    ("no2", "year"): {"IT-1": "40", "IT-2": "30", "IT-3": "20", "AQG": "10"},
    ("no2", "24h"): {"IT-1": "120", "IT-2": "50", "AQG": "25"},
    ("so2", "24h"): {"IT-1": "125", "IT-2": "50", "AQG": "40"},
    ("co", "24h"): {"IT-1": "7", "AQG": "4"},
}
GUIDELINES = MappingProxyType(
    {key: MappingProxyType({name: Fraction(text) for name, text in row.items()}) for key, row in _TABLE.items()}
)


def met(pollutant: str, period: str, mean: Number) -> str | None:
    """The strictest that a mean meets: "AQG", "IT-4" ... "IT-1", or None when it is above them all.

    `period`: year, season (the six months with most ozone), 24h or 8h. Raises KeyError for a pair without guideline.
    """
    value = amount(mean)
    return next((name for name, most in reversed(list(GUIDELINES[pollutant, period].items())) if value <= most), None)
