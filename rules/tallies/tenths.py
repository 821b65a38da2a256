"""How sound levels are distributed, in tenths of a decibel, which is what a meter shows."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from rules.tallies.histogram import Histogram

_TENTH = 10


class Tenths(Histogram):
    """How many readings there are of each level, rounded to a tenth: levels are wrong by 0.05 at most, and not at all
    where the meter gives tenths. From 0 to 194 dB there are 1,941 of them."""

    __slots__ = ()

    def add(self, at: int, x: float) -> None:
        tenths = round(x * _TENTH)
        self.counts[tenths] = self.counts.get(tenths, 0) + 1

    def exceeded(self, percents: Sequence[int]) -> tuple[float, ...]:
        """The levels that were exceeded during so many percent of the time, as `rules.indices.noise.exceeded` has them
        of the same readings, each rounded to a tenth. There must be a reading."""
        falling = sorted(self.counts, reverse=True)
        through = list(accumulate(self.counts[tenths] for tenths in falling))
        last = through[-1] - 1
        found = []
        for percent in percents:
            below, rest = divmod(percent * last, 100)
            level, next_one = (falling[bisect_right(through, place)] for place in (below, min(below + 1, last)))
            found.append((100 * level + rest * (next_one - level)) / (100 * _TENTH))
        return tuple(found)
