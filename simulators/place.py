"""Where things stand: distances on the ground and local time, good enough for one city."""

import math
from typing import NamedTuple

HOUR = 3_600_000
DAY = 24 * HOUR
_METRES_A_DEGREE = 111_195.0


class Place(NamedTuple):
    """Degrees north and east."""

    lat: float
    lon: float


def metres(origin: Place, place: Place) -> tuple[float, float]:
    """How far `place` lies east and north of `origin`, metres (a flat earth: 0.1 % wrong over 20 km)."""
    north = (place.lat - origin.lat) * _METRES_A_DEGREE
    east = (place.lon - origin.lon) * _METRES_A_DEGREE * math.cos(math.radians(origin.lat))
    return east, north


def moved(origin: Place, east: float, north: float) -> Place:
    """The place `east` and `north` metres from `origin`."""
    lat = origin.lat + north / _METRES_A_DEGREE
    return Place(lat, origin.lon + east / (_METRES_A_DEGREE * math.cos(math.radians(origin.lat))))


def solar_hour(at: int, lon: float) -> float:
    """The hour by the sun, 0 to 24: daily curves follow it in whatever zone the clocks are set."""
    return (at / HOUR + lon / 15.0) % 24.0


def weekday(at: int, lon: float) -> int:
    """0 for Monday to 6 for Sunday, by the sun."""
    return int((at + lon / 15.0 * HOUR) // DAY + 3) % 7


def bump(hour: float, centre: float, width: float) -> float:
    """A bell of height 1 over the 24 hours of a day, around `centre` with standard deviation `width` (hours)."""
    away = (hour - centre + 12.0) % 24.0 - 12.0
    return math.exp(-0.5 * (away / width) ** 2)
