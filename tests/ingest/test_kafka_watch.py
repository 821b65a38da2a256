"""Kafka that is away, that hangs, that refuses: what the bridge's producer says, once, and when it gives up."""

import logging
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from kafka.errors import KafkaTimeoutError, MessageSizeTooLargeError
from kafka.future import Future

from ingest.kafka import HUNG_SECONDS, KafkaLostError, Producer
from ingest.kafka_probe import answers
from ingest.throttle import Throttle


class Stub:
    """kafka-python's producer, as far as we use it."""

    def __init__(self) -> None:
        self.topics: dict[str, set[int] | Exception] = {"readings": {0, 1}, "refused": {0}}
        self.futures: list[Future] = []
        self.refusal: Exception | None = None

    def partitions_for(self, topic: str) -> set[int]:
        found = self.topics.get(topic, set())
        if isinstance(found, Exception):
            raise found
        return found

    def send(self, topic: str, value: bytes, **where: Any) -> Future:
        if self.refusal:
            raise self.refusal
        self.futures.append(Future())
        return self.futures[-1]

    def close(self, timeout: float) -> None:
        pass


class Watched(Producer):
    def __init__(self, address: str = "127.0.0.1:1") -> None:
        self.stub, self.time = Stub(), 1000.0
        super().__init__(address, lambda: self.time)

    def _open(self) -> Stub:
        return self.stub


@pytest.fixture
def kafka() -> Iterator[Watched]:
    one = Watched()
    assert one.connect({"readings": 2, "refused": None})
    yield one
    one.close()


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "ingest.kafka"]


def test_a_record_is_done_when_kafka_has_it(kafka: Watched) -> None:
    delivery = kafka.send("readings", b"1", partition=0)
    assert not delivery.done() and kafka.in_flight == 1
    kafka.stub.futures[0].success(None)
    assert delivery.done() and kafka.in_flight == 0
    assert kafka.awake.recv(10) == b"!"


def test_a_record_that_failed_says_so(kafka: Watched) -> None:
    delivery = kafka.send("readings", b"1", partition=0)
    kafka.stub.futures[0].failure(MessageSizeTooLargeError())
    with pytest.raises(KafkaLostError, match="MessageSizeTooLarge"):
        delivery.done()
    kafka.stub.refusal = KafkaTimeoutError("no metadata")
    with pytest.raises(KafkaLostError, match="no metadata"):
        kafka.send("readings", b"1", partition=0)


def test_away_and_back_are_said_once_each(kafka: Watched, caplog: pytest.LogCaptureFixture) -> None:
    kafka.send("readings", b"1", partition=0)
    for _ in range(200):
        kafka.time += 1.0
        kafka.watch()
    assert kafka.state == "away"
    kafka.stub.futures[0].success(None)
    for _ in range(5):
        kafka.watch()
    assert kafka.state == "up"
    assert [text.split(":")[0] for text in said(caplog)] == ["kafka away", "kafka is back after 197 s"]


def test_silence_with_nothing_on_its_way_is_no_outage(kafka: Watched, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(100):
        kafka.time += 1.0
        kafka.watch()
    kafka.send("readings", b"1", partition=0)
    kafka.watch()
    assert kafka.state == "up" and said(caplog) == []


def test_topics_that_are_missing_are_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    kafka = Watched()
    kafka.stub.topics["refused"] = KafkaTimeoutError("no such topic")
    assert not kafka.connect({"readings": 2, "refused": None})
    kafka.stub.topics["refused"] = set()
    assert not kafka.connect({"readings": 2, "refused": None})
    kafka.stub.topics["refused"] = {0, 1, 2}
    assert kafka.connect({"readings": 2, "refused": None})
    with pytest.raises(KafkaLostError, match="2 partitions, the settings say 3"):
        kafka.connect({"readings": 3})
    assert [text.split(":")[0] for text in said(caplog)] == ["kafka away", "kafka is back after 0 s"]
    kafka.close()


class Broker:
    """Answers a request with its own correlation id, or only takes the connection."""

    def __init__(self, talks: bool) -> None:
        self._listener, self._talks = socket.create_server(("127.0.0.1", 0)), talks
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        taken = []
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            taken.append(connection)
            if self._talks:
                request = connection.recv(1000)
                connection.sendall(struct.pack("!i", 6) + request[8:12] + b"\0\0")

    def close(self) -> None:
        self._listener.close()


@pytest.mark.parametrize("talks", [True, False])
def test_a_producer_that_hangs_beside_a_broker_that_answers_is_given_up(talks: bool) -> None:
    broker = Broker(talks)
    kafka = Watched(broker.address)
    assert kafka.connect({"readings": 2})
    kafka.send("readings", b"1", partition=0)
    ended = 0.0
    for step in [5.0] * int(3 * HUNG_SECONDS / 5) if talks else [130.0] * 2:
        kafka.time += step
        try:
            kafka.watch()
        except KafkaLostError:
            ended = kafka.time - 1000.0
            break
    broker.close()
    kafka.close()
    assert ended == (2 * HUNG_SECONDS if talks else 0.0)


def test_the_probe() -> None:
    talking, silent = Broker(True), Broker(False)
    assert answers(talking.address)
    assert answers(f"127.0.0.1:1, {talking.address}")
    assert not answers(silent.address, 0.1)
    assert not answers("127.0.0.1:1", 0.1)
    assert not answers("nonsense", 0.1)
    talking.close()
    silent.close()


def test_a_library_that_floods_is_held_back(caplog: pytest.LogCaptureFixture) -> None:
    throttle = Throttle("noisy", logging.getLogger("ours"))
    for number in range(1000):
        logging.getLogger("noisy.part").error("attempt %d failed", number)
        logging.getLogger("noisy").info("nobody asks")
    throttle.remove()
    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("ours", "noisy.part: attempt 0 failed")
    ]
