"""What was counted while a partition was judged."""

from collections.abc import Iterable
from typing import Protocol

import msgspec


class Counts(msgspec.Struct, frozen=True):
    """Of all readings before the position: `late` for at least one rule or index, `repeats` of a reading already
    judged, and those `amending` what at least one rule had decided; and the findings and the derived readings made.
    Facts about the log, the same after any crash."""

    late: int = 0
    repeats: int = 0
    findings: int = 0
    derived: int = 0
    amending: int = 0


class Counted(Protocol):
    """What keeps the counts of a part."""

    late: int
    repeats: int
    findings: int
    derived: int
    amending: int


def total(parts: Iterable[Counted]) -> Counts:
    """The counts of all parts together."""
    known = list(parts)
    return Counts(
        sum(part.late for part in known),
        sum(part.repeats for part in known),
        sum(part.findings for part in known),
        sum(part.derived for part in known),
        sum(part.amending for part in known),
    )
