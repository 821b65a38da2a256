"""The air at one station on a day without incident: what the roads and the sun make of it."""

from simulators.chance import drift, jitter, unit
from simulators.place import HOUR, bump, solar_hour

HIGHEST = {"pm25": 40.0, "pm10": 62.0, "so2": 14.0, "no2": 78.0, "o3": 100.0, "co": 1.0}
"""ug/m3 (co mg/m3): no reading of an ordinary day lies above."""


def background(source: int, lon: float, at: int) -> dict[str, float]:
    """ug/m3 of each pollutant, co in mg/m3."""
    hour = solar_hour(at, lon)
    roads = min(1.0, 0.15 + 0.8 * bump(hour, 8.4, 1.5) + 0.7 * bump(hour, 18.4, 2.0))
    sun = bump(hour, 14.5, 3.0)
    place = unit(source, -1)
    slow, quick = drift(source, at, 3 * HOUR), jitter(source, at)
    pm25 = 10.0 + 6.0 * place + 13.0 * roads + 4.0 * slow + 1.2 * quick
    air = {
        "pm25": pm25,
        "pm10": 1.35 * pm25 + 4.0 + 1.5 * jitter(source + 1, at),
        "so2": 4.0 + 3.0 * place + 2.5 * roads + 1.0 * slow + 0.3 * quick,
        "no2": 14.0 + 12.0 * place + 38.0 * roads + 5.0 * slow + 1.5 * quick,
        "o3": 28.0 + 48.0 * sun - 14.0 * roads + 5.0 * slow + 1.5 * jitter(source + 2, at),
        "co": 0.22 + 0.12 * place + 0.42 * roads + 0.05 * slow + 0.02 * quick,
    }
    return {metric: min(HIGHEST[metric], max(0.05, value)) for metric, value in air.items()}
