"""NowCast: the US estimate of a 24-hour mean of particles from the last 12 hours, quick where the air changes quickly.

Ozone's NowCast is a regression with tables of its own and is not here.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from rules.indices.exact import Number, amount, truncated
from rules.indices.source import Certainty, Source

SOURCE = Source("EPA AQI Technical Assistance Document, NowCast", "May 2024", Certainty.read)
HOURS = 12
_LEAST_WEIGHT = Fraction(1, 2)
_DECIMALS = {"pm25": 1, "pm10": 0}


def nowcast(pollutant: str, hours: Sequence[Number | None]) -> Fraction | None:
    """Of hourly means in µg/m³, oldest first, the last one being the newest hour; only the last 12 count.

    The result is truncated (PM2.5 to 0.1, PM10 to 1), ready for the index. None unless 2 of the newest 3 hours are
    there. Raises KeyError for another pollutant, ValueError for what is no concentration.
    """
    decimals = _DECIMALS[pollutant]
    back = [None if value is None else amount(value) for value in reversed(hours[-HOURS:])]
    if sum(value is not None for value in back[:3]) < 2:
        return None
    there = [value for value in back if value is not None]
    greatest, least = max(there), min(there)
    weight = max(_LEAST_WEIGHT, least / greatest) if greatest else Fraction(1)
    # In whole numbers: with the weight p/q an age of n has p**n * q**(11 - n), over one denominator for all values.
    common = lcm(*[value.denominator for value in there])
    total = weights = 0
    for age, value in enumerate(back):
        if value is not None:
            share = weight.numerator**age * weight.denominator ** (HOURS - 1 - age)
            total += value.numerator * (common // value.denominator) * share
            weights += share
    return truncated(Fraction(total, common * weights), decimals)
