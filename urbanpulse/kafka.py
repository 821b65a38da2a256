"""The front door's use of Kafka: topics made before anybody starts, and topics read from here to their end."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any, NamedTuple

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from urbanpulse.trouble import TroubleError

DAY = 86_400_000
LARGEST = 16 << 20
"""Bytes of the greatest record that we write: the text of a catalogue."""
PATIENCE_MS = 15_000
"""How long a broker may take to answer at first."""


class Record(NamedTuple):
    """One record, as it lies in the log."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: dict[str, bytes]


class KafkaTroubleError(TroubleError):
    """Kafka cannot be reached, or has not what we need. The text says what to do."""


def topics(partitions: int) -> dict[str, tuple[int, dict[str, str]]]:
    """Every topic: its partitions and its settings (design.md section 6)."""
    keep = {"cleanup.policy": "delete"}
    return {
        "readings": (partitions, {**keep, "retention.ms": str(7 * DAY)}),
        "derived": (partitions, {**keep, "retention.ms": str(7 * DAY)}),
        "refused": (1, {**keep, "retention.ms": str(30 * DAY)}),
        "findings": (partitions, {**keep, "retention.ms": str(30 * DAY)}),
        "summaries": (partitions, {**keep, "retention.ms": str(DAY)}),
        "trace": (1, {**keep, "retention.ms": "-1"}),
        "catalogue": (1, {"cleanup.policy": "compact", "max.message.bytes": str(LARGEST)}),
        "judge-state": (partitions, {"cleanup.policy": "compact"}),
        "area-state": (partitions, {"cleanup.policy": "compact"}),
    }


def create_topics(servers: str, partitions: int) -> list[str]:
    """Makes the topics that are missing and returns their names. Raises KafkaTroubleError, also when `readings` is
    there with another number of partitions."""
    try:
        admin = KafkaAdminClient(bootstrap_servers=servers.split(","), bootstrap_timeout_ms=PATIENCE_MS)
    except (KafkaError, OSError) as error:
        raise KafkaTroubleError(f"no Kafka answers at {servers} ({error}): is [kafka] url right?") from None
    made = []
    try:
        for name, (count, settings) in topics(partitions).items():
            # The replicas are the broker's default where it has one (-1); Tansu wants a number.
            for replicas in (-1, 1):
                try:
                    admin.create_topics([NewTopic(name, count, replicas, topic_configs=settings)])
                    made.append(name)
                    break
                except TopicAlreadyExistsError:
                    break
                except KafkaError:
                    if replicas == 1:
                        raise
        there = {one["name"]: len(one["partitions"]) for one in admin.describe_topics(["readings"])}
    except (KafkaError, OSError) as error:
        raise KafkaTroubleError(f"Kafka at {servers} did not make the topics: {error}") from None
    finally:
        admin.close()
    if there.get("readings", partitions) != partitions:
        raise KafkaTroubleError(
            f"topic readings at {servers} has {there['readings']} partitions, the city has {partitions}. Sensors keep "
            f"their partition for ever: set [kafka] partitions = {there['readings']}."
        )
    return made


