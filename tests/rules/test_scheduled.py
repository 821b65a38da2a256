"""Rules that are on at some times only. T is 22:00 UTC on Tuesday, 14 November 2023."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendar import Calendar
from rules.catalogue import check_catalogue
from rules.counted import CountedMachine
from rules.derived.settings import Indices
from rules.engine import Engine
from rules.finding import Seen
from rules.geography import Shape
from rules.hours import Hours, Spell
from rules.kinds.change import ChangeMachine, ChangeSpec
from rules.kinds.silence import SilenceMachine, SilenceSpec
from rules.kinds.stretch import StretchMachine, StretchSpec
from rules.levels import Level, LevelMachine, Levels
from rules.machine import FOREVER
from rules.scheduled import ScheduledMachine, ScheduledSilence
from tests.support.judging import Play, T, catalogue, frame, judge, run, sensor, short, tick

LEVEL = "{name: r, kind: threshold, metric: pm25, above: {yellow: 10}, MORE, when: {between: '22:01-22:02'}}"
MEAN = "{name: w, kind: window, metric: pm25, aggregate: mean, every: 20s, above: {yellow: 10}, WHEN}"
MINUTE = "when: {between: '22:01-22:02'}"


def level(more: str = "hold: 0s") -> Play:
    return Play(LEVEL.replace("MORE", more))


def test_readings_outside_are_passed_over_and_not_late() -> None:
    """
    22:00          22:01          22:02
      x              |--x-----------|    x
    """
    play = level()
    assert play.read(59.999, 99) == []
    assert play.read(60, 99) == ["fired yellow @60"]
    assert play.clock(119.999) == []
    assert play.clock(120) == ["cleared yellow @120"]
    assert play.read(120, 99) == []
    assert play.read(30, 99) == []
    counts = play.engine.counts()
    assert (counts.late, counts.repeats) == (0, 0)


def test_the_text_says_why_and_nobody_is_forgotten() -> None:
    found = judge(catalogue(LEVEL.replace("MORE", "notify: [health]")), [frame(("a", "pm25", 70, 20)), tick(130)])
    assert [each.text for each in found][1] == "Cleared: r is outside of its hours for pm25 at a (north)"
    assert found[1].departments == ("health",)
    assert (found[1].at, found[1].value, found[1].limit, found[1].evidence.seen) == (T + 120_000, None, None, ())


def test_a_reading_of_later_ends_it_as_the_clock_does() -> None:
    play = level()
    play.read(70, 20)
    assert play.read(200, 20) == ["cleared yellow @120"]


def test_a_hold_is_dropped_and_does_not_end_with_the_time() -> None:
    assert level("hold: 10s").read(115, 20) == []
    play = level("hold: 10s")
    play.read(110, 20)
    assert play.clock(130) == [], "at its end the time is over"
    assert play.clock(86_400 + 130) == []
    play = level("hold: 9999ms")
    play.read(110, 20)
    assert play.clock(130) == ["fired yellow @119.999", "cleared yellow @120"]


def test_what_the_clock_has_ended_stays_ended() -> None:
    play = level()
    play.read(70, 1)
    play.clock(121)
    assert play.read(80, 20) == []
    assert play.engine.counts().late == 1
    assert play.read(150, 20) == []
    assert play.engine.counts().late == 1


def test_each_time_starts_fresh() -> None:
    play = level("times: 2")
    play.read(70, 20)
    play.read(86_400 + 60, 20)
    assert play.read(86_400 + 61, 20) == [f"fired yellow @{86_461}"]


def test_a_window_belongs_to_the_time_that_holds_all_of_it() -> None:
    """
    22:00:50        22:01:10  :20       :40       22:02     22:02:10
       |---(20 s)---|---------|---------|---------|---------|
                    :1  (time, 22:01 to 22:02)    |
    """
    play = Play(MEAN.replace("WHEN", f"delay: 2s, {MINUTE}"))
    for at in (50, 59, 61, 79, 81, 99, 101, 119, 121):
        play.read(at, 20 if at != 81 and at != 99 else 0)
    assert play.clock(81.9) == []
    assert play.clock(82) == ["fired yellow @80"]
    assert play.clock(119) == ["cleared yellow @100"]
    assert play.clock(121.9) == []
    assert play.clock(122) == ["fired yellow @120", "cleared yellow @120"], "the last window of the time is told too"
    assert play.read(90, 1) == []
    assert play.engine.counts().late == 1
    assert play.read(40, 1) == []
    assert play.engine.counts().late == 1


def test_a_time_that_is_shorter_than_its_window_decides_nothing() -> None:
    play = Play(MEAN.replace("WHEN", f"over: 2min, {MINUTE}"))
    for at in range(0, 240, 10):
        play.read(at, 99)
    assert play.clock(500) == []
    assert play.engine.counts().late == 0


def test_a_missing_count_is_told_in_every_time() -> None:
    play = Play(MEAN.replace("mean", "count").replace("above", "below").replace("WHEN", MINUTE))
    play.read(10, 1)
    assert play.clock(200) == ["fired yellow @80", "cleared yellow @120"]
    day = 86_400
    assert play.clock(day + 81) == [f"fired yellow @{day + 80}"]
    assert play.clock(day + 121) == [f"cleared yellow @{day + 120}"]


def test_a_count_of_a_rule_that_is_never_on_again_is_not_waited_for() -> None:
    few = MEAN.replace("mean", "count").replace("above", "below")
    play = Play(few.replace("WHEN", "when: {between: '22:01-22:02', until: 2023-11-14}"))
    play.read(10, 1)
    assert play.clock(200) == ["fired yellow @80", "cleared yellow @120"]
    assert play.clock(86_400 + 200) == []


def test_silence_counts_from_the_beginning_of_the_time() -> None:
    play = Play("{name: s, kind: silence, metric: pm25, after: 20s, severity: red, when: {between: '22:01-22:02'}}")
    play.read(10, 1)
    assert play.clock(79) == []
    assert play.clock(80) == ["fired red @80"]
    assert play.read(90, 1) == ["cleared red @90"]
    assert play.clock(119) == ["fired red @110"]
    assert play.clock(125) == ["cleared red @120"]
    assert play.read(126, 1) == []
    day = 86_400
    assert play.clock(2 * day + 85) == [
        f"fired red @{day + 80}",
        f"cleared red @{day + 120}",
        f"fired red @{2 * day + 80}",
    ]


def test_a_rule_on_silence_that_comes_later_does_not_tell_of_nights_gone_by() -> None:
    rule = "{name: s, kind: silence, metric: pm25, after: 20s, severity: red, when: {between: '22:01-22:02'}}"
    plain = "{name: p, kind: threshold, metric: pm25, above: {red: 99}}"
    day = 86_400
    engine = Engine(catalogue(plain), partition=0, partitions=1)
    run(engine, [frame(("a", "pm25", 0, 1)), tick(3 * day)])
    again = Engine(catalogue(plain + "\n" + rule), partition=0, partitions=1)
    again.start(engine.position, engine.clock, {n: (engine.position, data) for n, data in engine.pack().items()})
    assert short(run(again, [tick(3 * day + 100)])) == [f"fired red @{3 * day + 80}"]


def test_a_silence_rule_that_is_never_on_again_says_nothing() -> None:
    play = Play("{name: s, kind: silence, metric: pm25, after: 20s, severity: red, when: {until: 2023-11-13}}")
    play.read(10, 1)
    assert play.clock(999) == []


WORKDAYS = {"work": Calendar("work", weekdays=frozenset(range(5)))}
RING = ((1.0, 47.0), (3.0, 47.0), (3.0, 49.0), (1.0, 47.0))


def test_the_time_is_that_of_the_district() -> None:
    """At 22:00 UTC it is seven in the morning in Tokyo, and Wednesday."""
    rule = "{name: r, kind: threshold, metric: pm25, above: {red: 1}, when: {between: '07:00-08:00', days: wed}}"
    city = catalogue(rule, sensor("a"), sensor("b", district="east"), indices=Indices())
    city = replace(city, shapes={"east": Shape("east", ((RING,),), "Asia/Tokyo"), "north": Shape("north", ((RING,),))})
    found = judge(city, [frame(("a", "pm25", 0, 5), ("b", "pm25", 0, 5))])
    assert [each.sensor for each in found] == ["b"]
    assert str(replace(city, indices=None).zone("north")) == "UTC"


def test_a_calendar_that_is_not_there_is_a_fault() -> None:
    rule = "{name: r, kind: threshold, metric: pm25, above: {red: 1}, when: [{calendar: [work, wrk]}, {calendar: wrk}]}"
    city = replace(catalogue(rule), calendars=WORKDAYS)
    [fault] = check_catalogue(city, ["env"])
    assert str(fault) == "rules.yaml:2: rules[0].when: there is no calendar 'wrk'. did you mean 'work'?"


def switched(rule: str, before: str, after: str, *records: Any) -> tuple[list[str], Engine]:
    """What is found after the rule's calendar has become another one in the middle, the state kept."""
    mon, sun = Calendar("c", weekdays=frozenset({1})), Calendar("c", weekdays=frozenset({6}))
    kinds = {"on": mon, "off": sun, "both": Calendar("c", weekdays=frozenset({1, 2}))}
    city = catalogue(rule)
    engine = Engine(replace(city, calendars={"c": kinds[before]}), partition=0, partitions=1)
    run(engine, records)
    again = Engine(replace(city, calendars={"c": kinds[after]}), partition=0, partitions=1)
    again.start(engine.position, engine.clock, {n: (engine.position, data) for n, data in engine.pack().items()})
    return short(run(again, [tick(200)])), again


