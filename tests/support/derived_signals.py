"""What the derived metrics with a memory of their own must be, and those of the shape of an hour: worked out from whole
windows of one hour, with formulas written anew."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction
from itertools import pairwise
from statistics import fmean, stdev

from tests.support.derived_means import Means

HOUR = 3_600_000
Window = Callable[[str, int], list[float]]
SPANS = {
    "l10_hour": 1, "l50_hour": 1, "l90_hour": 1, "congestion_grade": 1, "flow_hour": 1, "density": 1,
    "level_of_service": 1, "heat_signal": 24, "rain_signal": 12, "incident_deviate": 10, "aqi_cn": 24,
    "aqi_cn_primary": 24, "heavy_pollution": 24, "who_level": 24, "air_limit_day": 25, "aqi_cn_day": 25,
    "aqi_cn_day_primary": 25,
}  # fmt: skip
KEPT = {"heat_signal": 73, "rain_signal": 12, "heavy_pollution": 96, "who_level": 24}
PM25 = [(0, 0), (35, 50), (60, 100), (115, 150), (150, 200), (250, 300), (350, 400), (500, 500)]


def inputs_of(metric: str, measured: tuple[str, ...]) -> tuple[str, ...]:
    """Of a sensor that measures all this; empty for one that does not have the metric. The Chinese index is of
    PM2.5 alone."""
    if metric in ("density", "level_of_service"):
        if {"flow", "speed"} <= set(measured):
            return tuple(name for name in ("flow", "speed", "occupancy") if name in measured)
        return ("occupancy",) if "occupancy" in measured else ()
    if metric == "incident_deviate":
        return next(((name,) for name in ("occupancy", "speed") if name in measured), ())
    if metric in ("who_level", "air_limit_day"):
        return tuple(name for name in ("pm25", "pm10", "o3") if name in measured)
    wanted = {
        "congestion_grade": "speed", "flow_hour": "flow", "heat_signal": "temperature", "rain_signal": "rain"
    }.get(metric, "noise" if metric.endswith("_hour") else "pm25")  # fmt: skip
    return (wanted,) if wanted in measured else ()


def is_due(metric: str, end: int, zone: tzinfo) -> bool:
    return "_day" not in metric or datetime.fromtimestamp(end / 1000, zone).hour == 0


class Signals:
    """One sensor's. `window` gives the valid readings of an hour by its start (ms), none of an invalid one."""

    def __init__(self, measured: tuple[str, ...], zone: tzinfo, window: Window, means: Means) -> None:
        self._measured, self._zone, self._window, self._means = measured, zone, window, means
        self._told: dict[str, tuple[int, int]] = {}
        self._base: list[tuple[int, float]] = []
        self._critical: list[int] = []

    def value(self, metric: str, end: int) -> float | None:
        """As of the end of an hour, which must be later than any it was asked of before."""
        newest = {name: self._window(name, end - HOUR) for name in self._measured}
        match metric:
            case "l10_hour" | "l50_hour" | "l90_hour":
                return exceeded(newest["noise"], int(metric[1:3])) if newest["noise"] else None
            case "congestion_grade":
                return _grade(_mean(newest["speed"])) if newest["speed"] else None
            case "flow_hour":
                return float(_mean(newest["flow"])) if newest["flow"] else None
            case "density":
                return self._density(newest)
            case "level_of_service":
                dense = self._density(newest)
                return None if dense is None else 1 + sum(dense * 1.609344 > x for x in (11, 18, 26, 35, 45))
            case "incident_deviate":
                [name] = inputs_of(metric, self._measured)
                return self._deviate(newest[name], end, name == "speed")
            case "heat_signal":
                return self._firm(metric, end, *self._heat(end))
            case "rain_signal":
                return self._firm(metric, end, *self._rain(end))
            case "who_level":
                return self._firm(metric, end, *self._means.who(end))
            case "air_limit_day":
                return self._means.limit_of_day(end)
            case "aqi_cn":
                return _aqi(newest["pm25"])
            case "aqi_cn_primary":
                aqi = _aqi(newest["pm25"])
                return None if aqi is None else 32 * (aqi > 50)
            case "heavy_pollution":
                return self._firm(metric, end, *self._heavy(end))
        day = self._last(24, 20, end)
        if day is None:
            return None
        index = _index(day)
        return index if metric == "aqi_cn_day" else 32 * (index > 50)

    def _firm(self, metric: str, end: int, least: int, most: int) -> float | None:
        at, last = self._told.get(metric, (-1, 0))
        if at <= end - KEPT[metric] * HOUR:
            last = 0
        if least != most and least <= last:
            return None
        self._told[metric] = end, least
        return least

    def _last(self, count: int, needed: int, end: int) -> Fraction | None:
        """The mean of the means of so many hours."""
        hours = [self._window("pm25", end - back * HOUR) for back in range(1, count + 1)]
        known = [_mean(hour) for hour in hours if hour]
        return sum(known, Fraction()) / len(known) if len(known) >= needed else None

    def _density(self, newest: dict[str, list[float]]) -> float | None:
        flow, speed, taken = (newest.get(name, []) for name in ("flow", "speed", "occupancy"))
        if flow and speed and sum(flow) > 0 and min(speed) > 0:
            return round(float(_mean(flow)) * fmean(1 / x for x in speed), 3)
        return round(float(_mean(taken)) / 7 * 1000, 3) if taken else None

    def _deviate(self, values: list[float], end: int, falling: bool) -> float | None:
        kept = end - (2 + 12) * HOUR
        self._base = [(at, x) for at, x in self._base if at > kept]
        self._critical = [at for at in self._critical if at > kept]
        if not values:
            return None
        x = float(_mean(values))
        if len(self._base) < 10:
            self._base.append((end, x))
            return None
        base = [one for _, one in self._base]
        away = (fmean(base) - x if falling else x - fmean(base)) / max(stdev(base), 1.0 if falling else 0.01)
        if away < 3:
            self._base, self._critical = [*self._base[1:], (end, x)], []
        elif len(self._critical) == 2:
            self._base, self._critical = [(end, x)], []
        else:
            self._critical.append(end)
        return round(away, 3)

    def _heat(self, end: int) -> tuple[int, int]:
        last = datetime.fromtimestamp((end - 1) / 1000, self._zone)
        midnight = last.replace(hour=0, minute=0, second=0, microsecond=0)
        low, high = [], []
        for back in (2, 1, 0):
            start = int((midnight - timedelta(days=back)).timestamp() * 1000)
            hours = range(start, min(end, start + 24 * HOUR), HOUR)
            known = [max(values) for at in hours if (values := self._window("temperature", at))]
            low.append(max(known, default=-60.0))
            high.append(low[-1] if 6 * len(known) >= 5 * len(hours) else 60.0)
        return _signal(low), _signal(high)

    def _rain(self, end: int) -> tuple[int, int]:
        hours = [self._window("rain", end - back * HOUR) for back in range(1, 13)]
        sums = [sum((_micro(x) for x in hour), Fraction()) if hour else None for hour in hours]
        most = [Fraction(1000) if one is None else one for one in sums]
        return _storm([one or Fraction() for one in sums]), _storm(most)

    def _heavy(self, end: int) -> tuple[int, int]:
        index = [_aqi(self._window("pm25", end - back * HOUR)) for back in range(1, 97)]
        means: list[float | None] = []
        for back in range(96 - 23):
            known = [x for x in index[back : back + 24] if x is not None]
            means.append(sum(known) / len(known) if len(known) >= 20 else None)
        return _warning([-1.0 if x is None else x for x in means]), _warning([600.0 if x is None else x for x in means])


