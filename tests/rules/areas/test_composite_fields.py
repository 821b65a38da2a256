"""The keys of sequence, compare, combine and incident: what they mean, and every mistake with its line."""

import pytest

from rules.areas.combine_machine import Together
from rules.areas.compare_machine import Comparison
from rules.areas.composite import Area, CompositeSpec
from rules.areas.conditions import Condition
from rules.areas.incident_machine import Scale
from rules.areas.member import Member, PlainValues, Resolved, WindowValues
from rules.areas.sequence_machine import Order
from rules.catalogue import check_catalogue, parse_rules
from rules.indices.incident_california import California
from rules.kinds.combine import CombineSpec
from rules.kinds.compare import CompareSpec
from rules.kinds.incident import IncidentSpec
from rules.kinds.sequence import SequenceSpec
from rules.kinds.silence import SilenceSpec
from rules.kinds.window_spec import WindowSpec
from rules.levels import Level, Levels
from rules.strict_yaml import read_yaml
from tests.support.judging import catalogue, sensor

MINUTE = 60_000
SLOW = Member("speed", Levels(False, (Level("on", 15, 15),)))
FULL = Member("occupancy", Levels(True, (Level("on", 0.3, 0.3),)))
SEQUENCE = "{name: s, kind: sequence, first: {metric: speed, below: 15}, THEN, within: 10min, severity: red}"
COMPARE = "{name: c, kind: compare, left: LEFT, right: RIGHT, measure: difference, AGE, above: {red: 5}}"
COMBINE = "{name: b, kind: combine, PARTS, severity: red}"
INCIDENT = "{name: i, kind: incident, every: 1min, severity: red}"


def faults_of(text: str) -> list[str]:
    _, faults = parse_rules(f"rules:\n  - {text}", "r.yaml")
    return [f"{each.line} {each.key}: {each.message}" for each in faults]


def spec_of(text: str) -> CompositeSpec:
    rules, faults = parse_rules(f"rules:\n  - {text}", "r.yaml")
    assert not faults, faults
    assert isinstance(rules[0].spec, CompositeSpec)
    return rules[0].spec


def compare(left: str = "{metric: pm25}", right: str = "{metric: pm10}", age: str = "age: 10min") -> str:
    return COMPARE.replace("LEFT", left).replace("RIGHT", right).replace("AGE", age)


def sequence(then: str = "then: {metric: occupancy, above: 0.3}") -> str:
    return SEQUENCE.replace("THEN", then)


def combine(parts: str) -> str:
    return COMBINE.replace("PARTS", parts)


def test_sequences() -> None:
    found = spec_of(sequence())
    assert found == SequenceSpec(members=(SLOW, FULL), delay=5000, order=Order("red", 10 * MINUTE))
    assert (found.severities(), found.text) == (("red",), "{rule} at {area}: one came within 10min of the other")
    missing = spec_of(sequence("missing: {metric: occupancy, above: 0.3}"))
    assert isinstance(missing, SequenceSpec)
    assert missing.order.missing
    assert missing.text == "{rule} at {area}: nothing came within 10min"
    units = (Resolved("speed", "km/h"), Resolved("occupancy", ""))
    assert (found.unit(units), missing.unit(units)) == ("", "km/h")
    pair = spec_of(sequence()[:-1] + ", area: neighbours}")
    text = sequence("then: {metric: speed, below: 15, at: upstream}").replace("15},", "15, at: downstream},", 1)
    turned = spec_of(text[:-1] + ", area: neighbours}")
    assert isinstance(pair, SequenceSpec) and isinstance(turned, SequenceSpec)
    assert (pair.order.sides, turned.order.sides) == (("upstream", "downstream"), ("downstream", "upstream"))
    assert turned.members == (SLOW, SLOW)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (sequence("then: {metric: speed, below: 15}"), "2 rules[0].then: is the same condition as 'first'"),
        (sequence("delay: 1s"), "2 rules[0]: the key 'then' or 'missing' is missing"),
        (sequence("then: {rule: a}, missing: {rule: b}"), "2 rules[0]: give either then or missing"),
        (sequence("then: speed"), "2 rules[0].then: must be a mapping (key: value), not the text 'speed'"),
        (
            sequence("then: {rule: a, at: upstream}"),
            "2 rules[0].then.at: only neighbours have an upstream and a downstream",
        ),
        (sequence("then: {rule: a, at: left}")[:-1] + ", area: neighbours}", "2 rules[0].then.at: unknown: 'left'"),
        (sequence().replace("severity: red", "severity: RED"), "2 rules[0].severity: 'RED' is not a severity"),
        (sequence().replace("10min", "0s"), "2 rules[0].within: 0s is too short, 1 ms at least"),
        (sequence().replace("first: {metric: speed, below: 15}, ", ""), "2 rules[0]: the key 'first' is missing"),
        (sequence().replace(", within: 10min, severity: red", ""), "2 rules[0]: the key 'severity' is missing"),
        (sequence()[:-1] + ", area: here}", "2 rules[0].area: unknown: 'here'"),
        (sequence().replace("below: 15", "under: 15"), "2 rules[0].first.under: unknown key"),
    ],
)
def test_mistakes_in_a_sequence(text: str, fault: str) -> None:
    assert fault in faults_of(text)


