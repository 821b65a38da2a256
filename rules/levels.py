"""Severities as levels with hysteresis: the machine that thresholds and window results have in common.

Each level is a small machine of its own, and the rule's severity is the gravest level that is on:

    off --beyond limit--> rising --for `hold`--> on --not beyond clear--> falling --for `keep_firing`--> off
                          rising --not beyond limit--> off                falling --beyond clear--> on
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from math import nextafter

import msgspec

from rules.content import ADDED
from rules.finding import Seen
from rules.machine import FOREVER, INFINITY, Change, Quiet

OFF, RISING, ON, FALLING = range(4)


@dataclass(frozen=True, slots=True)
class Level:
    """On when a value is beyond `limit` (strictly); stays on while values are beyond `clear` (strictly)."""

    severity: str
    limit: float
    clear: float


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels in order of gravity. `above`: beyond means greater; else less. A level is on once values have been
    beyond its limit for `hold` ms without a break, and off once they have not been beyond its `clear` for
    `keep_firing` ms without a break. `times` above 1: it takes that many readings beyond the limit instead of a hold,
    in a row when `within` is 0, else at most `within` ms from the first of them to the last (rules/counted.py)."""

    above: bool
    levels: tuple[Level, ...]
    hold: int = 0
    keep_firing: int = 0
    times: int = field(default=1, metadata=ADDED)
    within: int = field(default=0, metadata=ADDED)


class LevelsState(msgspec.Struct, frozen=True, array_like=True):
    """`phases` of the levels, and for those that rise or fall the reading that `begun` it. `settled`: the newest
    time (ms) as of which the passing of time decided something; what comes later but is older is late."""

    phases: tuple[int, ...]
    begun: tuple[Seen | None, ...]
    settled: int = 0


