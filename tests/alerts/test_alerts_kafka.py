"""The reader of the topic of findings through the bad days of a broker."""

import time
from collections.abc import Iterator

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewPartitions, NewTopic
from kafka.errors import TopicAlreadyExistsError

from alerts.kafka import FindingsLog
from tests.support.servers import Kafka, running
from tests.support.tansu import Tansu

TOPIC = "findings"


@pytest.fixture(autouse=True)
def _look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerts.kafka.LOOK_SECONDS", 0.5)


@pytest.fixture
def tansu() -> Iterator[Tansu]:
    server = Tansu().start()
    yield server
    server.stop()


def create(address: str, partitions: int) -> None:
    admin = KafkaAdminClient(bootstrap_servers=address)
    try:
        admin.create_topics([NewTopic(TOPIC, partitions, 1)])
    except TopicAlreadyExistsError:
        pass
    finally:
        admin.close()


def produce(address: str, partition: int, *values: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=address, acks="all", linger_ms=20)
    for value in values:
        producer.send(TOPIC, value=value, partition=partition)
    producer.flush()
    producer.close()


def read(log: FindingsLog, count: int, seconds: float = 30.0) -> list[tuple[int, int, bytes | None]]:
    """Reads on until `count` records came, or the time is over; keeps each as taken."""
    got: list[tuple[int, int, bytes | None]] = []
    end = time.monotonic() + seconds
    while len(got) < count and time.monotonic() < end:
        records = log.poll(0.2)
        got += [tuple(record) for record in records]  # type: ignore[misc]
        log.taken({record.partition: record.offset + 1 for record in records})
    return got


def test_it_waits_for_the_topic_and_does_not_make_it(tansu: Tansu) -> None:
    log = FindingsLog(tansu.address, TOPIC, "desk", {})
    assert log.poll(0.1) == log.poll(0.1) == []
    admin = KafkaAdminClient(bootstrap_servers=tansu.address)
    assert TOPIC not in admin.list_topics()
    admin.close()
    create(tansu.address, 2)
    produce(tansu.address, 1, b"a", b"b")
    assert read(log, 2) == [(1, 0, b"a"), (1, 1, b"b")]
    log.close()


def test_it_reads_on_from_where_it_is_told(tansu: Tansu) -> None:
    create(tansu.address, 2)
    produce(tansu.address, 0, b"a", b"b", b"c")
    produce(tansu.address, 1, b"x")
    log = FindingsLog(tansu.address, TOPIC, "desk", {0: 2})
    assert sorted(read(log, 2)) == [(0, 2, b"c"), (1, 0, b"x")]
    assert read(log, 1, 0.5) == []
    log.close()


def test_a_log_that_is_shorter_than_before_is_read_anew(tansu: Tansu) -> None:
    create(tansu.address, 1)
    produce(tansu.address, 0, b"a", b"b", b"c")
    log = FindingsLog(tansu.address, TOPIC, "desk", {})
    assert len(read(log, 3)) == 3
    tansu.stop()
    assert log.poll(0.2) == []
    tansu.start()  # it forgets everything when it stops
    create(tansu.address, 1)
    produce(tansu.address, 0, b"d")
    assert read(log, 1) == [(0, 0, b"d")]
    log.close()


@pytest.mark.connected
def test_kafka_stops_and_comes_back_and_the_topic_grows() -> None:
    with running(Kafka) as kafka:
        assert isinstance(kafka, Kafka)
        create(kafka.address, 1)
        produce(kafka.address, 0, b"a", b"b")
        log = FindingsLog(kafka.address, TOPIC, "desk", {})
        assert len(read(log, 2)) == 2
        kafka.stop()
        assert read(log, 1, 3.0) == []
        kafka.start()
        produce(kafka.address, 0, b"c")
        assert read(log, 1) == [(0, 2, b"c")]
        admin = KafkaAdminClient(bootstrap_servers=kafka.address)
        admin.create_partitions({TOPIC: NewPartitions(2)})
        time.sleep(1)
        produce(kafka.address, 1, b"x")
        assert read(log, 1) == [(1, 0, b"x")]
        # the group's offsets are there for those who watch its lag
        log.close()
        (offsets,) = admin.list_group_offsets("desk").values()
        admin.close()
        assert {each.partition: value.offset for each, value in offsets.items()} == {0: 3, 1: 1}