def exceeded(values: list[float], percent: int) -> float:
    falling = sorted((round(x * 10) / 10 for x in values), reverse=True)
    place = Fraction(percent * (len(falling) - 1), 100)
    below = int(place)
    above = falling[min(below + 1, len(falling) - 1)]
    return round(falling[below] + float(place - below) * (above - falling[below]), 3)


def _micro(x: float) -> Fraction:
    return Fraction(round(x * 1e6), 1_000_000)


def _mean(values: list[float]) -> Fraction:
    return sum(map(_micro, values), Fraction()) / len(values)


def _grade(speed: Fraction) -> int:
    share = speed / 60
    return 1 + sum(share <= Fraction(x, 10) for x in (7, 5, 4, 3))


def _signal(days: list[float]) -> int:
    return 4 if days[2] >= 40 else 3 if days[2] >= 37 else 2 if min(days) >= 35 else 0


def _storm(sums: list[Fraction]) -> int:
    """`sums` from the newest."""
    of: Callable[[int], Fraction] = lambda count: sum(sums[:count], Fraction())  # noqa: E731
    return 4 if of(3) >= 100 else 3 if of(3) >= 50 else 2 if of(6) >= 50 else 1 if of(12) >= 50 else 0


def _warning(means: list[float]) -> int:
    """Of 2024. `means` of 24 hours from the newest; N hours are N - 23 of them."""
    above: Callable[[int, int], bool] = lambda aqi, hours: all(x > aqi for x in means[: hours - 23])  # noqa: E731
    if above(200, 72) and max(means[: 72 - 23]) > 300:
        return 4
    if above(200, 48) or above(150, 72):
        return 3
    return 2 if above(200, 24) or above(150, 48) else 0


def _index(concentration: Fraction) -> int:
    """Of PM2.5, 2026: rounded to whole µg/m³, ties to the even one, then up."""
    whole = round(concentration)
    for (low, bottom), (high, top) in pairwise(PM25):
        if whole <= high:
            return bottom - (bottom - top) * (whole - low) // (high - low)
    return 500


def _aqi(values: list[float]) -> int | None:
    return _index(_mean(values)) if values else None
