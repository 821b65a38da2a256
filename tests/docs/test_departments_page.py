"""The departments' page shows what is true: its file is read, its message has our keys, its verification works."""

import json
import re
from pathlib import Path

from alerts.alert import take
from alerts.channels.signature import key_of, sign
from alerts.departments import parse_departments
from alerts.message import body
from tests.support.alert_findings import SECRET, area_finding, finding

PAGE = (Path(__file__).resolve().parents[2] / "docs/departments.md").read_text()


def block(language: str, number: int = 0) -> str:
    indent, text = re.findall(rf"^( *)```{language}\n(.*?)^ *```", PAGE, re.DOTALL | re.MULTILINE)[number]
    return "".join(line.removeprefix(indent) + "\n" for line in text.splitlines())


def test_the_file_is_sound() -> None:
    departments, faults = parse_departments(block("yaml"), "departments.yaml")
    assert faults == []
    assert [channel.endpoint for channel in departments["environment"].channels] == [
        "environment/webhook",
        "environment/night-desk",
        "environment/log",
    ]


def test_the_cap_channel_is_sound() -> None:
    departments, faults = parse_departments(block("yaml", 1), "departments.yaml")
    assert faults == []
    [channel] = departments["emergency"].channels
    assert (channel.kind, channel.config.profile.status, channel.config.radius) == ("cap", "Exercise", 0.5)


def test_the_message_has_the_keys_that_are_sent() -> None:
    alert, _ = take(None, finding(), "environment")
    assert alert is not None
    shown, sent = json.loads(block("json")), json.loads(body(alert))
    assert shown.keys() == sent.keys()
    assert list(shown["data"]) == list(sent["data"])
    assert shown["data"]["evidence"].keys() == sent["data"]["evidence"].keys()


def test_the_message_about_an_area_has_the_keys_that_are_sent() -> None:
    alert, _ = take(None, area_finding(), "environment")
    assert alert is not None
    shown, sent = json.loads("{" + block("json", 1) + "}")["area"], json.loads(body(alert))["data"]["area"]
    assert list(shown) == list(sent)
    for several in ("left_out", "members"):
        assert list(shown[several][0]) == list(sent[several][0])


def test_the_verification_works() -> None:
    names: dict[str, object] = {}
    exec(block("python"), names)
    genuine = names["genuine"]
    assert callable(genuine)
    headers = {
        "webhook-id": "m-1",
        "webhook-timestamp": "5",
        "webhook-signature": sign([b"x" * 24, key_of(SECRET)], "m-1", 5, b"{}"),
    }
    assert genuine(SECRET, headers, b"{}")
    assert not genuine(SECRET, headers, b"{ }")
