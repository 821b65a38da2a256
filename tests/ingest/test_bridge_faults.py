"""What real servers seldom do: a Kafka that holds back, a broker that sends more than asked, drops, throws out."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest.bridge import Bridge, BridgeError
from ingest.kafka import Delivery, KafkaLostError, Producer
from ingest.settings import IngestSettings, MqttSettings
from rules.frame import FrameReader
from tests.support import tls
from tests.support.ingest_city import small_city
from tests.support.log_reader import readings_of
from tests.support.mqtt_peer import Peer, publish_packet

TOPIC, NOW = b"city/north/air/air-2", int(time.time() * 1000)
SOUND = b'{"ts":%d,"values":{"pm25":1}}'


class Held:
    def __init__(self) -> None:
        self.arrived, self.error = False, ""

    def done(self) -> bool:
        if self.error:
            raise KafkaLostError(self.error)
        return self.arrived


class HeldKafka(Producer):
    """Keeps every record and calls it durable only when the test lets it."""

    def __init__(self) -> None:
        super().__init__("127.0.0.1:1")
        self.records: list[tuple[str, int | None, bytes, Held]] = []
        self.open = True

    def connect(self, partitions: dict[str, int | None]) -> bool:
        return True

    def send(self, topic: str, value: bytes, *, partition: int | None = None, **more: Any) -> Delivery:
        held = Held()
        held.arrived = self.open
        self.records.append((topic, partition, value, held))
        return held

    def hold(self) -> None:
        self.open = False

    def let_go(self) -> None:
        self.open = True
        for *_, held in self.records:
            held.arrived = True
        self.wake()

    def readings(self) -> list[int]:
        """The times of all readings sent so far, in the order of the records."""
        reader = FrameReader(0, 1)
        return [
            ts
            for topic, _, value, _ in self.records
            if topic == "readings"
            for _, _, ts, _ in readings_of(reader.read(value))
        ]

    def ticks(self) -> list[int]:
        reader = FrameReader(0, 1)
        frames = [reader.read(value) for topic, _, value, _ in self.records if topic == "readings"]
        return [frame.t for frame in frames if frame.tick]


class Bench:
    """A bridge in a thread between a peer and a held Kafka."""

    def __init__(
        self, window: int = 10, context: ssl.SSLContext | None = None, mqtt: MqttSettings | None = None
    ) -> None:
        self.peer, self.kafka = Peer(context), HeldKafka()
        mqtt = replace(mqtt or MqttSettings(), port=self.peer.port, receive_maximum=window)
        settings = IngestSettings("bridge-1", 1, mqtt)
        self.bridge = Bridge(settings, small_city(), kafka=self.kafka)
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.bridge.run()
        except BridgeError as error:
            self.error = error

    def message(self, mid: int, payload: bytes = b"", qos: int = 1) -> None:
        self.peer.publish(TOPIC, payload or SOUND % (NOW + mid), mid, qos)

    def wait(self, condition: Callable[[], object], seconds: float = 5.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, (self.bridge.figures(), self.peer.packets)
            time.sleep(0.01)

    def close(self) -> None:
        self.kafka.let_go()
        self.bridge.stop()
        self.thread.join(15)
        self.peer.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    one = Bench()
    yield one
    one.close()


@pytest.mark.parametrize("given", [{"id": "a/b"}, {"id": ""}, {"partitions": 0}, {"filter": " , "}])
def test_settings_that_no_bridge_can_run_with(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="bridge"):
        IngestSettings(**{"id": "bridge-1", "partitions": 1, **given})


def test_acknowledged_in_order_and_not_before_kafka_has_it(bench: Bench) -> None:
    bench.peer.accept()
    bench.kafka.hold()
    for mid in (5, 3, 9):
        bench.message(mid)
    bench.message(4, b"not json")
    bench.wait(lambda: len(bench.kafka.records) >= 2)
    assert bench.peer.acked(1, seconds=0.3) == []
    bench.kafka.let_go()
    assert bench.peer.acked(4) == [5, 3, 9, 4]


def test_a_refusal_alone_holds_the_acknowledgement_back(bench: Bench) -> None:
    bench.peer.accept()
    bench.kafka.hold()
    bench.message(1, b"not json")
    bench.message(2)
    bench.wait(lambda: bench.kafka.readings())
    for topic, _, _, held in bench.kafka.records:
        held.arrived = topic == "readings"
    assert bench.peer.acked(1, seconds=0.3) == []
    bench.kafka.let_go()
    assert bench.peer.acked(2) == [1, 2]


def test_qos_0_is_taken_and_never_acknowledged(bench: Bench) -> None:
    bench.peer.accept()
    bench.message(1, qos=0)
    bench.message(7)
    assert bench.peer.acked(1) == [7]
    assert len(bench.kafka.readings()) == 2
    assert bench.bridge.figures()["unacked"] == 0


def test_beyond_its_window_the_bridge_leaves_the_socket_alone(bench: Bench) -> None:
    bench.peer.accept()
    bench.kafka.hold()
    bench.message(1)
    for mid in range(2, 12):  # one at a time, as all that lies in one read is taken
        bench.wait(lambda count=mid - 1: bench.bridge.account.messages == count)
        bench.message(mid)
    bench.wait(lambda: bench.bridge.account.messages == 11)
    for mid in range(12, 2000):
        bench.message(mid)
    time.sleep(0.3)
    assert bench.bridge.account.messages == 11
    bench.kafka.let_go()
    assert bench.peer.acked(1999) == list(range(1, 2000))


def test_half_a_window_closes_the_frames_without_waiting_for_the_clock(bench: Bench) -> None:
    bench.peer.accept()
    bench.peer.send(b"".join(publish_packet(TOPIC, SOUND % (NOW + mid), mid) for mid in range(1, 13)))
    assert bench.peer.acked(12) == list(range(1, 13))
    reader = FrameReader(0, 1)
    sizes = [reader.read(value).readings() for _, _, value, _ in bench.kafka.records]
    assert [size for size in sizes if size] == [5, 5, 2]


def test_after_a_lost_connection_old_message_ids_are_forgotten(bench: Bench) -> None:
    bench.peer.accept()
    bench.kafka.hold()
    for mid in (1, 2, 3):
        bench.message(mid)
    bench.wait(lambda: len(bench.kafka.readings()) == 3)
    bench.peer.drop()
    with pytest.raises(TimeoutError):  # no reconnect while something is on its way
        bench.peer.accept(seconds=1.0)
    assert bench.bridge.figures()["unacked"] == 0 and bench.bridge.figures()["lost_acks"] == 3
    bench.kafka.let_go()
    bench.peer.accept()
    bench.message(2)
    assert bench.peer.acked(2, seconds=0.5) == [2]
    assert bench.kafka.readings() == [NOW + 1, NOW + 2, NOW + 3, NOW + 2]


def test_what_lies_in_a_socket_that_the_broker_has_closed_is_left_there() -> None:
    bench = Bench(window=4, mqtt=MqttSettings(keepalive=1))
    try:
        bench.peer.accept()
        bench.kafka.hold()
        for mid in range(1, 7):
            bench.message(mid)
            bench.wait(lambda least=mid: bench.bridge.account.messages >= min(least, 5))
        bench.wait(lambda: bench.bridge.figures()["mqtt"] == "away", seconds=6)
        bench.kafka.let_go()
        bench.peer.accept()
        assert bench.kafka.readings() == [NOW + mid for mid in range(1, 6)]
    finally:
        bench.close()


def test_a_session_is_kept_and_asked_for_by_name(bench: Bench) -> None:
    bench.peer.accept()
    [connect] = [body for head, body in bench.peer.packets if head == 0x10]
    assert connect[7] & 0x02 == 0  # clean start off
    assert b"\x11" + (7 * 86_400).to_bytes(4, "big") in connect  # session expiry
    assert b"\x21\x00\x0a" in connect  # receive maximum 10
    assert connect.endswith(b"\x00\x08bridge-1")
    [subscribe] = [body for head, body in bench.peer.packets if head == 0x82]
    # QoS 1, retained messages only with a new subscription
    assert b"\x00\x06city/#\x11" in subscribe and b"\x00\x18urbanpulse/tick/bridge-1\x11" in subscribe


def test_another_client_of_the_same_name_ends_the_bridge(bench: Bench) -> None:
    bench.peer.accept()
    bench.peer.send(bytes([0xE0, 2, 0x8E, 0]))
    bench.thread.join(5)
    assert "another client" in str(bench.error)


def test_a_refused_subscription_ends_the_bridge(bench: Bench) -> None:
    bench.peer.accept(suback=0x87)
    bench.thread.join(5)
    assert "refuses our subscription to city/#" in str(bench.error)


def test_it_is_up_when_the_broker_has_taken_the_subscription_and_not_before(bench: Bench) -> None:
    """Who waits for it before publishing, as `up` does, must not speak to nobody."""
    bench.peer.accept(suback=-1)
    bench.peer.wait(0x80)
    assert bench.bridge.figures()["mqtt"] == "away"
    bench.peer.answer_subscription()
    bench.wait(lambda: bench.bridge.figures()["mqtt"] == "up")


def test_a_refused_connection_is_tried_again(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        bench.peer.accept(connack=0x87)
        bench.peer.drop()
    bench.peer.accept()
    bench.message(1)
    assert bench.peer.acked(1) == [1]
    assert sum("mqtt away" in record.message for record in caplog.records) == 1


def test_a_record_that_kafka_will_not_take_ends_the_bridge_unacknowledged(bench: Bench) -> None:
    bench.peer.accept()
    bench.kafka.hold()
    bench.message(1)
    bench.wait(lambda: bench.kafka.records)
    bench.kafka.records[0][3].error = "MessageSizeTooLarge"
    bench.thread.join(5)
    assert "MessageSizeTooLarge" in str(bench.error)
    assert bench.peer.acked(1, seconds=0.2) == []


def test_a_tick_waits_for_all_that_came_before_it(bench: Bench) -> None:
    bench.peer.accept()
    topic = b"urbanpulse/tick/bridge-1"
    published = bench.peer.wait(0x30)
    assert published[2 : 2 + len(topic)] == topic
    bench.kafka.hold()
    bench.message(1)
    bench.peer.publish(topic, b'{"t":%d}' % NOW, 2)
    bench.message(3)
    bench.wait(lambda: len(bench.kafka.readings()) == 2)
    assert bench.kafka.ticks() == []
    assert bench.kafka.readings() == [NOW + 1, NOW + 3]
    bench.kafka.records[0][3].arrived = True
    bench.kafka.wake()
    bench.wait(lambda: bench.kafka.ticks() == [NOW])
    assert bench.peer.acked(3, seconds=0.3) == [1]
    bench.kafka.let_go()
    assert bench.peer.acked(3) == [1, 2, 3]


def test_sigterm_drains_and_says_goodbye(bench: Bench) -> None:
    bench.peer.accept()
    bench.kafka.hold()
    bench.message(1)
    bench.wait(lambda: bench.bridge.account.messages == 1)
    bench.bridge.stop()
    bench.wait(lambda: bench.kafka.readings())
    bench.message(2)  # too late for this life
    time.sleep(0.2)
    bench.kafka.let_go()
    bench.thread.join(5)
    assert not bench.thread.is_alive()
    while bench.peer.read():
        pass
    assert bench.peer.acked(1) == [1]
    assert bench.peer.packets[-1][0] == 0xE0
    assert bench.kafka.readings() == [NOW + 1]


def test_a_message_of_a_thousand_bad_values_does_not_become_a_thousand_copies(bench: Bench) -> None:
    bench.peer.accept()
    values = {f"nothing_{number}": number for number in range(3000)}
    payload = json.dumps({"ts": NOW, "values": values}).encode()
    bench.message(1, payload)
    assert bench.peer.acked(1) == [1]
    refused = [value for topic, _, value, _ in bench.kafka.records if topic == "refused"]
    assert len(refused) == 3000
    assert sum(map(len, refused)) < 1_000_000
    assert all(payload.startswith(value) and len(value) >= 256 for value in refused)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return tls.certificate(tmp_path_factory.mktemp("tls"))


def server_context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def test_tls_works_with_messages_of_every_size(certificate: tuple[Path, Path]) -> None:
    bench = Bench(1000, server_context(certificate), MqttSettings(tls=True, ca_file=str(certificate[0])))
    try:
        bench.peer.accept()
        for mid in range(1, 801):
            fill = b"x" * (mid * 37 % 40_000)
            bench.message(mid, b'{"ts":%d,"values":{"pm25":1},"fw":"%s"}' % (NOW + mid, fill))
            bench.peer.read(0)
        assert bench.peer.acked(800) == list(range(1, 801))
        assert bench.kafka.readings() == [NOW + mid for mid in range(1, 801)]
    finally:
        bench.close()


def test_a_certificate_that_nobody_vouches_for_is_not_believed(certificate: tuple[Path, Path]) -> None:
    bench = Bench(10, server_context(certificate), MqttSettings(tls=True))
    try:
        with pytest.raises(ssl.SSLError):
            bench.peer.accept()
        assert bench.bridge.figures()["mqtt"] == "away"
        bench.peer.close()
    finally:
        bench.close()
