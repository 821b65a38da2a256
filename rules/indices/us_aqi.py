"""The US air quality index: truncate, interpolate, round; above 500 the last line goes on."""

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from rules.indices.exact import Number, amount, exact, half_up, truncated
from rules.indices.us_tables import CATEGORIES, COLUMNS, Category
from rules.units import units_of

_UNITS = {"o3": "ppm", "co": "ppm", "so2": "ppb", "no2": "ppb"}


class Report(NamedTuple):
    """`aqi` and `category` are None when no item has an index. `primary`: the pollutants that make the index, all of
    them when several are equal. `individuals`: index by item."""

    aqi: int | None
    category: Category | None
    primary: tuple[str, ...]
    individuals: Mapping[str, int]


def us_units(pollutant: str, value: Number) -> Fraction:
    """From our canonical unit (µg/m³, CO mg/m³) at 298.15 K and 1013.25 hPa to the index's own (ppm or ppb).

    Particles stay in µg/m³. Raises KeyError for an unknown pollutant.
    """
    unit = _UNITS.get(pollutant)
    return exact(value) / exact(units_of(pollutant)[unit].scale) if unit else exact(value)


def individual(item: str, concentration: Number) -> int | None:
    """The index of one item, in the unit of rules.indices.us_tables. None below the item's first breakpoint or where
    another item takes over. Raises KeyError for an unknown item, ValueError for what is no concentration."""
    column = COLUMNS[item]
    value = truncated(amount(concentration), column.decimals)
    if value < column.bands[0].low:
        return None
    for band in column.bands:
        if value <= band.high:
            break
    else:
        if not column.continues:
            return None
    slope = Fraction(band.top - band.bottom) / (band.high - band.low)
    return half_up(slope * (value - band.low) + band.bottom)


def category_of(aqi: int) -> Category:
    """One of the six categories."""
    return next(category for category in CATEGORIES if category.up_to is None or aqi <= category.up_to)


def report(means: Mapping[str, Number | None]) -> Report:
    """The index of one place from the means that are there. Of ozone's two items the higher counts, as of all."""
    found: dict[str, int] = {}
    for item, value in means.items():
        if value is not None and (index := individual(item, value)) is not None:
            found[item] = index
    hour = means.get("so2_1h")
    if hour is not None and individual("so2_1h", hour) is None and "so2_24h" not in found:
        # An hour above 304 ppb on a day below 305 ppb: the document says exactly 200. Without the day's mean the
        # index is at least that, and the pollutant must not vanish from the report.
        found["so2_1h"] = 200
    if not found:
        return Report(None, None, (), found)
    aqi = max(found.values())
    primary = dict.fromkeys(item.partition("_")[0] for item, index in found.items() if index == aqi)
    return Report(aqi, category_of(aqi), tuple(primary), found)
