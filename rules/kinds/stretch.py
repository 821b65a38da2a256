"""A window that the readings themselves begin and end: the last stretch of time before each of them (sliding), a number
of them, or a session. Readings are taken in the order of time, each answers at once, and no panes are kept."""

from dataclasses import dataclass

import msgspec

from rules.aggregates import result, tally_of
from rules.finding import Seen
from rules.levels import LevelMachine, Levels, LevelsState
from rules.machine import FOREVER, INFINITY, Change, Quiet
from rules.panes import Pane

MOST = 1000
"""Readings that a stretch may have: a sliding window forgets its oldest, a session ends with the last of them."""


@dataclass(frozen=True, slots=True)
class StretchSpec:
    """`by`: "sliding" (`size`: how far it reaches back, ms), "readings" (`size`: how many) or "session" (`size`:
    the silence that ends it, ms). The rest as in `rules.kinds.window_spec.WindowSpec`."""

    by: str
    size: int
    aggregate: str
    levels: Levels
    percent: int = 50
    mark: float = 0.0


class StretchState(msgspec.Struct, frozen=True, array_like=True):
    """`memory`: the readings of the stretch that is open. `settled`: the end (ms) of the newest session that the clock
    has ended; what comes later but is older is late."""

    levels: LevelsState
    memory: tuple[Seen, ...] = ()
    settled: int = 0


class StretchMachine:
    """Judges one series by `StretchSpec`. Every reading counts, so none is quiet."""

    def __init__(self, spec: StretchSpec) -> None:
        self._spec, self._levels = spec, LevelMachine(spec.levels)
        self._tally = tally_of(spec.aggregate, spec.mark)

    def initial(self) -> StretchState:
        return StretchState(self._levels.initial())

    def late(self, state: StretchState, last: int, at: int) -> bool:
        return at <= last or at < state.settled

    def passed(self, state: StretchState, at: int) -> bool:
        return at < state.settled

    def step(self, state: StretchState, last: int, reading: Seen) -> tuple[StretchState, list[Change]]:
        state, changes = self.due(state, last, reading.ts)
        spec, memory = self._spec, (*state.memory, reading)
        whole = len(memory) == (min(spec.size, MOST) if spec.by == "readings" else MOST)
        if spec.by == "sliding":
            first, oldest = max(0, len(memory) - MOST), reading.ts - spec.size
            while memory[first].ts <= oldest:
                first += 1
            memory = memory[first:]
        if spec.by != "sliding" and not whole:
            return StretchState(state.levels, memory, state.settled), changes
        levels, found = self._judge(state.levels, memory, reading.ts)
        return StretchState(levels, memory if spec.by == "sliding" else (), state.settled), changes + found

    def due(self, state: StretchState, last: int, clock: int) -> tuple[StretchState, list[Change]]:
        end = self._end(state)
        if end > clock:
            return state, []
        levels, found = self._judge(state.levels, state.memory, end)
        return StretchState(levels, (), end), found

    def quiet(self, state: StretchState, last: int) -> Quiet:
        return Quiet(INFINITY, -INFINITY, self._end(state))

    def _end(self, state: StretchState) -> int:
        """When the clock ends the stretch that is open."""
        return state.memory[-1].ts + self._spec.size if self._spec.by == "session" and state.memory else FOREVER

    def _judge(self, levels: LevelsState, memory: tuple[Seen, ...], end: int) -> tuple[LevelsState, list[Change]]:
        pane = Pane(0, end, memory[0].offset, tallies=(self._tally,) if self._tally else ())
        pane.ts, pane.fresh = [seen.ts for seen in memory], [seen.value for seen in memory]
        pane.fold()
        value = result(self._spec.aggregate, pane, end, self._tally, self._spec.percent)
        if value is None:
            return levels, []
        if self._levels.rests(levels, value):
            return levels, []
        levels, found = self._levels.step(levels, 0, Seen(end, value, memory[-1].offset))
        return levels, [change._replace(readings=len(memory), first=memory[0].offset) for change in found]
