"""Metrics that are made from others: what a station's last hours say, by name, as a rule may use them.

Hourly means go in, oldest first, one for each hour, None for an hour without a valid one (`means.hour`).
The newest hour is the one that is judged. A derived metric that cannot be computed is None: a rule must take that as
"cannot decide".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from rules.indices import heat, means, us_aqi
from rules.indices.china_aqi import report
from rules.indices.china_tables import edition_at
from rules.indices.exact import Number
from rules.indices.nowcast import HOURS as NOWCAST_HOURS
from rules.indices.nowcast import nowcast

Hours = Mapping[str, Sequence[Number | None]]


@dataclass(frozen=True, slots=True)
class Derived:
    """`inputs`: metrics of one station; `hours`: how many of their hourly means it needs at most; `title` for the
    documents. `of` takes these and the local day of the newest hour, which decides the edition."""

    name: str
    unit: str
    inputs: tuple[str, ...]
    hours: int
    title: str
    of: Callable[[Hours, date], Number | None]


def _newest(hours: Hours, metric: str) -> Number | None:
    values = hours.get(metric, ())
    return values[-1] if values else None


# How many hours a period has, and how many of them must be there.
_PERIODS = {"1h": (1, 1), "8h": (8, means.HOURS_OF_8), "24h": (24, means.HOURS_OF_DAY)}


def _over(hours: Hours, metric: str, period: str) -> Fraction | None:
    count, needed = _PERIODS[period]
    return means.mean(hours.get(metric, ())[-count:], needed)


def _mean(metric: str, period: str) -> Callable[[Hours, date], Number | None]:
    return lambda hours, day: _over(hours, metric, period)


def _aqi_cn(hours: Hours, day: date) -> Number | None:
    """The real-time report in the edition of the day."""
    edition = edition_at(day)
    found: dict[str, Number | None] = {}
    for item in edition.hourly:
        pollutant, _, period = item.partition("_")
        found[item] = _over(hours, pollutant, period)
    return report(edition, "hourly", found).aqi


def _aqi_us(hours: Hours, day: date) -> Number | None:
    """By NowCast of particles and the last hours of gases: what the US shows as current. None without either PM."""
    particles = {f"{name}_24h": nowcast(name, hours.get(name, ())) for name in ("pm25", "pm10")}
    if not any(value is not None for value in particles.values()):
        return None
    gases: dict[str, Number | None] = {}
    for item in ("o3_8h", "o3_1h", "co_8h", "so2_1h", "so2_24h", "no2_1h"):
        pollutant, _, period = item.partition("_")
        mean = _over(hours, pollutant, period)
        gases[item] = None if mean is None else us_aqi.us_units(pollutant, mean)
    return us_aqi.report(particles | gases).aqi


def _nowcast(metric: str) -> Callable[[Hours, date], Number | None]:
    return lambda hours, day: nowcast(metric, hours.get(metric, ()))


def _heat_index(hours: Hours, day: date) -> Number | None:
    temperature, humidity = _newest(hours, "temperature"), _newest(hours, "humidity")
    return None if temperature is None or humidity is None else heat.heat_index(float(temperature), float(humidity))


def _wind_chill(hours: Hours, day: date) -> Number | None:
    """Where it is not defined (warm, or calm) the air is as cold as it is: a rule must not fall silent in summer."""
    temperature, speed = _newest(hours, "temperature"), _newest(hours, "wind_speed")
    if temperature is None or speed is None:
        return None
    chill = heat.wind_chill(float(temperature), float(speed))
    return temperature if chill is None else chill


def _rain(count: int) -> Callable[[Hours, date], Number | None]:
    """All hours must be known: a sum without one would be less than what fell."""

    def total(hours: Hours, day: date) -> Number | None:
        mean = means.mean(hours.get("rain", ())[-count:], count)
        return None if mean is None else mean * count

    return total


_SIX = ("so2", "no2", "co", "o3", "pm10", "pm25")
DERIVED: Mapping[str, Derived] = MappingProxyType(
    {
        one.name: one
        for one in (
            Derived("aqi_cn", "1", _SIX, 24, "Chinese air quality index, real-time report", _aqi_cn),
            Derived("aqi_us", "1", _SIX, 24, "US air quality index by NowCast", _aqi_us),
            Derived("nowcast_pm25", "ug/m3", ("pm25",), NOWCAST_HOURS, "NowCast of fine particles", _nowcast("pm25")),
            Derived("nowcast_pm10", "ug/m3", ("pm10",), NOWCAST_HOURS, "NowCast of particles", _nowcast("pm10")),
            Derived("pm25_24h", "ug/m3", ("pm25",), 24, "fine particles over 24 hours", _mean("pm25", "24h")),
            Derived("pm10_24h", "ug/m3", ("pm10",), 24, "particles over 24 hours", _mean("pm10", "24h")),
            Derived("o3_8h", "ug/m3", ("o3",), 8, "ozone over 8 hours", _mean("o3", "8h")),
            Derived("heat_index", "degC", ("temperature", "humidity"), 1, "heat index", _heat_index),
            Derived("wind_chill", "degC", ("temperature", "wind_speed"), 1, "wind chill", _wind_chill),
            *(Derived(f"rain_{n}h", "mm", ("rain",), n, f"rain in {n} hours", _rain(n)) for n in (3, 6, 12)),
        )
    }
)


def derive(names: Sequence[str], hours: Hours, day: date) -> dict[str, float | None]:
    """Each of the derived metrics (KeyError for one there is not) as a float, None where it cannot be computed."""
    found: dict[str, float | None] = {}
    for name in names:
        value = DERIVED[name].of(hours, day)
        found[name] = None if value is None else float(value)
    return found
