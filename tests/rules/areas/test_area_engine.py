"""The area engine itself: its clock, what comes late or twice, what it keeps and what it lets go of."""

from dataclasses import replace

import pytest

from rules.areas.engine import AreaEngine
from rules.areas.event import SILENT, Event, group_chunk
from rules.areas.member import Member, PlainValues
from rules.areas.pair import Pair
from rules.areas.state import PackedAreas, encode, unpack
from rules.areas.summary import VERSION, Summary
from rules.catalogue import Catalogue
from rules.clock import ClockState
from rules.finding import Finding
from rules.levels import Level, Levels
from rules.log import LogGapError
from rules.rule import Rule
from rules.state import StateError
from tests.support.area_kinds import any_rule
from tests.support.judging import T, catalogue, frame, sensor, tick

ON = Levels(True, (Level("on", 10, 10),))
RULE = any_rule("r", Member("pm25", ON), delay=2000)
SENSORS = [sensor("a"), sensor("b"), sensor("c", district="south")]


def city(*rules: Rule, sensors: list[object] | None = None) -> Catalogue:
    base = catalogue("", *(sensors or SENSORS))  # type: ignore[arg-type]
    return Catalogue(base.sensors, rules or (RULE,))


def key_of(found: Catalogue, area: str = "north", rule: str = "r") -> str:
    return next(key for key, (_, group) in found.areas.groups.items() if (group.rule, group.name) == (rule, area))


CITY = city()
KEY = key_of(CITY)


def on(at: float, order: int = 0, sensor: str = "a", severity: str = "on", member: int = 0, why: str = "") -> Event:
    return Event(KEY, member, sensor, T + round(at * 1000), order, severity, 20.0, 5, why)


def say(through: float, *events: Event, source: int = 0) -> Summary:
    """What a source says, `through` being seconds after T, below 0 for no time."""
    return Summary(VERSION, source, T + 9, T + round(through * 1000) if through >= 0 else -1, events=events)


def go(engine: AreaEngine, *summaries: Summary) -> list[str]:
    return [short(found) for each in summaries for found in engine.summary(engine.position, each)]


def short(found: Finding) -> str:
    assert found.area is not None
    return f"{found.area.name} {found.change} {found.severity or found.was} @{(found.at - T) / 1000:g}"


def engine(partitions: int = 1, partition: int = 0) -> AreaEngine:
    return AreaEngine(CITY, partition=partition, partitions=partitions)


def test_a_time_is_decided_when_all_sources_and_the_delay_have_passed() -> None:
    home = group_chunk(KEY) % 2
    judge = engine(2, home)
    assert go(judge, say(-1, on(1)), say(9)) == []
    assert judge.clock.now == 0
    assert go(judge, say(2, source=1)) == []
    assert judge.clock.now == T + 2000
    assert go(judge, say(3, source=1)) == ["north fired yellow @1"]
    assert go(judge, say(2, source=1)) == []
    assert judge.clock.now == T + 3000


def test_what_happens_at_one_time_is_judged_together() -> None:
    judge = engine()
    events = on(1), on(1, 1, severity=""), on(1, sensor="b"), on(1, 1, "b", "")
    assert go(judge, say(9, *events)) == []
    assert judge.counts().findings == 0


def test_a_repeat_is_counted_and_changes_nothing() -> None:
    judge = engine()
    assert go(judge, say(5, on(1))) == ["north fired yellow @1"]
    assert go(judge, say(9, on(1), on(4, severity=""), on(1, 1))) == ["north cleared yellow @4"]
    assert judge.counts().repeats == 2


def test_what_comes_late_counts_from_the_first_time_that_is_open() -> None:
    judge = engine()
    assert go(judge, say(9), say(10, on(3))) == ["north fired yellow @7.001"]
    assert judge.counts().late == 1
    # As late, and then in time: they stay in the order in which their sensor said them.
    assert go(judge, say(11, on(4, severity=""), on(8.001)), say(12)) == []


def test_a_late_value_counts_not_at_all() -> None:
    found = city(any_rule("r", Member("pm25", PlainValues())))
    judge = AreaEngine(found, partition=0, partitions=1)
    event = Event(key_of(found), 0, "a", T + 1000, 0, "", 5.0)
    judge.summary(0, say(9))
    judge.summary(1, say(10, event))
    assert judge.counts().late == 1
    kept = judge.judged(event.group)
    assert kept is not None and not kept.waiting
    judge.summary(2, say(20, replace_at(event, 11), replace_at(event, 11.5)))
    assert judge.counts().late == 1


def replace_at(event: Event, at: float) -> Event:
    return Event(event.group, event.member, event.sensor, T + round(at * 1000), 0, "", event.value)


def test_what_is_for_nobody_is_passed_over() -> None:
    judge = engine()
    strange = Event("r#00000000|north", 0, "a", T, 0, "on")
    assert go(judge, say(9, strange, on(1, sensor="c"), on(1, member=1), on(1, member=-2))) == []
    assert judge.counts().late == judge.counts().repeats == 0
    assert judge.judged("r#00000000|nowhere") is None
    assert unpack(judge.pack()[group_chunk(KEY)]).groups == []


def test_the_same_again_is_no_news_but_values_are() -> None:
    judge = engine()
    go(judge, say(1, on(1), on(2), on(3, member=-1, severity=SILENT), on(4, member=-1, severity=SILENT)))
    kept = judge.judged(KEY)
    assert kept is not None
    assert [(each.at - T, each.member) for each in kept.waiting] == [(1000, 0), (3000, -1)]


def test_records_come_one_after_the_other() -> None:
    judge = engine()
    judge.skip(0)
    with pytest.raises(LogGapError):
        judge.summary(2, say(1))
    with pytest.raises(LogGapError):
        judge.skip(0)
    assert (judge.position, judge.ready, judge.derived) == (1, True, [])


