"""From the hourly means of a station to its hourly and daily index, in any edition."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rules.indices import means
from rules.indices.china_aqi import Report, report
from rules.indices.china_tables import Edition, Level
from rules.indices.exact import Number, exact

Hours = Mapping[str, Sequence[Number | None]]


class Day(NamedTuple):
    """A natural day: its report and those of its hours."""

    daily: Report
    hourly: tuple[Report, ...]


def days(edition: Edition, hours: Hours) -> Iterator[Day]:
    """One `Day` for each whole 24 hours.

    `hours`: for each pollutant its hourly means, from the first hour of a natural day on, in µg/m³, CO in mg/m³; None
    where there is no valid one. Raises ValueError unless all have the same length.
    """
    lengths = {len(values) for values in hours.values()}
    if len(lengths) > 1:
        raise ValueError("hourly means of different length")
    exacts = {name: [None if one is None else exact(one) for one in values] for name, values in hours.items()}
    for start in range(0, max(lengths, default=0) - 23, 24):
        yield Day(
            report(edition, "daily", _daily(edition, exacts, start)),
            tuple(report(edition, "hourly", _hourly(edition, exacts, hour)) for hour in range(start, start + 24)),
        )


def _daily(edition: Edition, hours: Hours, start: int) -> dict[str, Number | None]:
    found: dict[str, Number | None] = {}
    for item in edition.daily:
        pollutant, _, period = item.partition("_")
        values = hours.get(pollutant, ())[start : start + 24]
        if period == "24h":
            found[item] = means.day(values)
        elif period == "8h":
            found[item] = means.ozone_day(values)
        else:  # the day's greatest hourly mean
            there = [value for value in values if value is not None]
            found[item] = max(there) if len(there) >= means.HOURS_OF_DAY else None
    return found


def _hourly(edition: Edition, hours: Hours, hour: int) -> dict[str, Number | None]:
    found: dict[str, Number | None] = {}
    for item in edition.hourly:
        pollutant, _, period = item.partition("_")
        values = hours.get(pollutant, ())
        if period == "1h":
            found[item] = values[hour] if values else None
        elif period == "8h":
            found[item] = means.eight_hours(values[max(hour - 7, 0) : hour + 1])
        else:  # of the 24 hours that end with this one
            found[item] = means.day(values[max(hour - 23, 0) : hour + 1])
    return found


def tally(levels: Iterable[Level | None]) -> dict[str, int]:
    """How many of each level, from the best; "NA" for those without."""
    ranks = [level.rank if level else 0 for level in levels]
    return {str(rank): ranks.count(rank) for rank in range(1, 7)} | {"NA": ranks.count(0)}
