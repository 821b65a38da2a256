"""An aggregate of a window beyond a limit. Windows end at multiples of `every` from the epoch on, their start is
inside, their end outside; a window is decided at the first tick `delay` after its end, as of its end."""

from collections.abc import Iterable

import msgspec

from rules.aggregates import AGGREGATES, result
from rules.coverage import covered
from rules.finding import Seen
from rules.kinds.window_file import WAYS, parse_window
from rules.kinds.window_spec import WindowSpec
from rules.levels import LevelMachine, LevelsState
from rules.machine import FOREVER, Change
from rules.panes import Pane, merged

__all__ = [
    "AGGREGATES",
    "METRICS",
    "ONE_OF",
    "OPTIONAL",
    "REQUIRED",
    "TEXT",
    "WindowMachine",
    "WindowSpec",
    "WindowState",
    "parse",
]

REQUIRED = ("metric", "aggregate")
OPTIONAL = (
    "every",
    "sliding",
    "readings",
    "session",
    "over",
    "delay",
    "above",
    "below",
    "clear",
    "percentile",
    "mark",
    "at_least",
)
METRICS = 1
ONE_OF = WAYS
"""Keys of which a rule has just one."""
TEXT = "{metric}: {value} {unit} at {sensor} ({district}) over the window, limit {limit}"

parse = parse_window


class WindowState(msgspec.Struct, frozen=True, array_like=True):
    """`begin`: windows that start before it (ms) are not judged: the rule was not there for all of them. `doubt`:
    whether there is an episode and the newest window could not be decided."""

    levels: LevelsState
    begin: int = 0
    doubt: bool = False


class WindowMachine:
    """Judges one series by `WindowSpec`. Which windows are decided is a matter of the clock alone: those that ended
    `delay` before it. So nothing is stored about it, and a straggler is late whether or not anybody else came."""

    def __init__(self, spec: WindowSpec) -> None:
        self._spec = spec
        self._levels = LevelMachine(spec.levels)
        self._every, self._length = spec.every, spec.length
        self.grain, self.tally = spec.grain, spec.tally

    def initial(self, begin: int = 0) -> WindowState:
        """The state of a series none of whose readings before `begin` (ms) may count: rounded up to a window."""
        return WindowState(self._levels.initial(), begin + -(begin + self._length) % self._every)

    def through(self, clock: int) -> int:
        """The end of the newest window that is decided at `clock`."""
        past = clock - self._spec.delay
        return past - past % self._every

    def needs(self, state: WindowState, at: int, clock: int) -> bool:
        """Whether a reading at `at` is in a window still to be decided."""
        return at >= state.begin and at >= self.through(clock) + self._every - self._length

    def missed(self, state: WindowState, at: int, clock: int) -> bool:
        """Whether a reading at `at` is in a window that was decided without it."""
        through = self.through(clock)
        return state.begin <= at < through and self._end(state, at) <= through

    def next_due(self, state: WindowState, panes: Iterable[Pane], first: int, clock: int) -> int:
        """The clock's time at which there is something to decide. `first`: the series' oldest reading (ms)."""
        through = self.through(clock)
        start = max(state.begin, through + self._every - self._length)
        oldest = max(start, first) if self._empty_matters(state) else FOREVER
        for pane in panes:
            if start <= pane.start < oldest:
                oldest = pane.start
        if oldest == FOREVER:
            return FOREVER
        return max(self._end(state, oldest), through + self._every) + self._spec.delay

    def due(
        self,
        state: WindowState,
        panes: Iterable[Pane],
        first: int,
        before: int,
        clock: int,
        offset: int,
        interval: int = 0,
    ) -> tuple[WindowState, list[Change]]:
        """After the clock has moved from `before` to `clock` by the record at `offset`: the windows that this
        decides, oldest first. `interval`: the ms that one reading of the sensor stands for.

        Every pane from `begin` on lies wholly inside or outside of each window: its length divides the grain of all
        rules that were there when it was made, and a rule that came later begins behind it.
        """
        through = self.through(clock)
        cursor = max(self.through(before), state.begin + self._length - self._every)
        windows: dict[int, list[Pane]] = {}
        for pane in panes:
            if pane.start >= state.begin:
                soonest = max(self._end(state, pane.start), cursor + self._every)
                for end in range(soonest, min(through, pane.start + self._length) + 1, self._every):
                    windows.setdefault(end, []).append(pane)
        cursor = max(cursor, first - first % self._every)
        changes: list[Change] = []
        for end in sorted(windows):
            state = self._empty(state, cursor, end - self._every, offset, changes)
            state = self._window(state, windows[end], end, offset, interval, changes)
            cursor = end
        return self._empty(state, cursor, through, offset, changes), changes

    def _end(self, state: WindowState, at: int) -> int:
        """The end of the first window judged that holds `at`, a time from `begin` on."""
        return max(at - at % self._every + self._every, state.begin + self._length)

    def _empty_matters(self, state: WindowState) -> bool:
        """Whether an empty window would change something: a count of 0 outside the quiet region, or the first doubt
        about an episode."""
        if self._spec.demanding:
            return self._on(state) and not state.doubt
        if self._spec.aggregate != "count":
            return False
        quiet = self._levels.quiet(state.levels, 0)
        return not quiet.lo <= 0.0 <= quiet.hi

    def _empty(self, state: WindowState, cursor: int, end: int, offset: int, changes: list[Change]) -> WindowState:
        """The empty windows that end behind `cursor` and by `end`. The first says all: the same again changes
        nothing."""
        if cursor >= end or not self._empty_matters(state):
            return state
        if self._spec.demanding:
            return self._doubt(state, cursor + self._every, None, changes)
        return self._decide(state, Seen(cursor + self._every, 0.0, offset), None, changes)

    def _window(
        self, state: WindowState, panes: list[Pane], end: int, offset: int, interval: int, changes: list[Change]
    ) -> WindowState:
        spec, total = self._spec, merged(panes)
        value = result(spec.aggregate, total, end, self.tally, spec.percent)
        thin = total.count < spec.least_count or (
            spec.least_time > 0 and covered(panes, end - self._length, end, interval) < spec.least_time
        )
        if thin or value is None:
            return self._doubt(state, end, total, changes)
        return self._decide(state, Seen(end, value, offset), total, changes)

    def _decide(self, state: WindowState, value: Seen, total: Pane | None, changes: list[Change]) -> WindowState:
        levels, found = self._levels.step(state.levels, 0, value)
        if state.doubt and not found:
            # The same as before the doubt, and whoever was told of the doubt is told of its end.
            severity, limit = self._standing(state)
            found = [Change(value.ts, severity, severity, limit, (value,))]
        count, first = (total.count, total.first) if total is not None else (0, None)
        changes += [change._replace(readings=count, first=first) for change in found]
        return WindowState(levels, state.begin)

    def _doubt(self, state: WindowState, end: int, total: Pane | None, changes: list[Change]) -> WindowState:
        """A window that cannot be decided: what is on stays on, and says so once."""
        if not self._on(state) or state.doubt:
            return state
        severity, limit = self._standing(state)
        count, first = (total.count, total.first) if total is not None else (0, None)
        why = f"{count} reading{'' if count == 1 else 's'} in the window"
        changes.append(Change(end, severity, severity, limit, (), count, first, why))
        return WindowState(state.levels, state.begin, True)

    def _on(self, state: WindowState) -> bool:
        return self._levels.standing(state.levels) is not None

    def _standing(self, state: WindowState) -> tuple[str, float | None]:
        level = self._levels.standing(state.levels)
        assert level is not None
        return level.severity, level.limit
