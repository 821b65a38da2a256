"""The keys of area rules: what they mean, and every mistake with its line and what to do."""

import pytest

from rules.areas.composite import Area, CompositeSpec
from rules.areas.fields import parse_values
from rules.areas.member import Member, PlainValues, WindowValues, unit_of_values
from rules.areas.part import Part
from rules.areas.quorum_machine import Step
from rules.catalogue import parse_rules
from rules.kinds.area import AreaSpec
from rules.kinds.change import ChangeSpec
from rules.kinds.quorum import QuorumSpec
from rules.kinds.silence import SilenceSpec
from rules.kinds.window import WindowSpec
from rules.levels import Level, Levels
from rules.rule import Rule
from rules.strict_yaml import read_yaml

QUORUM = "{name: q, kind: quorum, of: {metric: pm25, above: 115}, at_least: {yellow: 2, red: 4}, area: city}"
AREA = "{name: a, kind: area, metric: noise, aggregate: mean, every: 5min, across: max, above: {red: 70}, area: city}"


def parse(text: str) -> tuple[list[Rule], list[str]]:
    rules, faults = parse_rules(f"rules:\n  - {text}", "r.yaml")
    return rules, [f"{each.line} {each.key}: {each.message}" for each in faults]


def spec_of(text: str) -> CompositeSpec:
    rules, faults = parse(text)
    assert not faults
    assert isinstance(rules[0].spec, CompositeSpec)
    return rules[0].spec


def test_a_quorum_with_all_its_keys() -> None:
    text = "{name: q, kind: quorum, of: {metric: pm25, above: {low: 5, high: 9}, clear: {low: 4}, hold: 5min}, "
    text += "at_least: {yellow: 30%, red: 60%}, clear: {red: 50%}, within: 10min, healthy: 3, area: group, "
    assert spec_of(text + "delay: 9s, silent: 1h}") == QuorumSpec(
        members=(Member("pm25", Levels(True, (Level("low", 5, 4), Level("high", 9, 9)), 300_000)),),
        area=Area("group"),
        delay=9000,
        silent=3_600_000,
        steps=(Step("yellow", Part(30, True)), Step("red", Part(60, True), Part(50, True))),
        within=600_000,
        healthy=Part(3),
    )


def test_what_a_quorum_does_not_say() -> None:
    spec = spec_of(QUORUM.replace(", area: city", ""))
    assert isinstance(spec, QuorumSpec)
    assert (spec.area, spec.delay, spec.silent, spec.within) == (Area("district"), 5000, 0, 0)
    assert str(spec.healthy) == "50%"
    assert spec.members == (Member("pm25", Levels(True, (Level("on", 115, 115),))),)
    assert (spec.severities(), spec.metrics) == (("yellow", "red"), ("pm25",))


@pytest.mark.parametrize(
    ("member", "wanted"),
    [
        ("{metric: pm25, below: 5, clear: 6}", Member("pm25", Levels(False, (Level("on", 5, 6),)))),
        ("{metric: pm25, silent: 10min}", Member("pm25", SilenceSpec(600_000, "silent"))),
        ("{rule: smog-pm25}", Member(rule="smog-pm25")),
        ("{rule: smog, severity: red, metric: pm10}", Member("pm10", None, "smog", "red")),
        (
            "{metric: pm25, measure: rate, per: 1h, above: 5}",
            Member("pm25", ChangeSpec("rate", Levels(True, (Level("on", 5, 5),)), per=3_600_000)),
        ),
        (
            "{metric: pm25, aggregate: mean, every: 1h, above: 5}",
            Member("pm25", WindowSpec("mean", 3_600_000, 0, Levels(True, (Level("on", 5, 5),)))),
        ),
    ],
)
def test_what_a_member_may_be(member: str, wanted: Member) -> None:
    assert spec_of(QUORUM.replace("{metric: pm25, above: 115}", member)).members == (wanted,)


@pytest.mark.parametrize(
    ("area", "wanted"),
    [
        ("district", Area("district")),
        ("{radius: 500m}", Area("radius", 500)),
        ("{radius: 2km}", Area("radius", 2000)),
        ("{inside: old-town}", Area("inside", inside=("old-town",))),
        ("{inside: [b, a]}", Area("inside", inside=("b", "a"))),
    ],
)
def test_what_an_area_may_be(area: str, wanted: Area) -> None:
    assert spec_of(QUORUM.replace("area: city", f"area: {area}")).area == wanted


