"""Windows of a rule that is on at some times only. A window belongs to a time if all of it lies within: the first
begins with the time or after, the last ends with it or before.

    every: 1h, 22:00 to 01:30
    21        22        23        00        01        02
    |         |---------|---------|---------|    :            three windows
              begin                              end: what is on is closed as of 01:30
"""

from collections.abc import Iterable

import msgspec

from rules.hours import Hours, Spell
from rules.kinds.window import WindowMachine, WindowState
from rules.kinds.window_spec import WindowSpec
from rules.machine import FOREVER, Change
from rules.panes import Pane
from rules.scheduled import closing, severity_after


class ScheduledWindowState(msgspec.Struct, frozen=True, array_like=True):
    """`inner`: of the machine that judges the time that ends at `over` (ms), which is 0 while nothing of it matters.
    `begin`: windows that start before it (ms) are not judged. `severity`: what is on."""

    inner: WindowState
    begin: int = 0
    over: int = 0
    severity: str = ""


State = ScheduledWindowState


class ScheduledWindow:
    """Has the face of `WindowMachine`, which judges within each time."""

    def __init__(self, machine: WindowMachine, hours: Hours, spec: WindowSpec) -> None:
        self._machine, self._hours = machine, hours
        self._every, self._length, self._delay = spec.every, spec.length, spec.delay
        self.grain, self.tally = machine.grain, machine.tally

    def initial(self, begin: int = 0) -> State:
        return ScheduledWindowState(self._machine.initial(begin), begin)

    def through(self, clock: int) -> int:
        """What ends until then (ms) has been decided: windows, and the rule's times."""
        return clock - self._delay

    def needs(self, state: State, at: int, clock: int) -> bool:
        spell = self._hours.at(at)
        return spell.on and self._end(state, max(at, self._machine.through(clock)), spell) <= at + self._length

    def missed(self, state: State, at: int, clock: int) -> bool:
        spell = self._hours.at(at)
        return spell.on and self._end(state, at, spell) <= min(at + self._length, self._machine.through(clock))

    def idle(self, at: int) -> int:
        """Until when (ms) readings from `at` on are of no use to it; `at` when they are."""
        spell = self._hours.at(at)
        return at if spell.on else spell.end

    def next_due(self, state: State, panes: Iterable[Pane], first: int, clock: int) -> int:
        through, due = self._machine.through(clock), FOREVER
        if state.over:
            due = state.over + self._delay if self._as_judged(state) else clock
        for pane in panes:
            spell = self._hours.at(pane.start)
            if spell.on and (end := self._end(state, max(pane.start, through), spell)) <= pane.start + self._length:
                due = min(due, end + self._delay)
        if self._machine.empty_matters(state.inner):
            following = self._hours.after(max(clock - self._delay, first))
            if following is not None:
                end = self._end(state, max(through, first - first % self._every), following)
                due = min(due, min(end, following.end) + self._delay)
        return due

    def due(
        self,
        state: State,
        panes: Iterable[Pane],
        first: int,
        before: int,
        clock: int,
        offset: int,
        interval: int = 0,
    ) -> tuple[State, list[Change]]:
        """As `WindowMachine.due`, time after time."""
        panes, changes = list(panes), list[Change]()
        state = self._aligned(state, clock, changes)
        spell = self._hours.after(state.over - 1 if state.over else max(before - self._delay, first))
        while spell is not None and spell.start < clock:
            rest = self._machine.initial(max(state.begin, spell.start))
            bound = min(clock, spell.end + self._delay)
            inner = state.inner if state.over else rest
            inner, found = self._machine.due(inner, panes, first, before, bound, offset, interval)
            changes += found
            severity = severity_after(state.severity, found)
            if spell.end + self._delay > clock:
                kept = ScheduledWindowState(inner, state.begin, spell.end, severity)
                return (self.initial(state.begin) if inner == rest else kept), changes
            changes += closing(spell.end, severity)
            state = self.initial(state.begin)
            spell = self._hours.after(spell.end)
        return state, changes

    def _aligned(self, state: State, clock: int, changes: list[Change]) -> State:
        """The state in the rule's time as it is now, which may be another than when it was judged."""
        if not state.over or self._as_judged(state):
            return state
        spell = self._hours.at(state.over - 1)
        if spell.on:
            return ScheduledWindowState(state.inner, state.begin, spell.end, state.severity)
        changes += closing(min(state.over, clock), state.severity)
        return self.initial(state.begin)

    def _as_judged(self, state: State) -> bool:
        """Whether the time that is being judged still ends when it did."""
        spell = self._hours.at(state.over - 1)
        return spell.on and spell.end == state.over

    def _end(self, state: State, at: int, spell: Spell) -> int:
        """The end of the first window after `at` that lies in the spell and is judged; FOREVER for none."""
        soonest = max(at + 1, max(state.begin, spell.start) + self._length)
        end = soonest + -soonest % self._every
        return end if end <= spell.end else FOREVER
