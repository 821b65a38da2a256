"""One partition that is judged here: what to begin with, and one record at a time."""

import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from rules.frame import FrameError, FrameReader
from streams.facts import Facts, Flush, Ledger, Record, recover
from streams.judged import Out, of_derived, of_findings
from streams.ports import JudgeEngine
from streams.settings import JudgeSettings
from streams.state_topic import Gap

log = logging.getLogger("urbanpulse.streams")

REWRITE_SECONDS = 600.0
"""Every so often unchanged chunks are written too: the fact that a reader falls back to must be younger than the oldest
frame that is kept."""


class OtherLogError(RuntimeError):
    """The state describes another log than the one that is there."""


def begin(
    settings: JudgeSettings, partition: int, records: Iterable[Record], start: int, end: int
) -> tuple[Facts, Gap | None]:
    """What is known of a partition whose log is kept from `start` to `end`, and the gap that this leaves, if any.

    Raises OtherLogError, PartitionsChangedError.
    """
    facts = recover(records, partition, settings.partitions)
    if facts.damaged:
        log.error("judge: partition %d: %d damaged state records are left out, older ones stand in: %s",
                  partition, len(facts.damaged), "; ".join(facts.damaged[:3]))  # fmt: skip
    if facts.furthest > end:
        raise OtherLogError(
            f"partition {partition}: the state in {settings.state!r} is at offset {facts.furthest} and "
            f"{settings.readings!r} ends at {end}: the state describes another log. If `readings` was made anew, "
            f"empty {settings.state!r} as well"
        )
    facts, gap = facts.cut(start)
    if gap is not None:
        log.error("judge: partition %d: frames %d to %d are gone from %r before they were judged: expired",
                  partition, gap.start, gap.end - 1, settings.readings)  # fmt: skip
    log.info("judge: partition %d: state of %d chunks, on from %d, whole from %d, the log ends at %d",
             partition, sum(bool(state) for _, state in facts.chunks.values()), facts.position, facts.furthest,
             end)  # fmt: skip
    return facts, gap


class Judged(NamedTuple):
    """What one record came to: the records to send for it, its findings and readings, what was wrong with it, and the
    findings by their change."""

    out: list[Out]
    findings: int = 0
    readings: int = 0
    error: FrameError | None = None
    changes: Mapping[str, int] = MappingProxyType({})


class Seat:
    """The engine of one partition and what the state topic is known to hold of it."""

    def __init__(self, settings: JudgeSettings, partition: int, engine: JudgeEngine, facts: Facts) -> None:
        self.engine = engine
        self.reader = FrameReader(partition, settings.partitions)
        self.ledger = Ledger(settings.partitions)
        self._settings, self._partition = settings, partition
        self._written_whole = time.monotonic()
        engine.start(facts.position, facts.clock, facts.chunks)

    def judge(self, offset: int, value: bytes | None) -> Judged:
        """Judges one record. One that is no frame is passed over whole: it is checked before any state moves. Raises
        rules.engine.LogGapError."""
        try:
            frame = self.reader.read(value)
        except FrameError as error:
            self.engine.skip(offset)
            return Judged([], error=error)
        judge = self.engine.tick if frame.tick else self.engine.frame
        findings = judge(offset, frame)
        out = of_findings(self._settings.findings, findings)
        if derived := self.engine.derived:
            out += of_derived(self._settings.derived, self._partition, frame.wall, derived)
        changes = Counter[str](finding.change for finding in findings)
        return Judged(out, len(findings), frame.readings(), changes=changes)

    def snapshot(self) -> Flush | None:
        """What a flush has to write now; None when there is nothing new, or while frames are still passed over for
        some chunk: the state is then not that before one position."""
        engine = self.engine
        if not engine.ready or engine.position == self.ledger.position:
            return None
        whole = time.monotonic() - self._written_whole > REWRITE_SECONDS
        if whole:
            self._written_whole = time.monotonic()
        return self.ledger.flush(engine.position, engine.clock, engine.pack(), engine.counts(), whole)
