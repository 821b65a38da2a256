"""Reads topics of a Kafka broker from the start to the end, for tests that must see every record."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import NewTopic
from kafka.errors import KafkaError

from rules.frame import Frame, FrameReader


def create_topics(address: str, partitions: Mapping[str, int]) -> None:
    """Make each topic that is missing; works on Apache Kafka and on Tansu."""
    admin = KafkaAdminClient(bootstrap_servers=address)
    try:
        for name, count in partitions.items():
            with contextlib.suppress(KafkaError):  # it exists
                admin.create_topics([NewTopic(name=name, num_partitions=count, replication_factor=1)])
    finally:
        admin.close()


@dataclass
class Record:
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: dict[str, bytes] = field(default_factory=dict)


class LogReader:
    """A consumer without a group over all partitions of `topic`."""

    def __init__(self, address: str, topic: str, partitions: int) -> None:
        self._consumer = KafkaConsumer(
            bootstrap_servers=address, enable_auto_commit=False, max_poll_records=5000, auto_offset_reset="earliest"
        )
        parts = [TopicPartition(topic, partition) for partition in range(partitions)]
        self._consumer.assign(parts)
        self._consumer.seek_to_beginning(*parts)

    def poll(self, seconds: float = 0.2) -> list[Record]:
        polled = self._consumer.poll(timeout_ms=int(seconds * 1000))
        return [
            Record(part.partition, one.offset, one.key, one.value, dict(one.headers))
            for part, found in polled.items()
            for one in found
        ]

    def until_quiet(self, quiet: float = 1.0, seconds: float = 30.0) -> Iterator[Record]:
        """Records as they come, until none has come for `quiet` seconds, for at most `seconds`."""
        last, end = time.monotonic(), time.monotonic() + seconds
        while time.monotonic() < min(last + quiet, end):
            found = self.poll()
            if found:
                last = time.monotonic()
            yield from found

    def close(self) -> None:
        self._consumer.close()


class FrameLog(LogReader):
    """The same for `readings`: every record must be a sound frame of its partition."""

    def __init__(self, address: str, topic: str, partitions: int) -> None:
        super().__init__(address, topic, partitions)
        self._readers = [FrameReader(partition, partitions) for partition in range(partitions)]

    def frames(self, seconds: float = 0.2) -> list[tuple[Record, Frame]]:
        return [(record, self._readers[record.partition].read(record.value)) for record in self.poll(seconds)]


def readings_of(frame: Frame) -> Iterator[tuple[str, str, int, float]]:
    """(sensor, metric, ts, value) of every reading in a frame."""
    for metric, columns in frame.metric.items():
        for sensor, ts, value in zip(columns.sensor, columns.ts, columns.value, strict=True):
            yield sensor, metric, frame.t + ts, value
