"""Random logs: the engine agrees with the oracle, however the log is cut, delivered twice, or read after a crash."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.catalogue import Catalogue
from rules.clock import ClockState
from rules.engine import Engine
from rules.finding import Finding
from rules.frame import VERSION, Columns, Frame
from rules.identity import chunk_of
from tests.support.examples import examples
from tests.support.judging import T, catalogue, sensor
from tests.support.oracle import Answer, Oracle, answer

LEVELS = """
{name: plain, kind: threshold, metric: pm25, above: {yellow: 10, red: 20}}
{name: slow, kind: threshold, metric: pm25, above: {yellow: 10, red: 15}, clear: {yellow: 5}, hold: 7s, keep_firing: 9s}
{name: low, kind: threshold, metric: pm25, below: {yellow: 5, red: 0}, clear: {yellow: 8, red: 5}, keep_firing: 4s}
{name: north, kind: threshold, metric: noise, where: {district: north}, above: {red: 15}, hold: 5s}
"""
TIMES = """
{name: row, kind: threshold, metric: pm25, above: {yellow: 8, red: 15}, times: 3}
{name: kept, kind: threshold, metric: pm25, above: {yellow: 8, red: 10}, clear: {yellow: 5}, times: 2, keep_firing: 6s}
{name: often, kind: threshold, metric: pm25, below: {yellow: 9, red: 5}, clear: {yellow: 12}, times: 3, within: 8s}
{name: twice, kind: threshold, metric: noise, above: {red: 9}, times: 2, within: 1500ms, keep_firing: 3s}
"""
WINDOWS = """
{name: mean, kind: window, metric: pm25, aggregate: mean, every: 10s, delay: 3s, above: {yellow: 8, red: 15}}
{name: max, kind: window, metric: pm25, aggregate: max, every: 15s, above: {red: 15}, clear: {red: 10}}
{name: min, kind: window, metric: noise, aggregate: min, every: 10s, below: {yellow: 5}}
{name: few, kind: window, metric: noise, aggregate: count, every: 20s, delay: 5s, below: {yellow: 2, red: 1}}
"""
HOPS = """
{name: hop, kind: window, metric: pm25, aggregate: mean, every: 5s, over: 20s, delay: 3s, above: {yellow: 8, red: 12}}
{name: odd, kind: window, metric: pm25, aggregate: max, every: 4s, over: 10s, below: {red: 9}}
{name: hops, kind: window, metric: noise, aggregate: count, every: 5s, over: 15s, delay: 2s, below: {yellow: 3, red: 1}}
{name: sum, kind: window, metric: noise, aggregate: sum, every: 10s, delay: 1s, above: {yellow: 20}}
"""
AGGREGATES = """
{name: med, kind: window, metric: pm25, aggregate: median, every: 10s, delay: 3s, above: {yellow: 7, red: 10}}
{name: p90, kind: window, metric: pm25, aggregate: percentile, percentile: 90, every: 20s, above: {yellow: 11}}
{name: dev, kind: window, metric: pm25, aggregate: stddev, every: 5s, over: 15s, above: {yellow: 3}}
{name: share, kind: window, metric: pm25, aggregate: share_above, mark: 9, every: 10s, delay: 2s, above: {yellow: 0.4}}
{name: share2, kind: window, metric: pm25, aggregate: share_above, mark: 5, every: 5s, over: 20s, below: {yellow: 0.6}}
{name: start, kind: window, metric: pm25, aggregate: first, every: 10s, delay: 5s, above: {yellow: 8}}
{name: end, kind: window, metric: noise, aggregate: last, every: 5s, over: 15s, above: {yellow: 8}}
{name: rise, kind: window, metric: noise, aggregate: slope, every: 10s, over: 20s, above: {yellow: 500, red: 3000}}
{name: leq, kind: window, metric: noise, aggregate: leq, every: 10s, delay: 3s, above: {yellow: 12}}
"""
THIN = """
{name: few, kind: window, metric: pm25, aggregate: mean, every: 10s, at_least: 2, above: {yellow: 7, red: 12}}
{name: part, kind: window, metric: pm25, aggregate: max, every: 10s, delay: 3s, at_least: 5s, above: {yellow: 9}}
{name: hop, kind: window, metric: noise, aggregate: leq, every: 5s, over: 20s, at_least: 6s, above: {yellow: 8}}
{name: count, kind: window, metric: noise, aggregate: count, every: 10s, at_least: 1, below: {yellow: 2}}
"""
CHANGES = """
{name: delta, kind: change, measure: delta, metric: pm25, above: {red: 4}, clear: {red: 1}, keep_firing: 3s}
{name: drop, kind: change, measure: delta, metric: noise, below: {yellow: -5}, gap: 6s}
{name: jump, kind: change, measure: jump, metric: pm25, above: {yellow: 5}, hold: 2s}
{name: percent, kind: change, measure: percent, metric: pm25, above: {yellow: 50, red: 100}, gap: 10s}
{name: rate, kind: change, measure: rate, per: 1min, metric: noise, above: {yellow: 100, red: 600}}
{name: range, kind: change, measure: range, over: 5s, metric: pm25, above: {yellow: 8, red: 15}}
{name: still, kind: change, measure: range, over: 4s, metric: noise, below: {yellow: 3}, hold: 2s, keep_firing: 1s}
{name: stuck, kind: change, measure: stuck, metric: pm25, above: {yellow: 0.01, red: 0.05}}
{name: stuck-near, kind: change, measure: stuck, metric: noise, above: {yellow: 0.005}, gap: 2s}
"""
STRETCHES = """
{name: slide, kind: window, metric: pm25, aggregate: mean, sliding: 8s, above: {yellow: 8, red: 12}, clear: {yellow: 6}}
{name: slide-share, kind: window, metric: pm25, aggregate: share_above, mark: 9, sliding: 20s, above: {yellow: 0.4}}
{name: four, kind: window, metric: pm25, aggregate: median, readings: 4, above: {yellow: 8}}
{name: spell, kind: window, metric: pm25, aggregate: sum, session: 3s, above: {yellow: 25, red: 50}}
{name: visits, kind: window, metric: noise, aggregate: count, session: 5s, below: {yellow: 3}}
{name: slope, kind: window, metric: noise, aggregate: slope, readings: 3, above: {yellow: 100}}
"""
SILENCES = """
{name: silent, kind: silence, metric: [pm25, noise], after: 12s, severity: yellow}
"""
# The log's time begins at 22:00 UTC on a Tuesday: `@0` is its first minute, `@02` the first and the third.
TIMES_OF_DAY = {
    "@02": '{between: ["22:00-22:01", "22:02-22:04"]}',
    "@0": '{between: "22:00-22:01"}',
    "@1": '{between: "22:01-22:02"}',
    "@to2": '{between: "21:50-22:02"}',
    "@tue": '{between: "22:01-22:03", days: tue}',
    "@or": '[{between: "22:01-22:02"}, {days: wed}]',
    "@never": "{days: [sat, sun]}",
}
TIMED = """
{name: t-plain, kind: threshold, metric: pm25, above: {yellow: 10, red: 20}, when: @02}
{name: t-slow, kind: threshold, metric: pm25, above: {yellow: 8}, hold: 7s, keep_firing: 9s, when: @to2}
{name: t-row, kind: threshold, metric: noise, above: {yellow: 8}, times: 2, when: @tue}
{name: t-often, kind: threshold, metric: pm25, below: {yellow: 9}, times: 2, within: 8s, when: @1}
{name: t-delta, kind: change, measure: jump, metric: pm25, above: {red: 4}, when: @or}
{name: t-still, kind: change, measure: stuck, metric: noise, above: {yellow: 0.01}, when: @0}
{name: t-slide, kind: window, metric: pm25, aggregate: mean, sliding: 8s, above: {yellow: 8}, when: @1}
{name: t-spell, kind: window, metric: pm25, aggregate: sum, session: 3s, above: {yellow: 25}, when: @to2}
{name: t-never, kind: threshold, metric: noise, above: {yellow: 1}, when: @never}
"""
TIMED_WINDOWS = """
{name: t-mean, kind: window, metric: pm25, aggregate: mean, every: 10s, delay: 3s, above: {yellow: 8}, when: @0}
{name: t-hop, kind: window, metric: pm25, aggregate: max, every: 5s, over: 20s, above: {yellow: 9}, when: @tue}
{name: t-few, kind: window, metric: noise, aggregate: count, every: 20s, delay: 2s, below: {yellow: 2}, when: @02}
{name: t-odd, kind: window, metric: noise, aggregate: mean, every: 7s, above: {red: 9}, when: @02}
{name: t-thin, kind: window, metric: pm25, aggregate: mean, every: 10s, at_least: 2, above: {yellow: 7}, when: @to2}
{name: t-wide, kind: window, metric: pm25, aggregate: count, every: 2min, below: {yellow: 20}, when: @0}
"""
TIMED_SILENCES = """
{name: t-silent, kind: silence, metric: [pm25, noise], after: 12s, severity: yellow, when: @02}
{name: t-once, kind: silence, metric: pm25, after: 5s, severity: red, when: @1}
"""


def timed(rules: str) -> str:
    """The rules with their times written out."""
    for mark, when in TIMES_OF_DAY.items():
        rules = rules.replace(f"when: {mark}}}", f"when: {when}}}")
    return rules


SENSORS = [
    replace(sensor("a", "pm25", "noise"), interval=3000),
    sensor("b", "pm25", district="south"),
    sensor("c", "pm25", "noise", district="south"),
    sensor("d", "noise"),
]
CITIES = {
    name: catalogue(timed(rules), *SENSORS, bridges=("one", "two"))
    for name, rules in {
        "levels": LEVELS,
        "times": TIMES,
        "windows": WINDOWS,
        "hops": HOPS,
        "aggregates": AGGREGATES,
        "thin": THIN,
        "changes": CHANGES,
        "stretches": STRETCHES,
        "silences": SILENCES,
        "timed": TIMED,
        "timed windows": TIMED_WINDOWS,
        "timed silences": TIMED_SILENCES,
        "sometimes": TIMED + TIMED_WINDOWS + TIMED_SILENCES + LEVELS + WINDOWS,
        "all": LEVELS + TIMES + WINDOWS + SILENCES,
        "more": STRETCHES
        + CHANGES
        + TIMES
        + HOPS
        + AGGREGATES.replace("name: end", "name: ending")
        + THIN.replace("name: ", "name: thin-"),
    }.items()
}
MIXED_NAMES = ("all", "more", "sometimes")
MIXED = [CITIES[name] for name in MIXED_NAMES]
Event = tuple[str, str, int, float] | tuple[str, int]

values = st.sampled_from([-1.0, -0.0, 0.0, 4.9, 5.0, 7.0, 8.0, 9.1, 10.0, 10.1, 12.0, 15.0, 16.0, 20.0, 30.0])
# Few series, so that each has a life worth judging, and whole half seconds, so that instants coincide.
series = st.sampled_from([("a", "pm25")] * 4 + [("a", "noise")] * 3 + [("b", "pm25"), ("c", "noise"), ("d", "noise")])
strangers = st.sampled_from([("x", "pm25"), ("d", "pm25"), ("a", "rain")])


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    """Readings of four sensors and a stranger about a minute long, and ticks of two bridges; mostly in order, with
    readings that come late, ahead of the clock or twice."""
    events: list[Event] = []
    now = 0
    for _ in range(draw(st.integers(1, 60))):
        now += draw(st.sampled_from([0, 500, 500, 1000, 2000, 5000, 12_000]))
        what = draw(st.integers(0, 11))
        if what < 2:
            events.append(("one", now))
            events.append(("two", now - draw(st.sampled_from([0, 0, 3000]))))
        elif what == 2 and events:
            events.append(draw(st.sampled_from(events)))
        else:
            name, metric = draw(strangers if what == 3 else series)
            late = draw(st.integers(-20, 100)) * 500 if what == 4 else 0
            events.append((name, metric, max(0, now - late), draw(values)))
    events += [("one", now + 40_000), ("two", now + 40_000)]
    return events


def cut(events: Sequence[Event], sizes: Sequence[int]) -> list[Frame]:
    """The events as records: readings that follow each other in frames of these sizes at most, ticks alone."""
    records: list[Frame] = []
    room = 0
    for number, event in enumerate(events):
        if len(event) == 2:
            records.append(Frame(VERSION, T + event[1], T + event[1] + 5, tick=event[0]))
            room = 0
            continue
        if room == 0:
            records.append(Frame(VERSION, T, T + number, {}))
            room = sizes[len(records) % len(sizes)]
        room -= 1
        columns = records[-1].metric.setdefault(event[1], Columns([], [], []))
        columns.sensor.append(event[0])
        columns.ts.append(event[2])
        columns.value.append(event[3])
    return records


sizes = st.lists(st.integers(1, 9), min_size=1, max_size=4)


def step(judge: Engine | Oracle, offset: int, record: Frame) -> list[Answer]:
    found = judge.tick(offset, record) if record.tick else judge.frame(offset, record)
    return [answer(each) if isinstance(each, Finding) else each for each in found]


@pytest.mark.parametrize("city", CITIES.values(), ids=CITIES.keys())
@given(events=logs(), sizes=sizes)
@examples(80)
def test_engine_finds_what_the_oracle_finds(city: Catalogue, events: list[Event], sizes: list[int]) -> None:
    engine, oracle = Engine(city, partition=0, partitions=1), Oracle(city)
    for offset, record in enumerate(cut(events, sizes)):
        assert step(engine, offset, record) == step(oracle, offset, record), offset
        assert engine.clock == oracle.clock
    counts = engine.counts()
    assert (counts.late, counts.repeats, counts.findings) == (oracle.late, oracle.repeats, oracle.findings)


def timeless(found: Answer) -> Answer:
    """The answer without its places in the log, which depend on the cut."""
    seen = tuple((ts, value, 0) for ts, value, _ in found.seen)
    return found._replace(first=0, last=0, wall=0, seen=seen)


@pytest.mark.parametrize("city", MIXED, ids=MIXED_NAMES)
@given(events=logs(), one=sizes, other=sizes)
@examples(60)
def test_the_cut_into_frames_changes_nothing(
    city: Catalogue, events: list[Event], one: list[int], other: list[int]
) -> None:
    outcomes = []
    for each in (one, other):
        engine = Engine(city, partition=0, partitions=1)
        found = [timeless(x) for offset, record in enumerate(cut(events, each)) for x in step(engine, offset, record)]
        outcomes.append((sorted(found, key=repr), engine.counts()))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("city", MIXED, ids=MIXED_NAMES)
@given(data=st.data(), events=logs(), sizes=sizes)
@examples(60)
def test_a_restart_from_any_mixture_of_facts_changes_nothing(
    city: Catalogue, data: st.DataObject, events: list[Event], sizes: list[int]
) -> None:
    records = cut(events, sizes)
    whole = Engine(city, partition=0, partitions=1)
    facts: list[tuple[dict[int, bytes], ClockState]] = []
    found: list[list[Finding]] = []
    for offset, record in enumerate(records):
        facts.append((whole.pack(), whole.clock))
        found.append(whole.tick(offset, record) if record.tick else whole.frame(offset, record))
    facts.append((whole.pack(), whole.clock))

    # Each chunk has a fact of its own age, as after late flushes of frozen workers; some have none at all.
    ages = {chunk_of(each.id): data.draw(st.integers(0, len(records))) for each in SENSORS}
    position = min(ages.values())
    chunks = {number: (age, facts[age][0].get(number, b"")) for number, age in ages.items()}
    again = Engine(city, partition=0, partitions=1)
    again.start(position, facts[position][1], chunks)
    furthest = max(ages.values())
    for offset in range(position, len(records)):
        assert again.ready == (offset >= furthest)
        record = records[offset]
        news = again.tick(offset, record) if record.tick else again.frame(offset, record)
        assert news == [each for each in found[offset] if ages[chunk_of(each.sensor)] <= offset]
    assert again.ready
    assert again.pack() == facts[-1][0]
    assert (again.counts(), again.clock, again.position) == (whole.counts(), whole.clock, whole.position)


@pytest.mark.parametrize("city", MIXED, ids=MIXED_NAMES)
@given(events=logs(), sizes=sizes)
@examples(60)
def test_what_is_restored_packs_into_the_same_bytes(city: Catalogue, events: list[Event], sizes: list[int]) -> None:
    engine = Engine(city, partition=0, partitions=1)
    for offset, record in enumerate(cut(events, sizes)):
        step(engine, offset, record)
    packed: Mapping[int, bytes] = engine.pack()
    again = Engine(city, partition=0, partitions=1)
    again.start(engine.position, engine.clock, {number: (engine.position, data) for number, data in packed.items()})
    assert again.pack() == packed
