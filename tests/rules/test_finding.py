"""Findings on the wire."""

import json

from rules.derived.settings import Indices
from rules.engine import Engine
from rules.finding import Evidence, Finding, Seen, decode, encode
from tests.support.judging import catalogue, frame, run, sensor, tick

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
    left_out = ("value", "limit", "area", "lasted", "reason", "texts", "before", "after")
    silent = Finding(**{name: getattr(FINDING, name) for name in Finding.__struct_fields__ if name not in left_out})
    assert not json.loads(encode(silent)).keys() & set(left_out)
    assert decode(encode(silent)) == silent


def test_its_key_keeps_one_entity_of_one_rule_together() -> None:
    assert (FINDING.entity, FINDING.key) == ("air-1/pm25", b"smog|air-1/pm25")


def test_a_sentence_for_each_language_but_none_of_what_cannot_be_decided() -> None:
    texts = "{zh: '{sensor} 拥堵 {value}', en: 'jam at {sensor}'}"
    rule = "{name: r, kind: threshold, metric: tpi, above: {red: 3}, text: " + texts + "}"
    known = catalogue(rule, sensor("a", "speed"), indices=Indices())
    engine = Engine(known, partition=0, partitions=1)
    readings = [("a", "speed", minute * 60, 20.0) for minute in range(5)]
    [fired, doubt] = run(engine, [frame(*readings), tick(700)])
    assert fired.texts == {"zh": "a 拥堵 7.333", "en": "jam at a"} and fired.text == "a 拥堵 7.333"
    assert doubt.change == "undecided" and doubt.texts == {}
    assert decode(encode(fired)) == fired