def test_an_area_rule_waits_for_each_sensor_as_long_as_for_all() -> None:
    text = AREA.replace("across: max", "over: 1h, at_least: 3, across: percentile, rank: 90, delay: 20s, healthy: 30%")
    window = WindowSpec("mean", 300_000, 20_000, Levels(True, ()), 3_600_000, least_count=3)
    assert spec_of(text) == AreaSpec(
        members=(Member("noise", WindowValues(window)),),
        area=Area("city"),
        delay=20_000,
        across="percentile",
        levels=Levels(True, (Level("red", 70, 70),)),
        rank=90,
        healthy=Part(30, True),
    )
    assert spec_of(AREA.replace("across: max", "across: leq")).metrics == ("noise",)


OF = "{metric: pm25, above: 115}"


@pytest.mark.parametrize(
    ("text", "old", "new", "key", "message"),
    [
        (QUORUM, f"of: {OF}, ", "", "", "the key 'of' is missing"),
        (QUORUM, "at_least: {yellow: 2, red: 4}, ", "", "", "the key 'at_least' is missing"),
        (QUORUM, OF, "pm25", ".of", "must be a mapping"),
        (QUORUM, OF, "{above: 5}", ".of", "neither a metric nor a rule"),
        (QUORUM, OF, "{metric: pm2, above: 5}", ".of.metric", "unknown: 'pm2'"),
        (QUORUM, OF, "{metric: pm25, above: 5, holds: 5s}", ".of.holds", "unknown key"),
        (QUORUM, OF, "{metric: pm25, aggregate: mean, above: 5, evry: 5s}", ".of", "the key 'every' is missing"),
        (QUORUM, OF, "{metric: pm25, measure: stuck}", ".of", "the key 'above' or 'below' is missing"),
        (QUORUM, OF, "{aggregate: mean, metric: [], every: 1h, above: 1}", ".of.metric", "must be text"),
        (QUORUM, OF, "{metric: pm25, measure: rate, above: 5}", ".of", "the key 'per' is missing"),
        (QUORUM, OF, "{metric: pm25, silent: 1ms}", ".of.silent", "1ms is too short"),
        (QUORUM, OF, "{metric: pm25, silent: 1h, above: 5}", ".of.above", "unknown key"),
        (QUORUM, OF, "{silent: 1h, metric: {}}", ".of.metric", "must be text"),
        (QUORUM, OF, "{rule: Smog}", ".of.rule", "'Smog' is not the name of a rule"),
        (QUORUM, OF, "{rule: smog, above: 5}", ".of.above", "unknown key"),
        (QUORUM, OF, "{rule: smog, severity: Red}", ".of.severity", "'Red' is not a severity"),
        (QUORUM, OF, "{rule: smog, severity: 5}", ".of.severity", "must be text"),
        (QUORUM, OF, "{rule: smog, metric: pm}", ".of.metric", "unknown: 'pm'"),
        (QUORUM, OF, "{rule: 5}", ".of.rule", "must be text"),
        (QUORUM, "{yellow: 2, red: 4}", "{}", ".at_least", "no severity"),
        (QUORUM, "{yellow: 2, red: 4}", "3", ".at_least", "must be a mapping"),
        (QUORUM, "{yellow: 2, red: 4}", "{yellow: 4, red: 4}", ".at_least", "each must be greater"),
        (QUORUM, "{yellow: 2, red: 4}", "{yellow: 2, red: 40%}", ".at_least", "numbers and per cent in one rule"),
        (QUORUM, "{yellow: 2, red: 4}", "{yellow: 0}", ".at_least.yellow", "'0' is not a part of the sensors"),
        (QUORUM, "{yellow: 2, red: 4}", "{yellow: 101%}", ".at_least.yellow", "'101%' is not a part"),
        (QUORUM, "{yellow: 2, red: 4}", "{yellow: []}", ".at_least.yellow", "must be a single value"),
        (QUORUM, "{yellow: 2, red: 4}", "{Yellow: 2}", ".at_least.Yellow", "'Yellow' is not a severity"),
        (QUORUM, "area: city", "clear: {blue: 1}", ".clear", "no such severity: blue"),
        (QUORUM, "area: city", "clear: {red: 4}", ".clear", "must be less than the 4 of red"),
        (QUORUM, "area: city", "clear: 3", ".clear", "must be a mapping"),
        (QUORUM, "area: city", "within: 5", ".within", "must be a length of time"),
        (QUORUM, "area: city", "healthy: most", ".healthy", "'most' is not a part"),
        (QUORUM, "area: city", "delay: 5", ".delay", "must be a length of time"),
        (QUORUM, "area: city", "silent: 1ms", ".silent", "1ms is too short"),
        (QUORUM, "area: city", "area: sensor", ".area", "a quorum is of more sensors than that"),
        (QUORUM, "area: city", "area: town", ".area", "unknown: 'town'"),
        (QUORUM, "area: city", "area: []", ".area", "must be a mapping"),
        (QUORUM, "area: city", "area: {}", ".area", "give one area"),
        (QUORUM, "area: city", "area: {radius: 5km, inside: a}", ".area", "give one area"),
        (QUORUM, "area: city", "area: {radius: 5}", ".area.radius", "must be text"),
        (QUORUM, "area: city", "area: {radius: 5miles}", ".area.radius", "'5miles' is not a distance"),
        (QUORUM, "area: city", "area: {radius: 101km}", ".area.radius", "'101km' is not a distance"),
        (QUORUM, "area: city", "area: {radius: 9999999m}", ".area.radius", "'9999999m' is not a distance"),
        (QUORUM, "area: city", "area: {radius: 0m}", ".area.radius", "'0m' is not a distance"),
        (QUORUM, "area: city", "area: {inside: []}", ".area.inside", "an empty list"),
        (QUORUM, "area: city", "area: {inside: [a, a]}", ".area.inside", "a shape is there twice"),
        (QUORUM, "area: city", "area: {inside: [5]}", ".area.inside[0]", "must be text"),
        (AREA, "across: max, ", "", "", "the key 'across' is missing"),
        (AREA, "every: 5min, ", "", "", "the key 'every' is missing"),
        (AREA, "aggregate: mean, ", "", "", "the key 'aggregate' is missing"),
        (AREA, "metric: noise, ", "", "", "the key 'metric' is missing"),
        (AREA, "aggregate: mean", "aggregate: average", ".aggregate", "unknown: 'average'"),
        (AREA, "every: 5min", "every: 5min, over: 1min", ".over", "must be longer than 'every'"),
        (AREA, "across: max", "across: most", ".across", "unknown: 'most'"),
        (AREA, "across: max", "across: percentile", "", "the key 'rank' is missing"),
        (AREA, "across: max", "across: max, rank: 90", ".rank", "belongs to 'percentile'"),
        (
            AREA,
            "metric: noise, aggregate: mean, every: 5min, across: max",
            "metric: pm25, aggregate: mean, every: 5min, across: leq",
            ".across",
            "'leq' is of sound levels",
        ),
        (AREA, "area: city", "area: neighbours", ".area", "an aggregate is of more sensors than that"),
        (AREA, "above: {red: 70}", "above: {}", ".above", "no severity"),
    ],
)
def test_a_mistake_is_named(text: str, old: str, new: str, key: str, message: str) -> None:
    assert old in text
    _, faults = parse(text.replace(old, new, 1))
    assert any(each.startswith(f"2 rules[0]{key}: {message}") for each in faults), faults


