"""What only the whole city shows of its area rules."""

from dataclasses import replace

import pytest

from rules.areas.composite import Area
from rules.areas.member import Member, PlainValues
from rules.catalogue import Catalogue, check_catalogue, parse_rules
from rules.geography import Shape
from tests.support.area_kinds import any_rule
from tests.support.judging import catalogue, sensor

SHAPES = {"square": Shape("square", ((((9.0, 9.0), (9.1, 9.0), (9.1, 9.1), (9.0, 9.0)),),))}
SMOG = "{name: smog, kind: threshold, metric: pm25, above: {yellow: 5, red: 9}}"
MUTE = "{name: mute, kind: silence, metric: [pm25, noise], after: 1h, severity: red}"
WIDE = "{name: wide, kind: quorum, of: {metric: pm25, above: 5}, at_least: {red: 1}}"


def faults(text: str, area: str = "district", more: str = "", shapes: bool = True) -> list[str]:
    rule = f"{{name: q, kind: quorum, of: {text}, at_least: {{yellow: 1}}, area: {area}{more}}}"
    items = "".join(f"\n  - {each}" for each in (SMOG, MUTE, WIDE, rule))
    rules, wrong = parse_rules(f"rules:{items}", "r.yaml")
    assert not wrong
    sensors = [sensor("a", "pm25", "noise"), sensor("b", "pm25", "noise", district="south")]
    city = Catalogue({each.id: each for each in sensors}, tuple(rules), shapes=SHAPES if shapes else {})
    return [str(each) for each in check_catalogue(city, ["env"])]


def test_a_sound_rule_has_no_fault() -> None:
    for member in (
        "{rule: smog}",
        "{rule: smog, severity: red}",
        "{rule: mute, metric: noise}",
        "{metric: pm25, below: 5}",
    ):
        assert faults(member) == []


@pytest.mark.parametrize(
    ("member", "message"),
    [
        ("{rule: smogg}", "of: there is no rule 'smogg'. did you mean 'smog'?"),
        ("{rule: smog, severity: rad}", "of: smog has no severity 'rad'. did you mean 'red'?"),
        ("{rule: smog, metric: noise}", "of: smog is about pm25, not noise. say which: {rule: smog, metric: pm25}"),
        ("{rule: mute}", "of: mute is about pm25, noise. say which: {rule: mute, metric: pm25}"),
        ("{rule: wide}", "of: it counts sensors, and wide is about groups of them. refer to a rule on single sensors"),
        ("{rule: wide, severity: blue}", "of: wide has no severity 'blue'. one of: red"),
        ("{metric: pm10, above: 5}", "rules[3]: no sensor that it selects measures pm10"),
    ],
)
def test_whom_it_refers_to(member: str, message: str) -> None:
    assert any(each.endswith(message) and each.startswith("r.yaml:5: ") for each in faults(member)), faults(member)


@pytest.mark.parametrize(
    ("area", "message"),
    [
        ("group", "there is no group: no sensor that it selects has a group. fill the registry's column group"),
        (
            "{inside: square}",
            "no sensor that it selects is inside 'square'. is the shape on the right side",
        ),
        ("{inside: sqare}", "the map has no shape 'sqare'. did you mean 'square'?"),
    ],
)
def test_whom_it_asks(area: str, message: str) -> None:
    [found] = faults("{metric: pm25, above: 5}", area)
    assert f"r.yaml:5: rules[3].area: {message}" in found


def test_a_city_without_a_map() -> None:
    [found] = faults("{metric: pm25, above: 5}", "{inside: square}", shapes=False)
    assert found.endswith("there is no districts.geojson")


def test_more_sensors_than_there_are() -> None:
    [found] = faults("{metric: pm25, above: 5}", "city", ", healthy: 3")
    assert "healthy: 3 sensors must be answerable, and the largest group has 2. it would never decide" in found


def test_rules_that_refer_to_each_other() -> None:
    rules = any_rule("a", Member(rule="b")), any_rule("b", Member(rule="a"))
    found = [each.message for each in check_catalogue(Catalogue({"s": sensor("s")}, rules), [])]
    assert found == ["it refers to itself: a → b → a", "it refers to itself: b → a → b"]


def test_neighbours_that_nobody_has() -> None:
    rule = any_rule("a", Member("pm25", PlainValues()), by="neighbours")
    one, two = sensor("s"), sensor("t")
    [found] = check_catalogue(Catalogue({"s": one, "t": two}, (rule,)), [])
    assert found.message == "there is no group: no sensor that it selects has another one downstream"
    assert check_catalogue(Catalogue({"s": replace(one, downstream=("t",)), "t": two}, (rule,)), []) == []


def test_a_shape_with_sensors_and_one_without() -> None:
    inside = replace(sensor("s"), lat=9.05, lon=9.09)
    rule = any_rule("a", Member("pm25", PlainValues()), by="inside")
    spec = replace(rule.spec, area=Area("inside", inside=("square", "empty")))  # type: ignore[type-var]
    shapes = SHAPES | {"empty": Shape("empty", ((((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)),),))}
    [found] = check_catalogue(Catalogue({"s": inside}, (replace(rule, spec=spec),), shapes=shapes), [])
    assert found.message == "no sensor that it selects is inside 'empty'"


def test_a_rule_on_a_faulty_rule_adds_no_fault_of_its_own() -> None:
    rules = any_rule("a", Member(rule="nobody")), any_rule("b", Member(rule="a"))
    [found] = check_catalogue(Catalogue({"s": sensor("s")}, rules), [])
    assert found.message == "there is no rule 'nobody'"


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("{rule: smog}, at_least: {red: 1}, amend: 1h", "smog, which it refers to, takes nothing back"),
        (
            "{rule: put-right}, at_least: {red: 1}, amend: 2h",
            "put-right, which it refers to, takes back what it said for 1h only",
        ),
        ("{rule: put-right}, at_least: {red: 1}, amend: 1h", ""),
        ("{rule: put-right}, at_least: {red: 1}", ""),
        ("{rule: clean}, at_least: {red: 1}, amend: 1h", ""),
    ],
)
def test_who_takes_back_more_than_what_it_rests_on(rules: str, message: str) -> None:
    """An index, which is never late, is no reason to say so."""
    smog = "{name: smog, kind: threshold, metric: pm25, above: {red: 1}}"
    clean = "{name: clean, kind: threshold, metric: nowcast_pm25, above: {red: 1}}"
    put_right = "{name: put-right, kind: threshold, metric: pm25, above: {red: 1}, amend: 1h}"
    city = catalogue(f"{smog}\n{clean}\n{put_right}\n{{name: q, kind: quorum, of: {rules}}}", sensor("a", "pm25"))
    found = [str(each) for each in check_catalogue(city, ["env"]) if each.key.endswith(".amend")]
    assert [each.partition("rules[3].amend: ")[2].startswith(message) for each in found] == [True] * bool(message)
    assert not message or found[0].endswith("give smog amend: 1h too" if "smog" in message else "amend: 2h too")
