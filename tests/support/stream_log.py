"""Write a log of frames, read topics back, and say what an undisturbed pass over the same log finds."""

import time
from collections.abc import Callable, Iterable

from kafka import KafkaProducer
from msgspec.structs import astuple

from rules.body import Body, sound
from rules.engine import Counts, Engine
from rules.finding import Finding, decode
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
    """One pass of the engine over the whole log, with all catalogues that it switches to."""

    def __init__(
        self, log: Iterable[Record], partitions: int, topic: str = "readings", bodies: Iterable[Body] = ()
    ) -> None:
        known = {one.hash: sound(one) for one in (body(), *bodies)}
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
                engine.switch(record.offset, frame, known[frame.catalogue])
                continue
            found = engine.tick(record.offset, frame) if frame.tick else engine.frame(record.offset, frame)
            self.findings |= {(each.episode, each.revision): each for each in found}
            self.derived |= {each[:3]: each.value for each in engine.derived}
            for metric, columns in frame.metric.items():
                for sensor, ts, value in zip(columns.sensor, columns.ts, columns.value, strict=True):
                    self.total += 1
                    self.readings.setdefault((sensor, metric, frame.t + ts), value)

    def counts(self) -> Counts:
        each = [engine.counts() for engine in self.engines.values()]
        return Counts(*(sum(numbers) for numbers in zip(*map(astuple, each), strict=True)))


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
