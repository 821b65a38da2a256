"""The console as a process: it serves, streams, stops when told, and says when it cannot begin."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from alerts.desk import Desk
from console.city import CityView
from console.service import PortInUseError, listen, run_console
from tests.console.test_console_desk import finding
from tests.support.console_process import catalogue, settings

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    port = free_port()
    command = [sys.executable, "-m", "tests.support.console_process", str(folder), str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            end = time.monotonic() + 20
            while time.monotonic() < end and process.poll() is None:
                try:
                    httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2)
                    break
                except httpx.TransportError:
                    time.sleep(0.05)
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def test_it_streams_what_another_process_writes_and_stops_in_order_with_the_stream_open(tmp_path: Path) -> None:
    desk = Desk(f"sqlite:///{tmp_path}/alerts.db")
    with running(tmp_path) as (process, address):
        with httpx.stream("GET", f"{address}/events?since=0", timeout=10) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert "default-src 'self'" in answer.headers["content-security-policy"]
            assert "server" not in answer.headers
            lines = answer.iter_lines()
            desk.take([finding(1)])
            first = next(line for line in lines if line.startswith("data: ") and '"row"' in line)
            assert "air-north-1" in json.loads(first.removeprefix("data: "))["row"]
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
            list(lines)  # ended, not cut
        assert process.stdout is not None and process.stderr is not None
        figures = [json.loads(line) for line in process.stdout]
        assert figures and {"streams", "requests"} <= figures[-1].keys()
        assert "Traceback" not in process.stderr.read()


def test_a_port_in_use_is_said_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortInUseError, match=r"console\.port"):
            run_console(settings(tmp_path, port), CityView(catalogue()))


def test_port_0_is_any_free_one() -> None:
    taken = listen("127.0.0.1", 0)
    assert taken.getsockname()[1] > 0
    taken.close()
