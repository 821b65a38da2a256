"""Who is told of what: departments by severity."""

import pytest

from rules.areas.member import PlainValues
from rules.catalogue import check_catalogue
from rules.routes import severities_of, told_of
from rules.rule import Rule
from tests.support.judging import catalogue, frame, judge

RULE = "{name: r, kind: threshold, metric: pm25, above: {yellow: 10, orange: 20, red: 30}, notify: NOTIFY}"
BOTH = "{yellow: [health], red: [fire, health]}"


def told(notify: str, *values: float) -> list[tuple[str, tuple[str, ...]]]:
    city = catalogue(RULE.replace("NOTIFY", notify))
    records = [frame(("a", "pm25", at, value)) for at, value in enumerate(values)]
    return [(each.severity, each.departments) for each in judge(city, records)]


def test_a_severity_without_an_entry_takes_the_nearest_milder_one() -> None:
    assert told(BOTH, 25) == [("orange", ("health",))]
    assert told("{red: fire}", 25) == [("orange", ("env",))], "no milder one: the sensor's own"
    assert told("{red: fire}", 35) == [("red", ("fire",))]


def test_who_was_told_hears_of_all_that_becomes_of_it() -> None:
    assert told(BOTH, 15, 35, 15, 0) == [
        ("yellow", ("health",)),
        ("red", ("health", "fire")),
        ("yellow", ("health", "fire")),
        ("", ("health", "fire")),
    ]
    assert told("{yellow: health, red: fire}", 35, 15, 0) == [
        ("red", ("fire",)),
        ("yellow", ("fire", "health")),
        ("", ("fire", "health")),
    ]


def test_departments_that_nobody_knows_are_faults() -> None:
    city = catalogue(RULE.replace("NOTIFY", "{yellow: health, red: [fir]}"))
    [fault] = check_catalogue(city, ["env", "health", "fire"])
    assert str(fault) == "rules.yaml:2: rules[0].notify.red: there is no department 'fir'. did you mean 'fire'?"


def test_every_kind_of_rule_has_its_severities_in_order() -> None:
    def rule(text: str) -> Rule:
        return catalogue(text).rules[0]

    silence = rule("{name: s, kind: silence, metric: pm25, after: 1min, severity: red}")
    change = rule("{name: c, kind: change, measure: delta, metric: pm25, above: {blue: 1, red: 2}}")
    assert severities_of(silence.spec) == ("red",)
    assert severities_of(change.spec) == ("blue", "red")
    quorum = rule("{name: q, kind: quorum, of: {metric: pm25, above: 1}, at_least: {low: 1, high: 2}}")
    assert severities_of(quorum.spec) == ("low", "high")
    assert severities_of(PlainValues()) == ()


@pytest.mark.parametrize("severity", ["", "strange"])
def test_what_has_no_severity_goes_where_the_mildest_goes(severity: str) -> None:
    routes = (("low", ("a",)), ("high", ("b",)))
    assert told_of(severity, ("low", "high"), (), routes, ("own",)) == ("a",)
    assert told_of(severity, (), (), routes, ("own",)) == ("own",)
    assert told_of(severity, (), ("n",), (), ("own",)) == ("n",)