def test_comparisons() -> None:
    levels = Levels(True, (Level("red", 5, 5),))
    members = (Member("pm25", PlainValues()), Member("pm10", PlainValues()))
    found = spec_of(compare())
    assert isinstance(found, CompareSpec)
    assert found == CompareSpec(members=members, delay=5000, comparison=Comparison("difference", levels, 10 * MINUTE))
    assert (found.severities(), found.levels) == (("red",), levels)
    assert found.text == "Difference of pm25 and pm10 at {area}: {value} {unit}, limit {limit}"
    units = (Resolved("pm25", "ug/m3"), Resolved("pm10", "ug/m3"))
    assert found.unit(units) == "ug/m3"
    joined = spec_of(compare(age="within: 30s").replace("difference", "ratio"))
    assert isinstance(joined, CompareSpec)
    assert (joined.comparison.age, joined.comparison.within, joined.unit(units)) == (-1, 30_000, "")
    assert joined.unit((units[0], Resolved("co", "mg/m3"))) == "ug/m3 per mg/m3"
    named = spec_of(compare(right="{metric: pm25, sensor: ref-1}"))
    assert isinstance(named, CompareSpec)
    assert named.members[1] == Member("pm25", PlainValues(), sensor="ref-1")
    assert named.text == "Difference of pm25 at {area} and ref-1: {value} {unit}, limit {limit}"
    window = spec_of(compare("{metric: pm25, aggregate: mean, every: 1h}"))
    assert window.members[0] == Member("pm25", WindowValues(WindowSpec("mean", 3_600_000, 0, Levels(True, ()))))
    pair = spec_of(compare(right="{metric: pm25}")[:-1] + ", area: neighbours, hold: 5min}")
    assert isinstance(pair, CompareSpec)
    assert (pair.comparison.sides, pair.comparison.levels.hold) == (("upstream", "downstream"), 5 * MINUTE)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (compare(age="hold: 1s"), "2 rules[0]: the key 'age' or 'within' is missing"),
        (compare(age="age: 1s, within: 1s"), "2 rules[0]: give either age or within"),
        (compare(right="{metric: pm25}"), "2 rules[0].right: is the same as 'left'"),
        (compare(right="{metric: noise}"), "2 rules[0].measure: ug/m3 and dB(A) have no difference"),
        (
            compare(right="{metric: occupancy}", left="{metric: speed}"),
            "2 rules[0].measure: km/h and 1 have no difference",
        ),
        (
            compare("{metric: pm25, sensor: a}", "{metric: pm25, sensor: b}"),
            "2 rules[0].right: one of the two must be of the sensors that the rule selects",
        ),
        (
            compare(right="{metric: pm25, sensor: b}")[:-1] + ", area: neighbours}",
            "2 rules[0].right.sensor: neighbours are known already",
        ),
        (compare(right="{metric: pm25, sensor: 7}"), "2 rules[0].right.sensor: must be text, not the number '7'"),
        (
            compare()[:-1] + ", area: district}",
            "2 rules[0].area: two values are compared at one sensor or between neighbours",
        ),
        (compare(right="{metric: pm10, every: 1h}"), "2 rules[0].right.every: belongs to windows"),
        (compare(right="{}"), "2 rules[0].right: the key 'metric' is missing"),
        (compare(right="pm10"), "2 rules[0].right: must be a mapping (key: value), not the text 'pm10'"),
        (compare().replace("right: {metric: pm10}, ", ""), "2 rules[0]: the key 'right' is missing"),
        (compare().replace("measure: difference, ", ""), "2 rules[0]: the key 'measure' is missing"),
        (compare().replace("above: {red: 5}", "hold: 1s"), "2 rules[0]: the key 'above' or 'below' is missing"),
    ],
)
def test_mistakes_in_a_comparison(text: str, fault: str) -> None:
    assert fault in faults_of(text)


