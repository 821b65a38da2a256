"""Write a log of frames, read topics back, and say what an undisturbed pass of both stages over the same log finds."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from kafka import KafkaProducer
from msgspec.structs import astuple, replace

from rules.areas.engine import AreaEngine
from rules.areas.event import group_partition
from rules.areas.summary import Summary, SummaryReader
from rules.engine import Counts, Engine
from rules.finding import Finding, decode, encode
from rules.frame import FrameError, FrameReader
from tests.support.log_reader import LogReader, Record
from tests.support.stream_worker import catalogue


def produce(address: str, topic: str, records: Iterable[tuple[int, bytes | None]]) -> int:
    """Write (partition, value) in order; returns when all are acknowledged."""
    producer = KafkaProducer(bootstrap_servers=address, acks="all", linger_ms=2, max_request_size=8 << 20)
    sent = [
        producer.send(topic, value, key=b"nothing" if value is None else None, partition=partition)
        for partition, value in records
    ]
    producer.flush(30)
    for future in sent:
        future.get(30)
    producer.close()
    return len(sent)


def read_all(address: str, topic: str, partitions: int, quiet: float = 0.7) -> list[Record]:
    reader = LogReader(address, topic, partitions)
    try:
        return list(reader.until_quiet(quiet, 60.0))
    finally:
        reader.close()


class Undisturbed:
    """One pass of both engines over the whole log of readings, partition by partition. `said`: the summaries of it;
    `areas`: what rules on areas find in them."""

    def __init__(self, log: Iterable[Record], partitions: int, topic: str = "readings") -> None:
        known = catalogue()
        self.partitions, self.said = partitions, [list[Summary]() for _ in range(partitions)]
        self.engines = {p: Engine(known, partition=p, partitions=partitions, topic=topic) for p in range(partitions)}
        readers = {p: FrameReader(p, partitions) for p in range(partitions)}
        self.findings: dict[tuple[str, int], Finding] = {}
        self.readings: dict[tuple[str, str, int], float] = {}
        self.derived: dict[tuple[str, str, int], float] = {}
        self.total = self.bad_frames = 0
        for record in sorted(log, key=lambda each: (each.partition, each.offset)):
            engine = self.engines[record.partition]
            try:
                frame = readers[record.partition].read(record.value)
            except FrameError:
                engine.skip(record.offset)
                self.bad_frames += 1
                continue
            found = engine.tick(record.offset, frame) if frame.tick else engine.frame(record.offset, frame)
            self.findings |= {(each.episode, each.revision): each for each in found}
            self._say(engine, record.partition, frame.wall)
            self.derived |= {each[:3]: each.value for each in engine.derived}
            for metric, columns in frame.metric.items():
                for sensor, ts, value in zip(columns.sensor, columns.ts, columns.value, strict=True):
                    self.total += 1
                    self.readings.setdefault((sensor, metric, frame.t + ts), value)

        self.areas = {(each.episode, each.revision): each for each in AreaPass(self.said).findings}

    def _say(self, engine: Engine, source: int, wall: int) -> None:
        for home, said in enumerate(self.said):
            events = tuple(each for each in engine.events if group_partition(each.group, self.partitions) == home)
            if events or engine.through >= 0:
                said.append(Summary(1, source, wall, engine.through, events=events))

    def counts(self) -> Counts:
        each = [engine.counts() for engine in self.engines.values()]
        return Counts(*(sum(numbers) for numbers in zip(*map(astuple, each), strict=True)))


class AreaPass:
    """One pass of the second stage over summaries, each partition by itself; None stands for one that is none."""

    def __init__(self, summaries: Sequence[Sequence[Summary | None]], topic: str = "summaries") -> None:
        known, partitions = catalogue(), len(summaries)
        self.engines = [AreaEngine(known, partition=p, partitions=partitions, topic=topic) for p in range(partitions)]
        self.findings: list[Finding] = []
        for engine, said in zip(self.engines, summaries, strict=True):
            for offset, summary in enumerate(said):
                if summary is None:
                    engine.skip(offset)
                else:
                    self.findings += engine.summary(offset, summary)


def said_on(log: Iterable[Record], partitions: int) -> list[list[Summary | None]]:
    """The summaries on the topic, as they lie there."""
    readers = [SummaryReader(p, partitions) for p in range(partitions)]
    said: list[list[Summary | None]] = [[] for _ in range(partitions)]
    for record in sorted(log, key=lambda each: (each.partition, each.offset)):
        try:
            said[record.partition].append(readers[record.partition].read(record.value))
        except FrameError:
            said[record.partition].append(None)
    return said


def placeless(finding: Finding) -> Finding:
    """A finding on an area without its place in the log of summaries, in which sources come as chance has it."""
    return replace(finding, evidence=replace(finding.evidence, topic="", partition=0, first=0, last=0), wall=0)


def judged_twice(
    want: Undisturbed, found: Mapping[tuple[str, int], set[bytes]], log: Iterable[Record], topic: str = "summaries"
) -> AreaPass:
    """Holds what was found to the readings and to the summaries that were written, and returns the pass over these:
    sensors' findings are those of the undisturbed pass; areas' findings are, to the byte, what the log of summaries
    says, and apart from their place in it what the readings say, however sources were mixed and repeated."""
    areas = AreaPass(said_on(log, want.partitions), topic)
    told = {(each.episode, each.revision): each for each in areas.findings}
    sensors = {key: {encode(finding)} for key, finding in want.findings.items()}
    assert found == sensors | {key: {encode(finding)} for key, finding in told.items()}
    assert told.keys() == want.areas.keys()
    assert {k: placeless(f) for k, f in told.items()} == {k: placeless(f) for k, f in want.areas.items()}
    return areas


def findings_of(records: Iterable[Record]) -> dict[tuple[str, int], set[bytes]]:
    """The distinct findings on the topic by identity: more than one under a key is a contradiction."""
    found: dict[tuple[str, int], set[bytes]] = {}
    for record in records:
        assert record.value is not None
        finding = decode(record.value)
        found.setdefault((finding.episode, finding.revision), set()).add(record.value)
    return found


def eventually(what: Callable[[], bool], seconds: float, every: float = 0.1) -> bool:
    deadline = time.monotonic() + seconds
    while not (done := what()) and time.monotonic() < deadline:
        time.sleep(every)
    return done