CALENDAR = "{name: r, kind: threshold, metric: pm25, above: {red: 1}, MORE, when: {calendar: c}}"


def test_a_calendar_that_changes_in_the_middle_of_an_episode() -> None:
    rule = CALENDAR.replace("MORE, ", "")
    records = frame(("a", "pm25", 60, 5)), tick(100)
    assert switched(rule, "on", "off", *records)[0] == ["cleared red @60"], "not before it began"
    assert switched(rule, "on", "both", *records)[0] == []
    assert switched(rule, "on", "on", *records)[0] == []


def test_a_calendar_that_changes_in_the_middle_of_a_hold() -> None:
    rule = CALENDAR.replace("MORE", "hold: 2min")
    found, engine = switched(rule, "on", "off", frame(("a", "pm25", 60, 5)), tick(100))
    assert found == []
    assert short(run(engine, [tick(400)])) == []


def test_a_calendar_that_changes_under_a_window() -> None:
    rule = "{name: w, kind: window, metric: pm25, aggregate: mean, every: 20s, above: {red: 1}, when: {calendar: c}}"
    records = frame(("a", "pm25", 5, 5)), tick(50)
    assert switched(rule, "on", "off", *records)[0] == ["cleared red @200"]
    found, engine = switched(rule, "on", "both", *records)
    assert found == []
    assert short(run(engine, [tick(3 * 86_400)])) == [f"cleared red @{26 * 3600}"]


