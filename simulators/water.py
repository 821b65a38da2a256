"""Water levels: a river that swells hours after rain, gauges along it, and basins that barely move."""

from simulators.chance import drift, jitter, unit
from simulators.place import DAY, HOUR
from simulators.weather import Sky

HIGHEST = 2.6
"""m: no gauge of an ordinary day reads more."""


def swell(sky: Sky, at: int) -> float:
    """How far the river stands above its base, m: the rain of the last 12 hours, the older the weaker."""
    return sum(sky.rain_rate(at - h * HOUR) * 0.85**h for h in range(1, 13)) * 0.035


def level(sky: Sky, source: int, at: int) -> float:
    """m at one gauge, between 0.2 and HIGHEST."""
    base = 0.7 + 0.9 * unit(source, -1)
    answer = 0.3 + 0.7 * unit(source, -2)
    seen = base + answer * swell(sky, at) + 0.12 * drift(source, at, DAY) + 0.008 * jitter(source, at)
    return min(HIGHEST, max(0.2, seen))


PUDDLE = 0.06
"""m: no gauge in an underpass reads more on an ordinary day."""


def underpass(sky: Sky, source: int, at: int) -> float:
    """m of water on the road of an underpass: what a shower leaves there before the drains have it."""
    return min(PUDDLE, 0.006 * (sky.rain_rate(at) + 1.0 + unit(source, at)))
