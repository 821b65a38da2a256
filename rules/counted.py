"""Levels that come on by a number of readings beyond their limit: so many in a row, or so many within a period.

    times: 3                   x x . x x x          on at the third in a row
    times: 3, within: 5min     x . x . . x          on at the third, if the first is not older than 5 minutes by then

A level that is on counts nothing; once it is off it counts from nothing again.
"""

import msgspec

from rules.finding import Seen
from rules.levels import OFF, LevelMachine, Levels, LevelsState
from rules.machine import INFINITY, Change, Quiet

Run = tuple[Seen, ...]


class CountedState(msgspec.Struct, frozen=True, array_like=True):
    """`runs`: of each level that is off the readings beyond its limit that count so far, oldest first."""

    levels: LevelsState
    runs: tuple[Run, ...]


class CountedMachine:
    """Judges one series by `Levels` with `times`; its way back is that of `LevelMachine`."""

    def __init__(self, spec: Levels) -> None:
        self._spec, self._levels = spec, LevelMachine(spec)
        self._nothing: tuple[Run, ...] = ((),) * len(spec.levels)

    def initial(self) -> CountedState:
        return CountedState(self._levels.initial(), self._nothing)

    def late(self, state: CountedState, last: int, at: int) -> bool:
        return self._levels.late(state.levels, last, at)

    def passed(self, state: CountedState, at: int) -> bool:
        return self._levels.passed(state.levels, at)

    def step(self, state: CountedState, last: int, reading: Seen) -> tuple[CountedState, list[Change]]:
        levels, changes = self._levels.due(state.levels, last, reading.ts)
        runs = list(state.runs)
        ready: dict[int, Run] = {}
        for index, beyond in enumerate(self._levels.beyond(reading.value)):
            if levels.phases[index] != OFF:
                continue
            run = self._longer(runs[index], reading) if beyond else runs[index] if self._spec.within else ()
            if len(run) == self._spec.times:
                ready[index], run = run, ()
            runs[index] = run
        levels, found = self._levels.leap(levels, reading, ready)
        evidence = {self._spec.levels[index].severity: run for index, run in ready.items()}
        changes += [change._replace(seen=evidence.get(change.severity, change.seen)) for change in found]
        return CountedState(levels, tuple(runs)), changes

    def due(self, state: CountedState, last: int, clock: int) -> tuple[CountedState, list[Change]]:
        levels, changes = self._levels.due(state.levels, last, clock)
        return CountedState(levels, state.runs), changes

    def quiet(self, state: CountedState, last: int) -> Quiet:
        quiet = self._levels.quiet(state.levels, last)
        # In a row means that every reading counts from the first one on.
        return quiet if self._spec.within or state.runs == self._nothing else Quiet(INFINITY, -INFINITY, quiet.until)

    def _longer(self, run: Run, reading: Seen) -> Run:
        oldest = reading.ts - self._spec.within if self._spec.within else 0
        return (*(seen for seen in run if seen.ts >= oldest), reading)
