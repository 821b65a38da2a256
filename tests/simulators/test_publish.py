"""The publisher against a broker that misbehaves: what it counts is what the broker took, and nothing is lost."""

import json
import ssl
import threading
import time
from pathlib import Path

import pytest

from rules.secret import Secret
from simulators.message import Message
from simulators.publish import Publisher, PublishError, Stopped
from simulators.settings import MqttSettings
from tests.support.mqtt_stub import MqttStub
from tests.support.servers import free_port

WINDOW = 8


def messages(number: int) -> list[Message]:
    return [Message("city/a/b/s", b"%d" % n, (("s", n, ("pm25",)),)) for n in range(number)]


def publisher(port: int, patience: float = 20.0, said: list[str] | None = None) -> Publisher:
    told = (lambda text: None) if said is None else said.append
    return Publisher(MqttSettings(port=port, window=WINDOW, patience=patience), lambda: False, told)


def payloads(stub: MqttStub) -> list[bytes]:
    return [got.payload for got in stub.accepted()]


def test_everything_is_acknowledged_once_and_in_order() -> None:
    stub = MqttStub()
    this = publisher(stub.port)
    this.send(messages(500))
    this.drain()
    this.close()
    assert payloads(stub) == [b"%d" % n for n in range(500)]
    assert (this.ledger.messages, this.ledger.received) == (500, 500)
    stub.stop()


def test_no_more_than_the_window_or_the_brokers_own_wait() -> None:
    for granted, most in ((65_535, WINDOW), (3, 3)):
        stub = MqttStub(receive_maximum=granted)
        this = publisher(stub.port)
        this.send(messages(300))
        this.drain()
        assert stub.greatest <= most
        assert this.ledger.messages == 300
        this.close()
        stub.stop()


def test_what_nobody_subscribes_to_is_not_accepted_and_is_published_again_in_order() -> None:
    said: list[str] = []
    stub = MqttStub(lambda number, topic: 0x10 if number < 12 else 0)
    this = publisher(stub.port, said=said)
    this.send(messages(50))
    this.drain()
    assert payloads(stub) == [b"%d" % n for n in range(50)]
    assert len(stub.got) == 62
    assert this.ledger.messages == 50
    assert len(said) == 1
    assert "0x10" in said[0]
    this.close()
    stub.stop()


def test_a_busy_broker_is_asked_again() -> None:
    stub = MqttStub(lambda number, topic: 0x97 if number == 3 else 0)
    this = publisher(stub.port)
    this.send(messages(10))
    this.drain()
    assert sorted(payloads(stub), key=int) == [b"%d" % n for n in range(10)]
    assert this.ledger.received == 10
    this.close()
    stub.stop()


def test_a_broker_that_hangs_up_gets_the_unacknowledged_again() -> None:
    stub = MqttStub(lambda number, topic: None if number in (37, 90, 91) else 0)
    this = publisher(stub.port)
    this.send(messages(200))
    this.drain()
    assert {got.payload for got in stub.accepted()} == {b"%d" % n for n in range(200)}
    assert this.ledger.received == 200
    assert {got.connection for got in stub.got} == {0, 1, 2, 3}
    this.close()
    stub.stop()


def test_a_broker_that_starts_late_or_restarts_is_waited_for() -> None:
    port, said = free_port(), []
    this = publisher(port, said=said)
    stubs: list[MqttStub] = []

    def later() -> None:
        time.sleep(0.4)
        stubs.append(MqttStub(lambda number, topic: None if number == 60 else 0, port=port))

    thread = threading.Thread(target=later)
    thread.start()
    this.send(messages(50))
    this.drain()
    thread.join()
    stubs[0].stop()
    stubs.append(MqttStub(port=port))
    this.send(messages(120)[50:])
    this.drain()
    assert {got.payload for stub in stubs for got in stub.accepted()} == {b"%d" % n for n in range(120)}
    assert this.ledger.received == 120
    assert str(port) in said[0]
    this.close()
    stubs[1].stop()


def test_no_broker_at_all_is_an_error_that_says_where() -> None:
    port = free_port()
    with pytest.raises(PublishError, match=f"127.0.0.1:{port}"):
        publisher(port, patience=0.2).send(messages(1))


def test_a_broker_that_refuses_the_password_is_an_error_at_once_and_the_password_is_not_in_it() -> None:
    stub = MqttStub(connack=0x86)
    settings = MqttSettings(port=stub.port, username="simulator", password=Secret("hush-hush"), patience=60.0)
    with pytest.raises(PublishError, match="refuses the connection") as error:
        Publisher(settings, lambda: False, lambda text: None).send(messages(1))
    assert "hush" not in str(error.value)
    assert "hush" not in repr(settings)
    stub.stop()


def test_a_message_that_the_broker_will_never_take_is_an_error() -> None:
    stub = MqttStub(lambda number, topic: 0x87 if number == 4 else 0)
    this = publisher(stub.port)
    with pytest.raises(PublishError, match="city/a/b/s"):
        this.send(messages(10))
        this.drain()
    this.close()
    stub.stop()


def test_the_clock_is_told_after_all_that_was_sent_before() -> None:
    stub = MqttStub()
    this = publisher(stub.port)
    this.send(messages(30))
    this.drain()
    this.clock(300_000, 600_000)
    assert stub.got[-1].topic == "urbanpulse/clock"
    assert json.loads(stub.got[-1].payload) == {"t": 300_000, "next": 600_000}
    assert this.ledger.received == 30
    this.close()
    stub.stop()


def test_a_stop_ends_every_wait() -> None:
    asked = False
    stub = MqttStub(lambda number, topic: 0x10)

    def stop() -> bool:
        return asked

    this = Publisher(MqttSettings(port=stub.port), stop, lambda text: None)
    this.send(messages(1))
    asked = True
    with pytest.raises(Stopped):
        this.drain()
    with pytest.raises(Stopped):
        this.idle(60.0)
    with pytest.raises(Stopped):
        Publisher(MqttSettings(port=free_port()), stop, lambda text: None).send(messages(1))
    this.close()
    stub.stop()


def test_tls_is_asked_for_with_the_authority_that_was_named(tmp_path: Path) -> None:
    assert MqttSettings().context() is None
    context = MqttSettings(tls=True).context()
    assert context is not None
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
    with pytest.raises(OSError, match=r"."):
        MqttSettings(tls=True, ca_file=tmp_path / "missing.pem").context()
