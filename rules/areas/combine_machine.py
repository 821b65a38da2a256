"""Conditions together: on once they have been true for `hold` without a break, off once they have been false for
`keep_firing` without a break. Not to know breaks both, and leaves on what is on."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from rules.areas.conditions import Condition, leaves, truth
from rules.areas.event import Event
from rules.areas.group import Group
from rules.areas.machine import Outcome
from rules.areas.member import Resolved
from rules.areas.standing import View, Words, take, view
from rules.areas.told import Told, tell
from rules.machine import FOREVER


@dataclass(frozen=True, slots=True)
class Together:
    """`hold` and `keep_firing` in ms."""

    condition: Condition
    severity: str
    hold: int = 0
    keep_firing: int = 0


class CombineState(msgspec.Struct, frozen=True, array_like=True):
    """`since`: from when on (ms) the conditions have been other than what is told, -1 while they are not."""

    told: Told = Told()
    words: Words = {}
    since: int = -1


class CombineMachine:
    """Judges a group by `Together`. `members`: as the catalogue has resolved them."""

    state_type = CombineState

    def __init__(self, together: Together, members: Sequence[Resolved]) -> None:
        self._says, self._members = together, members
        self._leaves = list(leaves(together.condition))

    def initial(self) -> CombineState:
        return CombineState()

    def step(
        self, state: CombineState, group: Group, at: int, events: Sequence[Event]
    ) -> tuple[CombineState, list[Outcome]]:
        outcomes: list[Outcome] = []
        if (time := self.next_due(state, group)) <= at:
            views = self._views(state.words, group)
            state, outcomes = self._turn(state, time, not state.told.severity, views)
        words = take(state.words, events) if events else state.words
        state = msgspec.structs.replace(state, words=words)
        state, found = self._judge(state, at, self._views(words, group))
        return state, outcomes + found

    def next_due(self, state: CombineState, group: Group) -> int:
        if state.since < 0:
            return FOREVER
        return state.since + (self._says.keep_firing if state.told.severity else self._says.hold)

    def _views(self, words: Words, group: Group) -> list[View]:
        shown = {
            leaf.member: view(words, group, leaf.member, self._members[leaf.member], group.sensors)
            for leaf in self._leaves
        }
        return [shown[leaf.member] for leaf in self._leaves]

    def _judge(self, state: CombineState, at: int, views: Sequence[View]) -> tuple[CombineState, list[Outcome]]:
        truths = [shown.truth(leaf.need) for leaf, shown in zip(self._leaves, views, strict=True)]
        found = truth(self._says.condition, truths)
        if found is None:
            why = self._why(truths, views)
            told, outcomes = tell(state.told, Outcome(at, "", "", left_out=_left_out(views), why=why))
            return CombineState(told, state.words), outcomes
        on = bool(state.told.severity)
        wait = self._says.keep_firing if on else self._says.hold
        if found == on or not wait:
            return self._turn(state, at, found, views)
        since = at if state.since < 0 else state.since
        state, outcomes = self._turn(state, at, on, views)
        return msgspec.structs.replace(state, since=since), outcomes

    def _turn(
        self, state: CombineState, at: int, on: bool, views: Sequence[View]
    ) -> tuple[CombineState, list[Outcome]]:
        seen = tuple(sorted({event for shown in views for event in shown.on}, key=_place))
        value = seen[0].value if len(seen) == 1 else None
        severity = self._says.severity if on else ""
        told, outcomes = tell(state.told, Outcome(at, severity, "", None, value, seen, left_out=_left_out(views)))
        return CombineState(told, state.words), outcomes

    def _why(self, truths: Sequence[bool | None], views: Sequence[View]) -> str:
        """Each member of which nothing is known, with the reason."""
        reasons = {
            leaf.member: f"{self._members[leaf.member].metric or f'condition {leaf.member + 1}'}: {shown.reason()}"
            for leaf, known, shown in zip(self._leaves, truths, views, strict=True)
            if known is None
        }
        return "; ".join(reasons.values())


def _place(event: Event) -> tuple[int, str]:
    return event.member, event.sensor


def _left_out(views: Sequence[View]) -> tuple[tuple[str, str], ...]:
    """Each sensor once, with the first reason."""
    found: dict[str, str] = {}
    for shown in views:
        for sensor, why in shown.left_out:
            found.setdefault(sensor, why)
    return tuple(sorted(found.items()))