def values(text: str) -> tuple[Member | None, list[str]]:
    root, faults = read_yaml(text, "r.yaml")
    assert root is not None
    return parse_values(root), [each.message for each in faults]


def test_values_may_be_asked_for() -> None:
    assert values("{metric: pm25}") == (Member("pm25", PlainValues()), [])
    member, faults = values("{metric: pm25, aggregate: mean, every: 5min}")
    assert member is not None and member.reports and not faults
    assert values("{metric: pm25, every: 5min}")[1] == ["belongs to windows"]
    assert values("{metric: pm25, aggregate: mean}")[1] == ["the key 'every' is missing"]
    assert values("{every: 5min}")[1] == ["the key 'metric' is missing"]


def test_the_unit_of_what_members_bring() -> None:
    window = WindowSpec("count", 1000, 0, Levels(True, ()))
    change = ChangeSpec("percent", Levels(True, ()))
    specs = (None, WindowValues(window), window, change, PlainValues())
    assert [unit_of_values("pm25", each) for each in specs] == ["ug/m3", "readings", "readings", "%", "ug/m3"]


def test_a_kind_says_itself_what_judges() -> None:
    with pytest.raises(TypeError, match="machine"):
        CompositeSpec(members=())  # type: ignore[abstract]
    assert spec_of(AREA.replace("max", "count")).unit(()) == "sensors"
