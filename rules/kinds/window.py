"""An aggregate of a tumbling window beyond a limit. Windows are aligned to the epoch, their start is inside, their
end outside; a window is decided at the first tick `delay` after its end, as of its end."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from rules.finding import Seen
from rules.level_fields import parse_levels
from rules.levels import LevelMachine, Levels, LevelsState
from rules.machine import FOREVER, Change
from rules.panes import Pane, merged, result
from rules.strict_yaml import Node

REQUIRED = ("metric", "aggregate", "every")
OPTIONAL = ("delay", "above", "below", "clear")
METRICS = 1
TEXT = "{metric}: {value} {unit} at {sensor} ({district}) over the window, limit {limit}"
AGGREGATES = ("mean", "max", "min", "count")
SHORTEST = 1000


@dataclass(frozen=True, slots=True)
class WindowSpec:
    """`every`: the window's length, `delay`: how long stragglers are waited for (both ms)."""

    aggregate: str
    every: int
    delay: int
    levels: Levels


def parse(rule: Node, fields: dict[str, Node]) -> WindowSpec | None:
    """The spec in a rule's own keys; None when there is a fault among them."""
    aggregate = fields["aggregate"].choice(AGGREGATES) if "aggregate" in fields else None
    every = fields["every"].duration(SHORTEST) if "every" in fields else None
    delay = fields["delay"].duration() if "delay" in fields else 0
    levels = parse_levels(rule, fields)
    if aggregate is None or every is None or delay is None or levels is None:
        return None
    return WindowSpec(aggregate, every, delay, levels)


class WindowState(msgspec.Struct, frozen=True, array_like=True):
    """`begin`: windows that start before it (ms) are not judged: the rule was not there for all of them."""

    levels: LevelsState
    begin: int = 0


class WindowMachine:
    """Judges one series by `WindowSpec`. Which windows are decided is a matter of the clock alone: those that ended
    `delay` before it. So nothing is stored about it, and a straggler is late whether or not anybody else came."""

    def __init__(self, spec: WindowSpec) -> None:
        self._spec = spec
        self._levels = LevelMachine(spec.levels)
        self.every = spec.every

    def initial(self, begin: int = 0) -> WindowState:
        """The state of a series none of whose readings before `begin` (ms) may count: rounded up to a window."""
        return WindowState(self._levels.initial(), begin + -begin % self.every)

    def through(self, clock: int) -> int:
        """The end of the newest window that is decided at `clock`; readings before it are late."""
        past = clock - self._spec.delay
        return past - past % self.every

    def needs(self, state: WindowState, at: int, clock: int) -> bool:
        """Whether a reading at `at` is in a window still to be decided."""
        return at >= state.begin and at >= self.through(clock)

    def missed(self, state: WindowState, at: int, clock: int) -> bool:
        """Whether a reading at `at` is in a window that was decided without it."""
        return state.begin <= at < self.through(clock)

    def next_due(self, state: WindowState, panes: Iterable[Pane], first: int, clock: int) -> int:
        """The clock's time at which there is something to decide. `first`: the series' oldest reading (ms)."""
        start = max(state.begin, self.through(clock))
        oldest = max(start, first) if self._counts_nothing(state) else FOREVER
        for pane in panes:
            if start <= pane.start < oldest:
                oldest = pane.start
        return FOREVER if oldest == FOREVER else oldest - oldest % self.every + self.every + self._spec.delay

    def due(
        self, state: WindowState, panes: Iterable[Pane], first: int, before: int, clock: int, offset: int
    ) -> tuple[WindowState, list[Change]]:
        """After the clock has moved from `before` to `clock` by the record at `offset`: the windows that this
        decides, oldest first.

        Every pane from `begin` on lies within one window: its length divides those of all rules that were there
        when it was made, and a rule that came later begins behind it.
        """
        cursor, end = max(state.begin, self.through(before)), self.through(clock)
        windows: dict[int, list[Pane]] = {}
        for pane in panes:
            if cursor <= pane.start < end:
                windows.setdefault(pane.start - pane.start % self.every, []).append(pane)
        cursor = max(cursor, first - first % self.every)
        changes: list[Change] = []
        for start in sorted(windows):
            state = self._empty(state, cursor, start, offset, changes)
            total = merged(windows[start])
            value = result(self._spec.aggregate, total)
            state = self._decide(state, Seen(start + self.every, value, offset), total, changes)
            cursor = start + self.every
        return self._empty(state, cursor, end, offset, changes), changes

    def _counts_nothing(self, state: WindowState) -> bool:
        """Whether an empty window would change something: a count of 0 outside the quiet region."""
        if self._spec.aggregate != "count":
            return False
        quiet = self._levels.quiet(state.levels, 0)
        return not quiet.lo <= 0.0 <= quiet.hi

    def _empty(self, state: WindowState, start: int, end: int, offset: int, changes: list[Change]) -> WindowState:
        """The empty windows from `start` to `end`. The first says all: the same count again changes nothing."""
        if start < end and self._counts_nothing(state):
            return self._decide(state, Seen(start + self.every, 0.0, offset), None, changes)
        return state

    def _decide(self, state: WindowState, value: Seen, total: Pane | None, changes: list[Change]) -> WindowState:
        levels, found = self._levels.step(state.levels, 0, value)
        count, first = (total.count, total.first) if total is not None else (0, None)
        changes += [change._replace(readings=count, first=first) for change in found]
        return WindowState(levels, state.begin)
