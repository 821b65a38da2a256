"""What derived metrics of means over some hours must be: worked out from whole windows of one hour, with formulas
written anew, but for the conversion to the units of the US."""

import math
from collections.abc import Callable
from datetime import datetime, tzinfo
from fractions import Fraction
from statistics import fmean, linear_regression

from rules.indices.us_aqi import us_units

HOUR = 3_600_000
Window = Callable[[str, int], list[float]]
AREA, BY_DAY, BY_NIGHT = "2", 60.0, 50.0
"""The functional area in which every meter of sound stands, and its limits."""
DRY = 0.03
"""What every gauge shows on a dry road (m)."""
SPANS = {
    "nowcast_pm25": 12, "nowcast_pm10": 12, "pm25_24h": 24, "pm10_24h": 24, "o3_8h": 8, "aqi_us": 24, "wind_chill": 1,
    "rain_6h": 6, "rain_12h": 12, "noise_excess": 16, "waterlogging": 1, "waterlogging_soon": 1,
}  # fmt: skip
_INPUTS = {
    "nowcast_pm25": ("pm25",), "nowcast_pm10": ("pm10",), "pm25_24h": ("pm25",), "pm10_24h": ("pm10",),
    "o3_8h": ("o3",), "wind_chill": ("temperature", "wind_speed"), "rain_6h": ("rain",), "rain_12h": ("rain",),
    "noise_excess": ("noise",), "waterlogging": ("water_level",), "waterlogging_soon": ("water_level",),
}  # fmt: skip
_WHO = {"pm25": ("75", "50", "37.5", "25", "15"), "pm10": ("150", "100", "75", "50", "45")}
_OF_A_DAY = {"pm25": 60, "pm10": 120, "o3": 160}
_EPA = (0, 50, 100, 150, 200, 300, 500)
_BANDS = {
    "pm25": (0.1, (9.0, 35.4, 55.4, 125.4, 225.4, 325.4)), "pm10": (1.0, (54.0, 154.0, 254.0, 354.0, 424.0, 604.0))
}  # fmt: skip


def inputs_of(metric: str, measured: tuple[str, ...]) -> tuple[str, ...]:
    """Of a sensor that measures all this; empty for one that does not have the metric."""
    if metric == "aqi_us":
        particles = {"pm25", "pm10"} & set(measured)
        return tuple(name for name in ("pm25", "pm10", "o3") if name in measured) if particles else ()
    return _INPUTS[metric] if set(_INPUTS[metric]) <= set(measured) else ()


def is_due(metric: str, end: int, zone: tzinfo) -> bool:
    return metric != "noise_excess" or _hour(end, zone) in (6, 22)


