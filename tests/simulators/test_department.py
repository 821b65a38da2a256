"""The receiver: its own verification, what it keeps, and how it misbehaves on demand."""

import base64
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook as Oracle

from rules.secret import Secret
from simulators.department import DepartmentSettings, run_department
from simulators.verification import key_in, signature_fault

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = '{"type":"alert.fired","data":{"severity":"red","was":"","rule":"r","sensor":"a","text":"look\\u001b[2J"}}'
NOW = 1_614_265_330


def signed(message: str = "m-1", body: str = BODY, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    moment = datetime.fromtimestamp(time.time() if at is None else at, UTC)
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Oracle(secret).sign(message, moment, body),
    }


PUBLISHED = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(NOW),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
PUBLISHED_BODY = b'{"test": 2432232314}'
GOOD = PUBLISHED["webhook-signature"]


def fault(body: bytes = PUBLISHED_BODY, now: float = NOW, **changed: str) -> str:
    headers = PUBLISHED | {f"webhook-{name}": value for name, value in changed.items()}
    return signature_fault(key_in(Secret(SECRET)), headers, body, now)


def test_the_published_vector() -> None:
    assert fault() == ""
    assert fault(signature=f"v1,{base64.b64encode(b'x' * 32).decode()} {GOOD}") == ""
    assert fault(now=NOW + 300) == fault(now=NOW - 300) == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"body": PUBLISHED_BODY + b" "},
        {"id": "msg_other"},
        {"now": NOW + 301},
        {"now": NOW - 301},
        {"timestamp": str(NOW + 1)},
        {"timestamp": "nan"},
        {"timestamp": f"{NOW}.0"},
        {"timestamp": f" {NOW}"},
        {"timestamp": "9" * 400},
        {"id": ""},
        {"signature": ""},
        {"timestamp": ""},
        {"signature": GOOD.replace("J1OE", "J1OA")},
        {"signature": GOOD.replace("v1,", "v2,")},
        {"signature": GOOD.removeprefix("v1,")},
        {"signature": "v1,!!!"},
        {"signature": "v1,"},
        {"signature": ","},
        {"signature": "v1,\u00e9"},
    ],
)
def test_what_is_not_genuine(changed: dict[str, Any]) -> None:
    assert fault(**changed)


@pytest.mark.parametrize("bad", ["", "whsec_", "hunter2", "whsec_!!", "whpk_AAAA"])
def test_a_bad_secret_is_not_shown(bad: str) -> None:
    with pytest.raises(ValueError, match="a webhook secret is") as refused:
        key_in(Secret(bad))
    assert "hunter2" not in str(refused.value)


class Client:
    def __init__(self, port: int, record: Path, lines: list[str]) -> None:
        self.port, self.record, self.lines = port, record, lines

    def post(self, headers: dict[str, str], body: str = BODY) -> tuple[int, dict[str, Any]]:
        return self.ask("POST", "/hook", body, headers)

    def received(self) -> dict[str, Any]:
        return self.ask("GET", "/received")[1]

    def ask(self, method: str, path: str, body: str | None = None, headers: Any = ()) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        try:
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def kept(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.record.read_text().splitlines()]


Start = Callable[..., Client]


@contextmanager
def department(record: Path, **options: Any) -> Iterator[Client]:
    settings = DepartmentSettings("127.0.0.1", 0, Secret(SECRET), record, **options)
    reports: list[dict[str, object]] = []
    lines: list[str] = []
    stop = threading.Event()
    thread = threading.Thread(
        target=run_department, args=(settings, reports.append), kwargs={"stop": stop, "say": lines.append}
    )
    thread.start()
    try:
        end = time.monotonic() + 10
        while not reports:
            assert time.monotonic() < end
            time.sleep(0.01)
        port = reports[0]["port"]
        assert isinstance(port, int)
        yield Client(port, record, lines)
    finally:
        stop.set()
        thread.join()


