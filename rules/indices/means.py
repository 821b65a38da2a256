"""Means over time as air quality standards take them: exact, and None unless enough of the time was measured.

Table 4 of GB 3095-2026 says how much is enough. The hours of the day's ozone mean are those of HJ 663-2013, which we
have not read in its edition of 2026: they are arguments.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm

from rules.indices.exact import Number, exact

MINUTES_OF_HOUR = 45
HOURS_OF_8 = 6
HOURS_OF_DAY = 20
DAYS_OF_MONTH = 27
DAYS_OF_FEBRUARY = 25
DAYS_OF_YEAR = 324


def mean(values: Sequence[Number | None], needed: int) -> Fraction | None:
    """The mean of those that are there; None when they are fewer than `needed` or none at all."""
    there = [exact(value) for value in values if value is not None]
    if not there or len(there) < needed:
        return None
    parts = [value.as_integer_ratio() for value in there]
    common = lcm(*[below for _, below in parts])  # one division at the end, not one for every sum
    return Fraction(sum([above * (common // below) for above, below in parts]), common * len(there))


def hour(minutes: Sequence[Number | None]) -> Fraction | None:
    """Of one-minute values: an hourly mean needs 45 of the 60."""
    return mean(minutes, MINUTES_OF_HOUR)


def day(hours: Sequence[Number | None]) -> Fraction | None:
    """Of the 24 hourly means of a natural day, or of the 24 up to now: needs 20."""
    return mean(hours, HOURS_OF_DAY)


def eight_hours(hours: Sequence[Number | None]) -> Fraction | None:
    """Of 8 hourly means: needs 6."""
    return mean(hours, HOURS_OF_8)


def ozone_day(
    hours: Sequence[Number | None], *, first: int = 8, needed: int = 14, limit: Number = 160
) -> Fraction | None:
    """The greatest 8-hour mean of a natural day of 24 hourly means, of the windows that end after `first` hours of it
    or later. `needed` of the windows must be valid, unless the greatest is above `limit` anyway."""
    windows = [eight_hours(hours[end - 8 : end]) for end in range(first, len(hours) + 1)]
    valid = [window for window in windows if window is not None]
    if not valid:
        return None
    greatest = max(valid)
    return greatest if len(valid) >= needed or greatest > exact(limit) else None


def year_is_valid(days_by_month: Mapping[int, int]) -> bool:
    """Do the valid daily means, counted by month from 1 to 12, allow an annual mean?"""
    months = [
        days_by_month.get(month, 0) >= (DAYS_OF_FEBRUARY if month == 2 else DAYS_OF_MONTH) for month in range(1, 13)
    ]
    return all(months) and sum(days_by_month.values()) >= DAYS_OF_YEAR
