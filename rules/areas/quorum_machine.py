"""How many of those that can be asked say so: the machine of the kind quorum."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from rules.areas.event import Event
from rules.areas.group import Group
from rules.areas.machine import Outcome
from rules.areas.part import Part
from rules.areas.roll import Voice, absent, listen, too_few
from rules.machine import FOREVER

UNKNOWN, DECIDED, DOUBT = range(3)


@dataclass(frozen=True, slots=True)
class Step:
    """On with `least` or more; off again with `clear` or fewer, or when that is not given with fewer than `least`."""

    severity: str
    least: Part
    clear: Part | None = None

    def holds(self, on: bool, count: int, total: int) -> bool:
        if not on or self.clear is None:
            return self.least.reached(count, total)
        return count * 100 > self.clear.number * total if self.clear.percent else count > self.clear.number


class Vote(Voice, frozen=True, array_like=True):
    """`on`: the member is on for the sensor. `off`: since when (ms) it is not any more, while that still counts, else
    -1. The rest is of the event that put it on."""

    on: bool = False
    off: int = -1
    severity: str = ""
    at: int = 0
    value: float | None = None
    offset: int = -1


class QuorumState(msgspec.Struct, frozen=True, array_like=True):
    """`steps`: which are on. `known`: whether there was an answer before, and whether there is none now."""

    votes: dict[str, Vote]
    steps: tuple[bool, ...]
    known: int = UNKNOWN


class QuorumMachine:
    """Judges groups by steps, of which the gravest counts."""

    state_type = QuorumState

    def __init__(self, steps: tuple[Step, ...], within: int, healthy: Part, health: bool) -> None:
        self._steps, self._within, self._healthy, self._health = steps, within, healthy, health

    def initial(self) -> QuorumState:
        return QuorumState({}, (False,) * len(self._steps))

    def next_due(self, state: QuorumState, group: Group) -> int:
        return min((vote.off + self._within for vote in state.votes.values() if vote.off >= 0), default=FOREVER)

    def step(
        self, state: QuorumState, group: Group, at: int, events: Sequence[Event]
    ) -> tuple[QuorumState, list[Outcome]]:
        votes = self._votes(state, group, at, events)
        left_out = absent(group, votes, self._health)
        total = len(group.sensors) - len(left_out)
        floor = self._healthy.least(len(group.sensors))
        sensors = [each for each in group.sensors if each in votes and each not in left_out]
        saying = [each for each in sensors if votes[each].on or votes[each].off >= 0]
        count, was = len(saying), self._severity(state.steps)
        if total < floor:
            after = QuorumState(votes, state.steps, state.known and DOUBT)
            if state.known != DECIDED:
                return after, []
            why = too_few(total, group, floor)
            return after, [Outcome(at, was, was, None, None, (), count, total, tuple(left_out.items()), why)]
        steps = tuple(step.holds(on, count, total) for step, on in zip(self._steps, state.steps, strict=True))
        now, after = self._severity(steps), QuorumState(votes, steps, DECIDED)
        if now == was and state.known != DOUBT:
            return after, []
        seen = tuple(_event(group, each, votes[each]) for each in saying)
        step = self._step(now or was)
        limit = None if step is None else float(step.least.number if now or step.clear is None else step.clear.number)
        value = 100.0 * count / total if self._steps[0].least.percent else float(count)
        return after, [Outcome(at, now, was, limit, value, seen, count, total, tuple(left_out.items()))]

    def _votes(self, state: QuorumState, group: Group, at: int, events: Sequence[Event]) -> dict[str, Vote]:
        own = frozenset(group.sensors)
        votes = {name: vote for name, vote in state.votes.items() if name in own}
        for event in events:
            votes[event.sensor] = self._vote(votes.get(event.sensor, Vote()), event)
        for name, vote in votes.items():
            if 0 <= vote.off <= at - self._within:
                votes[name] = msgspec.structs.replace(vote, off=-1)
        return votes

    def _vote(self, vote: Vote, event: Event) -> Vote:
        heard = listen(vote, event)
        assert isinstance(heard, Vote)
        if event.member < 0 or event.why:
            return heard
        if event.severity:
            return Vote(heard.health, "", True, -1, event.severity, event.at, event.value, event.offset)
        return msgspec.structs.replace(heard, on=False, off=event.at if vote.on else vote.off)

    def _severity(self, on: tuple[bool, ...]) -> str:
        return next((step.severity for step, each in zip(self._steps[::-1], on[::-1], strict=True) if each), "")

    def _step(self, severity: str) -> Step | None:
        return next((step for step in self._steps if step.severity == severity), None)


def _event(group: Group, sensor: str, vote: Vote) -> Event:
    """What put the sensor on, as evidence."""
    return Event(group.key, 0, sensor, vote.at, 0, vote.severity, vote.value, vote.offset)
