"""Whether a sensor can be asked at all: it has been heard, and not too long ago."""

from dataclasses import dataclass

import msgspec

from rules.areas.event import SILENT
from rules.finding import Seen
from rules.machine import INFINITY, NEVER, Change, Quiet

UNHEARD = -2
HEARD = -1


@dataclass(frozen=True, slots=True)
class HealthSpec:
    """Silent once `after` ms have passed since the newest reading."""

    after: int
    health: bool = True


class HealthState(msgspec.Struct, frozen=True, array_like=True):
    """`onset`: since when (ms) the series is silent; below 0 it is not, or nobody has been told that it is there."""

    onset: int = UNHEARD


class HealthMachine:
    """Tells that the series is there, that it has gone silent, and that it is back."""

    def __init__(self, spec: HealthSpec) -> None:
        self._after = spec.after

    def initial(self) -> HealthState:
        return HealthState()

    def late(self, state: HealthState, last: int, at: int) -> bool:
        return False

    def passed(self, state: HealthState, at: int) -> bool:
        return at < state.onset

    def step(self, state: HealthState, last: int, reading: Seen) -> tuple[HealthState, list[Change]]:
        changes: list[Change] = []
        if state.onset != UNHEARD:
            state, changes = self.due(state, last, reading.ts)
        if state.onset == HEARD:
            return state, changes
        # A reading that was under way while the silence was found is older than the silence it ends.
        at = max(reading.ts, state.onset)
        return HealthState(HEARD), [*changes, Change(at, "", SILENT, None, (reading,))]

    def due(self, state: HealthState, last: int, clock: int) -> tuple[HealthState, list[Change]]:
        changes: list[Change] = []
        if state.onset == UNHEARD and 0 <= last <= clock:
            # The series was there before the rule.
            state, changes = HealthState(HEARD), [Change(last, "", SILENT)]
        if state.onset != HEARD or last + self._after > clock:
            return state, changes
        onset = last + self._after
        return HealthState(onset), [*changes, Change(onset, SILENT, "")]

    def quiet(self, state: HealthState, last: int) -> Quiet:
        if state.onset == HEARD:
            return Quiet(-INFINITY, INFINITY, last + self._after)
        return NEVER if state.onset >= 0 or last < 0 else Quiet(INFINITY, -INFINITY, last)
