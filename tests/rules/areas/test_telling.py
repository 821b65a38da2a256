"""What the first stage tells the groups, and how they are told again when others listen."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.amend import amends
from rules.areas.event import SILENT, Event
from rules.areas.health import HealthMachine, HealthSpec, HealthState
from rules.areas.member import Member, PlainValues, WindowValues
from rules.areas.reports import PlainMachine, PlainState
from rules.catalogue import Catalogue
from rules.derived.settings import Indices
from rules.engine import Engine
from rules.finding import Seen
from rules.identity import chunk_of
from rules.kinds.window import WindowSpec
from rules.levels import Level, Levels
from rules.machine import FOREVER, INFINITY
from rules.rule import Rule
from tests.support.area_amend import AMENDING, late_logs
from tests.support.area_city import CITY, SENSORS, logs
from tests.support.area_kinds import any_rule
from tests.support.area_logs import Log, records
from tests.support.examples import examples
from tests.support.judging import T, catalogue, frame, run, sensor, tick

ON = Levels(True, (Level("on", 10, 10),))
SMOG = "{name: smog, kind: threshold, metric: pm25, above: {yellow: 10, red: 20}}"


def city(*rules: Rule, simple: str = "", metrics: tuple[str, ...] = ("pm25",)) -> Catalogue:
    base = catalogue(simple, sensor("a", *metrics), sensor("b", *metrics))
    return Catalogue(base.sensors, (*base.rules, *rules))


def tell(engine: Engine, *events: tuple[str, str, float, float] | float) -> list[str]:
    """What is told of these readings and ticks (seconds after T), in short."""
    found: list[str] = []
    for event in events:
        run(engine, [frame(event) if isinstance(event, tuple) else tick(event)])
        found += [short(each) for each in engine.events]
    return found


def short(event: Event) -> str:
    value = "" if event.value is None else f" {event.value:g}"
    why = f" ({event.why})" if event.why else ""
    return f"{event.sensor} {event.member} {event.severity}{value} @{(event.at - T) / 1000:g}/{event.order}{why}"


def engine_of(found: Catalogue) -> Engine:
    return Engine(found, partition=0, partitions=1)


def test_a_condition_tells_its_changes_and_health_beside() -> None:
    engine = engine_of(city(any_rule("r", Member("pm25", ON))))
    assert engine.composite
    said = tell(engine, ("a", "pm25", 1, 5), ("a", "pm25", 2, 20), ("a", "pm25", 3, 4), 9, 183, ("a", "pm25", 190, 30))
    assert said == [
        "a -1  @1/0",
        "a 0 on 20 @2/0",
        "a 0  4 @3/0",
        "a -1 silent @183/0",
        "a 0 on 30 @190/0",
        "a -1  @190/0",
    ]
    assert engine.events and engine.through == -1
    tell(engine, 200)
    assert (engine.events, engine.through) == ([], T + 200_000)


def test_a_city_without_area_rules_tells_nothing() -> None:
    engine = engine_of(catalogue(SMOG))
    assert not engine.composite
    assert tell(engine, ("a", "pm25", 1, 30), 2) == []
    [series] = [engine.series("a", "pm25")]
    assert series is not None and not series.told


def test_another_rule_tells_by_the_severity_that_is_asked_for() -> None:
    rules = any_rule("any", Member(rule="smog")), any_rule("grave", Member(rule="smog", severity="red"))
    engine = engine_of(city(*rules, simple=SMOG))
    said = tell(engine, ("a", "pm25", 1, 15), ("a", "pm25", 2, 25), ("a", "pm25", 3, 15))
    assert [each for each in said if " 0 " in each] == [
        "a 0 yellow 15 @1/0",
        "a 0  15 @1/0",
        "a 0 red 25 @2/0",
        "a 0 red 25 @2/0",
        "a 0 yellow 15 @3/0",
        "a 0  15 @3/0",
    ]


def test_values_are_told_one_by_one_and_windows_too() -> None:
    window = WindowSpec("mean", 10_000, 0, Levels(True, ()), least_count=2)
    rule = any_rule("r", Member("pm25", PlainValues()), Member("pm25", WindowValues(window)))
    engine = engine_of(city(rule))
    said = tell(engine, ("a", "pm25", 1, 5), ("a", "pm25", 2, 5), ("a", "pm25", 1.5, 5), 10, ("a", "pm25", 12, 7), 30)
    assert [each for each in said if " -" not in each] == [
        "a 0  5 @1/0",
        "a 0  5 @2/0",
        "a 1  5 @10/0",
        "a 0  7 @12/0",
        "a 1  @20/0 (1 reading in the window)",
    ]
    assert engine.counts().late == 1


def test_a_thin_window_is_told_where_nothing_is_on_and_its_end_too() -> None:
    spec = WindowSpec("mean", 10_000, 0, ON, least_count=2)
    engine = engine_of(city(any_rule("r", Member("pm25", spec))))
    said = tell(engine, ("a", "pm25", 1, 5), 10, 40, ("a", "pm25", 41, 5), ("a", "pm25", 42, 5), 50)
    said += tell(engine, ("a", "pm25", 51, 50), ("a", "pm25", 52, 50), 60, 70)
    said += tell(engine, ("a", "pm25", 71, 50), ("a", "pm25", 72, 50), 80)
    assert [each for each in said if " 0 " in each] == [
        "a 0  @10/0 (1 reading in the window)",
        "a 0  5 @50/0",
        "a 0 on 50 @60/0",
        "a 0 on @70/0 (0 readings in the window)",
        "a 0 on 50 @80/0",
    ]


def test_events_at_one_time_are_counted() -> None:
    silence = "{name: mute, kind: silence, metric: pm25, after: 5s, severity: red}"
    engine = engine_of(city(any_rule("r", Member(rule="mute")), simple=silence))
    said = tell(engine, ("a", "pm25", 1, 5), 7, ("a", "pm25", 5, 5))
    assert said == ["a 0 red @6/0", "a 0  @6/1"]


def switch(engine: Engine, found: Catalogue, serial: int) -> None:
    class Record:
        catalogue = "0a1b2c3d"

    record = Record()
    record.serial = serial  # type: ignore[attr-defined]
    engine.switch(engine.position, record, found)  # type: ignore[arg-type]


def test_whoever_listens_from_now_on_is_told_how_things_stand() -> None:
    old = city(any_rule("r", Member("pm25", ON)), simple=SMOG)
    engine = engine_of(old)
    tell(engine, ("a", "pm25", 1, 15), ("b", "pm25", 1, 5), 2)
    switch(engine, city(any_rule("r", Member("pm25", ON)), any_rule("s", Member(rule="smog")), simple=SMOG), 1)
    assert tell(engine, 3) == ["a 0 yellow @3/0"] + ["a -1  @3/0"] * 2 + ["b -1  @3/0"] * 2
    assert tell(engine, ("a", "pm25", 3.5, 5), 4) == ["a 0  5 @3.5/0"] * 2
    switch(engine, old, 2)
    assert tell(engine, 5) == ["a -1  @5/0", "b -1  @5/0"]
    switch(engine, catalogue(SMOG, sensor("a"), sensor("b")), 3)
    assert tell(engine, 6, ("a", "pm25", 7, 30)) == []


def test_health_of_a_series_that_was_there_before_the_rule() -> None:
    engine = engine_of(city(simple=SMOG))
    tell(engine, ("a", "pm25", 1, 5), ("b", "pm25", 100, 5), 101)
    switch(engine, city(any_rule("r", Member("pm25", ON)), simple=SMOG), 1)
    assert tell(engine, 190) == ["a -1  @1/0", "a -1 silent @181/0", "b -1  @100/0"]


def test_values_are_not_told_again() -> None:
    rule = any_rule("r", Member("pm25", PlainValues()))
    engine = engine_of(city(rule))
    tell(engine, ("a", "pm25", 1, 5), 2)
    switch(engine, city(rule, any_rule("s", Member("pm25", PlainValues()))), 1)
    assert tell(engine, 3) == ["a -1  @3/0"] * 2


def test_a_doubt_is_told_again_too() -> None:
    spec = WindowSpec("mean", 10_000, 0, ON, least_count=2)
    engine = engine_of(city(any_rule("r", Member("pm25", spec))))
    tell(engine, ("a", "pm25", 1, 5), 10)
    switch(engine, city(any_rule("r", Member("pm25", spec)), any_rule("s", Member("pm25", spec))), 1)
    assert "a 0  @11/0 (1 reading in the window)" in tell(engine, 11)


def test_a_derived_metric_that_is_known_again_ends_the_doubt() -> None:
    indices = Indices(ZoneInfo("UTC"), (), 60.0)
    device = replace(sensor("t", "speed"), interval=60_000)
    rule = any_rule("r", Member("tpi", Levels(True, (Level("on", 9, 9),))))
    engine = Engine(Catalogue({"t": device}, (rule,), (), indices), partition=0, partitions=1)
    said: list[str] = []
    for minute in [*range(12), *range(40, 55)]:
        said += tell(engine, ("t", "speed", minute * 60, 50.0), minute * 60 + 59)
    said = [each for each in said if " 0 " in each]
    assert said[0].endswith("(too little measured of speed)")
    assert said[1].split()[:2] == ["t", "0"] and "(" not in said[1]
    assert len(said) == 2


@pytest.mark.parametrize("city", [CITY, AMENDING], ids=["plain", "amending"])
@given(log=st.one_of(logs(), late_logs()), data=st.data())
@examples(40)
def test_after_a_restart_the_same_is_told_under_the_same_names(city: Catalogue, log: Log, data: st.DataObject) -> None:
    told_after_a_restart(city, log, data)


@given(log=late_logs(), data=st.data())
@examples(40)
def test_where_there_is_room_for_three_readings_too(log: Log, data: st.DataObject) -> None:
    """What is judged for good to make room changes what was told, between two ticks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(amends, "MOST", 3)
        told_after_a_restart(AMENDING, log, data)


