"""A catalogue comes into force at a record of the log: what goes on, what begins anew, what is ended."""

from dataclasses import replace

import pytest

from rules.catalogue import Catalogue
from rules.clock import ClockState
from rules.counts import Counts
from rules.derived.settings import Indices
from rules.engine import Engine
from rules.frame import Frame, switch
from rules.identity import chunk_of
from rules.log import LogGapError
from tests.support.judging import T, catalogue, frame, run, sensor, short, switch_to, tick

LEVEL = "{name: level, kind: threshold, metric: pm25, above: {yellow: 10}, hold: 60s}"
OTHER = "{name: other, kind: threshold, metric: pm25, above: {red: 20}}"
MINUTE = "{name: minute, kind: window, metric: pm25, aggregate: count, every: 60s, above: {yellow: 0}}"


def engine_of(rules: str | None = None, *records: Frame) -> Engine:
    engine = Engine(None if rules is None else catalogue(rules), partition=0, partitions=1)
    run(engine, records)
    return engine


def test_before_the_first_catalogue_nothing_is_judged_and_the_clock_goes() -> None:
    engine = engine_of(None)
    assert run(engine, [frame(("a", "pm25", 0, 99)), tick(5), frame(("a", "pm25", 6, 99)), tick(70)]) == []
    assert (engine.position, engine.pack(), engine.counts()) == (4, {}, Counts())
    assert (engine.clock.now, engine.clock.catalogue, engine.clock.serial) == (T + 70_000, "", 0)


def test_from_the_record_after_the_switch_on_the_new_catalogue_judges() -> None:
    engine, city = engine_of(None, frame(("a", "pm25", 0, 99))), catalogue(OTHER)
    switch_to(city, 1, engine)
    assert (engine.position, engine.ready, engine.clock.catalogue, engine.clock.serial) == (2, True, city.hash, 1)
    [found] = run(engine, [frame(("a", "pm25", 1, 99))])
    assert (found.rule, found.evidence.first) == ("other", 2)


def test_a_switch_is_a_record_of_the_log_like_all_others() -> None:
    engine = engine_of(LEVEL)
    with pytest.raises(LogGapError, match="0 is next"):
        engine.switch(1, switch("00ff00ff", 1, T), catalogue(OTHER))
    assert engine.clock == ClockState()


@pytest.mark.parametrize("serial", [1, 2])
def test_the_same_switch_again_and_an_older_one_change_nothing(serial: int) -> None:
    engine = engine_of(None)
    switch_to(catalogue(LEVEL), 2, engine)
    run(engine, [frame(("a", "pm25", 0, 12))])
    before = engine.pack(), engine.clock
    assert not engine.news(switch("00ff00ff", serial, T))
    switch_to(catalogue(OTHER), serial, engine)
    assert (engine.pack(), engine.clock) == before
    assert engine.position == 3
    assert short(run(engine, [tick(100)])) == ["fired yellow @60"]


def test_a_hold_an_episode_and_a_window_go_on_when_the_rules_judge_as_before() -> None:
    rules = f"{LEVEL}\n{MINUTE}"
    told = LEVEL.replace("}, hold", '}, notify: [health], text: "Look", hold')
    changed = f"{OTHER}\n{told}\n{MINUTE}"
    for at in (30, 70):  # within the hold, within the episode
        engine = engine_of(rules, frame(("a", "pm25", 0, 12)), tick(at))
        switch_to(catalogue(changed), 1, engine)
        again = engine_of(rules, frame(("a", "pm25", 0, 12)), tick(at), frame())
        after = [frame(("a", "pm25", 100, 12), ("a", "pm25", 110, 1)), tick(200)]
        found = [each for each in run(engine, after) if each.rule != "other"]
        expected = run(again, after)
        assert short(found) == short(expected)
        assert [each.episode for each in found] == [each.episode for each in expected]
        told = {each.departments for each in found if each.rule == "level"}
        assert told == {("health",) if at == 30 else ("env",)}, "who was told of an episode hears of its end"


def test_a_rule_that_judges_otherwise_begins_anew_and_the_next_tick_ends_its_episode() -> None:
    engine = engine_of(LEVEL, frame(("a", "pm25", 0, 12)), tick(70))
    switch_to(catalogue(LEVEL.replace("10", "11")), 1, engine)
    assert run(engine, [frame(("a", "pm25", 75, 12))]) == []
    found = run(engine, [tick(80), tick(136)])
    assert short(found) == ["cleared yellow @80", "fired yellow @135"]
    assert found[0].text == "Cleared after 20 s: the rule level has changed or no longer watches a/pm25"
    assert engine.counts().findings == 3


def test_two_switches_before_a_tick_end_an_episode_once() -> None:
    engine = engine_of(LEVEL, frame(("a", "pm25", 0, 12)), tick(70))
    switch_to(catalogue(OTHER), 1, engine)
    switch_to(catalogue(LEVEL), 2, engine)
    assert short(run(engine, [tick(80), tick(90)])) == ["cleared yellow @80"]


