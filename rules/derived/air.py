"""Indices of an air quality station: windows are hours, of which 45 minutes must be measured (GB 3095-2026)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from fractions import Fraction

from rules.derived import guidelines, heavy
from rules.derived.program import HOUR, NOT_YET, NotYet, Program, View, means
from rules.derived.settings import Indices
from rules.derived.standards import Air
from rules.indices import means as valid
from rules.indices.china_aqi import Report, report
from rules.indices.china_tables import POLLUTANTS
from rules.indices.derived import DERIVED, Derived
from rules.indices.exact import Number
from rules.indices.pollutant_code import code_of

SHARE = Fraction(valid.MINUTES_OF_HOUR, 60)
_OF_HOURS = ("nowcast_pm25", "nowcast_pm10", "pm25_24h", "pm10_24h", "o3_8h")
_PERIODS = {"1h": (1, 1), "8h": (8, valid.HOURS_OF_8), "24h": (24, valid.HOURS_OF_DAY)}


def programs(measured: frozenset[str], indices: Indices, area: int) -> Iterator[Program]:
    """Those that a station which measures all this can have, in an area of class 1 or 2. The Chinese index wants all
    its pollutants, but for those that are exempt."""
    if measured.issuperset(wanted := [each for each in POLLUTANTS if each not in indices.exempt]):
        known = tuple(wanted)
        hourly, daily = _hourly(known, indices), _daily(known, indices)
        yield Program("aqi_cn", known, HOUR, 24 * HOUR, lambda view: hourly(view).aqi)
        yield Program("aqi_cn_primary", known, HOUR, 24 * HOUR, lambda view: _primary(hourly(view)))
        yield Program("aqi_cn_day", known, HOUR, 25 * HOUR, lambda view: _aqi(daily(view)))
        yield Program("aqi_cn_day_primary", known, HOUR, 25 * HOUR, lambda view: _primary(daily(view)))
        yield heavy.program(known, hourly, indices)
    if measured & {"pm25", "pm10"}:
        yield _of_hours(DERIVED["aqi_us"], measured, indices)
    for name in _OF_HOURS:
        if measured.issuperset(DERIVED[name].inputs):
            yield _of_hours(DERIVED[name], measured, indices)
    yield from guidelines.programs(measured, indices, area)


def _of_hours(one: Derived, measured: frozenset[str], indices: Indices) -> Program:
    inputs = tuple(name for name in one.inputs if name in measured)

    def of(view: View) -> Number | None:
        hours = {metric: view.means(metric, one.hours) for metric in inputs}
        return one.of(hours, indices.day(view.end - 1))

    return Program(one.name, inputs, HOUR, one.hours * HOUR, of)


def _hourly(known: tuple[str, ...], indices: Indices) -> Callable[[View], Report]:
    """The real-time report, in the edition of the local day."""

    def of(view: View) -> Report:
        edition = indices.standards.scales(indices.day(view.end - 1))
        found: dict[str, Number | None] = {}
        for item in edition.hourly:
            pollutant, _, period = item.partition("_")
            if pollutant in known:
                count, needed = _PERIODS[period]
                found[item] = valid.mean(view.means(pollutant, count), needed)
        return report(edition, "hourly", found, indices.exempt)

    return lambda view: view.once("hourly report", lambda: of(view))


def _daily(known: tuple[str, ...], indices: Indices) -> Callable[[View], Report | NotYet]:
    """The daily report, as of the end of the local day."""

    def of(view: View) -> Report | NotYet:
        day = indices.day(view.end - 1)
        if view.end != indices.instant(day + timedelta(1), 0):
            return NOT_YET
        edition, start = indices.standards.scales(day), indices.instant(day, 0)
        found: dict[str, Number | None] = {}
        for item in edition.daily:
            pollutant, _, period = item.partition("_")
            if pollutant in known:
                hours = means(view.slices(pollutant, start, view.end))
                found[item] = _of_day(hours, period, indices.standards.air)
        return report(edition, "daily", found, indices.exempt)

    return lambda view: view.once("daily report", lambda: of(view))


def _aqi(found: Report | NotYet) -> int | NotYet | None:
    return found.aqi if isinstance(found, Report) else found


def _primary(found: Report | NotYet) -> int | NotYet | None:
    """The code of the primary pollutants; None where there is no index."""
    if not isinstance(found, Report):
        return found
    return None if found.aqi is None else code_of(found.primary)


def _of_day(hours: list[Fraction | None], period: str, city: Air) -> Fraction | None:
    if period == "8h":
        return city.ozone_day(hours)
    mean = valid.day(hours)
    if period == "24h" or mean is None:
        return mean
    return max(hour for hour in hours if hour is not None)  # the greatest hour, of 2012
