"""The small things: latencies in buckets, two log lines for an outage, store urls, refused records."""

import logging
import random
import socket
import statistics
import struct
import threading
from pathlib import Path

import pytest

from rules.frame import FrameError
from rules.secret import Secret
from streams.histogram import Histogram
from streams.kafka import ask
from streams.outage import Limit, Outage
from streams.refusals import LONGEST, bad_frame, bad_point
from streams.stores import open_store
from streams.stores.port import BadPoint


def test_quantiles_are_right_within_a_bucket() -> None:
    chance, histogram = random.Random(3), Histogram()
    values = [chance.lognormvariate(4, 1.2) for _ in range(5000)]
    for value in values:
        histogram.add(value)
    cuts = statistics.quantiles(values, n=100)
    for share in (50, 90, 99):
        found = histogram.quantile(share / 100)
        assert found is not None and cuts[share - 1] * 0.96 <= found <= cuts[share - 1] * 1.05


def test_an_empty_histogram_and_odd_values() -> None:
    histogram = Histogram()
    assert histogram.summary() == {"p50": None, "p99": None, "count": 0}
    histogram.add(-5.0, 3)
    histogram.add(1000.0)
    assert histogram.quantile(0.5) == 1.0 and histogram.quantile(1.0) == pytest.approx(1000, rel=0.05)


def record(text: str, line: int = 1, level: int = logging.ERROR) -> logging.LogRecord:
    return logging.LogRecord("aiokafka.client", level, "client.py", line, text, (), None)


def test_a_flood_of_a_client_is_two_lines_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    outage = Outage("judge", lambda: now)
    limit = Limit(outage, lambda: now)
    through = 0
    with caplog.at_level(logging.INFO):
        for i in range(1000):
            now = i * 0.01
            through += limit.filter(record("Unable connect to node with id 1"))
        assert outage.away
        outage.fine()
        outage.fine()
    assert through == 1
    assert [each.message.split(":")[1].split(" ")[1:3] for each in caplog.records] == [
        ["Kafka", "does"],
        ["Kafka", "answers"],
    ]
    now = 31.0
    again = record("Unable connect to node with id 1")
    assert limit.filter(again) and "999 more" in again.getMessage()
    assert limit.filter(record("rebalance", 2, logging.INFO)) and limit.filter(record("odd", 3))


def test_store_urls(tmp_path: Path) -> None:
    for wrong in ("sqlite://host/x", "sqlite:///", "postgres://x", "influx+http://h:1/?org=o", "influx+http://h/?bucket=b&x=1",
                  "influx+http://u:p@h/?bucket=b"):  # fmt: skip
        with pytest.raises(ValueError, match="store url"):
            open_store(wrong)
    store = open_store("influx+http://127.0.0.1:1/?org=o&bucket=b", Secret("very-secret"))
    assert "very-secret" not in repr(vars(store))
    store.close()
    open_store(f"sqlite:///{tmp_path}/deep/er/file.db").close()
    assert (tmp_path / "deep/er/file.db").exists()


def test_a_refused_record_keeps_the_head_and_says_the_size() -> None:
    key, value, headers = bad_frame("readings", 3, 99, b"x" * (LONGEST + 5), FrameError("size", "too many"))
    words = {name: word.decode() for name, word in headers}
    assert key == b"3:99" and len(value) == LONGEST and str(LONGEST + 5) in words["detail"]
    assert words["code"] == "bad_frame" and words["where"] == "record" and words["index"] == "-1"
    again = bad_frame("readings", 3, 99, b"", FrameError("size", "other"))
    assert dict(again[2])["id"] == dict(headers)["id"]


def test_a_refused_point_is_the_reading_as_json() -> None:
    key, value, headers = bad_point("readings", BadPoint("air-1", "pm25", 5, 1.5, "422 type conflict"))
    assert key == b"air-1" and value == b'{"sensor":"air-1","metric":"pm25","ts":5,"value":1.5}'
    assert dict(headers)["code"] == b"store_rejected" and dict(headers)["detail"] == b"422 type conflict"


def test_only_a_broker_that_answers_is_there() -> None:
    def serve(answer: bytes | None) -> int:
        server = socket.create_server(("127.0.0.1", 0))

        def once() -> None:
            connection, _ = server.accept()
            with server, connection:
                connection.recv(100)
                if answer is not None:
                    connection.sendall(answer)
                    return
                connection.recv(100)  # as a frozen one: says nothing

        threading.Thread(target=once, daemon=True).start()
        return int(server.getsockname()[1])

    ask(f"127.0.0.1:{serve(struct.pack('>ii28x', 32, 7))}")
    for answer, wrong in ((None, TimeoutError), (b"HTTP/1.1 400", ConnectionError), (b"", ConnectionError)):
        with pytest.raises(wrong):
            ask(f"127.0.0.1:{serve(answer)}", 0.2)
