import json
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.alert import Alert, State, take
from alerts.message import LIMIT, body, instant, message_id
from rules.finding import Change, Evidence, Seen
from tests.support.alert_findings import ONSET, finding


def alert_of(*args: object, **named: object) -> Alert:
    alert, _ = take(None, finding(*args, **named), "environment")  # type: ignore[arg-type]
    assert alert is not None
    return alert


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("fired", "alert.fired"),
        ("changed", "alert.changed"),
        ("undecided", "alert.changed"),
        ("cleared", "alert.cleared"),
    ],
)
def test_the_type_says_what_changed(change: Change, kind: str) -> None:
    assert json.loads(body(alert_of(2, change)))["type"] == kind


def test_the_whole_body() -> None:
    alert = alert_of(2, "changed", "red", "yellow")
    told = json.loads(body(alert))
    assert told == {
        "type": "alert.changed",
        "timestamp": "2026-01-01T00:01:00.000Z",
        "data": {
            "id": alert.id,
            "department": "environment",
            "state": "open",
            "revision": 2,
            "change": "changed",
            "severity": "red",
            "was": "yellow",
            "rule": "smog-pm25",
            "rule_hash": "0" * 32,
            "kind": "threshold",
            "sensor": "air-1",
            "metric": "pm25",
            "district": "north",
            "value": 260.0,
            "limit": 250.0,
            "unit": "ug/m3",
            "text": "Fine particles 260 ug/m3 at air-1, limit 250",
            "reason": "",
            "onset": "2026-01-01T00:00:00.000Z",
            "at": "2026-01-01T00:01:00.000Z",
            "lasted": None,
            "episode": alert.finding.episode,
            "evidence": {
                "topic": "readings",
                "partition": 0,
                "first": 10,
                "last": 12,
                "count": 1,
                "seen": [{"at": "2026-01-01T00:01:00.000Z", "value": 260.0, "offset": 12}],
            },
        },
    }


def test_it_says_how_long_it_lasted_and_what_more_there_is_to_know() -> None:
    cleared = alert_of(3, "cleared")
    told = json.loads(
        body(replace(cleared, finding=msgspec.structs.replace(cleared.finding, lasted=60_000, reason="why")))
    )
    assert (told["data"]["lasted"], told["data"]["reason"]) == (60_000, "why")


HOSTILE = [
    "{{7*7}}",
    "{0.__class__}",
    "%s%n",
    "${jndi:ldap://x}",
    "<script>alert(1)</script>",
    "@all",
    "=cmd()",
    "\x1b[2J\r\nx: y",
    "\u202e",
    "]]>&",
    "\ud7ff\U0010ffff",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_arrives_as_it_is_and_does_nothing(text: str) -> None:
    encoded = body(alert_of(text=text))
    assert json.loads(encoded)["data"]["text"] == text
    assert b"\n" not in encoded
    assert b"\x1b" not in encoded


@given(st.text(max_size=20_000), st.integers(0, 2000))
def test_a_body_stays_under_twenty_kilobytes(text: str, values: int) -> None:
    first = finding(text=text)
    seen = tuple(Seen(ONSET + number, 1 / (number + 3), number) for number in range(values))
    evidence = Evidence("readings", 0, 1, 2, seen, values)
    alert = Alert("d" * 200, msgspec.structs.replace(first, evidence=evidence), State.OPEN)
    told = json.loads(encoded := body(alert))
    assert len(encoded) < LIMIT
    assert told["data"]["evidence"]["count"] == values


def test_the_worst_text_still_fits() -> None:
    assert len(body(alert_of(text="\x01" * 20_000))) < LIMIT


def test_the_worst_names_still_fit() -> None:
    worst = "\x01" * 200
    names = ("episode", "rule", "rule_hash", "kind", "sensor", "metric", "district", "severity", "was", "unit")
    seen = tuple(Seen(ONSET, 1.0, number) for number in range(30))
    evidence = Evidence("readings", 0, 1, 2, seen, 30)
    first = msgspec.structs.replace(finding(text="\x01" * 20_000), evidence=evidence, **dict.fromkeys(names, worst))
    told = json.loads(encoded := body(Alert(worst, first, State.OPEN)))
    assert len(encoded) < LIMIT
    assert told["data"]["sensor"] == worst
    assert (len(told["data"]["evidence"]["seen"]), told["data"]["evidence"]["count"]) == (1, 30)


def test_an_id_is_fit_for_a_header_and_for_signing() -> None:
    assert message_id("ab12", 7) == "ab12-7"


def test_instants() -> None:
    assert instant(0) == "1970-01-01T00:00:00.000Z"
    assert instant(253_402_300_799_999) == "9999-12-31T23:59:59.999Z"
