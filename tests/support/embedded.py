"""The embedded servers for tests, on free ports, ended by pid."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import iotcore

from tests.support.servers import answers, free_port
from urbanpulse.embedded import kafka, mqtt
from urbanpulse.ports import wait_listening


class Mqtt:
    """MQTT 5 on `port`, 3.1.1 on `port3`. Its real window is 100 messages; it forgets everything when it stops."""

    receive_maximum = 100

    def __init__(self) -> None:
        self.port, self.port3 = free_port(), free_port()
        self._folder = tempfile.TemporaryDirectory(prefix="urbanpulse-mqtt-")
        file = Path(self._folder.name) / "broker.toml"
        file.write_text(mqtt.config(self.port, self.port3))
        self._broker = iotcore.Broker(config_path=str(file))

    def start(self) -> "Mqtt":
        self._broker.start()
        return self

    def stop(self) -> None:
        self._broker.stop()

    def remove(self) -> None:
        self.stop()
        self._folder.cleanup()


class Kafka:
    """Tansu in memory; what was in it is gone when it stops."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> "Kafka":
        self.process = subprocess.Popen(kafka.command(self.port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not answers(self.port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError("Tansu did not start")
            time.sleep(0.05)
        return self

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def remove(self) -> None:
        self.stop()


@contextmanager
def running(command: list[str], port: int, log: Path) -> Iterator[None]:
    with log.open("ab") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            assert wait_listening(port, lambda: process.poll() is None), log.read_text()
            yield
        finally:
            process.kill()
            process.wait()


@contextmanager
def embedded_kafka(folder: Path) -> Iterator[str]:
    """host:port of an empty one."""
    port = free_port()
    with running(kafka.command(port), port, folder / "kafka.log"):
        yield f"127.0.0.1:{port}"


@contextmanager
def embedded_mqtt(folder: Path) -> Iterator[tuple[int, int]]:
    """The ports for MQTT 5 and for 3.1.1."""
    port5, port3 = free_port(), free_port()
    file = folder / "mqtt.toml"
    file.write_text(mqtt.config(port5, port3))
    code = f"from pathlib import Path; from urbanpulse.embedded.mqtt import serve; serve(Path({str(file)!r}))"
    with running([sys.executable, "-c", code], port5, folder / "mqtt.log"):
        assert wait_listening(port3, lambda: True)
        yield port5, port3
