"""The engine's place in the log: gaps, ticks, strangers, chunks that wait."""

import pytest

from rules.catalogue import Catalogue
from rules.clock import ClockState, Tick
from rules.counts import Counts
from rules.engine import Engine
from rules.identity import chunk_of
from rules.log import LogGapError
from tests.support.judging import T, catalogue, frame, run, sensor, short, tick

RULE = "{name: r, kind: threshold, metric: pm25, above: {red: 10}}"


@pytest.fixture
def city() -> Catalogue:
    return catalogue(RULE, sensor("a"), sensor("b"))


@pytest.fixture
def engine(city: Catalogue) -> Engine:
    return Engine(city, partition=0, partitions=1)


def test_a_new_engine_stands_at_the_beginning(engine: Engine) -> None:
    assert (engine.position, engine.clock, engine.ready) == (0, ClockState(), True)
    assert engine.pack() == {}
    assert engine.counts() == Counts()


def test_each_record_moves_the_position_by_one(engine: Engine) -> None:
    engine.frame(0, frame())
    engine.tick(1, tick(5))
    engine.skip(2)
    assert engine.position == 3
    assert engine.clock.now == T + 5000


@pytest.mark.parametrize("offset", [-1, 0, 2])
def test_a_gap_or_a_jump_back_is_refused_and_nothing_moves(engine: Engine, offset: int) -> None:
    engine.skip(0)
    with pytest.raises(LogGapError, match="1 is next"):
        engine.frame(offset, frame(("a", "pm25", 0, 99)))
    with pytest.raises(LogGapError):
        engine.tick(offset, tick(5))
    with pytest.raises(LogGapError):
        engine.skip(offset)
    assert (engine.position, engine.pack(), engine.clock.now) == (1, {}, 0)


def test_strangers_and_unwatched_metrics_leave_no_trace(engine: Engine) -> None:
    strange = frame(("x", "pm25", 0, 99), ("a", "noise", 0, 99), ("a", "pm10", 0, 99))
    assert run(engine, [strange, strange]) == []
    assert engine.pack() == {}


def test_a_sensor_without_the_metric_in_the_registry_is_not_judged() -> None:
    engine = Engine(catalogue(RULE, sensor("a", "noise")), partition=0, partitions=1)
    assert run(engine, [frame(("a", "pm25", 0, 99)), frame(("a", "pm25", 1, 99))]) == []


def test_the_clock_waits_for_the_bridges_that_are_expected() -> None:
    engine = Engine(catalogue(RULE, bridges=("one", "two")), partition=0, partitions=1)
    run(engine, [tick(10, "one")])
    assert engine.clock.now == 0
    run(engine, [tick(8, "two")])
    assert engine.clock.now == T + 8000


def test_a_tick_that_does_not_move_the_clock_still_settles_what_has_fallen_due() -> None:
    rule = "{name: r, kind: threshold, metric: pm25, above: {red: 10}, hold: 5s}"
    engine = Engine(catalogue(rule), partition=0, partitions=1)
    run(engine, [tick(100), frame(("a", "pm25", 20, 99))])
    assert short(run(engine, [tick(90)])) == ["fired red @25"]


def test_a_chunk_waits_until_the_log_comes_to_its_state(city: Catalogue) -> None:
    whole = Engine(city, partition=0, partitions=1)
    records = [frame(("a", "pm25", at, 99 * (at % 2)), ("b", "pm25", at, 99 * (at % 2))) for at in range(6)]
    run(whole, records[:4])
    late = whole.pack()[chunk_of("a")]

    engine = Engine(city, partition=0, partitions=1)
    engine.start(0, ClockState(), {chunk_of("a"): (4, late)})
    assert not engine.ready
    with pytest.raises(RuntimeError, match="1 chunks"):
        engine.pack()
    for record in records[:4]:
        assert {each.sensor for each in run(engine, [record])} <= {"b"}
    assert engine.ready
    assert [each.sensor for each in run(engine, records[4:])] == [each.sensor for each in run(whole, records[4:])]
    assert engine.pack() == whole.pack()


def test_a_chunk_may_be_known_to_be_empty_until_later(city: Catalogue) -> None:
    engine = Engine(city, partition=0, partitions=1)
    engine.start(0, ClockState(), {chunk_of("a"): (2, b"")})
    for at in (0, 1):
        assert run(engine, [frame(("a", "pm25", at, 99))]) == []
    assert engine.ready
    assert engine.pack() == {}
    assert short(run(engine, [frame(("a", "pm25", 2, 99))])) == ["fired red @2"]


def test_it_goes_on_with_the_clock_it_is_given(engine: Engine) -> None:
    clock = ClockState(T, {"one": Tick(T, T)}, T)
    engine.start(7, clock, {})
    assert (engine.position, engine.clock) == (7, clock)
    engine.skip(7)


def test_facts_that_cannot_be_used_are_refused(engine: Engine, city: Catalogue) -> None:
    with pytest.raises(ValueError, match="chunk 3 before 4"):
        engine.start(5, ClockState(), {3: (4, b"")})
    with pytest.raises(ValueError, match="partition 1"):
        Engine(city, partition=1, partitions=2).start(5, ClockState(), {2: (5, b"")})


def test_findings_name_topic_partition_and_record(city: Catalogue) -> None:
    partition = chunk_of("a") % 4
    engine = Engine(city, partition=partition, partitions=4, topic="north")
    engine.start(40, ClockState(), {})
    [found] = run(engine, [frame(("a", "pm25", 0, 99), wall=T + 7)])
    evidence = found.evidence
    assert (evidence.topic, evidence.partition, evidence.first, evidence.last) == ("north", partition, 40, 40)
    assert found.wall == T + 7
    assert set(engine.pack()) == {chunk_of("a")}


def test_a_reading_before_the_epoch_of_the_city_is_a_reading(engine: Engine) -> None:
    assert short(run(engine, [frame(("a", "pm25", -T / 1000, 99))])) == [f"fired red @{-T / 1000:.12g}"]


def test_timers_that_come_too_early_are_set_anew() -> None:
    rule = "{name: r, kind: silence, metric: pm25, after: 10s, severity: red}"
    engine = Engine(catalogue(rule), partition=0, partitions=1)
    run(engine, [frame(("a", "pm25", 0, 1)), frame(("a", "pm25", 9, 1)), frame(("a", "pm25", 18, 1))])
    assert run(engine, [tick(12), tick(27)]) == []
    assert short(run(engine, [tick(28)])) == ["fired red @28"]


def test_a_timer_that_is_overtaken_by_an_earlier_one_does_nothing() -> None:
    rules = """
    {name: r, kind: threshold, metric: pm25, above: {red: 10}, hold: 5s}
    {name: s, kind: silence, metric: pm25, after: 60s, severity: yellow}
    """
    engine = Engine(catalogue(rules), partition=0, partitions=1)
    found = run(engine, [frame(("a", "pm25", 0, 1)), frame(("a", "pm25", 1, 99)), tick(6), tick(60), tick(61)])
    assert short(found) == ["fired red @6", "fired yellow @61"]
