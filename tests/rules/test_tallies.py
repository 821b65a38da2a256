"""Tallies: whatever the order in which readings are added and panes merged, the answer is equal to the bit."""

import math
import random
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.aggregates import AGGREGATES, result, tally_of
from rules.engine import Engine
from rules.identity import chunk_of
from rules.panes import TOTALS, Pane
from rules.state import StateError, unpack
from rules.tallies.names import new_tally, share_name
from rules.tallies.packing import pack_tallies, restore_tallies
from rules.tallies.sketch import ERROR, Sketch, bucket_of, value_of
from tests.support.judging import Play, catalogue, frame, run, tick

NAMES = ("squares", "energy", "ends", "trend", "sketch", share_name(5.0))
ENDS = 100
values = st.floats(-1e12, 1e12) | st.sampled_from([0.0, -0.0, 5.0, 5.000001, 1e-7, -1e-6, 300.0])
readings = st.lists(
    st.tuples(st.integers(0, ENDS - 1), values), min_size=1, max_size=30, unique_by=lambda each: each[0]
)


def pane(start: int = 0, end: int = ENDS) -> Pane:
    return Pane(start, end, 0, tallies=NAMES)


def whole(taken: Pane) -> tuple[object, ...]:
    """All that a pane tells: its totals, its tallies as stored, and every aggregate of it."""
    taken.fold()
    results = [result(name, taken, ENDS, tally_of(name, 5.0), 90) for name in AGGREGATES]
    return taken.count, taken.total, taken.low, taken.high, str(results), results


