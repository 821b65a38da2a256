"""The sound level at a meter: the hum of the day, the road beside it, and what passes by."""

from simulators.chance import drift, jitter, unit
from simulators.place import HOUR, bump, solar_hour

LOUDEST = 68.0
"""dB(A): no reading of an ordinary day lies above."""


def level(source: int, lon: float, at: int) -> float:
    """dB(A) at one meter, between 33 and LOUDEST."""
    hour = solar_hour(at, lon)
    day = 0.75 * bump(hour, 8.2, 2.0) + 0.85 * bump(hour, 13.0, 4.0) + 0.80 * bump(hour, 18.0, 2.6)
    street = 38.0 + 11.0 * unit(source, -1)
    passing = 3.0 * max(0.0, jitter(source + 1, at)) ** 3
    sound = street + 14.0 * min(1.0, day) + 2.0 * drift(source, at, HOUR) + 1.2 * jitter(source, at) + passing
    return min(LOUDEST, sound)


QUIETEST, BESIDE_RAILS = 38.0, 57.0
"""dB(A) between which every reading beside the railway lies, unless they work on it."""


def railside(source: int, lon: float, at: int) -> float:
    """dB(A) at a meter on the embankment of the railway: a passing train is loud, its minutes are few."""
    day = bump(solar_hour(at, lon), 13.0, 5.0)
    passing = 4.0 * max(0.0, jitter(source + 1, at)) ** 3
    sound = 41.0 + 3.0 * unit(source, -1) + 7.0 * day + drift(source, at, HOUR) + 0.8 * jitter(source, at) + passing
    return min(BESIDE_RAILS, max(QUIETEST, sound))
