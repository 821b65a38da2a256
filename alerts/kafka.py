"""The topic of findings, read by kafka-python. No group membership: one desk reads every partition, from where its
database says, so there is nothing to join, to rebalance or to lose."""

import logging
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from alerts.sparing import Sparing, SparingHandler

log = logging.getLogger("alerts.kafka")

BATCH = 500
COMMIT_SECONDS = 5.0
LOOK_SECONDS = 10.0
"""How often the topic is looked at for new partitions."""


class Record(NamedTuple):
    partition: int
    offset: int
    value: bytes | None


class FindingsLog:
    """Order of calls: `poll` any number of times, each followed by `taken` once its records are kept; `close` once.

    `start` is the next offset for each partition that was read before; the others are read from their beginning.
    Kafka being away is no error: `poll` gives nothing meanwhile.
    """

    def __init__(self, bootstrap: str, topic: str, group: str, start: Mapping[int, int]) -> None:
        self._bootstrap, self._topic, self._group = bootstrap, topic, group
        self._start = dict(start)
        self._consumer: Any = None
        self._looked = self._committed = float("-inf")
        self._sparing = Sparing(log)
        spare_kafka_log()

    def poll(self, seconds: float) -> list[Record]:
        """Records that came, in order within each partition, at most `BATCH`; waits up to `seconds` for the first."""
        try:
            if not self._ready():
                time.sleep(seconds)
                return []
            polled = self._consumer.poll(timeout_ms=int(seconds * 1000), max_records=BATCH)
        except (KafkaError, OSError) as error:
            self._sparing.warning("poll", f"Kafka at {self._bootstrap} gives no findings: {error}")
            self._drop()
            time.sleep(seconds)
            return []
        return [Record(each.partition, each.offset, each.value) for batch in polled.values() for each in batch]

    def taken(self, positions: Mapping[int, int]) -> None:
        """The records before these offsets are kept. Kafka is told now and then, as a courtesy to those who watch
        the group's lag: nobody reads it back, so a commit that fails is no matter."""
        self._start |= positions
        now = time.monotonic()
        if self._consumer is None or now - self._committed < COMMIT_SECONDS:
            return
        self._committed = now
        self._commit(lambda offsets: self._consumer.commit_async(offsets))

    def close(self) -> None:
        if self._consumer is not None and self._start:
            self._commit(lambda offsets: self._consumer.commit(offsets, timeout_ms=1000))
        self._drop()

    def _commit(self, commit: Any) -> None:
        offsets = {
            TopicPartition(self._topic, partition): OffsetAndMetadata(following, "", -1)
            for partition, following in self._start.items()
        }
        try:
            commit(offsets)
        except (KafkaError, OSError, AssertionError) as error:
            log.debug("the group's offsets were not committed: %s", error)

    def _ready(self) -> bool:
        """There is a consumer and it reads every partition that the topic has by now."""
        if self._consumer is None:
            self._consumer = KafkaConsumer(
                bootstrap_servers=self._bootstrap,
                group_id=self._group,
                enable_auto_commit=False,
                auto_offset_reset="earliest",  # also after retention has cut off what was not read yet
                allow_auto_create_topics=False,
                metadata_max_age_ms=int(LOOK_SECONDS * 1000),
                bootstrap_timeout_ms=2000,
                reconnect_backoff_max_ms=2000,
            )
            self._looked = float("-inf")
        now = time.monotonic()
        if now - self._looked < LOOK_SECONDS:
            return True
        # the list of all topics first: Tansu makes a topic, of one partition, when it is asked about that topic alone
        there = self._topic in self._consumer.topics()
        found = self._consumer.partitions_for_topic(self._topic) if there else None
        if not found:
            self._sparing.warning("topic", f"the topic {self._topic!r} is not there yet")
            return bool(self._consumer.assignment())
        self._looked = now
        self._go_back_where_the_log_is_shorter()
        known = {each.partition for each in self._consumer.assignment()}
        if found != known:
            self._consumer.assign([TopicPartition(self._topic, partition) for partition in sorted(found)])
            for partition in found - known:
                # an offset, not "the beginning": no broker need be asked where that is
                self._consumer.seek(TopicPartition(self._topic, partition), self._start.get(partition, 0))
            log.info("reading %d partitions of %s", len(found), self._topic)
        return True

    def _go_back_where_the_log_is_shorter(self) -> None:
        """A log that ends before our position is another log: its broker lost the old one, or the topic was made
        anew. It is read from its beginning, and what the desk has seen before changes nothing. Some brokers say
        "offset out of range" then, and kafka-python goes back by itself; Tansu just sends nothing for ever."""
        for each in self._consumer.assignment():
            end = self._consumer.highwater(each)
            if end is not None and end < self._consumer.position(each):
                log.warning("%s[%d] ends at %d, before our position: reading it anew", each.topic, each.partition, end)
                self._consumer.seek(each, 0)

    def _drop(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            try:
                consumer.close(timeout_ms=1000)
            except (KafkaError, OSError) as error:
                log.debug("closing the consumer: %s", error)


def spare_kafka_log() -> None:
    """kafka-python writes several lines a second while a broker is away: pass on one now and then."""
    library = logging.getLogger("kafka")
    if not any(isinstance(handler, SparingHandler) for handler in library.handlers):
        library.addHandler(SparingHandler(log))
        library.propagate = False
        library.setLevel(logging.WARNING)
