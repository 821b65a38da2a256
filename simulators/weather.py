"""The weather over the city: daily curves of temperature and wind, and rain that comes in showers."""

import math
from typing import NamedTuple

from simulators.chance import drift, jitter, key, unit
from simulators.place import DAY, HOUR, solar_hour

_YEAR = 365.2425 * DAY


class Weather(NamedTuple):
    """degC, share 0 to 1, hPa, m/s, degrees the wind comes from, mm an hour."""

    temperature: float
    humidity: float
    pressure: float
    wind_speed: float
    wind_direction: float
    rain_rate: float


class Sky:
    """The weather at one longitude. `calm_from`: where the wind comes from (degrees) on a day under an inversion,
    with hardly any of it and no rain; None on other days. Bounds that the scenarios rely on: wind 0.3 to 9.5 m/s,
    temperature -7 to 32 degC, rain at most 6 mm/h."""

    def __init__(self, seed: int, lon: float, calm_from: float | None = None) -> None:
        self._lon, self._calm_from = lon, calm_from
        self._warmth, self._air, self._wind, self._turn, self._shower = (
            key(seed, "sky", name) for name in ("warmth", "pressure", "wind", "turn", "shower")
        )

    def rain_rate(self, at: int) -> float:
        """mm an hour: one two-hour slot of five is wet, and a shower swells and ebbs within its slot."""
        slot, rest = divmod(at, 2 * HOUR)
        if self._calm_from is not None or unit(self._shower, slot) > 0.2:
            return 0.0
        strength = 1.0 + 5.0 * unit(self._shower + 1, slot)
        return strength * math.sin(math.pi * rest / (2 * HOUR)) ** 2

    def at(self, at: int) -> Weather:
        hour = solar_hour(at, self._lon)
        day = math.sin((hour - 9.0) / 24.0 * 2.0 * math.pi)  # warmest at three in the afternoon
        season = -math.cos((at % _YEAR) / _YEAR * 2.0 * math.pi - 0.35)
        rain = self.rain_rate(at)
        temperature = 12.5 + 9.5 * season + 4.0 * day + 3.0 * drift(self._warmth, at, DAY) - 0.3 * rain
        humidity = 0.66 - 0.14 * day - 0.10 * season + 0.03 * rain
        pressure = 1014.0 + 9.0 * drift(self._air, at, 2 * DAY)
        if self._calm_from is not None:
            speed = 0.8 + 0.3 * drift(self._wind, at, HOUR)
            direction = self._calm_from + 8.0 * drift(self._turn, at, 3 * HOUR)
        else:
            speed = 3.6 + 1.4 * day + 2.5 * drift(self._wind, at, 4 * HOUR)
            direction = 250.0 + 90.0 * drift(self._turn, at, 8 * HOUR)
        return Weather(temperature, humidity, pressure, max(0.4, speed), direction % 360.0, rain)


def station(sky: Sky, source: int, at: int, interval: int) -> dict[str, float]:
    """What one weather station reads at `at`: the sky with an exposure of its own; rain in mm since its last
    report."""
    seen = sky.at(at)
    wobble = jitter(source, at)
    exposure = 2.0 * unit(source, -1) - 1.0
    middle = sky.rain_rate(at - interval // 2)
    return {
        "temperature": seen.temperature + 0.8 * exposure + 0.15 * wobble,
        "humidity": min(0.99, max(0.15, seen.humidity - 0.03 * exposure + 0.01 * wobble)),
        "pressure": seen.pressure + 0.3 * exposure + 0.1 * wobble,
        "wind_speed": max(0.0, seen.wind_speed * (1.0 + 0.2 * exposure + 0.1 * wobble)),
        "wind_direction": (seen.wind_direction + 12.0 * wobble) % 360.0,
        "rain": (seen.rain_rate + 4.0 * middle + sky.rain_rate(at - interval)) / 6.0 * interval / HOUR,
    }
