"""Area rules that refer to area rules: one hears of the other at once, and they live together."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from rules.areas.engine import AreaEngine
from rules.areas.event import Event, group_chunk
from rules.areas.family import circles, families, ranks
from rules.areas.health import HealthSpec
from rules.areas.judged import Judged
from rules.areas.member import Member
from rules.areas.pair import Pair
from rules.areas.summary import VERSION, Summary
from rules.catalogue import Catalogue, parse_rules
from rules.derived.settings import Indices
from rules.finding import Finding
from rules.kinds.silence import SilenceSpec
from rules.levels import Level, Levels
from rules.rule import Where
from tests.support.area_kinds import any_rule
from tests.support.judging import T, frame, sensor, tick


def above(limit: float, metric: str = "pm25") -> Member:
    return Member(metric, Levels(True, (Level("on", limit, limit),)))


SENSORS = [sensor("a", "pm25", "noise"), sensor("b", "pm25"), sensor("c", "pm25", "noise", district="south")]


def city(*rules: object, extra: str = "") -> Catalogue:
    lines = "\n".join(f"  - {line}" for line in extra.splitlines()) or "  []"
    simple, faults = parse_rules(f"rules:\n{lines}", "r.yaml")
    assert not faults
    return Catalogue({each.id: each for each in SENSORS}, (*simple, *rules))  # type: ignore[arg-type]


def play(catalogue: Catalogue, *events: tuple[str, str, float, float] | float) -> list[str]:
    """Readings and ticks (seconds after T), and in short what the area rules find."""
    return [short(each) for each in found(Pair(catalogue), *events)]


def found(pair: Pair, *events: tuple[str, str, float, float] | float) -> list[Finding]:
    news: list[Finding] = []
    for event in events:
        record = frame(event) if isinstance(event, tuple) else tick(event)
        news += (pair.tick if record.tick else pair.frame)(pair.position, record)
    return [each for each in news if each.area is not None]


def short(each: Finding) -> str:
    assert each.area is not None
    severity = each.severity or each.was
    return f"{each.rule} {each.area.name} {each.change} {severity} @{(each.at - T) / 1000:g}"


def test_who_is_whose_family() -> None:
    wanted = {"e": ["b"], "d": ["simple"], "c": ["e"], "b": [], "z": ["y"], "y": []}
    assert families(wanted) == {"e": "b", "c": "b", "b": "b", "z": "y", "y": "y"}
    assert list(ranks(wanted)) == ["b", "d", "y", "e", "z", "c"]


def test_circles_have_no_rank_and_are_named() -> None:
    wanted = {"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"], "e": ["e"], "f": []}
    assert list(ranks(wanted)) == ["f"]
    found = {name: " ".join(way) for name, way in circles(wanted).items()}
    assert found == {"a": "a b c a", "b": "b c a b", "c": "c a b c", "e": "e e"}
    assert circles({"a": ["b", "c"], "b": ["c"], "c": ["b"]}) == {"b": ["b", "c", "b"], "c": ["c", "b", "c"]}


LOW = any_rule("low", above(10))
HIGH = any_rule("high", Member(rule="low"), above(70, "noise"), least=1)


def test_a_rule_hears_of_another_in_the_same_instant() -> None:
    catalogue = city(HIGH, LOW)
    assert [each.rank for each in catalogue.areas.rules.values()] == [1, 0]
    assert {group_chunk(key) for key in catalogue.areas.groups} == {group_chunk("high/low#x|y")}
    assert play(catalogue, ("a", "pm25", 1, 20), ("a", "noise", 2, 80), 3, ("a", "pm25", 4, 1), 5) == [
        "low north fired yellow @1",
        "high north fired yellow @1",
        "high north changed red @2",
        "low north cleared yellow @4",
        "high north changed yellow @4",
    ]


def test_a_group_is_heard_by_those_that_hold_all_of_it() -> None:
    wide = any_rule("wide", Member(rule="low"), by="city")
    narrow = any_rule("narrow", Member(rule="low"), by="sensor")
    catalogue = city(LOW, wide, narrow)
    heard = {key.split("#")[0] + "|" + key.split("|")[1]: catalogue.areas.above(key) for key in catalogue.areas.groups}
    assert [key.split("/")[1].split("#")[0] for key, _ in heard["low/low|south"]] == ["wide", "narrow"]
    assert [key.split("/")[1].split("#")[0] for key, _ in heard["low/low|north"]] == ["wide"]
    assert play(catalogue, ("b", "pm25", 1, 20), ("c", "pm25", 1, 20), 2) == [
        "low north fired yellow @1",
        "low south fired yellow @1",
        "narrow c fired yellow @1",
        "wide city fired yellow @1",
    ]


def test_where_may_narrow_a_rule_and_the_area_still_means_the_same() -> None:
    loud = any_rule("loud", Member(rule="low"), above(70, "noise"), least=2, where=Where(sensor=("a", "c")))
    catalogue = city(LOW, loud)
    assert play(catalogue, ("b", "pm25", 1, 20), ("a", "noise", 2, 80), 3) == [
        "low north fired yellow @1",
        "loud north fired red @2",
    ]


def test_a_severity_of_another_rule_is_waited_for() -> None:
    both = any_rule("both", above(10), above(70, "noise"))
    only = any_rule("only", Member(rule="both", severity="red"))
    assert play(city(both, only), ("a", "pm25", 1, 20), ("a", "noise", 2, 80), 3, ("a", "noise", 4, 1), 5) == [
        "both north fired yellow @1",
        "both north changed red @2",
        "only north fired yellow @2",
        "both north changed yellow @4",
        "only north cleared yellow @4",
    ]


def test_what_ends_by_itself_is_heard_at_its_own_time() -> None:
    brief = any_rule("brief", above(10), after=1500)
    upper = any_rule("upper", Member(rule="brief"))
    assert play(city(brief, upper), ("a", "pm25", 1, 20), 9) == [
        "brief north fired yellow @1",
        "upper north fired yellow @1",
        "brief north cleared yellow @2.5",
        "upper north cleared yellow @2.5",
    ]


THIN = "{name: hour, kind: window, metric: pm25, aggregate: mean, every: 10s, at_least: 2, above: {red: 5}}"


def test_doubt_is_passed_on_and_so_is_its_end() -> None:
    lower = any_rule("lower", Member(rule="hour"))
    upper = any_rule("upper", Member(rule="lower"))
    pair = Pair(city(lower, upper, extra=THIN))
    first = found(pair, ("a", "pm25", 1, 9), ("a", "pm25", 2, 9), 11, ("a", "pm25", 12, 9), 21)
    assert [short(each) for each in first] == [
        "lower north fired yellow @10",
        "upper north fired yellow @10",
        "lower north undecided yellow @20",
        "upper north undecided yellow @20",
    ]
    assert first[-1].text == "Cannot decide about upper in north: 1 reading in the window"
    again = found(pair, ("a", "pm25", 22, 9), ("a", "pm25", 23, 9), 31)
    assert [short(each) for each in again] == ["lower north changed yellow @30", "upper north changed yellow @30"]


def test_a_whole_family_waits_as_long_as_the_most_patient_of_it() -> None:
    patient = replace(HIGH, spec=replace(HIGH.spec, delay=4000))
    catalogue = city(patient, LOW)
    assert {each.delay for each in catalogue.areas.rules.values()} == {4000}
    assert play(catalogue, ("a", "pm25", 1, 20), 4.9) == []
    assert play(catalogue, ("a", "pm25", 1, 20), 5) == ["low north fired yellow @1", "high north fired yellow @1"]


def test_rules_in_a_circle_and_on_what_is_not_there_judge_nothing() -> None:
    catalogue = city(
        any_rule("a", Member(rule="b")),
        any_rule("b", Member(rule="a")),
        any_rule("c", Member(rule="nobody")),
        any_rule("d", Member(rule="quiet")),
        any_rule("e", Member("pm10", rule="quiet")),
        any_rule("f", Member("pm25", rule="quiet")),
        any_rule("g", Member(rule="c")),
        extra="{name: quiet, kind: silence, metric: [pm25, noise], after: 5s, severity: red}",
    )
    assert list(catalogue.areas.rules) == ["f"]
    assert not catalogue.areas.rules["f"].members[0].health


def test_a_rule_that_comes_later_is_told_how_the_other_stands() -> None:
    old, new = city(LOW), city(LOW, any_rule("late", Member(rule="low")))
    assert {key.partition("|")[0] for key in old.areas.groups} != {key.partition("|")[0] for key in new.areas.groups}
    family = city(LOW, any_rule("first", Member(rule="low")))
    grown = city(LOW, any_rule("first", Member(rule="low")), any_rule("later", Member(rule="low")))
    areas = AreaEngine(family, partition=0, partitions=1)
    [key] = [key for key in family.areas.groups if "/low#" in key and key.endswith("north")]
    on = Summary(VERSION, 0, T, T + 2000, events=(Event(key, 0, "a", T + 1000, 0, "on", 20.0, 1),))
    assert [short(each) for each in areas.summary(0, on)] == [
        "low north fired yellow @1",
        "first north fired yellow @1",
    ]
    switched = areas.summary(1, Summary(VERSION, 0, T, T + 3000, "0a1b2c3d", 1), grown)
    assert [short(each) for each in switched] == ["later north fired yellow @2.001"]
    assert areas.summary(2, Summary(VERSION, 0, T, T + 4000, "0a1b2c3d", 1), grown) == []
    assert (areas.clock.catalogue, areas.clock.serial) == ("0a1b2c3d", 1)


def test_a_group_that_is_gone_is_on_no_more_for_those_that_heard_of_it() -> None:
    before = city(LOW, any_rule("wide", Member(rule="low"), by="city"))
    after = Catalogue({each.id: replace(each, district="south") for each in SENSORS}, before.rules)
    areas = AreaEngine(before, partition=0, partitions=1)
    [key] = [key for key in before.areas.groups if "/low#" in key and key.endswith("north")]
    areas.summary(0, Summary(VERSION, 0, T, T + 2000, events=(Event(key, 0, "a", T + 1000, 0, "on", 20.0, 1),)))
    found = areas.summary(1, Summary(VERSION, 0, T, T + 3000, "0a1b2c3d", 1), after)
    assert [short(each) for each in found] == ["low north cleared yellow @2", "wide city cleared yellow @2.001"]
    assert found[0].text == "Cleared after 1 s: the rule low has changed or no longer watches north"


@pytest.mark.parametrize("spec", [SilenceSpec(5000, "silent")])
def test_silence_as_a_condition_is_not_its_own_excuse(spec: SilenceSpec) -> None:
    catalogue = city(any_rule("mute", Member("pm25", spec)))
    assert not catalogue.areas.rules["mute"].members[0].health
    assert play(catalogue, ("a", "pm25", 1, 20), 3, 7) == ["mute north fired yellow @6"]


def test_a_parent_that_cannot_judge_hears_nothing() -> None:
    catalogue = city(LOW, any_rule("broken", Member(rule="low"), Member(rule="nobody")))
    assert play(catalogue, ("a", "pm25", 1, 20), 2) == ["low north fired yellow @1"]


def test_what_is_heard_twice_at_one_time_has_an_order() -> None:
    catalogue = city(LOW, HIGH)
    judged = Judged(*next(pair for key, pair in catalogue.areas.groups.items() if "/high#" in key))
    judged.hear(0, "north", 5, ("yellow", ""), 1.0)
    judged.hear(0, "north", 5, ("yellow", ""), 1.0)
    judged.hear(0, "north", 4, ("", ""), None)
    assert [(each.at, each.order, each.severity) for each in judged.waiting] == [(5, 0, "yellow"), (5, 1, "")]


def test_a_daily_metric_is_not_silent_between_two_days() -> None:
    noisy = replace(sensor("n", "noise"), interval=60_000)
    rule = any_rule("night", above(50, "leq_night"), above(50, "leq_hour"))
    catalogue = Catalogue({"n": noisy}, (rule,), (), Indices(ZoneInfo("UTC"), (), 60.0))
    hour = 3_600_000
    hidden = [each.spec for metric in rule.metrics for each in catalogue.areas.feeds.hidden("n", metric)]
    afters = [spec.after for spec in hidden if isinstance(spec, HealthSpec)]
    assert afters == [72 * hour, 3 * hour]
    assert catalogue.areas.rules["night"].delay == 120_000
