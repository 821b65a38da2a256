"""The values of a group's sensors made into one, and judged by levels: the machine of the kind area."""

from collections.abc import Sequence

import msgspec

from rules.areas.across import across
from rules.areas.event import Event
from rules.areas.group import Group
from rules.areas.machine import Outcome
from rules.areas.part import Part
from rules.areas.quorum_machine import DECIDED, DOUBT, UNKNOWN
from rules.areas.roll import Voice, listen, reason, too_few
from rules.finding import Seen
from rules.levels import LevelMachine, Levels, LevelsState
from rules.machine import FOREVER

NOTHING = "no reading in the window"


class AreaState(msgspec.Struct, frozen=True, array_like=True):
    """`voices`: the health of the sensors. `due`: the end (ms) of the next window, which is to be judged even if nobody
    has a value. `known` as in `rules.areas.quorum_machine.QuorumState`."""

    voices: dict[str, Voice]
    levels: LevelsState
    due: int = FOREVER
    known: int = UNKNOWN


class AreaMachine:
    """Judges the windows of a group, which end every `every` ms, all at once for all sensors."""

    state_type = AreaState

    def __init__(self, levels: Levels, every: int, name: str, percent: int, healthy: Part) -> None:
        self._levels, self._above = LevelMachine(levels), levels.above
        self._every, self._name, self._percent, self._healthy = every, name, percent, healthy

    def initial(self) -> AreaState:
        return AreaState({}, self._levels.initial())

    def next_due(self, state: AreaState, group: Group) -> int:
        return state.due

    def step(self, state: AreaState, group: Group, at: int, events: Sequence[Event]) -> tuple[AreaState, list[Outcome]]:
        own = frozenset(group.sensors)
        voices = {name: voice for name, voice in state.voices.items() if name in own}
        values: dict[str, Event] = {}
        thin: dict[str, str] = {}
        for event in events:
            if event.member < 0:
                voices[event.sensor] = listen(voices.get(event.sensor, Voice()), event)
            elif event.why:
                thin[event.sensor] = event.why
            else:
                values[event.sensor] = event
        state = AreaState(voices, state.levels, state.due, state.known)
        if at % self._every or not (values or thin or at >= state.due):
            return state, []
        left_out: dict[str, str] = {}
        for name in group.sensors:
            if name in group.away or name not in values:
                why = reason(group, name, voices.get(name), True)
                left_out[name] = thin.get(name, NOTHING) if name not in group.away and name in thin else why or NOTHING
        seen = [values[name] for name in group.sensors if name not in left_out]
        return self._judge(state, group, at, seen, left_out)

    def _judge(
        self, state: AreaState, group: Group, at: int, seen: list[Event], left_out: dict[str, str]
    ) -> tuple[AreaState, list[Outcome]]:
        total, missing = len(seen), tuple(left_out.items())
        level = self._levels.standing(state.levels)
        was = "" if level is None else level.severity
        floor = self._healthy.least(len(group.sensors))
        if total < floor:
            after = AreaState(state.voices, state.levels, FOREVER, state.known and DOUBT)
            if state.known != DECIDED:
                return after, []
            return after, [Outcome(at, was, was, None, None, (), total, total, missing, too_few(total, group, floor))]
        number = [event.value for event in seen if event.value is not None]
        value = across(self._name, number, self._percent)
        levels, changes = self._levels.step(state.levels, 0, Seen(at, value, -1))
        after = AreaState(state.voices, levels, at + self._every, DECIDED)
        if not changes and state.known != DOUBT:
            return after, []
        severity, limit = was, None if level is None else level.limit
        for change in changes:
            severity, limit = change.severity, change.limit
        way = -1 if self._above else 1
        decisive = tuple(sorted(seen, key=lambda event: (way * (event.value or 0.0), event.sensor)))
        return after, [Outcome(at, severity, was, limit, value, decisive, total, total, missing)]