def test_sensors_come_and_go() -> None:
    engine = Engine(catalogue(OTHER, sensor("a")), partition=0, partitions=1)
    run(engine, [frame(("a", "pm25", 0, 99), ("b", "pm25", 0, 99))])
    switch_to(catalogue(OTHER, sensor("b")), 1, engine)
    found = run(engine, [frame(("a", "pm25", 1, 99), ("b", "pm25", 1, 99)), tick(5)])
    assert [(each.sensor, each.change) for each in found] == [("b", "fired"), ("a", "cleared")]


def test_a_metric_that_nobody_watched_before_is_judged() -> None:
    both = sensor("a", "pm25", "noise")
    engine = Engine(catalogue(OTHER, both), partition=0, partitions=1)
    switch_to(catalogue(f"{OTHER}\n{OTHER.replace('pm25', 'noise').replace('other', 'loud')}", both), 1, engine)
    assert [each.rule for each in run(engine, [frame(("a", "noise", 0, 99))])] == ["loud"]


def test_a_new_window_rule_does_not_judge_the_window_that_it_saw_half_of() -> None:
    engine = engine_of(LEVEL, frame(("a", "pm25", 0, 1), ("a", "pm25", 61, 1)), tick(90))
    switch_to(catalogue(f"{LEVEL}\n{MINUTE}"), 1, engine)
    assert run(engine, [frame(("a", "pm25", 100, 1)), tick(120)]) == []
    assert short(run(engine, [frame(("a", "pm25", 121, 1)), tick(180)])) == ["fired yellow @180"]


def test_an_index_goes_on() -> None:
    road = sensor("a", "speed", "flow", kind="traffic")
    rule = "{name: jam, kind: threshold, metric: tpi, above: {red: 6}}"
    records = [frame(*(("a", "speed", minute * 60, 10) for minute in range(5))), tick(290)]
    end = [frame(), tick(400)]
    one, other = (Engine(catalogue(rule, road, indices=Indices()), partition=0, partitions=1) for _ in range(2))
    run(one, records)
    run(other, records)
    switch_to(catalogue(f"{rule}\n{rule.replace('jam', 'also')}", road, indices=Indices()), 1, one)
    expected = run(other, end)
    found = run(one, end[1:])
    assert expected
    assert short(found) == [each for each in short(expected) for _ in range(2)]


def test_the_bridges_that_the_clock_waits_for_are_those_of_the_catalogue_in_force() -> None:
    engine = Engine(partition=0, partitions=1)
    switch_to(catalogue(LEVEL, bridges=("one", "two")), 1, engine)
    run(engine, [tick(10, "one")])
    assert engine.clock.now == 0
    switch_to(catalogue(LEVEL, bridges=("one",)), 2, engine)
    run(engine, [tick(11, "one")])
    assert engine.clock.now == T + 11_000


def test_state_lies_as_it_is_until_there_is_a_catalogue_to_judge_by() -> None:
    whole = engine_of(LEVEL, frame(("a", "pm25", 0, 12)), tick(30))
    packed, counts = whole.pack(), whole.counts()
    engine = Engine(partition=0, partitions=1)
    engine.start(2, whole.clock, {chunk_of("a"): (3, packed[chunk_of("a")])})
    assert not engine.ready
    assert run(engine, [frame(("a", "pm25", 1, 1)), tick(40)]) == []
    assert (engine.ready, engine.pack(), engine.counts()) == (True, packed, counts)
    switch_to(catalogue(LEVEL), 1, engine)
    assert short(run(engine, [tick(100)])) == ["fired yellow @60"]


def test_a_chunk_that_waits_is_taken_up_under_the_catalogue_in_force_where_it_begins() -> None:
    old, new = catalogue(LEVEL), catalogue(LEVEL.replace("10", "11"))
    whole = Engine(old, partition=0, partitions=1)
    run(whole, [frame(("a", "pm25", 0, 12)), tick(70)])
    early = whole.pack()
    switch_to(new, 1, whole)
    late = whole.pack()
    end = [frame(("a", "pm25", 75, 12)), tick(80), tick(140)]
    expected = run(whole, end)
    assert short(expected) == ["cleared yellow @80", "fired yellow @135"]
    for before, packed in ((2, early), (3, late)):
        again = Engine(old, partition=0, partitions=1)
        again.start(1, ClockState(), {chunk_of("a"): (before, packed[chunk_of("a")])})
        run(again, [tick(70)])
        switch_to(new, 1, again)
        assert run(again, end) == expected
        assert (again.pack(), again.counts(), again.clock) == (whole.pack(), whole.counts(), whole.clock)


def test_a_start_forgets_the_switches_too() -> None:
    city: Catalogue = catalogue(OTHER, replace(sensor("a")))
    engine = Engine(partition=0, partitions=1)
    switch_to(city, 4, engine)
    engine.start(0, ClockState(), {})
    assert run(engine, [frame(("a", "pm25", 0, 99))]) == []
