"""A rule on groups that is on at some times only. It goes on looking outside of them, for what it knows of its sensors
is no matter of the hour, and only tells within.

it is so          |----------|        |------|     |--|
its time               |----------|      |----------|
told                   |-----|           |---|     |-|
                       begins with its time         ends with it
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from rules.areas.event import Event
from rules.areas.group import Group
from rules.areas.machine import GroupMachine, Outcome
from rules.areas.told import Told, tell
from rules.hours import Hours

S = TypeVar("S")


class TimedState(msgspec.Struct, Generic[S], frozen=True, array_like=True):
    """`inner`: of the machine that judges. `standing`: how things are, if ever known, and `told`: what was told of it
    in this time. `through`: the newest instant (ms) that was looked at; `inside`: whether it was in the rule's time."""

    inner: S
    standing: Outcome | None = None
    told: Told = Told()
    through: int = -1
    inside: bool = False


class TimedMachine(Generic[S]):
    """Lets a machine's outcomes through within the rule's times. `hours`: those of a group, in its time zone."""

    def __init__(self, machine: GroupMachine[S], hours: Callable[[Group], Hours]) -> None:
        self._machine, self._hours = machine, hours
        self.state_type: Any = TimedState[machine.state_type]  # type: ignore[name-defined]

    def initial(self) -> TimedState[S]:
        return TimedState(self._machine.initial())

    def step(
        self, state: TimedState[S], group: Group, at: int, events: Sequence[Event]
    ) -> tuple[TimedState[S], list[Outcome]]:
        hours = self._hours(group)
        spell, told, standing = hours.at(at), state.told, state.standing
        found: list[Outcome] = []
        inside = state.inside and spell.on and spell.start <= state.through
        if state.inside and not inside:
            if told.severity:
                before = hours.at(state.through)  # off when the rule's times are others now
                end = before.end if before.on else max(before.start, state.through)
                found.append(Outcome(end, "", told.severity, outside=True))
            told = Told()
        inner, outcomes = self._machine.step(state.inner, group, at, events)
        begins = spell.on and not inside
        if begins:
            told = Told("", doubt=standing is None)
        for outcome in outcomes:
            standing = outcome._replace(was="")
            if spell.on:
                told, said = tell(told, standing._replace(at=max(outcome.at, spell.start)))
                found += said
        if begins and not outcomes and standing is not None:
            told, said = tell(told, standing._replace(at=max(spell.start, min(state.through + 1, at))))
            found += said
        return TimedState(inner, standing, told, at, spell.on), found

    def next_due(self, state: TimedState[S], group: Group) -> int:
        due = self._machine.next_due(state.inner, group)
        standing = state.standing
        if not state.told.severity and (standing is None or not (standing.severity or standing.why)):
            return due  # whatever the hour, there is nothing to tell
        spell = self._hours(group).at(state.through)
        return min(due, spell.end if spell.on == state.inside else state.through + 1)
