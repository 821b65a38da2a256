"""What the authors' tools say of times, places and values from the registry."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from rules.calendar import Calendar
from rules.catalogue import Catalogue
from rules.frame import Frame
from rules.geography import Shape
from rules.strict_yaml import read_yaml
from tests.support.authors import MIN, NOON, catalogue_of, rules_of, sensor
from tests.support.frames import frame, tick
from urbanpulse.authors.answer import Answer, not_watched, why_not
from urbanpulse.authors.case_sensors import parse_sensors
from urbanpulse.authors.doubts import doubts
from urbanpulse.authors.editor_schema import rule_schema
from urbanpulse.authors.story import tell

LEVEL = "name: r, kind: threshold, metric: pm25, above: {yellow: 75}, when: {between: '12:10-12:20'}"
HOUR = "name: h, kind: window, metric: pm25, aggregate: mean, every: 10min, above: {yellow: 75}, when: WHEN"


def ask(rule: str, minutes: dict[int, float], at: int) -> Answer:
    """Readings by minute after noon, asked at a minute after noon."""
    records: list[Frame] = []
    for minute in range(at + 2):
        records.append(tick(NOON + minute * MIN))
        if minute in minutes:
            ts = NOON + minute * MIN
            records.append(frame([("a", "pm25", ts, minutes[minute])], ts))
    [one] = rules_of(rule)
    return why_not(tell(enumerate(records), one, sensor("a"), "pm25", at=NOON + at * MIN))


def test_outside_of_its_hours() -> None:
    answer = ask(LEVEL, {0: 99, 5: 99}, 6)
    assert (answer.code, answer.reason) == (
        "calendar_off",
        "calendar off until 2026-01-01T12:10:00.000Z: the rule is outside of its hours",
    )
    assert ask(LEVEL, {0: 99}, 25).code == "calendar_off"
    assert ask(LEVEL, {11: 99}, 12).code == "firing"
    assert ask(LEVEL, {0: 99}, 12).code == "no_data", "what came before its time it has not seen"
    assert ask(LEVEL, {11: 50}, 12).code == "below_limit"
    never = ask(LEVEL.replace("'12:10-12:20'", "'12:10-12:20', until: '2025-12-31'"), {0: 99}, 6)
    assert never.reason == "its calendar is off at 2026-01-01T12:06:00.000Z, and never on again"


def test_a_window_that_is_not_all_within() -> None:
    odd = HOUR.replace("WHEN", "{between: '12:15-13:00'}")
    assert ask(odd, {16: 99, 17: 99}, 21).code == "window_outside"
    assert ask(odd, {21: 50, 25: 50}, 31).code == "below_limit"


def test_a_late_reading_of_outside_would_not_have_mattered() -> None:
    [rule] = rules_of(LEVEL)
    records = [tick(NOON), frame([("a", "pm25", NOON + 11 * MIN, 5.0)], NOON + 11 * MIN), tick(NOON + 12 * MIN)]
    records.append(frame([("a", "pm25", NOON + 5 * MIN, 99.0)], NOON + 12 * MIN))
    story = tell(enumerate(records), rule, sensor("a"), "pm25", at=NOON + 12 * MIN)
    assert why_not(story).code == "below_limit"


def test_the_values_of_the_sensor_answer() -> None:
    [rule] = rules_of("name: r, kind: threshold, metric: pm25, above: {yellow: {attribute: limit, default: 75}}")
    records = [tick(NOON), frame([("a", "pm25", NOON + MIN, 70.0)], NOON + MIN), tick(NOON + 2 * MIN)]
    story = tell(enumerate(records), rule, replace(sensor("a"), attributes={"limit": "80"}), "pm25")
    assert "70 at 2026-01-01T12:01:00.000Z is not above 80 (yellow)" in why_not(story).reason
    assert story.rule_hash == rule.hash


RING = ((13.0, 51.0), (14.0, 51.0), (14.0, 52.0), (13.0, 51.0))


def test_it_stands_elsewhere() -> None:
    [inside, near, by] = rules_of(
        """name: i, kind: threshold, metric: pm25, above: {red: 1}, where: {inside: park}
        name: n, kind: threshold, metric: pm25, above: {red: 1}, where: {near: {lat: 0.01, lon: 0, radius: 1km}}
        name: s, kind: threshold, metric: pm25, above: {red: 1}, where: {near: {sensor: x, radius: 500m}}"""
    )
    city = Catalogue({"a": sensor("a")}, (inside, near, by), shapes={"park": Shape("park", ((RING,),))})

    def reason(rule: int) -> str:
        answer = not_watched(city.rules[rule], city.sensors["a"], "pm25", True, city)
        assert answer is not None and answer.code == "not_selected"
        return answer.reason

    assert reason(0) == "a is not inside park (rules.yaml:2)"
    assert reason(1) == "a is 1.11 km away, `near` wants 1 km at most (rules.yaml:3)"
    assert reason(2) == "a is nowhere, `near` wants 0.5 km at most (rules.yaml:4)"


TODAY = round(datetime(2026, 1, 15, 12, tzinfo=UTC).timestamp() * 1000)
NEVER = Calendar("never", weekdays=frozenset({0}), without=(Calendar("mondays", weekdays=frozenset({0})),))


@pytest.mark.parametrize(
    ("when", "more", "doubt"),
    [
        ("{until: '2026-01-10'}", "", "when: was in force until 2026-01-10: it is never on again"),
        ("{calendar: never}", "", "when: is never on: no day of"),
        ("[{until: '2026-01-10'}, {calendar: never}]", "", "when: is never on: no day of"),
        ("{between: '22:00-22:10'}", ", hold: 20min", "when: is on for 10min at a time at most, and hold wants 20min"),
        ("{between: '22:00-23:00'}", ", hold: 20min", ""),
        ("{days: [mon], until: '2026-01-20'}", ", hold: 20min", ""),
        ("{days: [mon, tue, wed, thu, fri, sat, sun]}", ", hold: 20min", ""),
    ],
)
def test_doubts_about_times(when: str, more: str, doubt: str) -> None:
    rule = f"name: r, kind: threshold, metric: pm25, above: {{yellow: 75}}{more}, when: {when}"
    city = replace(catalogue_of(rule), calendars={"never": NEVER})
    found = [str(each) for each in doubts(city, TODAY)]
    assert len(found) == bool(doubt)
    assert all(doubt in each for each in found)
    assert doubts(city) == []


def test_a_window_or_a_silence_that_never_ends_within() -> None:
    for rule, key in (
        ("kind: window, metric: pm25, aggregate: mean, every: 1h, above: {red: 1}", "its window wants 1h"),
        ("kind: silence, metric: pm25, after: 1h, severity: red", "after wants 1h"),
    ):
        [doubt] = doubts(catalogue_of(f"name: r, {rule}, when: {{between: '22:00-22:10'}}"), TODAY)
        assert key in str(doubt)


def test_a_rule_that_selects_nobody_is_a_fault_and_no_doubt() -> None:
    rule = "name: r, kind: threshold, metric: pm25, where: {kind: water}, above: {red: 1}, when: {until: '2020-01-01'}"
    assert doubts(catalogue_of(rule), TODAY) == []


def test_an_attribute_that_nobody_has() -> None:
    rule = "name: r, kind: threshold, metric: pm25, above: {yellow: {attribute: limt, default: 75}}"
    [doubt] = doubts(catalogue_of(rule))
    assert "above.yellow: no sensor has the attribute 'limt': the default is for all. add the column" in str(doubt)
    [doubt] = doubts(catalogue_of(rule, replace(sensor("a"), attributes={"limit": "5"})))
    assert "did you mean 'limit'?" in str(doubt)
    assert doubts(catalogue_of(rule, replace(sensor("a"), attributes={"limt": "5"}))) == []


THRESHOLD = "rules: [{name: a, kind: threshold, metric: pm25, above: {yellow: 75}, hold: 5min}]"
GOOD = [
    ("hold: 5min", "when: {calendar: work, days: [mon], between: '22:00-06:00', from: '2026-01-01'}"),
    ("hold: 5min", "when: [{days: mon}, {calendar: [a, b]}]"),
    ("hold: 5min", "where: {inside: [a, b], near: {lat: 1, lon: 2, radius: 2km}}"),
    ("hold: 5min", "where: {near: {sensor: a, radius: 500m}}"),
    ("hold: 5min", "notify: {yellow: [a], red: b}"),
    ("hold: 5min", "hold: {attribute: wait}"),
    ("yellow: 75", "yellow: {attribute: limit, default: 75}, red: 99"),
]
BAD = [
    ("hold: 5min", "when: {}"),
    ("hold: 5min", "when: {days: monday}"),
    ("hold: 5min", "when: {between: '22-6'}"),
    ("hold: 5min", "when: {until: soon}"),
    ("hold: 5min", "where: {near: {radius: 2km}}"),
    ("hold: 5min", "where: {near: {sensor: a, lat: 1, lon: 1, radius: 2km}}"),
    ("hold: 5min", "where: {near: {sensor: a, radius: 2miles}}"),
    ("hold: 5min", "notify: {Red: a}"),
    ("hold: 5min", "hold: {attribute: Wait}"),
    ("hold: 5min", "hold: {default: 5min}"),
    ("yellow: 75", "yellow: {attribute: limit, default: high}"),
    ("kind: threshold", "kind: silence, when: {day: mon}"),
]


@pytest.mark.parametrize(("old", "new"), GOOD + BAD)
def test_editors_know_the_keys(old: str, new: str) -> None:
    text = THRESHOLD.replace(old, new)
    found = list(Draft7Validator(rule_schema()).iter_errors(YAML(typ="safe", pure=True).load(text)))
    assert bool(found) is ((old, new) in BAD), [each.message for each in found]


@pytest.mark.parametrize(
    ("attributes", "fault"),
    [
        ("{limit: 5, wait: 10min}", ""),
        ("5", "must be a mapping"),
        ("{limit: [1]}", "must be a single value"),
        ("{limit: loud}", "limit: 'loud' is neither a number nor a length of time"),
    ],
)
def test_sensors_of_a_test_may_have_attributes(attributes: str, fault: str) -> None:
    line = f"[{{id: a, kind: air, district: n, department: d, metrics: pm25, attributes: {attributes}}}]"
    node, faults = read_yaml(line, "x.yaml")
    assert node is not None
    found = parse_sensors(node)
    if fault:
        assert found is None and fault in str(faults[0])
    else:
        assert found is not None and found["a"].attributes == {"limit": "5", "wait": "10min"}
