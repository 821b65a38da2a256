"""The embedded servers for tests, on free ports, ended by pid."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from urbanpulse.embedded import kafka, mqtt
from urbanpulse.ports import free_port, wait_listening


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