ABOVE = (Level("yellow", 10.0, 5.0), Level("red", 20.0, 20.0))


class Times(Hours):
    """On from 20 to 40, 60 to 80 and so on (ms): short, so that a few steps go through several times."""

    def __init__(self) -> None:
        super().__init__([], Indices().zone, {})

    def _find(self, at: int) -> Any:
        start = at // 20 * 20
        return Spell(start, start + 20, start // 20 % 2 == 1)


MACHINES: dict[str, Any] = {
    "levels": ScheduledMachine(LevelMachine(Levels(True, ABOVE)), Times()),
    "held": ScheduledMachine(LevelMachine(Levels(True, ABOVE, hold=5, keep_firing=7)), Times()),
    "row": ScheduledMachine(CountedMachine(Levels(True, ABOVE, times=3)), Times()),
    "change": ScheduledMachine(ChangeMachine(ChangeSpec("delta", Levels(True, ABOVE), 9, 9, 4)), Times()),
    "session": ScheduledMachine(StretchMachine(StretchSpec("session", 4, "sum", Levels(False, ABOVE))), Times()),
    "silence": ScheduledSilence(SilenceMachine(SilenceSpec(6, "yellow")), Times()),
}
steps = st.lists(st.tuples(st.integers(1, 25), st.floats(-30, 30), st.booleans()), max_size=20)


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())
@given(steps=steps, x=st.floats(-30, 30), ahead=st.integers(1, 50))
@settings(max_examples=100, deadline=None)
def test_a_quiet_reading_changes_nothing(
    machine: Any, steps: list[tuple[int, float, bool]], x: float, ahead: int
) -> None:
    state, last, clock = machine.initial(), 0, 0
    for number, (wait, value, by_clock) in enumerate(steps):
        if by_clock:
            clock = max(clock, last + wait)
            state, _ = machine.due(state, last, clock)
        elif not machine.late(state, last, last + wait):
            state, _ = machine.step(state, last, Seen(last + wait, value, number))
            last += wait
    quiet = machine.quiet(state, last)
    at = last + ahead
    if quiet.lo <= x <= quiet.hi and at < quiet.until and not machine.late(state, last, at):
        assert machine.step(state, last, Seen(at, x, 99)) == (state, [])
    if at < quiet.until:
        assert machine.due(state, last, at) == (state, [])
    if quiet.until < FOREVER and quiet.until > last:
        after, _ = machine.due(state, last, quiet.until)
        assert machine.quiet(after, last).until > quiet.until, "it is not asked again and again"
