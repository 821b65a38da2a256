"""The primary pollutants of a report as one number, so that they can be stored: the sum of 1 for SO2, 2 for NO2, 4 for
CO, 8 for O3, 16 for PM10 and 32 for PM2.5; 0 where there is none (an index of at most 50)."""

from collections.abc import Iterable

from rules.indices.china_tables import POLLUTANTS


def code_of(primary: Iterable[str]) -> int:
    """Raises ValueError for what is no pollutant.

    >>> code_of(["pm10", "pm25"])
    48
    """
    return sum({1 << POLLUTANTS.index(name) for name in primary})


def pollutants_of(code: int) -> tuple[str, ...]:
    """All that are in it. Raises ValueError for what is no code.

    >>> pollutants_of(48)
    ('pm10', 'pm25')
    """
    if not 0 <= code < 1 << len(POLLUTANTS):
        raise ValueError(f"{code} is no sum of pollutants")
    return tuple(name for place, name in enumerate(POLLUTANTS) if code >> place & 1)
