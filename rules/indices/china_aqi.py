"""The Chinese air quality index: one pollutant's index, and the report of all."""

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Literal, NamedTuple

from rules.indices.china_tables import LEVELS, SENSITIVE, Edition, Level
from rules.indices.exact import Number, amount, units

# Without one of the pollutants a true index could only be higher; so it is published where it is bad news anyway.
SURE_ABOVE = 100


class Individual(NamedTuple):
    """One item's index (IAQI) and the rounded concentration it was made of. `beyond`: above the last breakpoint, of
    which the standard says nothing."""

    item: str
    concentration: Fraction
    iaqi: int
    beyond: bool

    @property
    def pollutant(self) -> str:
        return self.item.partition("_")[0]


class Report(NamedTuple):
    """`aqi` and `level` are None where the standard says NA. `primary`: the pollutants that make an index above 50,
    all of them when several are equal. `missing`: pollutants without a valid mean."""

    aqi: int | None
    level: Level | None
    primary: tuple[str, ...]
    individuals: tuple[Individual, ...]
    missing: tuple[str, ...]

    @property
    def beyond(self) -> bool:
        """Does one of the concentrations exceed its scale?"""
        return any(one.beyond for one in self.individuals)

    @property
    def sensitive(self) -> tuple[str, ...]:
        """Who should take care: the groups of every pollutant whose own index is above 100."""
        high = (one.pollutant for one in self.individuals if one.iaqi > 100)
        return tuple(dict.fromkeys(group for pollutant in high for group in SENSITIVE[pollutant]))


def individual(edition: Edition, item: str, concentration: Number) -> Individual | None:
    """The index of one item, rounded up. None where the edition computes none (2012: SO2 of 1 h and O3 of 8 h above
    800). Raises KeyError for an item the edition does not have, ValueError for what is no concentration."""
    scale = edition.scales[item]
    value = units(amount(concentration), scale.decimals, edition.ties)
    iaqi = scale.at(value)
    if iaqi is None:
        return None
    return Individual(item, Fraction(value, 10**scale.decimals), iaqi, scale.exceeded(value))


def level_of(aqi: int) -> Level:
    """Level I to VI. An index of 0 counts as level I."""
    return next(level for level in LEVELS if level.up_to is None or aqi <= level.up_to)


def report(
    edition: Edition,
    kind: Literal["daily", "hourly"],
    means: Mapping[str, Number | None],
    exempt: Collection[str] = (),
) -> Report:
    """The daily or the real-time report of one station.

    `means` gives each item its valid mean; None, or nothing, where there is none. `exempt`: pollutants that need not
    be monitored here (§5.3.2), so that nothing is missing without them. Raises KeyError for an item that the report
    does not have.
    """
    items = edition.daily if kind == "daily" else edition.hourly
    if strangers := means.keys() - set(items):
        raise KeyError(f"the {kind} report of {edition.source.edition} has no {', '.join(sorted(strangers))}")
    present = {item: value for item in items if (value := means.get(item)) is not None}
    there = {item.partition("_")[0] for item in present}
    wanted = dict.fromkeys(item.partition("_")[0] for item in items)
    missing = tuple(name for name in wanted if name not in there and name not in exempt)
    found = tuple(one for item, value in present.items() if (one := individual(edition, item, value)))
    if not found:
        return Report(None, None, (), (), missing)
    aqi = max(one.iaqi for one in found)
    if missing and aqi <= SURE_ABOVE:
        return Report(None, None, (), found, missing)
    primary = dict.fromkeys(one.pollutant for one in found if one.iaqi == aqi) if aqi > 50 else {}
    return Report(aqi, level_of(aqi), tuple(primary), found, missing)
