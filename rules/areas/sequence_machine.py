"""One condition followed by another within a time, or not followed by it.

first  ____|‾‾‾|______         first  ____|‾‾‾‾‾‾‾‾‾‾‾|__
then   ________|‾‾‾‾|_         then   ___________________
       within |---|            within     |-----|
found           fired  cleared  missing        fired  cleared
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec

from rules.areas.event import Event
from rules.areas.group import Group
from rules.areas.machine import Outcome
from rules.areas.member import Resolved
from rules.areas.standing import View, Words, lit, take, view
from rules.areas.told import Told, tell
from rules.machine import FOREVER

FIRST, THEN = 0, 1


@dataclass(frozen=True, slots=True)
class Order:
    """`within`: the most ms from the first to the other, which still counts then. `missing`: it is the other's not
    coming that matters. `sides`: of each the role that it is asked of, "" for every sensor of the group."""

    severity: str
    within: int
    missing: bool = False
    sides: tuple[str, str] = ("", "")


class SequenceState(msgspec.Struct, frozen=True, array_like=True):
    """`open`: the firsts that the other may still follow (found: the newest alone). `matched`: of the other, those
    that came in time and are on, with the first that each followed. `overdue`: firsts that it did not follow."""

    told: Told = Told()
    words: Words = {}
    open: tuple[Event, ...] = ()
    matched: dict[str, tuple[Event, Event]] = {}
    overdue: tuple[Event, ...] = ()


class SequenceMachine:
    """Judges a group by `Order`. A condition comes when it was known to be off, or never known, and is on."""

    state_type = SequenceState

    def __init__(self, order: Order, members: Sequence[Resolved]) -> None:
        self._order, self._members = order, members

    def initial(self) -> SequenceState:
        return SequenceState()

    def step(
        self, state: SequenceState, group: Group, at: int, events: Sequence[Event]
    ) -> tuple[SequenceState, list[Outcome]]:
        outcomes: list[Outcome] = []
        while (time := self.next_due(state, group)) < at:
            state, found = self._settle(state, group, time)
            outcomes += found
        ours = (self._ours(group, FIRST), self._ours(group, THEN))
        for event in events:
            if event.member in (FIRST, THEN) and self._counts(event, ours):
                state = self._come(state, event)
            state = msgspec.structs.replace(state, words=take(state.words, (event,)))
        state, found = self._settle(self._present(state, ours), group, at)
        return state, outcomes + found

    def next_due(self, state: SequenceState, group: Group) -> int:
        if not self._order.missing or not state.open:
            return FOREVER
        return min(event.at for event in state.open) + self._order.within

    def _ours(self, group: Group, member: int) -> Collection[str]:
        side = self._order.sides[member]
        return group.roles.get(side, ()) if side else group.sensors

    def _counts(self, event: Event, ours: Sequence[Collection[str]]) -> bool:
        return self._members[event.member].area or event.sensor in ours[event.member]

    def _come(self, state: SequenceState, event: Event) -> SequenceState:
        """After one event, before its word is taken."""
        order, sensor = self._order, event.sensor
        if event.why:
            return state
        comes = bool(event.severity) and not lit(state.words, event.member, sensor)
        open_, matched, overdue = state.open, state.matched, state.overdue
        if event.member == FIRST and comes:
            open_ = (*open_, event) if order.missing else (event,)
        elif event.member == FIRST and not event.severity and order.missing:
            open_ = tuple(each for each in open_ if each.sensor != sensor)
            overdue = tuple(each for each in overdue if each.sensor != sensor)
        elif event.member == THEN and comes and order.missing:
            open_ = overdue = ()
        elif event.member == THEN and comes and open_ and event.at - open_[0].at <= order.within:
            matched = {**matched, sensor: (open_[0], event)}
        elif event.member == THEN and not event.severity:
            matched = {name: pair for name, pair in matched.items() if name != sensor}
        return SequenceState(state.told, state.words, open_, matched, overdue)

    def _present(self, state: SequenceState, ours: Sequence[Collection[str]]) -> SequenceState:
        """Without what is remembered of sensors that the group has no more."""
        return msgspec.structs.replace(
            state,
            open=tuple(each for each in state.open if self._counts(each, ours)),
            overdue=tuple(each for each in state.overdue if self._counts(each, ours)),
            matched={name: pair for name, pair in state.matched.items() if self._counts(pair[1], ours)},
        )

    def _settle(self, state: SequenceState, group: Group, at: int) -> tuple[SequenceState, list[Outcome]]:
        """How things stand as of `at`."""
        shown = view(state.words, group, THEN, self._members[THEN], self._ours(group, THEN))
        if self._order.missing:
            asked = view(state.words, group, FIRST, self._members[FIRST], self._ours(group, FIRST)).asked
            state, outcome = self._missing(state, shown, asked, at)
        else:
            state, outcome = self._found(state, shown, at)
        told, outcomes = tell(state.told, outcome)
        return msgspec.structs.replace(state, told=told), outcomes

    def _found(self, state: SequenceState, shown: View, at: int) -> tuple[SequenceState, Outcome]:
        open_ = tuple(event for event in state.open if at - event.at <= self._order.within)
        state = msgspec.structs.replace(state, open=open_)
        if not state.matched:
            return state, Outcome(at, "", "", left_out=shown.left_out)
        newest = max(state.matched.values(), key=lambda pair: (pair[1].at, pair[1].sensor))
        standing = {event.sensor for event in shown.on}
        why = "" if standing & state.matched.keys() else shown.reason()
        value, count = newest[1].value, len(state.matched)
        return state, Outcome(
            at, self._order.severity, "", None, value, newest, count, shown.asked, shown.left_out, why
        )

    def _missing(self, state: SequenceState, shown: View, asked: int, at: int) -> tuple[SequenceState, Outcome]:
        truth = shown.truth(1)
        if truth:
            return msgspec.structs.replace(state, open=(), overdue=()), Outcome(at, "", "", left_out=shown.left_out)
        late = tuple(event for event in state.open if event.at + self._order.within <= at)
        overdue = (*state.overdue, *late)
        open_ = tuple(event for event in state.open if event not in late)
        state = msgspec.structs.replace(state, open=open_, overdue=overdue)
        if not overdue:
            return state, Outcome(at, "", "", left_out=shown.left_out)
        why = "" if truth is False else shown.reason()
        return state, Outcome(
            at, self._order.severity, "", None, overdue[0].value, overdue, len(overdue), asked, shown.left_out, why
        )
