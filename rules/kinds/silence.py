"""A registered sensor says nothing for too long, whether it has ever spoken or not."""

import re
from dataclasses import dataclass

import msgspec

from rules.finding import Seen
from rules.machine import FOREVER, INFINITY, NEVER, Change, Quiet
from rules.strict_yaml import Node

REQUIRED = ("metric", "after", "severity")
OPTIONAL = ()
METRICS = 32
TEXT = "No {metric} from {sensor} ({district}) for {limit}"
SHORTEST = 1000
UNSEEN = "never seen since it was registered"
OVER = "it was over when it was found"
BACK = "it speaks again"
_SEVERITY = re.compile(r"[a-z][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class SilenceSpec:
    """Silent once `after` ms have passed since the newest reading, or since the rule has watched for the first one."""

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
    """`onset`: since when (ms) the series counts as silent, -1 while it does not. `since`: from when on the rule has
    watched for its first reading, -1 once there was one."""

    onset: int = -1
    since: int = -1


class SilenceMachine:
    """Judges one series by `SilenceSpec`. It needs no memory of readings: `last` is shared by the series."""

    def __init__(self, spec: SilenceSpec) -> None:
        self._spec = spec

    def initial(self) -> SilenceState:
        return SilenceState()

    def watch(self, state: SilenceState, clock: int) -> SilenceState:
        """Of a series that was never seen: it has from `clock` (ms) on, when the rule first watches it."""
        return state if state.since >= 0 else SilenceState(state.onset, clock)

    def waits(self, state: SilenceState) -> bool:
        """Whether it has watched and heard nothing yet."""
        return state.since >= 0

    def late(self, state: SilenceState, last: int, at: int) -> bool:
        return False

    def passed(self, state: SilenceState, at: int) -> bool:
        return at < state.onset

    def step(self, state: SilenceState, last: int, reading: Seen) -> tuple[SilenceState, list[Change]]:
        state, changes = self.due(state, last, reading.ts)
        changes = [change._replace(reason=OVER) for change in changes]
        if state.onset >= 0:
            # A reading that was under way while the silence was found is older than the silence it ends.
            at = max(reading.ts, state.onset)
            changes.append(Change(at, "", self._spec.severity, None, (reading,), reason=BACK))
        return SilenceState(), changes

    def due(self, state: SilenceState, last: int, clock: int) -> tuple[SilenceState, list[Change]]:
        onset = self._onset(state, last)
        if state.onset >= 0 or onset > clock:
            return state, []
        reason = UNSEEN if state.since >= 0 else ""
        return SilenceState(onset, state.since), [Change(onset, self._spec.severity, "", reason=reason)]

    def quiet(self, state: SilenceState, last: int) -> Quiet:
        if state.onset >= 0:
            return NEVER
        onset = self._onset(state, last)
        # With the first reading the waiting for it ends.
        return Quiet(-INFINITY, INFINITY, onset) if last >= 0 > state.since else Quiet(INFINITY, -INFINITY, onset)

    def _onset(self, state: SilenceState, last: int) -> int:
        """When the silence begins unless something is heard; never before the rule watches."""
        heard = state.since if state.since >= 0 else last
        return FOREVER if heard < 0 else heard + self._spec.after