class Reader:
    """Reads topics without a group, so it disturbs nobody. The end of a partition is the high watermark of a fetch:
    the answer of ListOffsets is wrong on Tansu."""

    def __init__(self, servers: str) -> None:
        self._servers = servers
        self._asking = self._consumer()

    def _consumer(self, fetch_bytes: int = 4 << 20, wait_ms: int = 20) -> Any:
        """A new one for each reading: one that is assigned anew may wait for ever for partitions it had before.
        `wait_ms`: how long Kafka may keep a fetch that finds nothing."""
        try:
            return KafkaConsumer(
                bootstrap_servers=self._servers.split(","),
                bootstrap_timeout_ms=PATIENCE_MS,
                group_id=None,
                enable_auto_commit=False,
                fetch_max_wait_ms=wait_ms,
                max_partition_fetch_bytes=fetch_bytes,
                max_poll_records=2000,
            )
        except (KafkaError, OSError) as error:
            raise KafkaTroubleError(f"no Kafka answers at {self._servers} ({error}): does the city run?") from None

    def close(self) -> None:
        self._asking.close()

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def partitions(self, topic: str) -> list[int]:
        """Raises KafkaTroubleError when there is no such topic."""
        try:
            found = self._asking.partitions_for_topic(topic)
        except KafkaError as error:
            raise KafkaTroubleError(f"Kafka does not answer: {error}") from None
        if not found:
            raise KafkaTroubleError(f"there is no topic {topic}: has this city ever run?")
        return sorted(found)

    def beginnings(self, topic: str) -> dict[int, int]:
        """The first offset that each partition still holds."""
        spots = [TopicPartition(topic, number) for number in self.partitions(topic)]
        return {spot.partition: offset for spot, offset in self._asking.beginning_offsets(spots).items()}

    def ends(self, topic: str, seconds: float = 20.0) -> dict[int, int]:
        """The offset after the last record of each partition, now."""
        starts = self.beginnings(topic)
        with closing(self._consumer(fetch_bytes=1)) as consumer:
            spots = _seek(consumer, topic, starts)
            end = time.monotonic() + seconds
            while any(consumer.highwater(spot) is None for spot in spots):
                if time.monotonic() > end:
                    raise KafkaTroubleError(f"Kafka did not answer a fetch of {topic} in {seconds:g} s")
                consumer.poll(timeout_ms=50, max_records=1)
            return {spot.partition: consumer.highwater(spot) for spot in spots}

    def read(self, topic: str, starts: Mapping[int, int] | None = None, seconds: float = 30.0) -> Iterator[Record]:
        """Every record of `topic` from `starts` (partition to offset; the others from their beginning) to the ends
        as they are at this call; in order within a partition. Raises KafkaTroubleError when nothing more comes for
        `seconds`."""
        beginnings, ends = self.beginnings(topic), self.ends(topic, seconds)
        starts = {number: max(first, (starts or {}).get(number, first)) for number, first in beginnings.items()}
        left = {TopicPartition(topic, number) for number, end in ends.items() if starts[number] < end}
        if not left:
            return
        with closing(self._consumer()) as consumer:
            _seek(consumer, topic, {spot.partition: starts[spot.partition] for spot in left})
            patience = time.monotonic() + seconds
            while left:
                for spot, records in consumer.poll(timeout_ms=200).items():
                    patience = time.monotonic() + seconds
                    for record in records:
                        if record.offset < ends[spot.partition]:
                            yield _record(record)
                left = {spot for spot in left if consumer.position(spot) < ends[spot.partition]}
                if time.monotonic() > patience:
                    raise KafkaTroubleError(f"Kafka sent nothing more of {topic} for {seconds:g} s")

    def follow(self, topic: str, starts: Mapping[int, int]) -> Iterator[Record | None]:
        """Records as they come, for ever; None about once a second when there are none."""
        # Kafka answers as soon as there is a record; until then a fetch may wait, or idle followers keep a core busy.
        # Tansu looks only in the middle of that time and at its end.
        with closing(self._consumer(wait_ms=1000)) as consumer:
            _seek(consumer, topic, {number: starts.get(number, 0) for number in self.partitions(topic)})
            while True:
                found = consumer.poll(timeout_ms=1000)
                for records in found.values():
                    for record in records:
                        yield _record(record)
                if not found:
                    yield None


def _seek(consumer: Any, topic: str, starts: Mapping[int, int]) -> list[TopicPartition]:
    spots = [TopicPartition(topic, number) for number in sorted(starts)]
    consumer.assign(spots)
    for spot in spots:
        consumer.seek(spot, starts[spot.partition])
    return spots


def _record(record: Any) -> Record:
    headers = {name: value for name, value in record.headers or () if value is not None}
    return Record(record.partition, record.offset, record.key, record.value, headers)


def producer(servers: str) -> Any:
    """A plain producer, for tools and tests. Raises KafkaTroubleError."""
    try:
        return KafkaProducer(
            bootstrap_servers=servers.split(","),
            bootstrap_timeout_ms=PATIENCE_MS,
            acks="all",
            compression_type="lz4",
            max_request_size=LARGEST,
        )
    except (KafkaError, OSError) as error:
        raise KafkaTroubleError(f"no Kafka answers at {servers} ({error}): does the city run?") from None


def send_all(sending: Any, topic: str, records: Iterable[tuple[int, bytes | None, bytes | None]]) -> None:
    """Sends (partition, key, value) and returns when all are durable. Raises KafkaTroubleError."""
    try:
        sent = [sending.send(topic, value, key=key, partition=partition) for partition, key, value in records]
        for future in sent:
            future.get(PATIENCE_MS / 1000)
    except (KafkaError, OSError) as error:
        raise KafkaTroubleError(f"Kafka did not take a record of {topic}: {error!r}") from None
