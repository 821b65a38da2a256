"""The publisher on real Mosquitto with passwords and an ACL: restarts, a subscriber that comes late, a wrong password,
TLS. The subscriber is a paho client with a persistent session, as a bridge has."""

import json
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from rules.secret import Secret
from simulators.message import Message
from simulators.publish import Publisher, PublishError
from simulators.settings import MqttSettings
from tests.support.servers import Mosquitto, UnavailableError, free_port, program

pytestmark = pytest.mark.connected


@pytest.fixture
def mosquitto() -> Iterator[Mosquitto]:
    try:
        server = Mosquitto()
    except UnavailableError as error:
        pytest.skip(str(error))
    server.start()
    yield server
    server.remove()


class Listener:
    """Keeps every payload of the city and every time of the clock, in the order of their coming."""

    def __init__(self, port: int) -> None:
        self.payloads: list[bytes] = []
        client = paho.Client(CallbackAPIVersion.VERSION2, "listener", protocol=paho.MQTTv5)
        client.username_pw_set("bridge", Mosquitto.PASSWORD)
        client.on_connect = lambda client, *_: client.subscribe([("city/#", 1), ("urbanpulse/clock", 1)]) and None
        client.on_message = lambda client, userdata, message: self.payloads.append(message.payload)
        client.reconnect_delay_set(1, 1)
        kept = Properties(PacketTypes.CONNECT)
        kept.SessionExpiryInterval = 3600
        client.connect("127.0.0.1", port, clean_start=False, properties=kept)
        client.loop_start()
        self._client = client

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def settings(port: int, **more: object) -> MqttSettings:
    known: dict[str, object] = {"port": port, "username": "simulator", "password": Secret(Mosquitto.PASSWORD)}
    return MqttSettings(**(known | more))  # type: ignore[arg-type]


def messages(first: int, last: int) -> list[Message]:
    return [Message(f"city/a/b/s{n % 50}", b"%d" % n, ((f"s{n % 50}", n, ("pm25",)),)) for n in range(first, last)]


def test_nothing_is_lost_or_counted_twice_over_restarts_and_the_clock_comes_last(mosquitto: Mosquitto) -> None:
    listener = Listener(mosquitto.port)
    time.sleep(0.5)
    publisher = Publisher(settings(mosquitto.port), lambda: False, lambda text: None)
    steps, size = 40, 500

    def restart() -> None:
        for _ in range(2):
            time.sleep(0.4)
            mosquitto.stop(signal.SIGTERM)
            mosquitto.start()

    thread = threading.Thread(target=restart)
    thread.start()
    for step in range(steps):
        publisher.send(messages(step * size, (step + 1) * size))
        publisher.drain()
        publisher.clock(step + 1, step + 2)
        publisher.idle(0.05)
    thread.join()
    publisher.close()
    assert publisher.ledger.received == steps * size
    until = time.monotonic() + 30.0
    last = b'{"t":%d,"next":%d}' % (steps, steps + 1)
    while last not in listener.payloads and time.monotonic() < until:
        time.sleep(0.1)
    listener.stop()
    seen: set[int] = set()
    for payload in listener.payloads:
        if payload.startswith(b"{"):
            assert seen >= set(range(json.loads(payload)["t"] * size))  # no time before what happened until then
        else:
            seen.add(int(payload))
    assert seen == set(range(steps * size))


def test_a_city_without_a_bridge_is_waited_for_and_loses_nothing(mosquitto: Mosquitto) -> None:
    said: list[str] = []
    listeners: list[Listener] = []
    threading.Timer(1.0, lambda: listeners.append(Listener(mosquitto.port))).start()
    publisher = Publisher(settings(mosquitto.port), lambda: False, said.append)
    publisher.clock(1, 2)
    publisher.send(messages(0, 1000))
    publisher.drain()
    publisher.close()
    until = time.monotonic() + 10.0
    while len(listeners[0].payloads) < 1001 and time.monotonic() < until:
        time.sleep(0.05)
    listeners[0].stop()
    assert listeners[0].payloads == [b'{"t":1,"next":2}', *[b"%d" % n for n in range(1000)]]
    assert len(said) == 1
    assert "0x10" in said[0]


def test_a_wrong_password_and_a_topic_that_is_not_allowed_are_errors(mosquitto: Mosquitto) -> None:
    wrong = settings(mosquitto.port, password=Secret("wrong"))
    with pytest.raises(PublishError, match="refuses the connection"):
        Publisher(wrong, lambda: False, lambda text: None).clock(1, 2)
    publisher = Publisher(settings(mosquitto.port), lambda: False, lambda text: None)
    with pytest.raises(PublishError, match="elsewhere"):
        publisher.send([Message("elsewhere/x", b"1")])
        publisher.drain()
        publisher.clock(1, 2)
    publisher.close()


def test_tls_with_the_city_s_own_authority(mosquitto: Mosquitto, tmp_path: Path) -> None:
    certificate, key, port = mosquitto.folder / "cert.pem", mosquitto.folder / "key.pem", free_port()
    subprocess.run(
        [program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    key.chmod(0o644)
    with (mosquitto.folder / "mosquitto.conf").open("a") as file:
        file.write(f"listener {port} 127.0.0.1\ncertfile {certificate}\nkeyfile {key}\n")
    mosquitto.stop()
    mosquitto.start()
    listener = Listener(mosquitto.port)
    time.sleep(0.5)
    publisher = Publisher(settings(port, tls=True, ca_file=certificate), lambda: False, lambda text: None)
    publisher.send(messages(0, 3000))
    publisher.drain()
    publisher.close()
    listener.stop()
    assert publisher.ledger.received == 3000
    with pytest.raises(PublishError, match="certificate"):
        Publisher(settings(port, tls=True, patience=0.1), lambda: False, lambda text: None).clock(1, 2)
