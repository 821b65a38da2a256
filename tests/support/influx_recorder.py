"""A small HTTP server that answers writes as InfluxDB 2.9.1 was measured to answer, and keeps what it was sent.

Each case of that measurement is a switch here. Questions find nothing, except the progress records.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from streams.stores.influx_text import PROGRESS


class Recorder:
    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, list[str]], bytes]] = []
        self.stored: dict[str, None] = {}
        self.progress: list[str] = []
        self.malformed: set[str] = set()  # 400: nothing of the body is stored
        self.conflicting: set[str] = set()  # 422: the rest of the body is stored
        self.most_lines = 1 << 30  # beyond it 413
        self.answers: list[tuple[int, bool]] = []  # given first: (status, whether it stored); 0 cuts the connection
        self.query_answer: dict[str, object] | None = None
        self.query_status = 200
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"influx+http://127.0.0.1:{self.server.server_address[1]}/?org=city&bucket=b"

    def bodies(self) -> list[str]:
        """The bodies of readings, without the progress records."""
        return [
            body.decode()
            for path, _, body in self.requests
            if path == "/api/v2/write" and PROGRESS not in body.decode()
        ]

    def write(self, body: str) -> tuple[int, str]:
        lines = body.split("\n")
        if lines[0].startswith(PROGRESS):
            self.progress.append(body)
            return 204, ""
        status, stores = self.answers.pop(0) if self.answers else (204, True)
        if status != 204:
            if stores:
                self.stored |= dict.fromkeys(lines)
            return status, f"told to answer {status}"
        if len(lines) > self.most_lines:
            return 413, "request body too large"
        if wrong := [line for line in lines if line in self.malformed]:
            return 400, f"unable to parse {wrong}"
        self.stored |= {line: None for line in lines if line not in self.conflicting}
        if self.conflicting & set(lines):
            return 422, "partial write: field type conflict dropped=7"
        return 204, ""

    def _handler(recorder) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the handler's own self is another
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                where = urlsplit(self.path)
                recorder.requests.append((where.path, parse_qs(where.query), body))
                if where.path == "/query":
                    answer = recorder.query_answer or {"results": []}
                    return self._answer(recorder.query_status, json.dumps(answer))
                status, text = recorder.write(body.decode())
                if status == 0:
                    self.close_connection = True
                    self.connection.close()
                    return None
                return self._answer(status, "" if status == 204 else json.dumps({"message": text}))

            def _answer(self, status: int, text: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                if status != 204:
                    self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *args: object) -> None:
                pass

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except (OSError, ValueError):
                    self.close_connection = True

        return Handler


@contextmanager
def recording() -> Iterator[Recorder]:
    recorder = Recorder()
    thread = threading.Thread(target=recorder.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield recorder
    finally:
        recorder.server.shutdown()
        recorder.server.server_close()
        thread.join()
