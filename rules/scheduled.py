"""A rule that is on at some times only: outside of its time it sees nothing, and each time it starts fresh.

readings      x   x   x   x   x   x   x   x   x
its time          |-----------|       |----------
seen              x   x   x           x   x   x
                              what is on is closed here, what only holds is dropped
"""

from collections.abc import Iterable
from typing import Generic, TypeVar

import msgspec

from rules.finding import Seen
from rules.hours import Hours
from rules.kinds.silence import SilenceMachine, SilenceState
from rules.machine import FOREVER, INFINITY, Change, Quiet, Retraceable

S = TypeVar("S")

OUTSIDE = "outside of its hours"


class ScheduledState(msgspec.Struct, Generic[S], frozen=True, array_like=True):
    """`inner`: of the machine that judges while the rule is on. `settled`: the newest edge (ms) of the rule's time that
    the clock has passed: what belongs to before is late from then on. `severity`: what is on."""

    inner: S
    settled: int = 0
    severity: str = ""


class ScheduledMachine(Generic[S]):
    """Lets a machine judge the readings of a rule's time. Between two of its times nothing is left of it."""

    def __init__(self, machine: Retraceable[S], hours: Hours) -> None:
        self._machine, self._hours = machine, hours

    def initial(self) -> ScheduledState[S]:
        return ScheduledState(self._machine.initial())

    def passed(self, state: ScheduledState[S], at: int) -> bool:
        return at < state.settled or self._machine.passed(state.inner, at)

    def late(self, state: ScheduledState[S], last: int, at: int) -> bool:
        return self._hours.on(at) and (at < state.settled or self._machine.late(state.inner, last, at))

    def step(self, state: ScheduledState[S], last: int, reading: Seen) -> tuple[ScheduledState[S], list[Change]]:
        state, changes = self.due(state, last, reading.ts)
        if not self._hours.on(reading.ts):
            return state, changes
        inner, found = self._machine.step(state.inner, last, reading)
        return told(state, inner, found), changes + found

    def due(self, state: ScheduledState[S], last: int, clock: int) -> tuple[ScheduledState[S], list[Change]]:
        spell = self._hours.at(last)
        if spell.end <= state.settled:
            return state, []
        changes: list[Change] = []
        if spell.on:
            inner, changes = self._machine.due(state.inner, last, min(clock, spell.end - 1))
            state = told(state, inner, changes)
        elif state.inner != self._machine.initial():  # the rule's time is another than when it was judged
            changes = closing(spell.start, state.severity)
            state = ScheduledState(self._machine.initial(), state.settled)
        if spell.end > clock:
            return state, changes
        ended = closing(spell.end, state.severity)
        return ScheduledState(self._machine.initial(), spell.end), changes + ended

    def quiet(self, state: ScheduledState[S], last: int) -> Quiet:
        spell = self._hours.at(last)
        if spell.end <= state.settled:
            # What comes now is late, or the first of another time: each reading must be looked at.
            return Quiet(INFINITY, -INFINITY, FOREVER)
        if not spell.on:
            return Quiet(-INFINITY, INFINITY, spell.start if state.severity else spell.end)
        lo, hi, until = self._machine.quiet(state.inner, last)
        return Quiet(lo, hi, min(until, spell.end))


class ScheduledSilence:
    """Silence within a rule's time: it counts from the newest reading or from the time's beginning. The only machine to
    which something may fall due in times without a reading."""

    def __init__(self, machine: SilenceMachine, hours: Hours) -> None:
        self._machine, self._hours = machine, hours

    def initial(self, begin: int = 0) -> ScheduledState[SilenceState]:
        """`begin`: times that ended before it (ms) do not count."""
        return ScheduledState(self._machine.initial(), begin)

    def watch(self, state: ScheduledState[SilenceState], clock: int) -> ScheduledState[SilenceState]:
        """Of a series that was never seen: times that ended before `clock` (ms), when the rule first watches it, do not
        count, and in one that has begun it has from `clock` on."""
        if state.inner.since >= 0:
            return state
        ended = max(state.settled, self._hours.at(clock).start)
        return ScheduledState(self._machine.watch(state.inner, clock), ended, state.severity)

    def waits(self, state: ScheduledState[SilenceState]) -> bool:
        """Whether it has watched and heard nothing yet."""
        return state.inner.since >= 0

    def passed(self, state: ScheduledState[SilenceState], at: int) -> bool:
        return at < state.settled or self._machine.passed(state.inner, at)

    def late(self, state: ScheduledState[SilenceState], last: int, at: int) -> bool:
        return False

    def step(
        self, state: ScheduledState[SilenceState], last: int, reading: Seen
    ) -> tuple[ScheduledState[SilenceState], list[Change]]:
        unseen = self.waits(state)
        # Before the first reading there is no last one: what fell due in all times until now is settled.
        state, changes = self.due(state, -1 if unseen else last, reading.ts)
        spell = self._hours.at(reading.ts)
        if not spell.on or reading.ts < state.settled:
            return msgspec.structs.replace(state, inner=SilenceState(state.inner.onset)), changes
        inner, found = self._machine.step(state.inner, max(last, spell.start), reading)
        return told(state, inner, found), changes + found

    def due(
        self, state: ScheduledState[SilenceState], last: int, clock: int
    ) -> tuple[ScheduledState[SilenceState], list[Change]]:
        changes: list[Change] = []
        spell = self._hours.after(max(state.settled, last))
        while spell is not None and spell.start <= clock:
            waiting = since(state.inner, spell.start)
            inner, found = self._machine.due(waiting, max(last, spell.start), min(clock, spell.end - 1))
            state = told(state, inner, found)
            changes += found
            if spell.end > clock:
                break
            changes += closing(spell.end, state.severity)
            state = ScheduledState(SilenceState(-1, state.inner.since), spell.end)
            spell = self._hours.after(spell.end)
        return state, changes

    def quiet(self, state: ScheduledState[SilenceState], last: int) -> Quiet:
        spell = self._hours.after(max(state.settled, last))
        if spell is None:
            return Quiet(-INFINITY, INFINITY, FOREVER)
        lo, hi, until = self._machine.quiet(since(state.inner, spell.start), max(last, spell.start))
        return Quiet(lo, hi, min(until, spell.end))


def since(state: SilenceState, start: int) -> SilenceState:
    """The state in a time that begins at `start` (ms): what was never seen has from then on."""
    return SilenceState(state.onset, max(state.since, start)) if state.since >= 0 else state


def told(state: ScheduledState[S], inner: S, changes: Iterable[Change]) -> ScheduledState[S]:
    """The state after what the machine has told."""
    return ScheduledState(inner, state.settled, severity_after(state.severity, changes))


def severity_after(severity: str, changes: Iterable[Change]) -> str:
    """What is on after these changes. To be in doubt changes no severity."""
    for change in changes:
        severity = severity if change.why else change.severity
    return severity


def closing(at: int, severity: str) -> list[Change]:
    """What there is to tell when the time ends at `at` (ms) and `severity` is on."""
    return [Change(at, "", severity, outside=True)] if severity else []
