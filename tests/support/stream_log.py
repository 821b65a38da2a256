"""Write a log of frames, read topics back, and say what an undisturbed pass of both stages over the same log finds."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from kafka import KafkaProducer
from msgspec.structs import astuple, replace

from rules.areas.engine import AreaEngine
from rules.areas.event import group_partition
from rules.areas.summary import Summary, SummaryReader
from rules.body import Body, sound
from rules.catalogue import Catalogue
from rules.counts import Counts
from rules.engine import Engine
from rules.finding import Finding, decode
from rules.finding import encode as encode_finding
from rules.frame import FrameError, FrameReader, encode, switch
from rules.shelf import body_record
from tests.support.frames import START
from tests.support.log_reader import LogReader, Record
from tests.support.stream_worker import body


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


def judge_topics(partitions: int, findings: int = 2) -> dict[str, int]:
    """Every topic of the judge and the recorder with its number of partitions."""
    each = ("readings", "derived", "summaries", "judge-state", "area-state")
    return dict.fromkeys(each, partitions) | {"findings": findings, "refused": 1, "catalogue": 1}


def bring(
    address: str,
    partitions: int,
    one: Body | None = None,
    serial: int = 1,
    *,
    readings: str = "readings",
    catalogue: str = "catalogue",
    also: bool = True,
) -> None:
    """A catalogue comes into force: one record in every partition. `also`: with its body."""
    known = one or body()
    producer = KafkaProducer(bootstrap_servers=address, acks="all", max_request_size=8 << 20)
    if also:
        key, value = body_record(known)
        producer.send(catalogue, value, key=key, partition=0).get(30)
    for partition in range(partitions):
        producer.send(readings, encode(switch(known.hash, serial, START)), partition=partition).get(30)
    producer.close()


def read_all(address: str, topic: str, partitions: int, quiet: float = 0.7) -> list[Record]:
    reader = LogReader(address, topic, partitions)
    try:
        return list(reader.until_quiet(quiet, 60.0))
    finally:
        reader.close()


class Undisturbed:
    """One pass of both engines over the whole log of readings, partition by partition, with all catalogues that it
    switches to. `said`: the summaries of it; `areas`: what rules on areas find in them."""

    def __init__(
        self, log: Iterable[Record], partitions: int, topic: str = "readings", bodies: Iterable[Body] = ()
    ) -> None:
        self.known = {one.hash: sound(one) for one in (body(), *bodies)}
        self.partitions, self.said = partitions, [list[Summary]() for _ in range(partitions)]
        self.engines = {p: Engine(partition=p, partitions=partitions, topic=topic) for p in range(partitions)}
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
            if frame.catalogue:
                engine.switch(record.offset, frame, self.known[frame.catalogue])
                self._say(engine, record.partition, frame.wall, everywhere=True)
                continue
            found = engine.tick(record.offset, frame) if frame.tick else engine.frame(record.offset, frame)
            self.findings |= {(each.episode, each.revision): each for each in found}
            self._say(engine, record.partition, frame.wall)
            self.derived |= {each[:3]: each.value for each in engine.derived}
            for metric, columns in frame.metric.items():
                for sensor, ts, value in zip(columns.sensor, columns.ts, columns.value, strict=True):
                    self.total += 1
                    self.readings.setdefault((sensor, metric, frame.t + ts), value)

        self.areas = {(each.episode, each.revision): each for each in AreaPass(self.said, self.known).findings}

    def _say(self, engine: Engine, source: int, wall: int, everywhere: bool = False) -> None:
        name, serial = engine.clock.catalogue, engine.clock.serial
        for home, said in enumerate(self.said):
            events = tuple(each for each in engine.events if group_partition(each.group, self.partitions) == home)
            if events or engine.through >= 0 or everywhere:
                said.append(Summary(1, source, wall, engine.through, name, serial, events))

    def unchanged(self, rule: str) -> bool:
        """Whether all catalogues have the rule on areas and it judges alike in all."""
        return len({one.areas.rules[rule].mark if rule in one.areas.rules else "" for one in self.known.values()}) == 1

    def counts(self) -> Counts:
        each = [engine.counts() for engine in self.engines.values()]
        return Counts(*(sum(numbers) for numbers in zip(*map(astuple, each), strict=True)))


class AreaPass:
    """One pass of the second stage over summaries, each partition by itself; None stands for one that is none."""

    def __init__(
        self, said: Sequence[Sequence[Summary | None]], known: Mapping[str, Catalogue], topic: str = "summaries"
    ) -> None:
        partitions = len(said)
        self.engines = [AreaEngine(partition=p, partitions=partitions, topic=topic) for p in range(partitions)]
        self.findings: list[Finding] = []
        for engine, own in zip(self.engines, said, strict=True):
            for offset, summary in enumerate(own):
                if summary is None:
                    engine.skip(offset)
                else:
                    catalogue = known[summary.catalogue] if engine.news(summary) else None
                    self.findings += engine.summary(offset, summary, catalogue)


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
    says, and apart from their place in it what the readings say, however sources were mixed and repeated (but for rules
    that a switch changes: where in the second stage's log that falls is chance)."""
    areas = AreaPass(said_on(log, want.partitions), want.known, topic)
    told = {(each.episode, each.revision): each for each in areas.findings}
    sensors = {key: {encode_finding(finding)} for key, finding in want.findings.items()}
    assert found == sensors | {key: {encode_finding(finding)} for key, finding in told.items()}
    steady = [
        {key: placeless(finding) for key, finding in found.items() if want.unchanged(finding.rule)}
        for found in (told, want.areas)
    ]
    assert steady[0] == steady[1]
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
