"""The judge's and the recorder's own dealings with Kafka beside Faust's: durable sends, and reading a partition to
its end. The one file that knows aiokafka."""

import asyncio
import socket
import struct
from collections.abc import Iterable, Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

Record = tuple[bytes | None, bytes | None]
Headers = list[tuple[str, bytes]]

LARGEST = 4 << 20


class TopicError(RuntimeError):
    """A topic that is not there, or not as it must be."""


class Sender:
    """A producer whose every send can be awaited until all in-sync replicas have it."""

    def __init__(self, kafka: str, idempotent: bool) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=kafka,
            acks="all",
            enable_idempotence=idempotent,
            linger_ms=5,
            max_request_size=LARGEST,
            compression_type="lz4",
        )

    async def start(self) -> None:
        """Raises KafkaError when no broker answers."""
        await self._producer.start()

    async def stop(self) -> None:
        await self._producer.stop()

    async def begin(
        self, topic: str, value: bytes, key: bytes | None, partition: int | None = None, headers: Headers | None = None
    ) -> "asyncio.Future[object]":
        """Hand a record over; the future it returns is done when the record is durable. Waits for room, so memory
        stays bounded while Kafka is away."""
        return await self._producer.send(topic, value, key=key, partition=partition, headers=headers)  # type: ignore[no-any-return]

    async def expect(self, topic: str, partitions: int) -> None:
        """Raises TopicError unless there is such a topic with so many partitions."""
        try:
            count = len(await self._producer.partitions_for(topic))
        except KafkaError as error:
            raise TopicError(f"topic {topic!r}: {error!r}. Make it before the workers start") from error
        if count != partitions:
            raise TopicError(f"topic {topic!r} has {count} partitions, the city's settings say {partitions}")

    async def send(self, topic: str, records: Sequence[tuple[bytes, bytes]], partition: int) -> None:
        """Returns when all records are durable. Raises KafkaError when one is not."""
        await asyncio.gather(*[await self.begin(topic, value, key, partition) for key, value in records])


def ask(address: str, seconds: float = 3.0) -> None:
    """Ask a broker at host:port for the API versions it knows. Raises OSError unless it answers: that it accepts a
    connection means little, a frozen one does too."""
    host, _, port = address.strip().rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), timeout=seconds) as connection:
        request = struct.pack(">hhih", 18, 0, 7, -1)  # ApiVersions, version 0, correlation id 7, no client id
        connection.sendall(struct.pack(">i", len(request)) + request)
        answer = b""
        while len(answer) < 8:
            if not (more := connection.recv(8 - len(answer))):
                raise ConnectionError("closed without an answer")
            answer += more
        if struct.unpack(">i", answer[4:])[0] != 7:
            raise ConnectionError("what answers there is not Kafka")


async def read_partitions(kafka: str, topic: str, partitions: Iterable[int]) -> dict[int, list[Record]]:
    """All records of these partitions up to the high watermark that a Fetch tells (the only end that every broker
    tells rightly), in log order. Waits for a topic that is not there: bound it from outside."""
    tps = [TopicPartition(topic, partition) for partition in partitions]
    found: dict[int, list[Record]] = {tp.partition: [] for tp in tps}
    consumer = _reader(kafka)
    await consumer.start()
    try:
        consumer.assign(tps)
        await consumer.seek_to_beginning(*tps)
        left = set(tps)
        while left:
            for tp, messages in (await consumer.getmany(timeout_ms=100)).items():
                found[tp.partition] += [(message.key, message.value) for message in messages]
            for tp in list(left):
                end = consumer.highwater(tp)
                if end is not None and await consumer.position(tp) >= end:
                    left.discard(tp)
    finally:
        await consumer.stop()
    return found


async def bounds(kafka: str, topic: str, partitions: Iterable[int]) -> dict[int, tuple[int, int]]:
    """First offset that is kept and high watermark of each partition."""
    tps = [TopicPartition(topic, partition) for partition in partitions]
    consumer = _reader(kafka, max_partition_fetch_bytes=1)
    await consumer.start()
    try:
        consumer.assign(tps)
        starts = await consumer.beginning_offsets(tps)
        await consumer.seek_to_beginning(*tps)
        while any(consumer.highwater(tp) is None for tp in tps):
            await consumer.getmany(timeout_ms=50)
        return {tp.partition: (starts[tp], consumer.highwater(tp)) for tp in tps}
    finally:
        await consumer.stop()


def _reader(kafka: str, **more: int) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        bootstrap_servers=kafka, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=20, **more
    )


__all__ = ["Headers", "KafkaError", "Record", "Sender", "TopicError", "ask", "bounds", "read_partitions"]
