"""One partition that is judged here: what to begin with, and one record at a time."""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from rules.frame import Frame, FrameError, FrameReader
from streams.catalogues import Catalogues
from streams.facts import Facts, Flush, Ledger, Record, recover
from streams.judged import Out, changes_of, of_derived, of_findings, of_summaries
from streams.ports import JudgeEngine, StageEngine
from streams.settings import JudgeSettings
from streams.stages import Stage
from streams.state_topic import Gap

log = logging.getLogger("urbanpulse.streams")

REWRITE_SECONDS = 600.0
"""Every so often unchanged chunks are written too: the fact that a reader falls back to must be younger than the oldest
record that is kept."""


class OtherLogError(RuntimeError):
    """The state describes another log than the one that is there."""


def begin(
    stage: Stage, partition: int, partitions: int, records: Iterable[Record], start: int, end: int
) -> tuple[Facts, Gap | None]:
    """What is known of a partition whose log is kept from `start` to `end`, and the gap that this leaves, if any.

    Raises OtherLogError, PartitionsChangedError.
    """
    facts = recover(records, partition, partitions, stage.source, stage.state)
    where = f"{stage.source}[{partition}]"
    if facts.damaged:
        log.error("judge: %s: %d damaged state records are left out, older ones stand in: %s",
                  where, len(facts.damaged), "; ".join(facts.damaged[:3]))  # fmt: skip
    if facts.furthest > end:
        raise OtherLogError(
            f"{where}: the state in {stage.state!r} is at offset {facts.furthest} and "
            f"{stage.source!r} ends at {end}: the state describes another log. If `{stage.source}` was made anew, "
            f"empty {stage.state!r} as well"
        )
    facts, gap = facts.cut(start)
    if gap is not None:
        log.error("judge: %s: %s %d to %d are gone before they were judged: expired",
                  where, stage.records, gap.start, gap.end - 1)  # fmt: skip
    log.info("judge: %s: state of %d chunks, on from %d, whole from %d, the log ends at %d",
             where, sum(bool(state) for _, state in facts.chunks.values()), facts.position, facts.furthest,
             end)  # fmt: skip
    return facts, gap


class Judged(NamedTuple):
    """What one record came to: the records to send for it, how many findings, readings, derived readings and events,
    what was wrong with it, and the findings by their change."""

    out: list[Out]
    findings: int = 0
    readings: int = 0
    derived: int = 0
    events: int = 0
    error: FrameError | None = None
    changes: Mapping[str, int] = MappingProxyType({})


class Seat(ABC):
    """The engine of one partition of one stage and what the state topic is known to hold of it."""

    engine: StageEngine

    def __init__(
        self, settings: JudgeSettings, partition: int, engine: StageEngine, facts: Facts, catalogues: Catalogues
    ) -> None:
        self._catalogues = catalogues
        self.ledger = Ledger(settings.partitions)
        self._settings, self._partition = settings, partition
        self._written_whole = time.monotonic()
        engine.start(facts.position, facts.clock, facts.chunks)

    @abstractmethod
    def judge(self, offset: int, value: bytes | None) -> Judged:
        """Judges one record. One that cannot be read is passed over whole: it is checked before any state moves. Raises
        rules.log.LogGapError, and MissingCatalogueError, which changes nothing: fetch it and judge again."""

    def snapshot(self) -> Flush | None:
        """What a flush has to write now; None when there is nothing new, or while records are still passed over for
        some chunk: the state is then not that before one position."""
        engine = self.engine
        if not engine.ready or engine.position == self.ledger.position:
            return None
        whole = time.monotonic() - self._written_whole > REWRITE_SECONDS
        if whole:
            self._written_whole = time.monotonic()
        return self.ledger.flush(engine.position, engine.clock, engine.pack(), engine.counts(), whole)


class FrameSeat(Seat):
    """Of the first stage: frames and ticks, each sensor by itself."""

    def __init__(
        self, settings: JudgeSettings, partition: int, engine: JudgeEngine, facts: Facts, catalogues: Catalogues
    ) -> None:
        self.engine: JudgeEngine = engine
        self._reader = FrameReader(partition, settings.partitions)
        self._told = -1
        super().__init__(settings, partition, engine, facts, catalogues)

    def judge(self, offset: int, value: bytes | None) -> Judged:
        engine = self.engine
        try:
            frame = self._reader.read(value)
        except FrameError as error:
            engine.skip(offset)
            return Judged([], error=error)
        if frame.catalogue:
            return self._switch(offset, frame)
        judge = engine.tick if frame.tick else engine.frame
        findings = judge(offset, frame)
        out = of_findings(self._settings.findings, findings)
        if derived := engine.derived:
            out += of_derived(self._settings.derived, self._partition, frame.wall, derived)
        if engine.composite:
            out += self._summaries(frame.wall)
        events, changes = len(engine.events), changes_of(findings)
        return Judged(out, len(findings), frame.readings(), len(derived), events, changes=changes)

    def _switch(self, offset: int, frame: Frame) -> Judged:
        """The second stage hears of it at once, even when it has nothing more to judge."""
        engine = self.engine
        if not engine.news(frame):
            engine.skip(offset)
            return Judged([])
        engine.switch(offset, frame, self._catalogues.get(frame.catalogue))
        log.warning("judge: %s[%d]@%d: catalogue %s is in force, switch %d",
                    self._settings.readings, self._partition, offset, frame.catalogue, frame.serial)  # fmt: skip
        topic, partitions = self._settings.summaries, self._settings.partitions
        return Judged(of_summaries(topic, partitions, self._partition, frame.wall, -1, [], engine.clock, True))

    def _summaries(self, wall: int) -> list[Out]:
        events, through = self.engine.events, self.engine.through
        # A tick that moves nothing has nothing to say. What was told before a restart is told once more: it is true.
        through = through if through > self._told else -1
        self._told = max(self._told, through)
        if not events and through < 0:
            return []
        topic, partitions, clock = self._settings.summaries, self._settings.partitions, self.engine.clock
        return of_summaries(topic, partitions, self._partition, wall, through, events, clock)