def test_combinations() -> None:
    text = "all: [{metric: speed, below: 15}, {any: [{rule: jam, severity: red}, {not: {metric: speed, below: 15}}]}]"
    found = spec_of(combine(text + ", hold: 10min, keep_firing: 5min"))
    slow, jam = Condition("is", (), 0), Condition("is", (), 1)
    condition = Condition("all", (slow, Condition("any", (jam, Condition("not", (slow,))))))
    assert found == CombineSpec(
        members=(SLOW, Member("", None, "jam", "red")),
        delay=5000,
        together=Together(condition, "red", 10 * MINUTE, 5 * MINUTE),
    )
    assert found.severities() == ("red",)
    silent = spec_of(combine("not: {metric: pm25, silent: 10min, sensors: all}, area: district, silent: 1h, delay: 9s"))
    assert silent.members == (Member("pm25", SilenceSpec(10 * MINUTE, "silent")),)
    assert (silent.area, silent.silent, silent.delay) == (Area("district"), 60 * MINUTE, 9000)
    wide = spec_of(combine("any: [{rule: a, sensors: 3}, {rule: b, sensors: any}]"))
    assert isinstance(wide, CombineSpec)
    assert [part.need for part in wide.together.condition.parts] == [3, 1]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (combine("hold: 1s"), "2 rules[0]: give one of all, any, not"),
        (combine("all: [{rule: a}], any: [{rule: b}]"), "2 rules[0]: give one of all, any"),
        (combine("all: {rule: a}"), "2 rules[0].all: must be a list, not a mapping"),
        (combine("all: []"), "2 rules[0].all: an empty list"),
        (combine("all: [a]"), "2 rules[0].all[0]: must be a mapping (key: value), not the text 'a'"),
        (combine("all: [{any: [{rule: a}], rule: b}]"), "2 rules[0].all[0].rule: does not go with 'any'"),
        (combine("all: [{any: [{rule: a}], not: {rule: b}}]"), "2 rules[0].all[0]: give one of any, not"),
        (combine("all: [{rule: a, sensors: most}]"), "2 rules[0].all[0].sensors: unknown: 'most'"),
        (combine("all: [{rule: a, sensors: 0}]"), "2 rules[0].all[0].sensors: must be a whole number from 1 to 1000"),
        (combine("all: [{speed: 3}]"), "2 rules[0].all[0]: neither a metric nor a rule"),
        (
            combine("not: " + "{not: " * 8 + "{rule: a}" + "}" * 8),
            "2 rules[0].not" + ".not" * 8 + ": is nested deeper than 8",
        ),
        (
            combine("all: [" + ", ".join(f"{{rule: r{n}}}" for n in range(33)) + "]"),
            "2 rules[0]: 33 conditions, 32 at most",
        ),
        (combine("all: &loop [{all: *loop}]"), "2 rules[0].all" + "[0].all" * 8 + ": is nested deeper than 8"),
        (combine("all: [{rule: a}], hold: soon"), "2 rules[0].hold: 'soon' is not a length of time"),
    ],
)
def test_mistakes_in_a_combination(text: str, fault: str) -> None:
    assert fault in faults_of(text)


