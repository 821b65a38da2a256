"""The book of a rule that judges readings in the order of time."""

from collections.abc import Sequence
from typing import Any

from rules.amend.ledger import Ledger
from rules.finding import Seen
from rules.kinds.silence import SilenceMachine
from rules.machine import Change, Retraceable
from rules.scheduled import ScheduledSilence


class ReadingLedger(Ledger):
    """`last` and `offset`: the time (ms) and the record of the newest reading in the base, -1 before any. `ahead`: the
    changes of the base that are not told yet; `followed`: whether readings went on from the base since the last
    telling."""

    __slots__ = ("ahead", "followed", "last", "machine", "offset")

    def __init__(self, machine: Retraceable[Any], amend: int, begin: int = 0, *, hidden: bool = False) -> None:
        super().__init__(machine.initial(), amend, hidden=hidden)
        self.machine, self.last, self.offset, self.through = machine, -1, -1, begin
        self.ahead: tuple[Change, ...] = ()
        self.followed = False

    def follows(self, last: int, at: int) -> bool:
        """Whether a reading that is too old to change anything can still go on from the base, as after a long silence:
        it is newer than all others, and nothing is decided beyond it. `last`: the newest time of the series (ms)."""
        return at > last and not self.machine.late(self.base, self.last, at)

    def follow(self, reading: Seen) -> None:
        """Makes such a reading part of the base."""
        last = self.last if self.last >= 0 else reading.ts
        self.base, changes = self.machine.step(self.base, last, reading)
        self.ahead += tuple(anchored(change, self.offset) for change in changes)
        self.last, self.offset, self.stale = reading.ts, reading.offset, True
        self.followed = True

    def forward(self, journal: Sequence[Seen], through: int, clock: int) -> None:
        """Makes what is before `through` part of the base, at `clock`. Everything until then must have been told."""
        self.account.close(self.ahead, self.through)
        self.ahead, self.followed = (), False
        if through > self.through:
            readings = [seen for seen in journal if self.through <= seen.ts < through]
            self.base, changes, (self.last, self.offset) = self._judged(readings, min(through, clock))
            self.through = through
            self.account.close(changes, through)

    def judged(self, journal: Sequence[Seen], clock: int) -> tuple[Any, list[Change]]:
        """The state at `clock`, and all changes to be told since what was told for good, as if the readings had come in
        order."""
        state, changes, _ = self._judged([seen for seen in journal if seen.ts >= self.through], clock)
        return state, [*self.ahead, *changes]

    def _judged(self, readings: Sequence[Seen], clock: int) -> tuple[Any, list[Change], tuple[int, int]]:
        machine, state, last, offset = self.machine, self.base, self.last, self.offset
        found: list[Change] = []
        for reading in readings:
            state, changes = machine.step(state, last if last >= 0 else reading.ts, reading)
            found += [anchored(change, offset) for change in changes]
            last, offset = reading.ts, reading.offset
        if last >= 0 or (isinstance(machine, SilenceMachine | ScheduledSilence) and machine.waits(state)):
            state, changes = machine.due(state, last, clock)
            found += [anchored(change, offset) for change in changes]
        return state, found, (last, offset)


def anchored(change: Change, offset: int) -> Change:
    """The change with the offset at which its evidence begins. `offset`: of the newest reading before it, which is all
    there is to see of a silence."""
    if change.first is not None:
        return change
    return change._replace(first=change.seen[0].offset if change.seen else offset)
