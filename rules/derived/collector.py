"""What is kept of one window of one input, its sum and count and for some inputs more, if enough of it was measured."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from rules.machine import FOREVER
from rules.panes import MICRO, Pane, merged
from rules.tallies.slowness import Slowness
from rules.tallies.tenths import Tenths
from rules.units import METRICS

EXCEEDED = (10, 50, 90)
"""Percent of the time for which the levels of a window of sound are kept."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A window with enough readings: `total` of their values and `energy` in micro-units, exact. `mean` is made of them
    once: a day's hours are asked for it again with every hour.

    What only some inputs have, and what was not kept from the window's beginning, is None: `high`, the greatest
    reading; `levels`, those exceeded for so many percent of the time (`EXCEEDED`); `harmonic`, the harmonic mean."""

    total: int
    count: int
    energy: int | None = None
    high: float | None = None
    levels: tuple[float, ...] | None = None
    harmonic: float | None = None
    mean: Fraction = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", Fraction(self.total, self.count * int(MICRO)))

    @property
    def mean_energy(self) -> float | None:
        """None where the energy was not summed from the window's beginning."""
        return None if self.energy is None else self.energy / (self.count * int(MICRO))


@dataclass(frozen=True, slots=True)
class Collector:
    """Cuts a series into windows of `every` ms, `origin` ms behind the epoch's, each handed on `delay` ms after its end
    if at least `share` of it was measured. A reading stands for one `interval` (ms), or until the next one when that
    comes much sooner. `energy`: the sum of energies is kept too; `high`: the greatest reading; `tallies`: what the
    panes keep for it beside."""

    metric: str
    every: int
    delay: int
    interval: int
    share: Fraction
    origin: int = 0
    energy: bool = False
    high: bool = False
    tallies: tuple[str, ...] = ()

    def start_of(self, at: int) -> int:
        """The start of the window that holds the time `at`."""
        return at - (at - self.origin) % self.every

    def through(self, clock: int) -> int:
        """The end of the newest window that is handed on at `clock`; readings before it are late."""
        return self.start_of(clock - self.delay)

    def next_due(self, panes: Iterable[Pane], clock: int) -> int:
        """The clock's time at which there is a window to hand on."""
        through = self.through(clock)
        oldest = min((pane.start for pane in panes if pane.start >= through), default=None)
        return FOREVER if oldest is None else self.start_of(oldest) + self.every + self.delay

    def fits(self, pane: Pane) -> bool:
        """Whether it lies in one window."""
        return self.start_of(pane.start) == self.start_of(pane.end - 1)

    def due(self, panes: Iterable[Pane], before: int, clock: int) -> dict[int, Slice]:
        """The valid windows that the clock's way from `before` to `clock` closes, by their start."""
        first, end = self.through(before), self.through(clock)
        windows: dict[int, list[Pane]] = {}
        for pane in panes:
            if first <= pane.start < end and self.fits(pane):
                windows.setdefault(self.start_of(pane.start), []).append(pane)
        found = {start: self._slice(windows[start]) for start in sorted(windows)}
        return {start: each for start, each in found.items() if each is not None}

    def _slice(self, panes: list[Pane]) -> Slice | None:
        total, metric = merged(panes), METRICS[self.metric]
        if not self._enough(panes) or total.low < metric.lowest or total.high > metric.highest:
            return None
        tenths, slowness = total.tallies.get("tenths"), total.tallies.get("slowness")
        return Slice(
            total.total,
            total.count,
            total.energy if self.energy else None,
            total.high if self.high else None,
            tenths.exceeded(EXCEEDED) if isinstance(tenths, Tenths) else None,
            slowness.mean() if isinstance(slowness, Slowness) else None,
        )

    def _enough(self, panes: list[Pane]) -> bool:
        """In whole intervals, the nearest number, and an interval counts whole from three quarters of it: a reading
        that is some seconds off costs no minute. More than the time from first to last it cannot be."""
        interval = self.interval
        times = sorted(at for pane in panes for at in pane.ts)
        whole = [interval if 4 * (later - at) >= 3 * interval else later - at for at, later in pairwise(times)]
        measured = min(sum(whole), times[-1] - times[0]) + interval
        for pane in panes:
            if pane.floor >= 0:  # so many readings that not all their times are remembered
                measured += min(pane.floor + 1 - pane.start, (pane.count - len(pane.ts)) * interval)
        return (2 * measured + interval) // (2 * interval) * interval >= self.share * self.every
