"""Episodes, and what becomes of a reading: the words between a series and those who speak of it."""

from typing import NamedTuple

import msgspec

from rules.amend.account import Entry
from rules.machine import Change


class Episode(msgspec.Struct, frozen=True, array_like=True):
    """An episode that has not ended: since when (ms), its newest revision and severity, the offset of the record at
    which its evidence begins, and of its newest finding what is needed to end it when its rule is gone. `named`: the
    onset that its identity is made of, where late readings have shown another one; else -1."""

    onset: int
    revision: int
    severity: str
    first: int
    rule_hash: str
    kind: str
    district: str
    departments: tuple[str, ...]
    unit: str
    named: int = -1

    @property
    def identity(self) -> int:
        """The onset (ms) that its identity is made of."""
        return self.onset if self.named < 0 else self.named


class Told(msgspec.Struct, frozen=True, array_like=True):
    """The last event of a watch for area rules: as of when (ms), its place among those of that time, and what it said.
    `digest` names those who were told; `turn` as in `rules.areas.event.Event`."""

    at: int
    order: int
    severity: str
    why: str
    digest: int
    turn: int = 0


class Found(NamedTuple):
    """A change of the watch at `place` in the series' plan; `first`: the offset at which its evidence begins. `entry`:
    which episode it is of, for a rule that may have several at once; None for the one and only."""

    place: int
    change: Change
    first: int
    entry: Entry | None = None


class Verdict(NamedTuple):
    """What a reading is: a `repeat` of one that was judged, `late` for at least one rule or index, `amending` what at
    least one rule had decided."""

    repeat: bool = False
    late: bool = False
    amending: bool = False


IN_ORDER, REPEAT, LATE = Verdict(), Verdict(repeat=True), Verdict(late=True)
