"""Panes: the readings of one series in one slice of time, from which its windows are merged.

The windows of a series share panes of one size, the greatest that all of them are made of. A pane also remembers
the times of its readings, so that a reading delivered twice counts once.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable

from rules.tallies.names import new_tally
from rules.tallies.tally import Tally

MICRO = 1e6
MOST = 65_536
"""Times that one pane remembers; beyond, the older half is forgotten."""


class Pane:
    """The slice [start, end) in ms. `first`: offset of the record that brought its first reading. `ts`: times of
    its readings, sorted; those at `floor` and before are forgotten. `fresh`: values not yet folded into the totals:
    the engine's hot path only appends. Totals are of folded values; `total` in micro-units, an integer, so that the
    order of adding cannot matter. `energy`: the same of energies, for values that are levels in dB; None when it is
    not kept. `tallies`: what some aggregates need beside, by name."""

    __slots__ = ("count", "end", "energy", "first", "floor", "fresh", "high", "low", "start", "tallies", "total", "ts")

    def __init__(
        self, start: int, end: int, first: int, energy: int | None = None, tallies: Iterable[str] = ()
    ) -> None:
        self.start, self.end, self.first, self.energy = start, end, first, energy
        self.tallies: dict[str, Tally] = {name: new_tally(name) for name in tallies}
        self.ts: list[int] = []
        self.fresh: list[float] = []
        self.floor = -1
        self.count = self.total = 0
        self.low, self.high = float("inf"), float("-inf")

    def holds(self, at: int) -> bool:
        """Whether a reading at `at` is known to be in it."""
        place = bisect_left(self.ts, at)
        return place < len(self.ts) and self.ts[place] == at

    def fold(self) -> None:
        """Brings the totals up to date."""
        if fresh := self.fresh:
            if self.tallies:
                # Between two folds readings come in order, so the newest times are those of the fresh values.
                times = self.ts[-len(fresh) :]
                for tally in self.tallies.values():
                    for at, x in zip(times, fresh, strict=True):
                        tally.add(at, x)
            self.count += len(fresh)
            self.total += sum([round(x * MICRO) for x in fresh])
            if self.energy is not None:
                # No level is outside 0 to 200 dB; a frame that says so must not stop the judge.
                self.energy += sum([round(10.0 ** (min(max(x, 0.0), 200.0) / 10.0) * MICRO) for x in fresh])
            # Adding 0.0 makes of -0.0 the same zero, whichever of the two came first.
            self.low = min(self.low, min(fresh)) + 0.0
            self.high = max(self.high, max(fresh)) + 0.0
            fresh.clear()

    def forget(self) -> None:
        """Keeps its memory bounded."""
        if len(self.ts) >= MOST:
            half = len(self.ts) // 2
            if self.tallies:
                self.fold()
                for tally in self.tallies.values():
                    tally.settle(self.ts[half - 1] + 1)
            self.floor = self.ts[half - 1]
            del self.ts[:half]


class Totals:
    """The aggregate behind all windows: an instance of `rules.machine.Aggregate[Pane]`."""

    def add(self, pane: Pane, at: int, x: float) -> None:
        if pane.tallies and pane.ts and at < pane.ts[-1]:
            # A straggler is folded by itself: its time is not among the newest.
            pane.fold()
            times, pane.ts = pane.ts, [at]
            pane.fresh.append(x)
            pane.fold()
            pane.ts = times
            insort(times, at)
        else:
            insort(pane.ts, at)
            pane.fresh.append(x)

    def merge(self, a: Pane, b: Pane) -> Pane:
        """The totals of both; their times stay where they are."""
        a.fold()
        b.fold()
        both = Pane(min(a.start, b.start), max(a.end, b.end), min(a.first, b.first))
        both.count, both.total = a.count + b.count, a.total + b.total
        both.low, both.high = min(a.low, b.low), max(a.high, b.high)
        both.tallies = {name: a.tallies[name].merge(b.tallies[name]) for name in a.tallies if name in b.tallies}
        both.energy = None if a.energy is None or b.energy is None else a.energy + b.energy
        return both


TOTALS = Totals()


def merged(panes: Iterable[Pane]) -> Pane:
    """One pane with the totals of at least one."""
    first, *others = panes
    first.fold()
    for pane in others:
        first = TOTALS.merge(first, pane)
    return first