class Means:
    """One sensor's. `window` gives the valid readings of an hour by its start (ms), none of an invalid one."""

    def __init__(self, measured: tuple[str, ...], zone: tzinfo, window: Window) -> None:
        self._measured, self._zone, self._window = measured, zone, window

    def value(self, metric: str, end: int) -> float | None:
        match metric:
            case "nowcast_pm25" | "nowcast_pm10":
                return self._nowcast(metric[8:], end)
            case "pm25_24h" | "pm10_24h":
                return self._mean(metric[:4], 24, 20, end)
            case "o3_8h":
                return self._mean("o3", 8, 6, end)
            case "aqi_us":
                return self._aqi_us(end)
            case "wind_chill":
                return self._chill(end)
            case "rain_6h" | "rain_12h":
                hours = self._hours("rain", 6 if metric == "rain_6h" else 12, end)
                return math.fsum(sum(hour) for hour in hours) if all(hours) else None
            case "noise_excess":
                night = _hour(end, self._zone) == 6
                energy = _energy(self._hours("noise", 8 if night else 16, end))
                return None if energy is None else 10 * math.log10(energy) - (BY_NIGHT if night else BY_DAY)
        return self._water(end, soon=metric == "waterlogging_soon")

    def who(self, end: int) -> tuple[int, int]:
        """The level that is known to be reached, and the one that may be, by what is missing."""
        ranks = [self._who(name, end) for name in ("pm25", "pm10", "o3") if name in self._measured]
        known = max((rank for rank in ranks if rank is not None), default=0)
        return known, 5 if None in ranks else known

    def _who(self, name: str, end: int) -> int | None:
        if name == "o3":
            mean = self._exact(name, 8, 6, end)
            return None if mean is None else 0 if mean <= 100 else 3 if mean <= 120 else 4 if mean <= 160 else 5
        mean = self._exact(name, 24, 20, end)
        return None if mean is None else 5 - sum(mean <= Fraction(x) for x in _WHO[name])

    def limit_of_day(self, end: int) -> float | None:
        """As of local midnight."""
        shares: list[Fraction | None] = []
        for name in ("pm25", "pm10", "o3"):
            if name in self._measured:
                mean = self._ozone_day(end) if name == "o3" else self._exact(name, 24, 20, end)
                shares.append(None if mean is None else mean / _OF_A_DAY[name])
        known = [share for share in shares if share is not None]
        greatest = max(known, default=Fraction(0))
        return float(greatest) if len(known) == len(shares) or greatest > 1 else None

    def _ozone_day(self, end: int) -> Fraction | None:
        means = [self._exact("o3", 8, 6, end - back * HOUR) for back in range(17)]
        known = [mean for mean in means if mean is not None]
        return max(known) if known and (len(known) >= 14 or max(known) > 160) else None

    def _hours(self, name: str, count: int, end: int) -> list[list[float]]:
        """From the newest."""
        return [self._window(name, end - back * HOUR) for back in range(1, count + 1)]

    def _exact(self, name: str, count: int, needed: int, end: int) -> Fraction | None:
        known = [_mean(hour) for hour in self._hours(name, count, end) if hour]
        return sum(known, Fraction()) / len(known) if len(known) >= needed else None

    def _mean(self, name: str, count: int, needed: int, end: int) -> float | None:
        mean = self._exact(name, count, needed, end)
        return None if mean is None else float(mean)

    def _nowcast(self, name: str, end: int) -> float | None:
        hours = self._hours(name, 12, end)
        if sum(bool(hour) for hour in hours[:3]) < 2:
            return None
        known = {age: _mean(hour) for age, hour in enumerate(hours) if hour}
        weight = max(Fraction(1, 2), min(known.values()) / max(known.values()))
        sums = sum(weight**age * mean for age, mean in known.items()) / sum(weight**age for age in known)
        return int(sums * 10) / 10 if name == "pm25" else int(sums)

    def _aqi_us(self, end: int) -> float | None:
        found: list[int] = []
        for name, (step, tops) in _BANDS.items():
            if name in self._measured and (now := self._nowcast(name, end)) is not None:
                found.append(_index(now, step, tops, _EPA))
        if not found:
            return None
        if "o3" in self._measured:
            if (mean := self._exact("o3", 8, 6, end)) is not None:
                ppm = _cut(us_units("o3", mean))
                if ppm <= 0.2:
                    found.append(_index(ppm, 0.001, (0.054, 0.07, 0.085, 0.105, 0.2), _EPA))
            if (mean := self._exact("o3", 1, 1, end)) is not None and (ppm := _cut(us_units("o3", mean))) >= 0.125:
                found.append(_index(ppm, 0.001, (0.124, 0.164, 0.204, 0.404, 0.604), (0, 100, 150, 200, 300, 500)))
        return max(found)

    def _chill(self, end: int) -> float | None:
        cold, wind = self._window("temperature", end - HOUR), self._window("wind_speed", end - HOUR)
        if not cold or not wind:
            return None
        t, v = float(_mean(cold)), float(_mean(wind)) * 3.6
        if t > 10 or v <= 4.8:
            return t
        return 13.12 + 0.6215 * t - 11.37 * v**0.16 + 0.3965 * t * v**0.16

    def _water(self, end: int, soon: bool) -> int | None:
        known = {-back: float(_mean(hour)) for back, hour in enumerate(self._hours("water_level", 3, end)) if hour}
        if 0 not in known:
            return None
        depth = known[0] - DRY
        if soon and len(known) > 1:
            depth += max(linear_regression(list(known), list(known.values())).slope, 0.0) / 6
        return sum(depth >= limit for limit in (0.15, 0.27, 0.4, 0.5))


def _hour(end: int, zone: tzinfo) -> int:
    return datetime.fromtimestamp(end / 1000, zone).hour


def _mean(values: list[float]) -> Fraction:
    return sum((Fraction(round(x * 1e6), 1_000_000) for x in values), Fraction()) / len(values)


def _energy(hours: list[list[float]]) -> float | None:
    there = [fmean(10 ** (x / 10) for x in hour) for hour in hours if hour]
    return fmean(there) if there and 4 * len(there) >= 3 * len(hours) else None


def _cut(ppm: Fraction) -> float:
    return int(ppm * 1000) / 1000


def _index(value: float, step: float, tops: tuple[float, ...], indices: tuple[int, ...]) -> int:
    """Between two breakpoints, each band beginning a `step` above the end of the one before; above all, the last band
    goes on. Rounded half up."""
    last = len(tops) - 1
    place = next((n for n, top in enumerate(tops) if value <= top), last)
    low = tops[place - 1] + step if place else 0.0
    bottom = indices[place] + 1 if place else 0
    exact = (indices[place + 1] - bottom) / (tops[place] - low) * (value - low) + bottom
    return math.floor(exact + 0.5 + 1e-9)
