"""The keys `when`, `where`, `notify` and values from attributes: what they are read as, and every fault."""

from datetime import date

import pytest

from rules.attributes import Reference
from rules.levels import Levels
from rules.rule import Rule
from rules.rule_file import parse_rules
from rules.when import When
from rules.where import Near, Where

RULE = "{name: r, kind: threshold, metric: noise, above: {yellow: 60, red: 70}, MORE}"


def rule(more: str, text: str = RULE) -> Rule:
    found, faults = parse_rules(f"rules:\n  - {text.replace('MORE', more)}", "r.yaml")
    assert not faults, faults
    return found[0]


def faults(more: str, text: str = RULE) -> list[str]:
    _, wrong = parse_rules(f"rules:\n  - {text.replace('MORE', more)}", "r.yaml")
    assert wrong
    return [str(fault) for fault in wrong]


def test_when() -> None:
    assert rule("when: {calendar: school, days: [tue, mon], between: '22:00-06:00'}").when == (
        When(("school",), (0, 1), ((1320, 360),)),
    )
    assert rule("when: [{between: ['00:00-24:00', '23:00-00:00']}, {from: 2026-02-28, until: '2028-02-29'}]").when == (
        When(between=((0, 1440), (1380, 1440))),
        When(first=date(2026, 2, 28), last=date(2028, 2, 29)),
    )


@pytest.mark.parametrize(
    ("when", "fault"),
    [
        ("5", "when: must be a mapping"),
        ("[]", "when: an empty list"),
        ("{}", "when: says nothing"),
        ("[{days: mon}, {}]", "when[1]: says nothing"),
        ("{days: mon, day: mon}", "when.day: unknown key. did you mean 'days'?"),
        ("{days: monday}", "when.days: unknown: 'monday'"),
        ("{calendar: [A]}", "when.calendar[0]: 'A' is not the name of a calendar"),
        ("{calendar: []}", "when.calendar: an empty list"),
        ("{calendar: [[a]]}", "when.calendar[0]: must be text"),
        ("{between: '22-6'}", "when.between: '22-6' is no time of the day"),
        ("{between: []}", "when.between: an empty list"),
        ("{between: [[1]]}", "when.between[0]: must be a single value"),
        ("{between: '22:60-23:00'}", "a day has 00:00 to 24:00"),
        ("{between: '24:00-23:00'}", "a day has 00:00 to 24:00"),
        ("{between: '22:00-24:01'}", "a day has 00:00 to 24:00"),
        ("{between: '22:00-22:00'}", "begins and ends at the same time"),
        ("{from: 2026-02-29}", "when.from: '2026-02-29' is no day"),
        ("{from: '2026-W01-1'}", "when.from: '2026-W01-1' is no day"),
        ("{from: 20260228}", "when.from: '20260228' is no day"),
        ("{from: [1]}", "when.from: must be a single value"),
        ("{from: 2026-03-02, until: 2026-03-01}", "when.until: is before 'from'"),
    ],
)
def test_faults_of_when(when: str, fault: str) -> None:
    [told] = faults(f"when: {when}")
    assert fault in told


def test_a_rule_on_groups_has_times_too() -> None:
    text = "{name: q, kind: quorum, of: {metric: pm25, above: 100}, at_least: {red: 2}, MORE}"
    assert rule("when: {days: mon}", text).when == (When(days=(0,)),)
    assert "when.days: unknown: 'moon'" in faults("when: {days: moon}", text)[0]


def test_where_on_the_map() -> None:
    assert rule("where: {inside: [b, a], kind: noise}").where == Where(("noise",), inside=("a", "b"))
    assert rule("where: {near: {lat: 51.05, lon: -13, radius: 2km}}").where.near == Near(2000, 51.05, -13.0)
    assert rule("where: {near: {sensor: n-1, radius: 500m}}").where.near == Near(500, sensor="n-1")