def test_a_fact_must_be_of_use() -> None:
    judge = engine(2, group_chunk(KEY) % 2)
    with pytest.raises(ValueError, match="of no use"):
        judge.start(5, ClockState(), {group_chunk(KEY): (4, b"")})
    with pytest.raises(ValueError, match="of no use"):
        judge.start(5, ClockState(), {group_chunk(KEY) + 1: (6, b"")})
    judge.start(5, ClockState(), {group_chunk(KEY): (7, b"")})
    with pytest.raises(RuntimeError, match="1 chunks"):
        judge.pack()


def test_bytes_that_are_no_state() -> None:
    whole = encode(PackedAreas(2, 0, 0, 0, [], []))
    for data, words in ((b"\xc1", "not the state"), (whole, "version 2")):
        with pytest.raises(StateError, match=words):
            unpack(data)
    judge = engine()
    go(judge, say(9, on(1)))
    packed = unpack(judge.pack()[group_chunk(KEY)])
    packed.groups[0].state = type(packed.groups[0].state)(b"\xc0")
    with pytest.raises(StateError, match="the state of r#"):
        judge.start(1, ClockState(), {group_chunk(KEY): (1, encode(packed))})


def test_before_a_catalogue_is_in_force_all_state_is_kept() -> None:
    judge = engine()
    go(judge, say(9, on(1)))
    packed, clock = judge.pack(), judge.clock
    blind = AreaEngine(partition=0, partitions=1)
    blind.start(1, clock, {number: (1, data) for number, data in packed.items()})
    assert blind.summary(1, say(10, on(8, severity=""))) == []
    assert blind.pack() == packed
    assert blind.counts() == judge.counts()
    news = Summary(VERSION, 0, T, T + 11_000, "0a1b2c3d", 1, (on(9, severity=""),))
    assert blind.news(news)
    assert [short(each) for each in blind.summary(2, news, CITY)] == ["north cleared yellow @9"]
    assert not blind.news(news)


def test_the_episode_of_a_rule_that_judges_otherwise_is_ended_and_others_go_on() -> None:
    both = city(RULE, any_rule("s", Member("pm25", ON)))
    judge = AreaEngine(both, partition=0, partitions=1)
    other = key_of(both, rule="s")
    judge.summary(0, say(9, on(1), Event(other, 0, "a", T + 1000, 0, "on")))
    changed = city(any_rule("r", Member("pm25", ON), least=2), any_rule("s", Member("pm25", ON)))
    found = judge.summary(1, Summary(VERSION, 0, T, T + 9000, "0a1b2c3d", 1), changed)
    assert [(each.rule, short(each), each.revision) for each in found] == [("r", "north cleared yellow @9", 2)]
    assert found[0].entity == "north/pm25"
    assert list(judge.judged(other).known) == [(0, "a")]  # type: ignore[union-attr]
    assert judge.summary(2, Summary(VERSION, 0, T, T + 10_000, "0a1b2c3d", 1)) == []
    judge.summary(3, Summary(VERSION, 0, T, -1, "0a1b2c3d", 1, (Event(other, 0, "b", T + 20_000, 0),)))
    judge.summary(4, Summary(VERSION, 0, T, T + 30_000, "0a1b2c3d", 1, (Event(other, 0, "a", T + 20_000, 0),)))
    assert judge.summary(5, Summary(VERSION, 0, T, T + 30_000, "0a1b2c3d", 2), city(RULE)) == []


def test_a_group_with_others_in_it_is_looked_at_anew() -> None:
    judge = engine()
    go(judge, say(9, on(1), on(7.5, sensor="b")))
    moved = city(RULE, sensors=[sensor("b"), replace(sensor("c"), status="maintained")])
    judge.summary(1, Summary(VERSION, 0, T, T + 9000, "0a1b2c3d", 1), moved)
    kept = judge.judged(KEY)
    assert kept is not None
    assert list(kept.known) == [(0, "b")]
    assert kept.look == T + 7001
    packed = judge.pack()
    again = AreaEngine(moved, partition=0, partitions=1)
    again.start(2, judge.clock, {number: (2, data) for number, data in packed.items()})
    assert again.pack() == packed
    judge.summary(2, Summary(VERSION, 0, T, T + 20_000, "0a1b2c3d", 1))
    assert kept.look > T + 20_000 and not kept.waiting
    assert judge.pack() != packed


def test_a_rule_on_single_sensors_names_them() -> None:
    found = city(any_rule("r", Member("pm25", ON), by="sensor"))
    judge = AreaEngine(found, partition=0, partitions=1)
    [one] = judge.summary(0, say(9, Event(key_of(found, "a"), 0, "a", T + 1000, 0, "on", 20.0, 5)))
    assert (one.sensor, one.entity, one.departments, one.key) == ("a", "a/pm25", ("env",), b"r|a/pm25")
    assert one.text == "r 1 of 1 in a: yellow"
    assert one.area is not None and one.area.members == (("a", "on", 20.0, T + 1000),)


def test_a_pair_has_the_face_of_an_engine() -> None:
    pair = Pair(catalogue("", sensor("a")))
    assert (pair.position, pair.ready, pair.derived, pair.clock) == (0, True, [], ClockState())
    pair.skip(0)
    assert pair.tick(1, tick(1)) == []
    assert (pair.position, pair.areas.position, pair.clock.now) == (2, 2, T + 1000)
    watched = Pair(CITY)
    watched.frame(0, frame(("a", "pm25", 1, 20)))
    assert [short(each) for each in watched.tick(1, tick(9))] == ["north fired yellow @1"]
    assert (watched.counts().findings, watched.series("a", "pm25") is None) == (1, False)