def told_after_a_restart(city: Catalogue, log: Log, data: st.DataObject) -> None:
    whole = engine_of(city)
    facts, said = [], []
    frames = list(records(log))
    for each in frames:
        facts.append((whole.pack(), whole.clock))
        run(whole, [each])
        said.append(whole.events)
    ages = {chunk_of(each.id): data.draw(st.integers(0, len(frames) - 1)) for each in SENSORS}
    position = min(ages.values())
    again = engine_of(city)
    chunks = {number: (age, facts[age][0].get(number, b"")) for number, age in ages.items()}
    again.start(position, facts[position][1], chunks)
    for offset in range(position, len(frames)):
        run(again, [frames[offset]])
        assert again.events == [each for each in said[offset] if ages[chunk_of(each.sensor)] <= offset]
    assert again.pack() == whole.pack()


def test_health_is_quiet_until_it_is_time() -> None:
    machine = HealthMachine(HealthSpec(5000))
    unheard = machine.initial()
    assert not machine.late(unheard, 9, 1)
    assert machine.due(unheard, -1, 10**9) == (unheard, [])
    heard, [change] = machine.step(unheard, 1000, Seen(1000, 1.0, 1))
    assert (change.at, change.severity, change.was) == (1000, "", SILENT)
    assert machine.quiet(heard, 1000) == (-INFINITY, INFINITY, 6000)
    assert machine.step(heard, 1000, Seen(5999, 1.0, 1)) == (heard, [])
    back, changes = machine.step(heard, 1000, Seen(7000, 1.0, 1))
    assert (back, [(each.at, each.severity) for each in changes]) == (heard, [(6000, SILENT), (7000, "")])
    mute, _ = machine.due(heard, 1000, 6000)
    assert mute == HealthState(6000) and machine.quiet(mute, 1000).until == FOREVER
    assert machine.quiet(unheard, 3000).until == 3000


def test_plain_values_have_no_state() -> None:
    machine = PlainMachine()
    assert machine.due(machine.initial(), 5, 10) == (PlainState(), [])
    assert (machine.late(PlainState(), 5, 5), machine.late(PlainState(), 5, 6)) == (True, False)
    assert machine.quiet(PlainState(), 5).until == FOREVER


def test_what_is_judged_again_to_make_room_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for three; with the reading of 2 s, which comes late, the condition was on from then to 4 s."""
    monkeypatch.setattr(amends, "MOST", 3)
    rule = "{name: two, kind: quorum, of: {metric: pm25, above: 10}, at_least: {red: 1}, amend: 1h}"
    engine = engine_of(catalogue(rule, sensor("a", "pm25")))
    assert tell(engine, ("a", "pm25", 1, 5), ("a", "pm25", 4, 5), 5) != []
    assert tell(engine, ("a", "pm25", 2, 20)) == []
    assert tell(engine, ("a", "pm25", 6, 5)) == ["a 0 on 20 @2/0", "a 0  5 @4/0"]