def test_what_arrives_is_kept_shown_and_counted(tmp_path: Path) -> None:
    record = tmp_path / "new" / "received.jsonl"
    with department(record) as client:
        assert client.post(signed("m-1"))[0] == 200
        assert client.post(signed("m-1"))[0] == 200
        assert client.post(signed("m-2"))[0] == 200
        assert client.post(signed("m-3", secret="whsec_" + "QUJD" * 10)) == (401, {"error": "no signature matches"})
        assert client.received() == {"requests": 4, "verified": 3, "duplicates": 1, "distinct": 2}
        kept = client.kept()
    assert [(line["webhook-id"], line["verified"]) for line in kept] == [
        ("m-1", True),
        ("m-1", True),
        ("m-2", True),
        ("m-3", False),
    ]
    assert kept[0]["body"] == BODY
    assert abs(kept[0]["at"] - time.time() * 1000) < 60_000
    assert "verified | m-1 | alert.fired | red | r | a | look?[2J" in client.lines
    assert all(line.isprintable() for line in client.lines)
    assert SECRET not in "".join(client.lines)


def test_counts_go_on_after_a_restart_and_a_torn_line_is_dropped(tmp_path: Path) -> None:
    record = tmp_path / "received.jsonl"
    with department(record) as client:
        client.post(signed("m-1"))
    with record.open("ab") as file:
        file.write(b'{"webhook-id": "m-2", "veri')
    with department(record) as client:
        assert client.received()["requests"] == 1
        client.post(signed("m-1"))
        assert client.received() == {"requests": 2, "verified": 2, "duplicates": 1, "distinct": 1}
        assert len(client.kept()) == 2


def test_it_fails_as_often_as_told(tmp_path: Path) -> None:
    with department(tmp_path / "r", fail=2, status=503) as client:
        assert [client.post(signed(f"m-{number}"))[0] for number in range(4)] == [503, 503, 200, 200]
    with department(tmp_path / "s", fail=-1, status=410) as client:
        assert [client.post(signed(f"m-{number}"))[0] for number in range(3)] == [410] * 3


def test_it_lies(tmp_path: Path) -> None:
    with department(tmp_path / "r", lie=True) as client:
        assert client.post(signed("m-1")) == (200, {"error": "not accepted"})
        assert client.post({}) == (200, {"error": "not accepted"})


def test_it_stalls_after_it_has_kept_the_request(tmp_path: Path) -> None:
    with department(tmp_path / "r", stall=0.5) as client:
        start = time.monotonic()
        answered: list[int] = []
        thread = threading.Thread(target=lambda: answered.append(client.post(signed("m-1"))[0]))
        thread.start()
        while not client.received()["requests"]:
            time.sleep(0.01)
        assert answered == []
        thread.join()
        assert answered == [200]
        assert time.monotonic() - start >= 0.5


@pytest.mark.parametrize("body", ["", "x", "[]", "{}", '{"type": 1, "data": null}', "[" * 50_000, "\x1b]0;x\x07"])
def test_what_is_no_alert_is_shown_harmlessly(tmp_path: Path, body: str) -> None:
    with department(tmp_path / "r") as client:
        client.post(signed("m-1", body), body)
        assert client.received()["verified"] == 1
    assert any("not an alert" in line for line in client.lines)
    assert all(line.isprintable() for line in client.lines)


@pytest.mark.parametrize("length", ["65537", "99999999999999999999", "-1", "1e3", "", "\u0661"])
def test_a_request_without_a_sensible_length_is_refused(tmp_path: Path, length: str) -> None:
    with department(tmp_path / "r") as client:
        with socket.create_connection(("127.0.0.1", client.port), timeout=5) as raw:
            raw.sendall(f"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n".encode("latin-1", "replace"))
            status = raw.recv(1000).split(b" ")[1]
        assert status in (b"411", b"413")
        assert client.received()["requests"] == 0
        assert client.ask("GET", "/else")[0] == 404


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        run_department(
            DepartmentSettings("127.0.0.1", taken.getsockname()[1], Secret(SECRET), tmp_path / "r"),
            stop=threading.Event(),
            say=lambda line: None,
        )
