"""The front door's use of Kafka: topics made before anybody starts, and topics read from here to their end."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from urbanpulse.trouble import TroubleError

DAY = 86_400_000


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
        "refused": (1, {**keep, "retention.ms": str(30 * DAY)}),
        "findings": (partitions, {**keep, "retention.ms": str(30 * DAY)}),
        "summaries": (partitions, {**keep, "retention.ms": str(DAY)}),
        "trace": (1, {**keep, "retention.ms": "-1"}),
        "judge-state": (partitions, {"cleanup.policy": "compact"}),
    }


def create_topics(servers: str, partitions: int) -> list[str]:
    """Makes the topics that are missing and returns their names. Raises KafkaTroubleError, also when `readings` is
    there with another number of partitions."""
    try:
        admin = KafkaAdminClient(bootstrap_servers=servers.split(","))
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
        try:
            self._consumer: Any = KafkaConsumer(
                bootstrap_servers=servers.split(","),
                group_id=None,
                enable_auto_commit=False,
                fetch_max_wait_ms=20,
                max_partition_fetch_bytes=8 << 20,
                max_poll_records=2000,
                check_crcs=True,
            )
        except (KafkaError, OSError) as error:
            raise KafkaTroubleError(f"no Kafka answers at {servers} ({error}): does the city run?") from None

    def close(self) -> None:
        self._consumer.close()

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def partitions(self, topic: str) -> list[int]:
        """Raises KafkaTroubleError when there is no such topic."""
        try:
            found = self._consumer.partitions_for_topic(topic)
        except KafkaError as error:
            raise KafkaTroubleError(f"Kafka does not answer: {error}") from None
        if not found:
            raise KafkaTroubleError(f"there is no topic {topic}: has this city ever run?")
        return sorted(found)

    def beginnings(self, topic: str) -> dict[int, int]:
        """The first offset that each partition still holds."""
        spots = [TopicPartition(topic, number) for number in self.partitions(topic)]
        return {spot.partition: offset for spot, offset in self._consumer.beginning_offsets(spots).items()}

    def ends(self, topic: str, seconds: float = 20.0) -> dict[int, int]:
        """The offset after the last record of each partition, now."""
        return self._reach(topic, self.beginnings(topic), seconds)

    def _reach(self, topic: str, starts: Mapping[int, int], seconds: float) -> dict[int, int]:
        spots = [TopicPartition(topic, number) for number in starts]
        # Assigned anew: a watermark known from an earlier fetch would be old.
        self._consumer.assign([])
        self._consumer.assign(spots)
        for spot in spots:
            self._consumer.seek(spot, starts[spot.partition])
        end = time.monotonic() + seconds
        while any(self._consumer.highwater(spot) is None for spot in spots):
            if time.monotonic() > end:
                raise KafkaTroubleError(f"Kafka did not answer a fetch of {topic} in {seconds:g} s")
            known = [spot for spot in spots if self._consumer.highwater(spot) is not None]
            self._consumer.pause(*known)
            self._consumer.poll(timeout_ms=200, max_records=1)
        return {spot.partition: self._consumer.highwater(spot) for spot in spots}

    def read(self, topic: str, starts: Mapping[int, int] | None = None, seconds: float = 30.0) -> Iterator[Record]:
        """Every record of `topic` from `starts` (partition to offset; the others from their beginning) to the ends
        as they are at this call; in order within a partition. Raises KafkaTroubleError when nothing more comes for
        `seconds`."""
        beginnings = self.beginnings(topic)
        starts = {number: max(first, (starts or {}).get(number, first)) for number, first in beginnings.items()}
        ends = self._reach(topic, starts, seconds)
        left = {TopicPartition(topic, number) for number, offset in ends.items() if starts[number] < offset}
        self._consumer.assign([])
        self._consumer.assign(sorted(left))
        for spot in left:
            self._consumer.seek(spot, starts[spot.partition])
        patience = time.monotonic() + seconds
        while left:
            for spot, records in self._consumer.poll(timeout_ms=200).items():
                patience = time.monotonic() + seconds
                for record in records:
                    if record.offset < ends[spot.partition]:
                        yield _record(record)
            for spot in [spot for spot in left if self._consumer.position(spot) >= ends[spot.partition]]:
                left.discard(spot)
                self._consumer.pause(spot)
            if time.monotonic() > patience:
                raise KafkaTroubleError(f"Kafka sent nothing more of {topic} for {seconds:g} s")

    def follow(self, topic: str, starts: Mapping[int, int]) -> Iterator[Record | None]:
        """Records as they come, for ever; None about twice a second when there are none."""
        spots = [TopicPartition(topic, number) for number in self.partitions(topic)]
        self._consumer.assign([])
        self._consumer.assign(spots)
        for spot in spots:
            self._consumer.seek(spot, starts.get(spot.partition, 0))
        while True:
            found = self._consumer.poll(timeout_ms=500)
            for records in found.values():
                for record in records:
                    yield _record(record)
            if not found:
                yield None


def _record(record: Any) -> Record:
    headers = {name: value for name, value in record.headers or () if value is not None}
    return Record(record.partition, record.offset, record.key, record.value, headers)


def producer(servers: str) -> Any:
    """A plain producer, for tools and tests."""
    return KafkaProducer(bootstrap_servers=servers.split(","), acks="all", compression_type="lz4")
