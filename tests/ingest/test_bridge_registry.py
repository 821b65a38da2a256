"""The registry changes while readings come: nothing is lost, and what was a stranger is known from then on."""

import threading
import time
from collections.abc import Callable

import pytest

from ingest.bridge import Bridge
from ingest.settings import IngestSettings, MqttSettings
from tests.ingest.test_bridge_faults import NOW, SOUND, TOPIC, HeldKafka
from tests.support.ingest_city import sensor, small_city
from tests.support.mqtt_peer import Peer

OLD = TOPIC.rpartition(b"/")[2]
NEW = TOPIC.replace(OLD, b"air-new")


class Bench:
    """A bridge that begins without a registry."""

    def __init__(self) -> None:
        self.peer, self.kafka = Peer(None), HeldKafka()
        self.kafka.let_go()
        settings = IngestSettings("bridge-1", 1, MqttSettings(port=self.peer.port, receive_maximum=10))
        self.bridge = Bridge(settings, kafka=self.kafka)
        self.thread = threading.Thread(target=self.bridge.run, daemon=True)
        self.thread.start()

    def wait(self, condition: Callable[[], object], seconds: float = 5.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.bridge.figures()
            time.sleep(0.01)


@pytest.fixture
def bench() -> "Bench":
    return Bench()


def test_a_registry_that_comes_later(bench: Bench) -> None:
    try:
        time.sleep(0.3)
        assert bench.bridge.figures()["mqtt"] == "away"  # the broker keeps what it has for us
        bench.bridge.adopt(small_city())
        bench.peer.accept()
        bench.wait(lambda: bench.bridge.figures()["mqtt"] == "up")
        figures = bench.bridge.figures
        bench.peer.publish(TOPIC, SOUND % NOW, 1)
        bench.peer.publish(NEW, SOUND % NOW, 2)
        bench.wait(lambda: figures()["messages"] == 2)
        assert (figures()["readings"], figures()["refused"]["unknown_sensor"]) == (1, 1)
        known = small_city()
        bench.bridge.adopt(
            {name: one for name, one in known.items() if name != OLD.decode()} | {"air-new": sensor("air-new")}
        )
        bench.wait(lambda: "air-new" in bench.bridge._contract._routes.devices)
        bench.peer.publish(NEW, SOUND % (NOW + 1), 3)
        bench.peer.publish(TOPIC, SOUND % (NOW + 1), 4)
        bench.wait(lambda: figures()["messages"] == 4)
        assert (figures()["readings"], figures()["refused"]["unknown_sensor"]) == (2, 2)
        bench.wait(lambda: figures()["unacked"] == 0)
    finally:
        bench.bridge.stop()
        bench.thread.join(15)
        bench.peer.close()
