"""Limits and holds of single sensors: from the registry to the judge."""

from dataclasses import replace

import pytest

from rules.attributes import parse_attributes
from rules.catalogue import Catalogue, check_catalogue, parse_rules
from rules.engine import Engine
from rules.registry import parse_registry
from rules.sensor import Sensor
from tests.support.judging import catalogue, frame, judge, run, sensor, short, tick

RULE = (
    "{name: loud, kind: threshold, metric: noise, above: {yellow: {attribute: limit, default: 60}, red: 80}, "
    "hold: {attribute: wait, default: 10s}}"
)


def known(name: str, **attributes: str) -> Sensor:
    return replace(sensor(name, "noise"), attributes=attributes)


def test_each_sensor_is_judged_by_its_own_values() -> None:
    city = catalogue(RULE, known("a"), known("b", limit="55"), known("c", limit="70", wait="1s"), known("d"))
    found = judge(city, [frame(*((name, "noise", 0, 62) for name in "abcd")), tick(5), tick(20)])
    assert [(each.sensor, *short([each]), each.limit) for each in found] == [
        ("a", "fired yellow @10", 60),
        ("b", "fired yellow @10", 55),
        ("d", "fired yellow @10", 60),
    ]
    found = judge(city, [frame(("c", "noise", 0, 72)), tick(20)])
    assert short(found) == ["fired yellow @1"]
    assert {each.rule_hash for each in found} == {city.rules[0].hash}


def test_a_window_and_a_change_take_them_too() -> None:
    rules = """
    {name: w, kind: window, metric: noise, aggregate: mean, every: 10s, above: {red: {attribute: limit}}}
    {name: c, kind: change, measure: delta, metric: noise, above: {red: {attribute: limit, default: 5}}}
    """
    city = catalogue(rules, known("a", limit="7"), known("b", limit="90"))
    records = [frame(*((name, "noise", at, at * 8) for at in (0, 1, 2) for name in "ab")), tick(10)]
    assert [(each.rule, each.sensor) for each in judge(city, records)] == [("c", "a"), ("w", "a")]


def test_sensors_with_equal_values_share_what_judges_them() -> None:
    city = catalogue(RULE, known("a"), known("b"), known("c", limit="60"), known("d", limit="60"))
    engine = Engine(city, partition=0, partitions=1)
    run(engine, [frame(*((name, "noise", 0, 1) for name in "abcd"))])
    plans = [engine.series(name, "noise") for name in "abcd"]
    watches = [each.plan for each in plans if each is not None]
    assert watches[0] is watches[1] is not watches[2] is watches[3]
    assert watches[0].watches[0].hash == watches[2].watches[0].hash, "by other words they judge alike"


def test_a_changed_attribute_starts_only_its_series_fresh() -> None:
    before = catalogue(RULE, known("a"), known("b"))
    engine = Engine(before, partition=0, partitions=1)
    assert len(run(engine, [frame(("a", "noise", 0, 65), ("b", "noise", 0, 65)), tick(30)])) == 2
    after = replace(before, sensors={"a": known("a"), "b": known("b", limit="64")})
    assert before.hash != after.hash
    again = Engine(after, partition=0, partitions=1)
    again.start(engine.position, engine.clock, {n: (engine.position, data) for n, data in engine.pack().items()})
    found = run(again, [tick(31), frame(("a", "noise", 40, 1), ("b", "noise", 40, 65)), tick(60)])
    assert [(each.sensor, *short([each])) for each in found] == [
        ("b", "cleared yellow @31"),
        ("a", "cleared yellow @40"),
        ("b", "fired yellow @50"),
    ]


def faults(rule: str, *sensors: Sensor) -> list[str]:
    found, wrong = parse_rules(f"rules:\n  - {rule}", "rules.yaml")
    assert not wrong
    city = Catalogue({each.id: each for each in sensors}, tuple(found))
    # Without `check` the judge leaves such a rule out for such a sensor, and goes on.
    judge(city, [frame(*((each.id, "noise", 0, 99) for each in sensors)), tick(60)])
    return [str(fault) for fault in check_catalogue(city, ["env"])]


@pytest.mark.parametrize(
    ("attributes", "fault"),
    [
        ({"limit": "85"}, "above.red: for b the limit of red is 80, which is not greater than that of yellow, 85"),
        ({"limit": "10min"}, "above.yellow: limit of b is 10min, which is not a number"),
        ({"wait": "5"}, "hold: wait of b is 5, which is not a length of time"),
    ],
)
def test_values_that_the_rule_can_do_nothing_with(attributes: dict[str, str], fault: str) -> None:
    [told] = faults(RULE, known("a"), known("b", **attributes))
    assert f"rules.yaml:2: rules[0].{fault}" in told


def test_a_value_that_somebody_lacks_and_no_default() -> None:
    rule = RULE.replace(", default: 60", "")
    assert faults(rule, known("a", limit="50")) == []
    [told] = faults(rule, known("a", limit="50"), known("b"), known("c"))
    assert "above.yellow: b has no attribute 'limit', and there is no default (2 of 3 sensors" in told
    assert not faults(rule.replace("metric", "where: {sensor: a}, metric"), known("a", limit="50"), known("b"))


def test_clear_values_keep_their_order_for_every_sensor() -> None:
    below = (
        "{name: r, kind: threshold, metric: noise, below: {yellow: {attribute: y, default: 20}, red: 10}, "
        "clear: {yellow: 30, red: {attribute: r, default: 15}}}"
    )
    assert faults(below, known("a")) == []
    [told] = faults(below, known("a", y="35"))
    assert "clear.yellow: for a yellow clears at 30, which is below its limit 35" in told
    [told] = faults(below, known("a", r="31"))
    assert "clear.red: for a red clears at 31, later than yellow at 30" in told
    [told] = faults(below, known("a", y="9"))
    assert "below.red: for a the limit of red is 10, which is not less than that of yellow, 9" in told


HEADER = "id,kind,department,district,lat,lon,metrics,interval,attributes\n"


def test_the_column_of_the_registry() -> None:
    sensors, wrong = parse_registry(
        HEADER + "a,noise,env,north,1,2,noise,1min,limit=55  wait=10min x=-1.5e3\n", "s.csv"
    )
    assert not wrong
    assert sensors["a"].attributes == {"limit": "55", "wait": "10min", "x": "-1.5e3"}


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("limit", "'limit' is not an attribute"),
        ("=5", "'=5' is not an attribute"),
        ("Limit=5", "'Limit=5' is not an attribute"),
        ("a=5 a=6", "'a' is there twice"),
        ("a=loud", "a: 'loud' is neither a number nor a length of time"),
        ("a=nan", "a: 'nan' is neither"),
        ("a=1e999", "a: '1e999' is neither"),
        (" ".join(f"a{n}=1" for n in range(33)), "33 attributes, 32 at most"),
    ],
)
def test_faults_of_the_column(cell: str, fault: str) -> None:
    _, wrong = parse_registry(HEADER + f"a,noise,env,north,1,2,noise,1min,{cell}\n", "s.csv")
    [told] = [str(each) for each in wrong]
    assert f"s.csv:2: attributes: {fault}" in told


def test_an_empty_cell_has_none() -> None:
    assert parse_attributes("", lambda *_: None) == {}