class LevelMachine:
    """Judges one series by `Levels`."""

    def __init__(self, spec: Levels) -> None:
        # Below is above with all signs turned, which floats do exactly.
        self._sign = sign = 1.0 if spec.above else -1.0
        self._spec = spec
        self._bounds = tuple((sign * level.limit, sign * level.clear) for level in spec.levels)
        self._wait = {RISING: spec.hold, FALLING: spec.keep_firing}
        # The few combinations of phases that occur: where values change nothing in them, and whether time does.
        self._regions: dict[tuple[int, ...], tuple[float, float, bool]] = {}

    def initial(self) -> LevelsState:
        number = len(self._bounds)
        return LevelsState((OFF,) * number, (None,) * number)

    def late(self, state: LevelsState, last: int, at: int) -> bool:
        return at <= last or at < state.settled

    def passed(self, state: LevelsState, at: int) -> bool:
        return at < state.settled

    def step(self, state: LevelsState, last: int, reading: Seen) -> tuple[LevelsState, list[Change]]:
        state, changes = self.due(state, last, reading.ts)
        lo, hi, _ = self._region(state.phases)
        if lo <= reading.value <= hi:
            return state, changes
        x = self._sign * reading.value
        phases, begun = list(state.phases), list(state.begun)
        for index, (limit, clear) in enumerate(self._bounds):
            phase = phases[index]
            if phase == OFF and x > limit:
                phases[index], begun[index] = (RISING, reading) if self._spec.hold else (ON, None)
            elif phase == RISING and not x > limit:
                phases[index], begun[index] = OFF, None
            elif phase == ON and not x > clear:
                phases[index], begun[index] = (FALLING, reading) if self._spec.keep_firing else (OFF, None)
            elif phase == FALLING and x > clear:
                phases[index], begun[index] = ON, None
        after = LevelsState(tuple(phases), tuple(begun), state.settled)
        return after, changes + self._change(state, after, reading.ts, reading)

    def due(self, state: LevelsState, last: int, clock: int) -> tuple[LevelsState, list[Change]]:
        changes: list[Change] = []
        if not self._region(state.phases)[2]:
            return state, changes
        while (time := self._next(state)) <= clock:
            phases, begun = list(state.phases), list(state.begun)
            reading = None
            for index, phase in enumerate(state.phases):
                since = begun[index]
                if since is not None and since.ts + self._wait[phase] == time:
                    phases[index], begun[index] = ON if phase == RISING else OFF, None
                    reading = since
            after = LevelsState(tuple(phases), tuple(begun), time)
            changes += self._change(state, after, time, reading)
            state = after
        return state, changes

    def quiet(self, state: LevelsState, last: int) -> Quiet:
        lo, hi, waits = self._region(state.phases)
        due = self._next(state) if waits else FOREVER
        # While a reading newer than `last` may still be late, each must be looked at to be counted.
        return Quiet(lo, hi, due) if state.settled <= last + 1 else Quiet(INFINITY, -INFINITY, due)

    def rests(self, state: LevelsState, value: float) -> bool:
        """Whether such a value changes nothing, whenever it comes, and no time runs."""
        lo, hi, waits = self._region(state.phases)
        return not waits and lo <= value <= hi

    def leap(self, state: LevelsState, reading: Seen, ready: Collection[int]) -> tuple[LevelsState, list[Change]]:
        """After a reading, when the levels in `ready`, and of those that are off only they, come on by it."""
        x = self._sign * reading.value
        phases, begun = list(state.phases), list(state.begun)
        for index, (_, clear) in enumerate(self._bounds):
            phase = phases[index]
            if phase == OFF:
                phases[index] = ON if index in ready else OFF
            elif phase == ON and not x > clear:
                phases[index], begun[index] = (FALLING, reading) if self._spec.keep_firing else (OFF, None)
            elif phase == FALLING and x > clear:
                phases[index], begun[index] = ON, None
        after = LevelsState(tuple(phases), tuple(begun), state.settled)
        return after, self._change(state, after, reading.ts, reading)

    def standing(self, state: LevelsState) -> Level | None:
        """The gravest level that is on."""
        gravest = _gravest(state)
        return self._spec.levels[gravest] if gravest >= 0 else None

    def beyond(self, value: float) -> list[bool]:
        """For each level, whether the value is beyond its limit."""
        return [self._sign * value > limit for limit, _ in self._bounds]

    def _region(self, phases: tuple[int, ...]) -> tuple[float, float, bool]:
        """The values between which no level leaves its phase, and whether one will leave it by time alone."""
        region = self._regions.get(phases)
        if region is None:
            lo, hi = -INFINITY, INFINITY
            for phase, (limit, clear) in zip(phases, self._bounds, strict=True):
                if phase in (OFF, FALLING):
                    hi = min(hi, limit if phase == OFF else clear)
                else:
                    lo = max(lo, nextafter(limit if phase == RISING else clear, INFINITY))
            waits = RISING in phases or FALLING in phases
            region = self._regions[phases] = (lo, hi, waits) if self._spec.above else (-hi, -lo, waits)
        return region

    def _next(self, state: LevelsState) -> int:
        """The time at which the next level settles."""
        time = FOREVER
        for phase, since in zip(state.phases, state.begun, strict=True):
            if since is not None and (own := since.ts + self._wait[phase]) < time:
                time = own
        return time

    def _change(self, before: LevelsState, after: LevelsState, at: int, reading: Seen | None) -> list[Change]:
        was, now = _gravest(before), _gravest(after)
        if was == now:
            return []
        levels = self._spec.levels
        limit = levels[now].limit if now >= 0 else levels[was].clear
        severity, before_severity = (levels[index].severity if index >= 0 else "" for index in (now, was))
        return [Change(at, severity, before_severity, limit, () if reading is None else (reading,))]


def _gravest(state: LevelsState) -> int:
    """The index of the gravest level that is on, -1 for none."""
    for index in range(len(state.phases) - 1, -1, -1):
        if state.phases[index] in (ON, FALLING):
            return index
    return -1
