"""Why a rule on groups fires, and why it does not: by the log of all partitions."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from alerts.views import AlertView
from rules.areas.pair import Pair
from rules.catalogue import Catalogue
from rules.finding import Finding
from rules.frame import Frame, FrameError, switch
from tests.support.area_logs import Clock, Log, Read, records
from tests.support.judging import T, catalogue, sensor
from urbanpulse.authors.group_answer import why_not_group
from urbanpulse.authors.group_evidence import group_grounds, group_lines
from urbanpulse.authors.group_story import FOREVER, GroupStory, needed, tell_group

PARTITIONS = 3
RULES = """
{name: smog, kind: threshold, metric: pm25, above: {yellow: 10}}
{name: other, kind: threshold, metric: pm25, above: {yellow: 99}}
{name: follows, kind: sequence, first: {metric: pm25, above: 10}, then: {metric: noise, above: 10}, within: 1min, severity: red}
{name: apart, kind: compare, left: {metric: pm25}, right: {metric: noise}, measure: ratio, age: 5min, above: {red: 2}, hold: 1min}
{name: below, kind: compare, left: {metric: pm25}, right: {metric: noise}, measure: ratio, age: 5min, below: {red: 0.1}}
{name: both, kind: combine, all: [{rule: smog}, {not: {metric: noise, above: 10}}], hold: 1min, severity: red}
{name: many, kind: quorum, of: {rule: smog}, at_least: {yellow: 2, red: 3}, healthy: 1}
{name: mean, kind: area, metric: pm25, aggregate: mean, every: 1min, across: mean, above: {red: 50}, healthy: 1}
{name: crash, kind: incident, every: 1min, severity: red}
{name: early, kind: quorum, of: {rule: smog}, at_least: {yellow: 1}, healthy: 1, when: {between: "21:00-22:02"}}
{name: none, kind: combine, area: {radius: 1km}, where: {sensor: c}, all: [{metric: rain, above: 1}], severity: red}
"""  # noqa: E501
CITY = catalogue(
    RULES,
    replace(sensor("a", "pm25", "noise", "occupancy"), downstream=("b",)),
    sensor("b", "pm25", "noise", "occupancy"),
    replace(sensor("c", "pm25", "rain"), status="maintained"),
)


def series(name: str, metric: str, *values: float, every: int = 30) -> list[Read]:
    return [Read(name, metric, number * every * 1000, value) for number, value in enumerate(values)]


def log_of(*reads: list[Read], until: int = 300) -> Log:
    clocks = [Clock(second * 1000) for second in range(0, until + 1, 10)]
    return sorted(
        [*(read for each in reads for read in each), *clocks], key=lambda each: (each.at, isinstance(each, Clock))
    )


def partitioned(log: Log) -> Iterator[tuple[int, int, Frame | FrameError]]:
    """The partitions one after the other, each behind a switch and with a record that nobody can read."""
    for partition in range(PARTITIONS):
        yield partition, 0, switch("0" * 32, 1, T)
        yield partition, 1, FrameError("not_a_frame", "")
        for offset, frame in enumerate(records(log, partition, PARTITIONS), 3):
            yield partition, offset, frame


def story_of(log: Log, rule: str, at: int = FOREVER, city: Catalogue = CITY) -> GroupStory:
    found = next(each for each in city.rules if each.name == rule)
    return tell_group(partitioned(log), city, found, partitions=PARTITIONS, at=at)


def answer(log: Log, rule: str, second: int, name: str) -> tuple[str, str, list[str]]:
    story = story_of(log, rule, T + second * 1000)
    group = next(each for each in story.composite.groups.values() if each.name == name)
    found = why_not_group(story, group)
    return found.code, found.reason, found.more


HIGH = [*series("a", "pm25", 5, 20, 20, 20, 20, 20), *series("b", "pm25", 5, 5, 5, 20, 20, 20)]
CALM = [*series("a", "noise", 5, 5, 5, 5, 5, 5), *series("b", "noise", 5, 5, 5, 5, 5, 5)]


@pytest.mark.parametrize(
    ("rule", "second", "name", "code", "words"),
    [
        ("follows", 20, "a", "not_begun", "a: the first condition has not come, or too long ago"),
        ("follows", 60, "a", "waiting", "has not come"),
        ("apart", 20, "a", "below_limit", "a: the ratio 1 ug/m3 per dB(A) is not above 2 (red)"),
        ("apart", 60, "a", "holding", "a: the ratio 4 ug/m3 per dB(A) is above 2 for 30s of 1min"),
        ("apart", 140, "a", "firing", "a: red since "),
        ("below", 60, "a", "above_limit", "a: the ratio 4 ug/m3 per dB(A) is not below 0.1 (red)"),
        ("both", 20, "a", "not_met", "a: all of (rule smog, not noise) is not true"),
        ("both", 60, "a", "holding", "a: all of (rule smog, not noise) is true for "),
        ("many", 60, "north", "quorum", "north: 1 of 2 sensors say so, yellow needs 2"),
        ("many", 110, "north", "firing", "north: yellow since "),
        ("early", 20, "north", "quorum", "north: 0 of 2 sensors say so, yellow needs 1"),
        ("early", 110, "north", "firing", "north: yellow since "),
        ("early", 140, "north", "calendar_off", "north: calendar off until 2023-11-15T21:00:00.000Z"),
        ("mean", 110, "north", "not_met", "north: its condition is not met"),
        ("none", 110, "around c", "no_data", "around c: nothing was heard of its sensors: c"),
        ("crash", 110, "a>b", "no_data", "a>b: nothing was heard of its sensors: a, b"),
    ],
)
def test_the_plainest_reason_first(rule: str, second: int, name: str, code: str, words: str) -> None:
    found, reason, _ = answer(log_of(HIGH, CALM), rule, second, name)
    assert found == code
    assert words in reason


def test_what_else_there_is_to_know() -> None:
    _, _, more = answer(log_of(HIGH, CALM), "both", 60, "a")
    assert [each.partition(" since")[0] for each in more[:2]] == [
        "rule smog: yes, on at a",
        "noise: no, on nowhere, off at 1",
    ]
    assert answer(log_of(HIGH, CALM), "many", 60, "north")[2][-1] == "c is maintained: it is left out"
    log = log_of(HIGH, CALM, until=100)
    assert any(each.startswith("the area stage's clock has come to ") for each in answer(log, "both", 900, "a")[2])


def test_a_log_that_retention_has_cut() -> None:
    rule = next(each for each in CITY.rules if each.name == "both")
    cut = [each for each in partitioned(log_of(HIGH, CALM)) if each[1] > 5]
    story = tell_group(cut, CITY, rule, partitions=PARTITIONS, at=T + 60_000)
    group = next(each for each in story.composite.groups.values() if each.name == "a")
    words = "the log does not begin at its beginning"
    assert any(each.startswith(words) for each in why_not_group(story, group).more)
    last = told_by_pair(log_of(HIGH, CALM), "both")[-1]
    assert group_grounds(alert_of(last), story).notes[0].startswith(words)


def test_of_what_nobody_can_know() -> None:
    silent = log_of(HIGH, series("a", "noise", 5, 5), until=600)
    assert answer(silent, "both", 400, "a")[0] == "undecided"
    assert answer(silent, "apart", 400, "a")[0] == "undecided"
    one = log_of(series("a", "pm25", 5, 5))
    code, reason, more = answer(one, "apart", 60, "a")
    assert (code, reason) == ("undecided", "a: nothing was compared yet")
    assert more[1] == "right: no value"
    assert answer(log_of(series("a", "pm25", 20, 20)), "both", 60, "a")[1].startswith(
        "a: nobody knows whether all of ("
    )


def test_a_rule_that_another_condition_holds_back() -> None:
    loud = log_of(HIGH, series("a", "noise", 20, 20, 20, 20))
    code, reason, _ = answer(loud, "both", 60, "a")
    assert (code, reason) == ("inhibited", "a: all else is so, but noise is on, which holds it back")
    assert answer(loud, "both", 20, "a")[0] == "not_met", "there is nothing to hold back"


def test_an_incident_is_suspected() -> None:
    upstream = series("a", "occupancy", *[0.2] * 3, *[0.6] * 3, every=60)
    downstream = series("b", "occupancy", *[0.2] * 3, *[0.1] * 3, every=60)
    log = log_of(upstream, downstream, until=420)
    assert answer(log, "crash", 200, "a>b")[1] == "a>b: no incident is begun"
    assert answer(log, "crash", 250, "a>b")[1] == "a>b: an incident is suspected: the next interval must confirm it"
    assert answer(log, "crash", 310, "a>b")[0] == "firing"
    level, rising = (
        series("a", "occupancy", *[0.2] * 5, every=60),
        series("b", "occupancy", 0.2, 0.2, 0.2, 0.5, every=60),
    )
    assert answer(log_of(level, rising), "crash", 260, "a>b")[1].endswith(
        "; 1 intervals after a wave downstream none is begun"
    )


def alert_of(finding: Finding, **more: Any) -> AlertView:
    names = ("text", "episode", "revision", "at", "change", "value", "rule_hash")
    known = {name: getattr(finding, name) for name in names}
    return cast(AlertView, SimpleNamespace(**{**known, "state": "open", "department": "env", **more}))


def told_by_pair(log: Log, rule: str) -> Sequence[Finding]:
    """What both stages say in one partition."""
    pair, found = Pair(CITY), list[Finding]()
    for record in records(log):
        found += (pair.tick if record.tick else pair.frame)(pair.position, record)
    return [each for each in found if each.rule == rule]


@pytest.mark.parametrize("rule", ["apart", "both", "many"])
def test_why_an_alert_is_there(rule: str) -> None:
    log = log_of(HIGH, CALM)
    story = story_of(log, rule)
    last = told_by_pair(log, rule)[-1]
    grounds = group_grounds(alert_of(last), story)
    assert grounds.agrees
    assert grounds.notes == []
    text = "\n".join(group_lines(alert_of(last), story, grounds))
    assert "the log, judged again, agrees with the alert" in text
    assert " since " in text


def test_who_was_left_out_is_named() -> None:
    log = log_of(HIGH, CALM)
    last = told_by_pair(log, "many")[-1]
    story = story_of(log, "many")
    text = group_lines(alert_of(last), story, group_grounds(alert_of(last), story))
    assert "  2 of 2 sensors" in text
    assert "  c is left out: maintained" in text


def test_an_alert_that_the_log_does_not_give() -> None:
    log = log_of(HIGH, CALM)
    last = told_by_pair(log, "both")[-1]
    other = group_grounds(alert_of(last, value=7.0, rule_hash="x"), story_of(log, "both"))
    assert not other.agrees
    assert other.notes == [
        "the rule has changed since: what follows is by the rule as it is now",
        "the log, judged again, does not give the alert's newest finding",
    ]
    gone = group_grounds(alert_of(last, episode="x"), story_of(log, "both"))
    assert gone.notes[-1] == "the log, judged again, does not give this episode"


def test_only_what_is_needed_is_judged() -> None:
    assert [rule.name for rule in needed(CITY, "both").rules] == ["smog", "both"]


def test_readings_after_the_time_asked_for_do_not_count() -> None:
    log = log_of(HIGH, CALM)
    story = story_of(log, "follows", T + 29_000)
    assert story.clock == T + 29_000
    assert all(not judged.state.open for judged in story.judged.values())


def test_what_was_taken_back_is_said_and_what_was_put_right_still_fires() -> None:
    """b says at 150 s that it was calm at 20, and at 200 that it is bad again."""
    city = catalogue(
        "{name: two, kind: quorum, of: {metric: pm25, above: 10}, at_least: {red: 2}, amend: 10min}",
        sensor("a", "pm25"),
        sensor("b", "pm25"),
    )
    log = [*log_of(series("a", "pm25", 5, 20, 20, 20, 20, 20, 20, 20), [Read("b", "pm25", 0, 20)])]
    for read, arrives in ((Read("b", "pm25", 20_000, 5), 150_000), (Read("b", "pm25", 200_000, 20), 200_000)):
        log.insert(next(place for place, each in enumerate(log) if each.at >= arrives), read)

    def at(second: int) -> tuple[str, list[str]]:
        story = story_of(log, "two", T + second * 1000, city)
        [group] = story.composite.groups.values()
        found = why_not_group(story, group)
        return found.code, [each for each in found.more if "was taken back" in each]

    assert at(140) == ("firing", [])
    code, taken_back = at(170)
    assert (code, len(taken_back)) == ("quorum", 1)
    assert at(230) == ("firing", [])
