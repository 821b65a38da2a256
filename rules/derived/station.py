"""What the engine keeps for the derived metrics of one sensor: the windows they are made of, and what was last said."""

from collections.abc import Mapping
from typing import NamedTuple

from rules.derived.choice import Choice
from rules.derived.collector import Collector, Slice
from rules.derived.program import NOT_YET, Program, Trail, View
from rules.machine import FOREVER
from rules.sensor import Sensor

KEPT = 26
"""Windows that are kept: a day's on which summer time ends, and one more."""


class Outcome(NamedTuple):
    """A derived metric as of `at` (ms): its value, or none and `why` not, which is told once."""

    metric: str
    at: int
    value: float | None
    why: str = ""


class Group:
    """The programs of one station whose windows are equally long. `windows`: the valid ones, by start and metric.
    `since`: the end (ms) of the first window of this wakefulness, -1 while asleep. `told`: of each metric that has an
    answer, whether it was a value. `trails`: what programs left for later ends, each for as long as `keep` says (ms);
    they outlast the windows."""

    __slots__ = ("collector", "keep", "programs", "since", "told", "trails", "windows")

    def __init__(self, programs: tuple[Program, ...], collector: Collector) -> None:
        self.programs, self.collector = programs, collector
        self.windows: dict[int, dict[str, Slice]] = {}
        self.keep = dict(pair for program in programs for pair in program.keep)
        self.trails: dict[str, Trail] = {}
        self.since = -1
        self.told: dict[str, bool] = {}

    @property
    def remembers(self) -> bool:
        return bool(self.windows or any(self.trails.values()))

    def add(self, metric: str, slices: Mapping[int, Slice]) -> None:
        for start, each in slices.items():
            self.windows.setdefault(start, {})[metric] = each

    def due(self, clock: int) -> int:
        """The clock's time at which there is something to decide, with every window while any is remembered, or else
        to forget."""
        collector = self.collector
        if self.windows:
            return collector.through(clock) + collector.every + collector.delay
        last = max((max(trail) + self.keep[name] for name, trail in self.trails.items() if trail), default=FOREVER)
        return FOREVER if last == FOREVER else collector.start_of(last) + 2 * collector.every + collector.delay

    def decide(self, before: int, clock: int) -> list[Outcome]:
        """What the clock's way from `before` to `clock` decides, oldest first. Asleep there is nothing to say."""
        every = self.collector.every
        end, last = self.collector.through(before), self.collector.through(clock)
        outcomes: list[Outcome] = []
        if not self.windows:
            self._forget(last)
        while end < last:
            end += every
            for start in [start for start in self.windows if start < end - KEPT * every]:
                del self.windows[start]
            if not self.windows or min(self.windows) >= end:
                self.since = -1
                self.told.clear()
                if not self.windows:
                    break
                end = min(self.windows)
                continue
            if self.since < 0:
                self.since = end
            self._forget(end)
            view = View(self.windows, every, end, self.trails)
            for program in self.programs:
                outcomes += self._decide(program, view)
        return outcomes

    def _forget(self, end: int) -> None:
        """What of the trails is too old at `end`."""
        for name, trail in self.trails.items():
            for at in [at for at in trail if at <= end - self.keep[name]]:
                del trail[at]

    def _decide(self, program: Program, view: View) -> list[Outcome]:
        end, value = view.end, program.of(view)
        if value is NOT_YET:
            return []
        if value is not None:
            self.told[program.metric] = True
            return [Outcome(program.metric, end, float(value))]
        # What has just begun to be measured cannot be known yet: that surprises nobody.
        expected = self.told.get(program.metric, end - self.since >= 2 * program.span)
        if not expected:
            return []
        self.told[program.metric] = False
        return [Outcome(program.metric, end, None, program.why(view))]


class Station:
    """One sensor with derived metrics. `armed`: the clock's time at which the engine looks at it."""

    __slots__ = ("armed", "choice", "groups", "sensor")

    def __init__(self, sensor: Sensor, choice: Choice) -> None:
        self.sensor, self.choice = sensor, choice
        self.armed = FOREVER
        self.groups: dict[int, Group] = {}
        for every in sorted({program.every for program in choice.programs}):
            mine = tuple(program for program in choice.programs if program.every == every)
            self.groups[every] = Group(mine, choice.collectors[mine[0].inputs[0]])

    def add(self, metric: str, slices: Mapping[int, Slice]) -> None:
        """Takes valid windows of an input."""
        self.groups[self.choice.collectors[metric].every].add(metric, slices)

    def due(self, clock: int) -> int:
        return min(group.due(clock) for group in self.groups.values())

    def decide(self, before: int, clock: int) -> list[Outcome]:
        return [outcome for group in self.groups.values() for outcome in group.decide(before, clock)]
