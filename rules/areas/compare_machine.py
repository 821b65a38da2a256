"""Two values side by side: what they measure together is judged by levels.

as of (age: 10min)     left   x     x     x                 join (within: 30s)   left   x      x     x
                       right    x         x                                      right    x     x
                                .   .     .|--age--|doubt                                 .     .
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from rules.areas.event import Event
from rules.areas.group import Group
from rules.areas.machine import Outcome
from rules.areas.pairing import MEASURES, Pair, joined, pair
from rules.areas.told import Told, tell
from rules.content import ADDED
from rules.duration import format_duration
from rules.finding import Seen
from rules.levels import FALLING, OFF, ON, RISING, LevelMachine, Levels, LevelsState
from rules.machine import FOREVER, Change

LEFT, RIGHT = 0, 1
MOST = 1000
"""Readings of a side that a join remembers at most."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`age`: how old (ms) a value may be to be compared; or `within`: how far apart (ms) two readings that are
    compared; the other is -1. `sides`: of left and right the role that it is asked of, "" for any sensor; `named`: the
    one sensor that it is asked of, whatever the group."""

    measure: str
    levels: Levels
    age: int = -1
    within: int = -1
    sides: tuple[str, str] = ("", "")
    named: tuple[str, str] = field(default=("", ""), metadata=ADDED)


class CompareState(msgspec.Struct, frozen=True, array_like=True):
    """`left` and `right`: the newest reading, for a join those of the last `within` ms, oldest first. `newest`: the
    pair that was judged last."""

    levels: LevelsState
    told: Told = Told()
    left: tuple[Event, ...] = ()
    right: tuple[Event, ...] = ()
    newest: tuple[Event, ...] = ()


class CompareMachine:
    """Judges a group by `Comparison`."""

    state_type = CompareState

    def __init__(self, comparison: Comparison) -> None:
        self._says, self._measure = comparison, MEASURES[comparison.measure]
        self._levels = LevelMachine(comparison.levels)

    def initial(self) -> CompareState:
        return CompareState(self._levels.initial())

    def step(
        self, state: CompareState, group: Group, at: int, events: Sequence[Event]
    ) -> tuple[CompareState, list[Outcome]]:
        outcomes: list[Outcome] = []
        while (time := self.next_due(state, group)) <= at and (time < at or time < self._stale(state)):
            state, found = self._unknown(state, time) if time == self._stale(state) else self._wait(state, time)
            outcomes += found
        left = self._side(LEFT, state.left, group, at, events)
        right = self._side(RIGHT, state.right, group, at, events)
        fresh = any(event.at == at for event in (*left, *right))
        state = msgspec.structs.replace(state, left=left, right=right)
        if self._says.within >= 0:
            pairs = joined(self._measure, left, right, at, self._says.within) if fresh else []
            state, found = self._judge(state, at, self._gravest(pairs)) if pairs else (state, [])
        elif fresh or not left or not right or self._stale(state) <= at:
            state, found = self._as_of(state, at)
        else:
            found = []
        return state, outcomes + found

    def next_due(self, state: CompareState, group: Group) -> int:
        return min(self._levels.quiet(state.levels, 0).until, self._stale(state))

    def _stale(self, state: CompareState) -> int:
        """The first instant (ms) at which one of the two is too old to be compared: what is waited for ends then."""
        if self._says.age < 0 or state.told.doubt or not state.left or not state.right:
            return FOREVER
        return min(state.left[0].at, state.right[0].at) + self._says.age + 1

    def _side(
        self, side: int, before: tuple[Event, ...], group: Group, at: int, events: Sequence[Event]
    ) -> tuple[Event, ...]:
        """The readings of a side that may still be compared with something."""
        role, named = self._says.sides[side], self._says.named[side]
        ours = (named,) if named else group.roles.get(role, ()) if role else group.sensors
        news = [event for event in events if event.member == side]
        found = tuple(event for event in (*before, *news) if event.sensor in ours)
        if self._says.within < 0:
            return found[-1:]
        return tuple(event for event in found if at - event.at <= self._says.within)[-MOST:]

    def _as_of(self, state: CompareState, at: int) -> tuple[CompareState, list[Outcome]]:
        if self._missing(state, at):
            return self._unknown(state, at)
        found = pair(self._measure, state.left[0], state.right[0])
        return self._unknown(state, at) if found is None else self._judge(state, at, found)

    def _missing(self, state: CompareState, at: int) -> bool:
        return any(not side or at - side[0].at > self._says.age for side in (state.left, state.right))

    def _gravest(self, pairs: Sequence[Pair]) -> Pair:
        """The pair whose value is furthest on the side of the limits, of several alike the newest."""
        sign = 1.0 if self._says.levels.above else -1.0
        return max(pairs, key=lambda each: (sign * each.value, each.left.at, each.right.at))

    def _judge(self, state: CompareState, at: int, found: Pair) -> tuple[CompareState, list[Outcome]]:
        levels, changes = self._levels.step(state.levels, 0, Seen(at, found.value, found.right.offset))
        state = msgspec.structs.replace(state, levels=levels, newest=(found.left, found.right))
        return self._tell(state, at, changes)

    def _wait(self, state: CompareState, time: int) -> tuple[CompareState, list[Outcome]]:
        """A hold or keep_firing that ends by time alone."""
        levels, changes = self._levels.due(state.levels, 0, time)
        return self._tell(msgspec.structs.replace(state, levels=levels), time, changes)

    def _tell(self, state: CompareState, at: int, changes: Sequence[Change]) -> tuple[CompareState, list[Outcome]]:
        level = self._levels.standing(state.levels)
        severity, limit = ("", None) if level is None else (level.severity, level.limit)
        if changes and not severity:
            limit = changes[-1].limit
        newest = pair(self._measure, *state.newest)
        assert newest is not None
        told, outcomes = tell(state.told, Outcome(at, severity, "", limit, newest.value, state.newest))
        return msgspec.structs.replace(state, told=told), outcomes

    def _unknown(self, state: CompareState, at: int) -> tuple[CompareState, list[Outcome]]:
        """Nothing can be said: what is on stays on, and what was waited for begins anew."""
        told, outcomes = tell(state.told, Outcome(at, "", "", why=self._why(state, at)))
        return msgspec.structs.replace(state, told=told, levels=_unsure(state.levels)), outcomes

    def _why(self, state: CompareState, at: int) -> str:
        parts = []
        for name, side in (("left", state.left), ("right", state.right)):
            if not side:
                parts.append(f"nothing to compare on the {name} side")
            elif at - side[0].at > self._says.age:
                parts.append(
                    f"{side[0].sensor} ({name}) has said nothing for more than {format_duration(self._says.age)}"
                )
            elif side[0].value is None:
                parts.append(f"{side[0].sensor} ({name}): {side[0].why}")
        return "; ".join(parts) or "of 0 nothing is a ratio"


def _unsure(levels: LevelsState) -> LevelsState:
    """A hold wants to know without a break, and so does the way back."""
    phases = tuple({RISING: OFF, FALLING: ON}.get(phase, phase) for phase in levels.phases)
    return LevelsState(phases, (None,) * len(phases), levels.settled)