@pytest.mark.parametrize(
    ("where", "fault"),
    [
        ("{inside: []}", "where.inside: an empty list"),
        ("{inside: 'a b'}", "where.inside: 'a b' is not a name"),
        ("{near: 5}", "where.near: must be a mapping"),
        ("{near: {lat: 1, lon: 2}}", "where.near: the key 'radius' is missing"),
        ("{near: {radius: 1km}}", "where.near: name one place"),
        ("{near: {radius: 1km, lat: 1}}", "where.near: name one place"),
        ("{near: {radius: 1km, lat: 1, lon: 1, sensor: a}}", "where.near: name one place"),
        ("{near: {radius: 1km, lat: 91, lon: 1}}", "where.near.lat: 91 is not between -90 and 90"),
        ("{near: {radius: 1km, lat: x, lon: 1}}", "where.near.lat: must be a number"),
        ("{near: {radius: 1km, lat: 1, lon: 181}}", "where.near.lon: 181 is not between -180 and 180"),
        ("{near: {radius: 1km, sensor: [a, b]}}", "where.near.sensor: name one sensor"),
        ("{near: {radius: 1km, sensor: 'a b'}}", "where.near.sensor: 'a b' is not a name"),
        ("{near: {radius: 1.5km, sensor: a}}", "where.near.radius: '1.5km' is not a distance"),
        ("{near: {radius: 0m, sensor: a}}", "'0m' is not a distance"),
        ("{near: {radius: 101km, sensor: a}}", "'101km' is not a distance"),
        ("{near: {radius: 5, sensor: a}}", "where.near.radius: must be text"),
        ("{near: {radius: '5', lat: 1, lon: 1}}", "'5' is not a distance"),
    ],
)
def test_faults_of_where(where: str, fault: str) -> None:
    [told] = faults(f"where: {where}")
    assert fault in told


def test_routes() -> None:
    found = rule("notify: {yellow: environment, red: [environment, emergency]}")
    assert (found.notify, found.routes) == ((), (("yellow", ("environment",)), ("red", ("environment", "emergency"))))
    assert rule("notify: emergency").routes == ()
    assert rule("notify: emergency").judgement_hash == found.judgement_hash
    assert rule("notify: emergency").hash != found.hash


@pytest.mark.parametrize(
    ("notify", "fault"),
    [
        ("{}", "notify: no severity"),
        ("{Red: a}", "notify.Red: 'Red' is not a severity"),
        ("{red: []}", "notify.red: an empty list"),
        ("{orange: a}", "notify.orange: the rule has no severity 'orange'"),
        ("{red: 'a b'}", "notify.red: 'a b' is not a name"),
        ("[a, a]", "notify[1]: 'a' is there twice"),
    ],
)
def test_faults_of_routes(notify: str, fault: str) -> None:
    [told] = faults(f"notify: {notify}")
    assert fault in told


ATTRIBUTED = """{name: r, kind: threshold, metric: noise, above: {yellow: {attribute: limit, default: 60}, red: RED},
  hold: {attribute: hold_noise, default: 10min}, keep_firing: {attribute: kept}}"""


def test_values_from_attributes() -> None:
    found = rule(
        "", ATTRIBUTED.replace("RED", "{attribute: worst, default: 70}, orange: 80").replace(", orange", ", x")
    )
    assert isinstance(found.spec, Levels)
    assert (found.spec.hold, found.spec.keep_firing) == (600_000, 0)
    assert [(level.limit, level.clear) for level in found.spec.levels] == [(60, 60), (70, 70), (80, 80)]
    assert set(found.attributes) == {
        Reference("hold", "hold_noise", True),
        Reference("keep_firing", "kept", False),
        Reference("above.yellow", "limit", True),
        Reference("above.red", "worst", True),
        Reference("clear.yellow", "limit", True),
        Reference("clear.red", "worst", True),
    }
    assert found.hash != rule("", "{name: r, kind: threshold, metric: noise, above: {yellow: 60}}").hash


def test_a_clear_value_of_its_own_stays() -> None:
    text = "{name: r, kind: change, measure: delta, metric: noise, above: {red: {attribute: a}}, clear: {red: 5}}"
    found = rule("", text)
    assert found.attributes == (Reference("above.red", "a", False),)
    both = rule("", text.replace("red: 5", "red: {attribute: b, default: 4}"))
    assert both.attributes == (Reference("above.red", "a", False), Reference("clear.red", "b", True))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("attribute: limit", "atribute: limit", "above.yellow.atribute: unknown key"),
        ("{attribute: limit, default: 60}", "{default: 60}", "above.yellow: the key 'attribute' is missing"),
        ("attribute: limit", "attribute: Limit", "above.yellow.attribute: 'Limit' is not the name of an attribute"),
        ("attribute: limit", "attribute: 5", "above.yellow.attribute: must be text"),
        ("default: 60", "default: 10min", "above.yellow: must be a number"),
        ("default: 60", "default: 75", "above.red: must be greater than the limit before it, 75"),
        ("default: 10min", "default: 5", "hold.default: must be a length of time"),
    ],
)
def test_faults_of_attributes(old: str, new: str, fault: str) -> None:
    text = ATTRIBUTED.replace("RED", "70").replace(old, new)
    assert any(fault in told for told in faults("", text)), faults("", text)


def test_silence_takes_no_attribute() -> None:
    text = "{name: r, kind: silence, metric: noise, after: {attribute: a, default: 1h}, severity: red}"
    assert faults("", text) == ["r.yaml:2: rules[0].after: must be a length of time, not a mapping. "
                                "write a whole number and ms, s, min, h or d, such as 90s, 5min, 1h"]  # fmt: skip
