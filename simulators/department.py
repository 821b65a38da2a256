"""A department to practise on: an HTTP receiver that verifies signatures and reads CAP by code of its own, shows what
arrives and can be told to fail, to stall or to lie.

It shares no code with `alerts`: a mistake made there is not repeated, and so not hidden, here.
"""

import json
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from rules.secret import Secret
from simulators.cap_reading import cap_fault, is_cap
from simulators.received import Received, describe
from simulators.verification import key_in, signature_fault

LARGEST_BODY = 65_536


@dataclass(frozen=True, slots=True)
class DepartmentSettings:
    """`port` 0 takes a free one. Every request is written to `record` before it is answered.

    The first `fail` requests are answered with `status` (all of them when it is negative); `stall` is how many
    seconds an answer takes; a liar answers 200 with an error in the body, whatever it makes of the request.
    """

    host: str
    port: int
    secret: Secret
    record: Path
    fail: int = 0
    status: int = 500
    stall: float = 0.0
    lie: bool = False


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: "_Server"

    def do_GET(self) -> None:
        if self.path == "/received":
            self._answer(200, self.server.received.counts())
        else:
            self._answer(404, {"error": "there is /received, and POST"})

    def do_POST(self) -> None:
        settings, length = self.server.settings, self.headers.get("content-length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 10 and int(length) <= LARGEST_BODY):
            self.close_connection = True
            self._answer(413 if length.isdigit() else 411, {"error": f"say a length, {LARGEST_BODY} at most"})
            return
        body = self.rfile.read(int(length))
        headers = {name.lower(): value for name, value in self.headers.items()}
        fault = signature_fault(self.server.key, headers, body, time.time())
        unfit = cap_fault(body) if not fault and is_cap(body) else ""
        line = {
            "webhook-id": headers.get("webhook-id", ""),
            "verified": not fault,
            "fault": fault or unfit,
            "at": time.time_ns() // 1_000_000,
            "path": self.path,
            "body": body.decode("utf-8", "replace"),
        }
        number = self.server.received.add(line)
        self.server.say(describe(line))
        time.sleep(settings.stall)
        if settings.lie:
            self._answer(200, {"error": "not accepted"})
        elif settings.fail < 0 or number <= settings.fail:
            self._answer(settings.status, {"error": "told to fail"})
        elif fault:
            self._answer(401, {"error": fault})
        elif unfit:
            self._answer(422, {"error": unfit})
        else:
            self._answer(200, {"received": line["webhook-id"]})

    def log_message(self, *_: object) -> None:
        """What arrives is shown by `describe`."""

    def _answer(self, status: int, content: Mapping[str, object]) -> None:
        encoded = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, settings: DepartmentSettings, say: Callable[[str], None]) -> None:
        self.settings, self.say, self.key = settings, say, key_in(settings.secret)
        super().__init__((settings.host, settings.port), _Handler)
        self.received = Received(settings.record)

    def handle_error(self, request: Any, client_address: Any) -> None:
        self.say(f"a connection from {client_address[0]} was cut")


def say_plainly(line: str) -> None:
    print(line, flush=True)


def run_department(
    settings: DepartmentSettings,
    report: Callable[[dict[str, object]], None] | None = None,
    *,
    stop: threading.Event | None = None,
    say: Callable[[str], None] = say_plainly,
) -> None:
    """Receives until SIGTERM, SIGINT or `stop`. `report` gets the `port` and the counts once a second, first when it
    listens. Raises OSError when the port is taken and ValueError for what is no webhook secret."""
    stop = stop if stop is not None else threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    server = _Server(settings, say)
    thread = threading.Thread(target=server.serve_forever, name="department", kwargs={"poll_interval": 0.1})
    thread.start()
    say(f"a department listens on http://{settings.host}:{server.server_port}")
    try:
        while True:
            if report is not None:
                report({"port": server.server_port, **server.received.counts()})
            if stop.wait(1.0):
                break
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        server.received.close()