@given(readings=readings, data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_order_of_adding_and_merging_is_equal_to_the_bit(
    readings: list[tuple[int, float]], data: st.DataObject
) -> None:
    together = pane()
    for at, x in sorted(readings):
        TOTALS.add(together, at, x)
    cuts = sorted({0, ENDS, *data.draw(st.lists(st.integers(1, ENDS - 1), max_size=5))})
    panes = [pane(start, end) for start, end in pairwise(cuts)]
    for at, x in data.draw(st.permutations(readings)):
        [own] = [each for each in panes if each.start <= at < each.end]
        TOTALS.add(own, at, x)
        if data.draw(st.booleans()):
            own.fold()
    # Merged in any order, and in any grouping: two of those that are left become one until one is left.
    left = data.draw(st.permutations(panes))
    while len(left) > 1:
        one = left.pop(data.draw(st.integers(0, len(left) - 1)))
        other = left.pop(data.draw(st.integers(0, len(left) - 1)))
        left.append(TOTALS.merge(one, other))
    assert whole(left[0]) == whole(together)


@given(readings=readings, more=readings, settled=st.integers(0, ENDS))
@settings(max_examples=100, deadline=None)
def test_what_is_packed_comes_back(
    readings: list[tuple[int, float]], more: list[tuple[int, float]], settled: int
) -> None:
    tallies = {name: new_tally(name) for name in NAMES}
    for tally in tallies.values():
        for at, x in readings:
            tally.add(at, x)
        tally.settle(settled)
    packed = msgspec.msgpack.encode(pack_tallies(tallies))
    again = restore_tallies(msgspec.msgpack.decode(packed))
    known = {at for at, _ in readings}
    for name, tally in tallies.items():
        for at, x in more:
            if at not in known and at >= settled:
                tally.add(at, x)
                again[name].add(at, x)
    assert msgspec.msgpack.encode(pack_tallies(again)) == msgspec.msgpack.encode(pack_tallies(tallies))


@given(readings=readings, settled=st.integers(0, ENDS))
@settings(max_examples=100, deadline=None)
def test_to_settle_changes_no_answer(readings: list[tuple[int, float]], settled: int) -> None:
    """Readings that come in order meanwhile are all that may still come."""
    straight, settling = pane(), pane()
    for at, x in sorted(readings):
        TOTALS.add(straight, at, x)
        TOTALS.add(settling, at, x)
        if at >= settled:
            settling.fold()
            for tally in settling.tallies.values():
                tally.settle(settled)
    assert whole(settling) == whole(straight)


@given(st.floats(1e-6, 1e12))
@settings(max_examples=300)
def test_a_bucket_is_half_a_per_cent_wide_to_either_side(x: float) -> None:
    for value in (x, -x):
        assert abs(value_of(bucket_of(value)) - value) <= ERROR * x * (1 + 1e-9)


def test_what_is_nearly_nothing_is_nothing() -> None:
    assert [value_of(bucket_of(x)) for x in (0.0, -0.0, 9e-7, -9e-7)] == [0.0] * 4


@pytest.mark.parametrize("shape", ["even", "steep", "mixed"])
@pytest.mark.parametrize("percent", [1, 50, 90, 95, 99])
def test_a_percentile_is_near_the_reading_of_its_rank(shape: str, percent: int) -> None:
    chance = random.Random(11)
    draw = {
        "even": lambda: chance.uniform(0, 100),
        "steep": lambda: chance.lognormvariate(3, 2),
        "mixed": lambda: chance.gauss(0, 20),
    }[shape]
    values = [draw() for _ in range(5000)]
    sketch = Sketch()
    for at, x in enumerate(values):
        sketch.add(at, x)
    exact = sorted(values)[percent * 4999 // 100]
    assert sketch.percentile(percent) == pytest.approx(exact, rel=ERROR * (1 + 1e-9))


def test_a_sketch_stays_small() -> None:
    sketch = Sketch()
    for at in range(50_000):
        sketch.add(at, 10.0 + at % 900 / 10)
    assert len(sketch.counts) <= 1 + math.log(10) / math.log((1 + ERROR) / (1 - ERROR))


def test_a_pane_that_forgets_times_still_knows_the_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.panes.MOST", 8)
    monkeypatch.setattr("rules.series.MOST", 8)
    play = Play("{name: w, kind: window, metric: pm25, aggregate: share_above, mark: 5, every: 60s, above: {red: 0}}")
    for at in range(60):
        play.read(at, 9.0 if at % 4 == 0 else 1.0)
    [series] = play.engine._tables["pm25"].values()
    [taken] = series.panes.values()
    assert len(taken.ts) <= 8
    [found] = run(play.engine, [tick(60)])
    assert (found.value, found.evidence.count) == (0.25, 60)


def test_a_pane_that_forgets_times_still_knows_that_it_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.panes.MOST", 8)
    monkeypatch.setattr("rules.series.MOST", 8)
    rule = "{name: w, kind: window, metric: pm25, aggregate: max, every: 10min, at_least: %s, above: {red: 0}}"
    for least, found in (("8min", ["fired red @600"]), ("9min", [])):
        play = Play(rule % least)
        for at in range(0, 480, 10):
            play.read(at, 9.0)
        assert play.clock(600) == found, "48 readings of a sensor that speaks each minute, the last at 7:50"


def test_no_other_tally_than_those_that_a_rule_needs() -> None:
    play = Play("{name: w, kind: window, metric: pm25, aggregate: mean, every: 60s, above: {red: 0}}")
    play.read(0, 1)
    assert [pane.tallies for pane in unpack(play.engine.pack()[chunk_of("a")]).series[0].panes] == [{}]
    play = Play(
        "{name: w, kind: window, metric: pm25, aggregate: median, every: 60s, above: {red: 0}}\n"
        "{name: p, kind: window, metric: pm25, aggregate: percentile, percentile: 95, every: 2min, above: {red: 0}}"
    )
    play.read(0, 1)
    [packed] = unpack(play.engine.pack()[chunk_of("a")]).series[0].panes
    assert list(packed.tallies) == ["sketch"]


@pytest.mark.parametrize(
    "tallies", [{"sketches": [1]}, {"sketch": [1]}, {"squares": []}, {"squares": ["x"]}, {"ends": [1]}, {"share 5": []}]
)
def test_a_damaged_tally_is_refused_at_the_start(tallies: dict[str, list[int | float | str]]) -> None:
    city = catalogue("{name: w, kind: window, metric: pm25, aggregate: median, every: 60s, above: {red: 0}}")
    engine = Engine(city, partition=0, partitions=1)
    run(engine, [frame(("a", "pm25", 0, 1.0))])
    packed = unpack(engine.pack()[chunk_of("a")])
    packed.series[0].panes[0].tallies = tallies
    with pytest.raises(StateError, match="tallies"):
        Engine(city, partition=0, partitions=1).start(
            0, engine.clock, {chunk_of("a"): (0, msgspec.msgpack.encode(packed))}
        )


def test_state_of_before_there_were_tallies_is_read() -> None:
    city = catalogue("{name: w, kind: window, metric: pm25, aggregate: count, every: 60s, above: {red: 0}}")
    engine = Engine(city, partition=0, partitions=1)
    run(engine, [frame(("a", "pm25", 0, 1.0))])
    chunk = msgspec.msgpack.decode(engine.pack()[chunk_of("a")])
    for pane_ in chunk[5][0][6]:
        assert pane_.pop() == {}
    again = Engine(city, partition=0, partitions=1)
    again.start(engine.position, engine.clock, {chunk_of("a"): (engine.position, msgspec.msgpack.encode(chunk))})
    assert [each.value for each in run(again, [tick(60)])] == [1.0]
