"""The bridge's producer, by kafka-python. The only file of this package that imports it.

Its defaults would lose time or readings: an outage longer than `delivery_timeout_ms` leaves an idempotent producer
silent for ever, reconnecting backs off to 30 s, `send` neither blocks nor raises. The bridge bounds what is in flight.
"""

import contextlib
import logging
import socket
import time
from collections.abc import Callable
from typing import Any, Protocol

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from ingest.kafka_probe import answers
from ingest.throttle import Throttle

log = logging.getLogger("ingest.kafka")

AWAY_SECONDS = 3.0
HUNG_SECONDS = 60.0
_PROBE_SECONDS = 5.0


class KafkaLostError(RuntimeError):
    """A record that Kafka will not take, or a producer that has stopped working. Only a new process helps."""


class Delivery(Protocol):
    """A record on its way."""

    def done(self) -> bool:
        """True once it is durable. Raises KafkaLostError when it never will be."""


class _Sent:
    __slots__ = ("_future",)

    def __init__(self, future: Any) -> None:
        self._future = future

    def done(self) -> bool:
        future = self._future
        if future.is_done and future.exception is not None:
            raise KafkaLostError(f"Kafka did not take a record: {future.exception!r}")
        return bool(future.is_done)


class Producer:
    """Sends records with acks=all, idempotent; `awake` becomes readable when something has become durable."""

    def __init__(self, address: str, now: Callable[[], float] = time.monotonic) -> None:
        self._address, self._now = address, now
        self._servers = [one.strip() for one in address.split(",")]
        self._producer: Any = None
        self._sent = 0
        self._done = 0  # by the sender's thread only
        self._moved = 0.0  # when something last became durable, or was sent with nothing else on its way
        self._away_since = 0.0
        self._answering_since = 0.0
        self._next_probe = 0.0
        self.awake, self._waker = socket.socketpair()
        self.awake.setblocking(False)
        self._waker.setblocking(False)
        self._throttle = Throttle("kafka", log)

    def connect(self, partitions: dict[str, int | None]) -> bool:
        """Try once to reach Kafka and the topics that are the keys of `partitions`; False: not yet, try again.

        Raises KafkaLostError when a topic has another number of partitions than the value says (None: any).
        """
        try:
            if self._producer is None:
                self._producer = self._open()
            found = {topic: len(self._producer.partitions_for(topic) or ()) for topic in partitions}
        except KafkaError as error:
            self._away(f"{error!r}")
            return False
        for topic, expected in partitions.items():
            if not found[topic]:
                self._away(f"no topic {topic}")
                return False
            if expected is not None and found[topic] != expected:
                raise KafkaLostError(
                    f"topic {topic} has {found[topic]} partitions, the settings say {expected}: sensors would move"
                )
        self._back()
        return True

    def _open(self) -> Any:
        return KafkaProducer(
            bootstrap_servers=self._servers,
            client_id="urbanpulse-ingest",
            acks="all",
            enable_idempotence=True,
            compression_type="lz4",
            linger_ms=0,
            delivery_timeout_ms=2_147_483_647,
            request_timeout_ms=10_000,
            reconnect_backoff_max_ms=1000,
            bootstrap_timeout_ms=3000,
            max_block_ms=3000,
            max_request_size=4_194_304,
            allow_auto_create_topics=False,
        )

    def send(
        self,
        topic: str,
        value: bytes,
        *,
        partition: int | None = None,
        key: bytes | None = None,
        headers: list[tuple[str, bytes]] | None = None,
    ) -> Delivery:
        """Hand a record over; never waits for Kafka. Raises KafkaLostError."""
        try:
            future = self._producer.send(topic, value, key=key, headers=headers, partition=partition)
        except (KafkaError, ValueError, AssertionError) as error:
            raise KafkaLostError(f"the producer refuses a record for {topic}: {error!r}") from error
        if self._sent == self._done:
            self._moved = self._now()
        self._sent += 1
        future.add_both(self._settled)
        return _Sent(future)

    def _settled(self, result: object) -> None:
        """In the sender's thread: count, and wake the bridge."""
        self._done += 1
        self._moved = self._now()
        self.wake()

    def wake(self) -> None:
        """Make `awake` readable, from any thread or a signal's handler."""
        with contextlib.suppress(OSError):  # full: it has enough to wake it; closed: nobody is there to be woken
            self._waker.send(b"!")

    def tail(self, topic: str, partition: int, count: int) -> list[tuple[bytes, dict[str, bytes]]]:
        """The last `count` records of a partition or more, as far as there are any: value and headers, oldest first.

        Raises KafkaLostError when Kafka does not answer.
        """
        part = TopicPartition(topic, partition)
        found: list[tuple[bytes, dict[str, bytes]]] = []
        try:
            consumer = KafkaConsumer(bootstrap_servers=self._servers, enable_auto_commit=False)
            try:
                consumer.assign([part])
                # Tansu gives the beginning of the last batch for its end: so this may read a little more.
                first = max(consumer.beginning_offsets([part])[part], consumer.end_offsets([part])[part] - count)
                consumer.seek(part, first)
                while polled := consumer.poll(timeout_ms=1000).get(part):
                    found += [(one.value or b"", dict(one.headers)) for one in polled]
            finally:
                consumer.close()
        except KafkaError as error:
            raise KafkaLostError(f"cannot read the end of {topic}: {error!r}") from error
        return found

    def drain(self) -> None:
        """Empty `awake`."""
        with contextlib.suppress(BlockingIOError):
            self.awake.recv(65_536)

    @property
    def in_flight(self) -> int:
        return self._sent - self._done

    @property
    def state(self) -> str:
        return "away" if self._away_since else "up"

    def watch(self) -> None:
        """About once a second: log the two edges. Raises KafkaLostError when Kafka has answered for a minute
        and yet nothing became durable: the producer hangs, and a new process will not."""
        self._throttle.tell()
        now = self._now()
        still = now - self._moved if self.in_flight else 0.0
        if still < AWAY_SECONDS:
            self._back()
            return
        self._away(f"nothing was acknowledged for {still:.0f} s, {self.in_flight} records wait")
        if still < HUNG_SECONDS or now < self._next_probe:
            return
        self._next_probe = now + _PROBE_SECONDS
        if not answers(self._address):
            self._answering_since = 0.0
        elif not self._answering_since:
            self._answering_since = now
        elif now - self._answering_since >= HUNG_SECONDS:
            raise KafkaLostError(f"Kafka answers, yet it has acknowledged nothing for {still:.0f} s")

    def _away(self, why: str) -> None:
        if not self._away_since:
            self._away_since = self._now()
            log.warning("kafka away: %s; readings wait with the MQTT broker", why)

    def _back(self) -> None:
        if self._away_since:
            log.warning("kafka is back after %.0f s", self._now() - self._away_since)
        self._away_since = self._answering_since = 0.0

    def close(self) -> None:
        if self._producer is not None:
            self._producer.close(timeout=1)
        self._throttle.remove()
        self.awake.close()
        self._waker.close()
