"""A sensor that has spoken before says nothing for too long."""

import re
from dataclasses import dataclass

import msgspec

from rules.finding import Seen
from rules.machine import INFINITY, NEVER, Change, Quiet
from rules.strict_yaml import Node

REQUIRED = ("metric", "after", "severity")
OPTIONAL = ()
METRICS = 32
TEXT = "No {metric} from {sensor} ({district}) for {limit}"
SHORTEST = 1000
_SEVERITY = re.compile(r"[a-z][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class SilenceSpec:
    """Silent once `after` ms have passed since the newest reading."""

    after: int
    severity: str


def parse(rule: Node, fields: dict[str, Node]) -> SilenceSpec | None:
    """The spec in a rule's own keys; None when there is a fault among them."""
    after = fields["after"].duration(SHORTEST) if "after" in fields else None
    severity = fields["severity"].text() if "severity" in fields else None
    if severity is not None and not _SEVERITY.fullmatch(severity):
        fields["severity"].fault(f"{severity[:64]!r} is not a severity", "use a-z, 0-9, - and _, a letter first")
        return None
    return None if after is None or severity is None else SilenceSpec(after, severity)


class SilenceState(msgspec.Struct, frozen=True, array_like=True):
    """`onset`: since when (ms) the series counts as silent, -1 while it does not."""

    onset: int = -1


class SilenceMachine:
    """Judges one series by `SilenceSpec`. It needs no memory of readings: `last` is shared by the series."""

    def __init__(self, spec: SilenceSpec) -> None:
        self._spec = spec

    def initial(self) -> SilenceState:
        return SilenceState()

    def late(self, state: SilenceState, last: int, at: int) -> bool:
        return False

    def passed(self, state: SilenceState, at: int) -> bool:
        return at < state.onset

    def step(self, state: SilenceState, last: int, reading: Seen) -> tuple[SilenceState, list[Change]]:
        state, changes = self.due(state, last, reading.ts)
        if state.onset < 0:
            return state, changes
        # A reading that was under way while the silence was found is older than the silence it ends.
        at = max(reading.ts, state.onset)
        return SilenceState(), [*changes, Change(at, "", self._spec.severity, None, (reading,))]

    def due(self, state: SilenceState, last: int, clock: int) -> tuple[SilenceState, list[Change]]:
        onset = last + self._spec.after
        if state.onset >= 0 or onset > clock:
            return state, []
        return SilenceState(onset), [Change(onset, self._spec.severity, "")]

    def quiet(self, state: SilenceState, last: int) -> Quiet:
        return NEVER if state.onset >= 0 else Quiet(-INFINITY, INFINITY, last + self._spec.after)
