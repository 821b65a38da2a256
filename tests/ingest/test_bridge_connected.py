"""What only real servers do: passwords, TLS, taking over a session, retained messages, topics that are not there."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from ingest.bridge import Bridge, BridgeError
from ingest.settings import IngestSettings, MqttSettings
from rules.secret import Secret
from tests.support.ingest_city import small_city
from tests.support.log_reader import FrameLog, create_topics, readings_of
from tests.support.servers import REPOSITORY, Kafka, Mosquitto, UnavailableError
from tests.support.tls import TlsMosquitto

pytestmark = pytest.mark.connected


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[TlsMosquitto, Kafka]]:
    started: list[TlsMosquitto | Kafka] = []
    try:
        for make in (TlsMosquitto, Kafka):
            started.append(make())
            started[-1].start()
        mqtt, kafka = started
        assert isinstance(mqtt, TlsMosquitto) and isinstance(kafka, Kafka)
        create_topics(kafka.address, {"readings": 4, "refused": 1})
        yield mqtt, kafka
    except UnavailableError as error:
        pytest.skip(str(error))
    finally:
        for one in started:
            one.remove()


def settings(servers: tuple[TlsMosquitto, Kafka], name: str, **more: object) -> IngestSettings:
    mqtt, kafka = servers
    given: dict[str, object] = {
        "mqtt": MqttSettings(port=mqtt.port, username="bridge", password=Secret(mqtt.PASSWORD)),
        "kafka": kafka.address,
        "partitions": 4,
    }
    return IngestSettings(id=name, **{**given, **more})  # type: ignore[arg-type]


class Threaded:
    def __init__(self, given: IngestSettings) -> None:
        self.bridge, self.error = Bridge(given, small_city()), ""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.bridge.run()
        except BridgeError as error:
            self.error = str(error)

    def wait(self, condition: Callable[[], object], seconds: float = 15.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, (self.error, self.bridge.figures())
            time.sleep(0.02)

    def up(self) -> bool:
        return self.bridge.figures()["mqtt"] == "up"

    def stop(self) -> None:
        self.bridge.stop()
        self._thread.join(15)


def sender(mqtt: Mosquitto) -> Client:
    client = Client(CallbackAPIVersion.VERSION2, client_id="sender", protocol=MQTTv5)
    client.username_pw_set("sensors", mqtt.PASSWORD)
    client.connect("127.0.0.1", mqtt.port)
    client.loop_start()
    return client


def test_over_tls(servers: tuple[TlsMosquitto, Kafka]) -> None:
    mqtt, kafka = servers
    tls = MqttSettings(
        port=mqtt.tls_port, username="bridge", password=Secret(mqtt.PASSWORD), tls=True, ca_file=str(mqtt.ca)
    )
    bridge, client = Threaded(settings(servers, "tls", mqtt=tls)), sender(mqtt)
    log, base, found = FrameLog(kafka.address, "readings", 4), int(time.time() * 1000) - 100_000, set[int]()
    try:
        bridge.wait(bridge.up)
        for step in range(3000):
            payload = json.dumps({"ts": base + step, "values": {"pm25": 7}, "fw": "x" * (step * 13 % 20_000)})
            client.publish("city/north/air/air-2", payload, qos=1)
        bridge.wait(lambda: bridge.bridge.account.readings == 3000, 60)
        bridge.wait(lambda: not bridge.bridge.figures()["unacked"])
        while frames := log.frames(1.0):
            found |= {ts - base for _, frame in frames for sensor, _, ts, _ in readings_of(frame)}
        assert found == set(range(3000))
    finally:
        bridge.stop()
        client.disconnect()
        client.loop_stop()
        log.close()


def test_a_wrong_password_is_said_once_and_tried_again(
    servers: tuple[TlsMosquitto, Kafka], caplog: pytest.LogCaptureFixture
) -> None:
    wrong = MqttSettings(port=servers[0].port, username="bridge", password=Secret("wrong-password"))
    bridge = Threaded(settings(servers, "stranger", mqtt=wrong))
    time.sleep(3)
    bridge.stop()
    said = [record.getMessage() for record in caplog.records if "mqtt away" in record.getMessage()]
    assert len(said) == 1 and "Not authorized" in said[0]
    assert not any("wrong-password" in record.getMessage() for record in caplog.records)
    assert bridge.bridge.account.messages == 0 and not bridge.error


def test_two_bridges_of_one_name_are_noticed(
    servers: tuple[TlsMosquitto, Kafka], caplog: pytest.LogCaptureFixture
) -> None:
    twins = [Threaded(settings(servers, "twin")) for _ in "ab"]
    try:
        twins[0].wait(lambda: any("is another client twin?" in record.getMessage() for record in caplog.records))
    finally:
        for twin in twins:
            twin.stop()


def test_a_retained_message_comes_with_a_new_subscription_only(servers: tuple[TlsMosquitto, Kafka]) -> None:
    client = sender(servers[0])
    payload = json.dumps({"ts": int(time.time() * 1000), "values": {"pm25": 7}})
    client.publish("city/north/air/air-2", payload, qos=1, retain=True).wait_for_publish(5)
    try:
        for life in range(3):
            bridge = Threaded(settings(servers, "retained"))
            bridge.wait(bridge.up)
            bridge.wait(lambda one=bridge: one.bridge.account.ticks > 0)
            assert bridge.bridge.account.readings == (0 if life else 1)
            bridge.stop()
    finally:
        client.publish("city/north/air/air-2", b"", qos=1, retain=True).wait_for_publish(5)
        client.disconnect()
        client.loop_stop()


def test_another_number_of_partitions_is_refused(servers: tuple[TlsMosquitto, Kafka]) -> None:
    bridge = Threaded(settings(servers, "counting", partitions=8))
    bridge.wait(lambda: bridge.error)
    assert "4 partitions, the settings say 8" in bridge.error


def test_a_bridge_waits_for_its_topics(servers: tuple[TlsMosquitto, Kafka], caplog: pytest.LogCaptureFixture) -> None:
    bridge = Threaded(settings(servers, "early", topic="later", refused="later-refused"))
    time.sleep(4)
    assert not bridge.up() and not bridge.error
    create_topics(servers[1].address, {"later": 4, "later-refused": 1})
    bridge.wait(bridge.up, 30)
    bridge.stop()
    edges = [record for record in caplog.records if record.name == "ingest.kafka" and "kafka" in record.message]
    assert len([record for record in edges if record.levelno == logging.WARNING]) < 6


def test_sigterm_ends_a_process_with_0_and_all_acknowledged(
    servers: tuple[TlsMosquitto, Kafka], tmp_path: Path
) -> None:
    mqtt, kafka = servers
    given = {"id": "process", "partitions": 4, "kafka": kafka.address, "mqtt": {"port": mqtt.port}}
    script = (
        "import sys; from tests.support import bridge_process as p; from rules.secret import Secret;"
        "plain, password = p.MqttSettings, Secret(sys.stdin.readline().strip());"
        "p.MqttSettings = lambda **given: plain(**given, username='bridge', password=password); p.main()"
    )
    status = tmp_path / "status"
    process = subprocess.Popen(
        [sys.executable, "-c", script, json.dumps(given), str(status)],
        cwd=REPOSITORY, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(mqtt.PASSWORD + "\n")
    process.stdin.flush()
    deadline = time.monotonic() + 20
    while not status.exists() or json.loads(status.read_text())["mqtt"] != "up":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGTERM)
    _, said = process.communicate(timeout=15)
    assert process.returncode == 0
    assert "Traceback" not in said and mqtt.PASSWORD not in said
