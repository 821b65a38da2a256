"""A pollution plume that drifts over the city: a long puff on a slow wind, and when it stands over whom.

Its concentration is peak * exp(-(along - v t)^2 / 2 a^2 - cross^2 / 2 b^2), so the time during which it lies above a
level at a place follows in closed form, without stepping through the day.
"""

import math
from dataclasses import dataclass

from simulators.place import Place, metres
from simulators.stage import Stage


@dataclass(frozen=True)
class Plume:
    """Its middle passes `origin` at `at` (ms) and moves towards `heading` (degrees from north) at `speed` m/s;
    `length` and `width` are its standard deviations along and across the wind, metres; `peak` in ug/m3."""

    origin: Place
    at: int
    heading: float
    speed: float
    length: float
    width: float
    peak: float

    def _relative(self, place: Place) -> tuple[float, float]:
        """Metres along the wind and across it, from the origin."""
        east, north = metres(self.origin, place)
        angle = math.radians(self.heading)
        ahead, aside = math.sin(angle), math.cos(angle)
        return east * ahead + north * aside, east * aside - north * ahead

    def concentration(self, place: Place, at: int) -> float:
        """ug/m3 that the plume adds at `place`."""
        along, cross = self._relative(place)
        behind = along - self.speed * (at - self.at) / 1000.0
        return self.peak * math.exp(-0.5 * ((behind / self.length) ** 2 + (cross / self.width) ** 2))

    def above(self, place: Place, level: float) -> tuple[int, int] | None:
        """From when to when (ms) the concentration at `place` lies above `level`; None when it never does."""
        along, cross = self._relative(place)
        greatest = self.peak * math.exp(-0.5 * (cross / self.width) ** 2)
        if greatest <= level:
            return None
        middle = self.at + 1000.0 * along / self.speed
        half = 1000.0 * self.length / self.speed * math.sqrt(2.0 * math.log(greatest / level))
        return round(middle - half), round(middle + half)


def stages(plume: Plume, place: Place, levels: tuple[float, ...], shortest: int) -> list[Stage]:
    """The plume over one place as plateaus: it climbs through `levels` (ascending) and back down. A level that
    would last less than `shortest` ms, or stand less than half of that before the next one, is never reached."""
    spans: list[tuple[int, int]] = []
    for level in levels:
        span = plume.above(place, level)
        if span is None or span[1] - span[0] < shortest:
            break
        if spans and span[0] - spans[-1][0] < shortest // 2:
            break
        spans.append(span)
    rising = [Stage(spans[i][0], spans[i + 1][0], i + 1) for i in range(len(spans) - 1)]
    top = [Stage(*spans[-1], len(spans))] if spans else []
    falling = [Stage(spans[i + 1][1], spans[i][1], i + 1) for i in reversed(range(len(spans) - 1))]
    return rising + top + falling
