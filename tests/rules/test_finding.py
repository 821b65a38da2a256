"""Findings on the wire."""

import json

from rules.finding import Evidence, Finding, Seen, decode, encode

FINDING = Finding(
    v=1,
    episode="e",
    revision=1,
    change="fired",
    rule="smog",
    rule_hash="h",
    kind="threshold",
    sensor="air-1",
    metric="pm25",
    district="north",
    departments=("env", "health"),
    severity="red",
    was="",
    at=5,
    onset=5,
    unit="ug/m3",
    text="x",
    evidence=Evidence("readings", 0, 3, 4, (Seen(5, 61.0, 4),), 1),
    wall=7,
    value=61.0,
    limit=60.0,
)


def test_it_comes_back_as_it_went() -> None:
    assert decode(encode(FINDING)) == FINDING


def test_it_is_plain_json_and_none_is_left_out() -> None:
    fields = json.loads(encode(FINDING))
    assert fields["evidence"]["seen"] == [[5, 61.0, 4]]
    without = [name for name in Finding.__struct_fields__ if name not in ("value", "limit")]
    silent = Finding(**{name: getattr(FINDING, name) for name in without})
    assert "value" not in json.loads(encode(silent))
    assert decode(encode(silent)) == silent


def test_its_key_keeps_one_entity_of_one_rule_together() -> None:
    assert (FINDING.entity, FINDING.key) == ("air-1/pm25", b"smog|air-1/pm25")
