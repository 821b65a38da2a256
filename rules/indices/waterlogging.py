"""Water on a road: warning levels by its depth, and by how fast it rises."""

from collections.abc import Sequence
from typing import NamedTuple

from rules.indices.table import read, source_of
from rules.indices.warning import Colour

_TABLE = read("weather_signals")["waterlogging"]
SOURCE = source_of(_TABLE)


class Depths(NamedTuple):
    """From which depth (m) each colour holds, and how far ahead (minutes) a rise is followed."""

    blue: float
    yellow: float
    orange: float
    red: float
    ahead: float


DEFAULT = Depths(*(float(_TABLE[name]) for name in Depths._fields))


class Water(NamedTuple):
    """`now`: the colour of the depth, None for none. `soon`: that of the depth which it will have after the minutes
    ahead if it goes on rising, never less than `now`. `rise`: m/h, negative when it falls, None when not known."""

    now: Colour | None
    soon: Colour | None
    rise: float | None


def colour_at(depth: float, depths: Depths = DEFAULT) -> Colour | None:
    """The colour of a depth (m)."""
    return next((colour for colour in sorted(Colour, reverse=True) if depth >= depths[colour - 1]), None)


def rise(times: Sequence[int], levels: Sequence[float]) -> float | None:
    """How fast the water rises (m/h): the slope of the straight line that fits best. Times in ms, in any order.

    None for less than two different times. Raises ValueError for lists of different length.
    """
    if len(times) != len(levels):
        raise ValueError("a time for each level")
    if len(set(times)) < 2:
        return None
    middle = sum(times) / len(times)
    mean = sum(levels) / len(levels)
    spread = sum((time - middle) ** 2 for time in times)
    return sum((time - middle) * (one - mean) for time, one in zip(times, levels, strict=True)) / spread * 3_600_000


def minutes_until(limit: float, depth: float, rise: float) -> float | None:
    """When water at `depth` (m) that rises by `rise` (m/h) reaches `limit`: 0 if it has, None if it will not."""
    if depth >= limit:
        return 0.0
    return (limit - depth) / rise * 60.0 if rise > 0 else None


def waterlogging(times: Sequence[int], levels: Sequence[float], dry: float = 0.0, depths: Depths = DEFAULT) -> Water:
    """What recent readings of a gauge (m, the last one the newest) say; `dry` is its reading on a dry road.

    Raises ValueError for no reading at all and for lists of different length.
    """
    if not levels:
        raise ValueError("a gauge without a reading")
    depth = levels[-1] - dry
    speed = rise(times, levels)
    later = depth + max(speed or 0.0, 0.0) * depths.ahead / 60.0
    return Water(colour_at(depth, depths), colour_at(later, depths), speed)
