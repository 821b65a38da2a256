"""Numbers as an instrument prints them: exact decimals, and the ways in which standards round them.

A double holds 2.2 as 2.20000000000000017763568394002504646778106689453125, and a ceiling makes a whole index point of
that. So a float here means the shortest decimal that prints it, and all arithmetic is rational.
"""

from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Literal

Number = int | float | Decimal | Fraction
Ties = Literal["even", "up"]


def exact(value: Number) -> Fraction:
    """The number that `value` prints as. Raises ValueError for NaN and infinities, TypeError for a boolean.

    >>> exact(2.2)
    Fraction(11, 5)
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, bool):
        raise TypeError("a truth value is no measurement")
    if not isfinite(value):
        raise ValueError(f"{value} is no measurement")
    return Fraction(value) if isinstance(value, int | Decimal) else Fraction(Decimal(repr(float(value))))


def amount(value: Number) -> Fraction:
    """As `exact`, for what cannot be less than nothing. Raises ValueError for a negative one."""
    found = exact(value)
    if found.numerator < 0:
        raise ValueError(f"{value} is less than nothing")
    return found


def units(value: Fraction, decimals: int = 0, ties: Ties = "even") -> int:
    """`value`, rounded to so many decimals, as a count of units of the last one. What lies exactly between two goes to
    the even one (GB/T 8170), or up.

    >>> units(Fraction("2.25"), 1), units(Fraction("2.25"), 1, "up")
    (22, 23)
    """
    unit: int = 10**decimals
    whole, rest = divmod(value.numerator * unit, value.denominator)
    up = 2 * rest - value.denominator
    return whole + (up > 0 or (up == 0 and (ties == "up" or whole % 2)))


def truncated(value: Fraction, decimals: int = 0) -> Fraction:
    """To so many decimals, what follows cut off; for values from 0.

    >>> truncated(Fraction("35.99"), 1)
    Fraction(359, 10)
    """
    unit = 10**decimals
    return Fraction(value.numerator * unit // value.denominator, unit)


def half_up(value: Fraction) -> int:
    """The nearest whole number, of two equally near ones the greater."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
