"""Which watches a series has: those of the rules that select its sensor, in the order of the catalogue."""

from dataclasses import replace

from rules.geography import Shape
from rules.plans import Plans
from tests.support.judging import catalogue, sensor

RULES = """
{name: all, kind: threshold, metric: pm25, above: {yellow: 1}}
{name: one, kind: threshold, metric: pm25, above: {yellow: 1}, where: {sensor: b}}
{name: north, kind: threshold, metric: pm25, above: {yellow: 1}, where: {district: north}}
{name: park, kind: threshold, metric: pm25, above: {yellow: 1}, where: {inside: park}}
{name: own, kind: threshold, metric: pm25, above: {yellow: {attribute: limit, default: 5}}, where: {kind: air}}
{name: must, kind: threshold, metric: pm25, above: {yellow: {attribute: limit}}}
{name: timed, kind: threshold, metric: pm25, above: {yellow: 1}, when: {between: "22:00-06:00"}}
{name: wet, kind: threshold, metric: rain, above: {yellow: 1}}
"""
SQUARE = ((10.0, 50.0), (11.0, 50.0), (11.0, 51.0), (10.0, 51.0), (10.0, 50.0))


def test_each_series_has_the_watches_of_its_rules_in_order() -> None:
    sensors = [
        replace(sensor("a"), lat=50.5, lon=10.5, attributes={"limit": "7"}),
        replace(sensor("b", district="south"), attributes={"limit": "8"}),
        sensor("c"),
        replace(sensor("d"), kind="weather", attributes={"limit": "7"}),
    ]
    city = replace(catalogue(RULES, *sensors), shapes={"park": Shape("park", ((SQUARE,),))})
    plans = Plans(city)
    watched = {}
    for each in sensors:
        plan = plans.of(each.id, "pm25")
        assert plan is not None
        watched[each.id] = [watch.rule.name for watch in plan.watches]
        selected = [rule.name for rule in city.rules_for(each.id, "pm25")]
        assert watched[each.id] == [name for name in selected if name != "must" or "limit" in each.attributes]
    assert watched == {
        "a": ["all", "north", "park", "own", "must", "timed"],
        "b": ["all", "one", "own", "must", "timed"],
        "c": ["all", "north", "own", "timed"],
        "d": ["all", "north", "must", "timed"],
    }
    assert plans.of("a", "rain") is None and plans.of("x", "pm25") is None


def test_sensors_that_are_alike_share_a_plan() -> None:
    plans = Plans(catalogue(RULES, sensor("a"), sensor("c"), sensor("b")))
    assert plans.of("a", "pm25") is plans.of("c", "pm25")
    assert plans.of("b", "pm25") is not plans.of("a", "pm25")
