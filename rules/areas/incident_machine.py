"""An incident between two neighbouring stations, interval by interval, by the California algorithm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import msgspec

from rules.areas.asked import DOWNSTREAM, UPSTREAM
from rules.areas.event import Event
from rules.areas.group import Group
from rules.areas.machine import Outcome
from rules.areas.told import Told, tell
from rules.indices.incident_california import California, Stage, State, step
from rules.machine import FOREVER

NO_MEANS: Mapping[str, Event] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Scale:
    """`every`: the length of an interval (ms), which ends at a multiple of it. `severity`: of a confirmed incident;
    `tentative`: of one that the next interval must confirm, "" to say nothing of it."""

    every: int
    severity: str
    tentative: str = ""
    limits: California = field(default_factory=California)


class IncidentState(msgspec.Struct, frozen=True, array_like=True):
    """`stage`, `wave` and `before` as the algorithm keeps them. `through`: the end (ms) of the newest interval that
    was judged, -1 before the first."""

    told: Told = Told()
    stage: Stage = "free"
    wave: int = 0
    before: tuple[float, ...] = ()
    through: int = -1


class IncidentMachine:
    """Judges one pair of stations by `Scale`. The means of both stations for one interval come at one instant,
    its end; an interval of which one is missing then is one without it."""

    state_type = IncidentState

    def __init__(self, scale: Scale) -> None:
        self._scale = scale
        self._severities = {"free": "", "tentative": scale.tentative, "confirmed": scale.severity}

    def initial(self) -> IncidentState:
        return IncidentState()

    def step(
        self, state: IncidentState, group: Group, at: int, events: Sequence[Event]
    ) -> tuple[IncidentState, list[Outcome]]:
        means = {group.role(event.sensor): event for event in events if event.member >= 0}
        means.pop("", None)
        outcomes: list[Outcome] = []
        if (gap := self.next_due(state, group)) < at:
            state, outcomes = self._judge(state, group, gap, NO_MEANS)
        fresh = bool(means) and not at % self._scale.every and at > state.through
        if fresh or self.next_due(state, group) == at:
            state, found = self._judge(state, group, at, means)
            outcomes += found
        return state, outcomes

    def next_due(self, state: IncidentState, group: Group) -> int:
        """The end of the next interval, unless it makes no difference that nothing comes of it."""
        blank = not state.before and not state.wave and state.stage != "tentative"
        return FOREVER if blank and state.told.doubt else state.through + self._scale.every

    def _judge(
        self, state: IncidentState, group: Group, end: int, means: Mapping[str, Event]
    ) -> tuple[IncidentState, list[Outcome]]:
        upstream, downstream = means.get(UPSTREAM), means.get(DOWNSTREAM)
        up, down = (None if event is None else event.value for event in (upstream, downstream))
        before = State(state.stage, state.wave, state.before)
        after, _ = step(self._scale.limits, before, up, down)
        value = None if up is None or down is None else up - down
        why = _missing(group, upstream, downstream) if value is None else "" if len(before.before) == 2 else BEGINS
        outcome = Outcome(
            end,
            self._severities[after.stage],
            "",
            self._scale.limits.difference,
            value,
            tuple(event for event in (upstream, downstream) if event is not None),
            why=why,
        )
        told, outcomes = tell(state.told, outcome)
        return IncidentState(told, after.stage, after.wave, after.before, end), outcomes


BEGINS = "two intervals in a row must be known before one is judged"


def _missing(group: Group, upstream: Event | None, downstream: Event | None) -> str:
    parts = []
    for side, event in ((UPSTREAM, upstream), (DOWNSTREAM, downstream)):
        if event is None or event.value is None:
            reason = f": {event.why}" if event is not None and event.why else ""
            parts.append(f"{', '.join(group.roles[side])} ({side}){reason}")
    return f"no occupancy of {' and '.join(parts)}"