def test_incidents() -> None:
    found = spec_of(INCIDENT)
    window = WindowSpec("mean", MINUTE, 5000, Levels(True, ()))
    assert found == IncidentSpec(
        members=(Member("occupancy", WindowValues(window)),),
        area=Area("neighbours"),
        delay=5000,
        scale=Scale(MINUTE, "red", "", California()),
    )
    assert (found.severities(), found.unit((Resolved("occupancy", "1"),))) == (("red",), "1")
    more = spec_of(INCIDENT[:-1] + ", tentative: yellow, at_least: 30s, limits: {drop: 0.2, surge: -0.5}, delay: 1min}")
    assert isinstance(more, IncidentSpec)
    assert more.scale == Scale(MINUTE, "red", "yellow", California(surge=-0.5, drop=0.2))
    assert more.severities() == ("yellow", "red")
    assert more.members[0].spec == WindowValues(WindowSpec("mean", MINUTE, MINUTE, Levels(True, ()), least_time=30_000))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (INCIDENT[:-1] + ", area: city}", "2 rules[0].area: an incident lies between neighbours"),
        (INCIDENT[:-1] + ", tentative: red}", "2 rules[0].tentative: is the severity of a confirmed incident too"),
        (INCIDENT[:-1] + ", limits: {drops: 0.2}}", "2 rules[0].limits.drops: unknown key"),
        (INCIDENT[:-1] + ", limits: {drop: 2}}", "2 rules[0].limits.drop: must be from 0 to 1"),
        (INCIDENT[:-1] + ", limits: {surge: 0.4}}", "2 rules[0].limits.surge: must be from -10 to 0"),
        (INCIDENT[:-1] + ", limits: {drop: much}}", "2 rules[0].limits.drop: must be a number, not the text 'much'"),
        (INCIDENT[:-1] + ", limits: 3}", "2 rules[0].limits: must be a mapping (key: value), not the number '3'"),
        (INCIDENT.replace("every: 1min, ", ""), "2 rules[0]: the key 'every' is missing"),
        (INCIDENT.replace(", severity: red", ""), "2 rules[0]: the key 'severity' is missing"),
    ],
)
def test_mistakes_in_an_incident(text: str, fault: str) -> None:
    assert fault in faults_of(text)


def test_check_names_strangers_and_loops_of_every_kind() -> None:
    sensors = (sensor("a", "pm25", "pm10"), sensor("b", "noise"))
    city = catalogue(
        """
        {name: one, kind: combine, all: [{rule: two}, {rule: nobody}], severity: red}
        {name: two, kind: sequence, first: {rule: one}, then: {metric: pm25, above: 5}, within: 1min, severity: red}
        {name: ref, kind: compare, left: {metric: pm25}, right: {metric: pm25, sensor: c}, measure: ratio, age: 1h, above: {red: 2}}
        {name: deaf, kind: compare, left: {metric: pm25}, right: {metric: pm10, sensor: b}, measure: ratio, age: 1h, above: {red: 2}}
        {name: fine, kind: compare, left: {metric: pm25}, right: {metric: noise, sensor: b}, measure: ratio, age: 1h, above: {red: 2}}
        {name: way, kind: compare, area: neighbours, left: {metric: pm25}, right: {metric: pm10}, measure: ratio, age: 1h, above: {red: 2}}
        """,  # noqa: E501
        *sensors,
    )
    faults = [f"{each.line} {each.key}: {each.message}" for each in check_catalogue(city, ["env"])]
    assert faults == [
        "2 rules[0].all: there is no rule 'nobody'",
        "2 rules[0].name: it refers to itself: one → two → one",
        "3 rules[1].name: it refers to itself: two → one → two",
        "4 rules[2].right.sensor: there is no sensor 'c'",
        "5 rules[3].right.sensor: b does not measure pm10",
        "7 rules[5].area: there is no group: no sensor that it selects has another one downstream",
    ]


def test_a_mapping_without_some_entries() -> None:
    root, faults = read_yaml("{a: 1, b: 2}", "r.yaml")
    assert root is not None and not faults
    assert list(root.without("a").entries() or ()) == ["b"]
    assert (root.without("a").entries() or {})["b"].without("a").number() == 2
