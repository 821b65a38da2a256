"""Random logs: derived metrics are what the oracle says, however the log is cut, delivered twice, or read again."""

from collections.abc import Sequence
from datetime import timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.clock import ClockState
from rules.derived.settings import Indices
from rules.engine import Derived, Engine
from rules.finding import Finding
from rules.frame import VERSION, Columns, Frame
from rules.identity import chunk_of
from tests.support.derived_oracle import HOUR, SPANS, DerivedOracle, Made
from tests.support.judging import catalogue, sensor

T = 1_780_272_000_000
"""2026-06-01T00:00Z: under the editions of 2026."""
ZONE = timezone(timedelta(hours=3))
INTERVAL = 20 * 60_000
MEASURED = {
    "a": ("noise", "speed"),
    "b": ("rain", "temperature", "humidity"),
    "c": ("speed", "noise"),
    "d": ("pm25",),
    "e": ("flow", "speed", "occupancy"),
}
WATCHED = [name for name in SPANS if name != "lden"]
RULES = "\n".join(
    [f"{{name: on-{name.replace('_', '-')}, kind: threshold, metric: {name}, above: {{red: 8}}}}" for name in WATCHED]
    + [
        "{name: held, kind: threshold, metric: tpi, above: {red: 3}, hold: 90min}",
        "{name: mean, kind: window, metric: leq_hour, aggregate: max, every: 2h, above: {red: 60}}",
        "{name: mute, kind: silence, metric: tpi, after: 2h, severity: yellow}",
        "{name: raw, kind: threshold, metric: speed, below: {red: 20}}",
        "{name: few, kind: window, metric: noise, aggregate: count, every: 20min, below: {red: 1}}",
    ]
)
CITY = catalogue(
    RULES,
    *(sensor(name, *metrics, interval=INTERVAL) for name, metrics in MEASURED.items()),
    bridges=("one",),
    indices=Indices(ZONE, exempt=("so2", "no2", "co", "o3", "pm10")),
)
Event = tuple[str, str, int, float] | tuple[str, int]
VALUES = {
    "noise": [40.0, 55.5, 70.0, 80.0],
    "speed": [0.0, 10.0, 30.0, 50.0, 70.0],
    "rain": [0.0, 0.1, 5.0, 30.0],
    "temperature": [-5.0, 20.0, 35.0, 38.0, 41.0],
    "humidity": [0.1, 0.5, 0.9, 1.5],
    "pm25": [5.0, 36.0, 99.5, 251.0, 400.0],
    "flow": [0.0, 400.0, 1800.0],
    "occupancy": [0.05, 0.1, 0.6],
}
GAPS = [HOUR, 2 * HOUR, 5 * HOUR, 40 * HOUR]


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    """Some hours of stations that speak every 20 minutes, more or less, with gaps; readings late, ahead or twice."""
    events: list[Event] = []
    now = 0
    for _ in range(draw(st.integers(4, 40))):
        now += INTERVAL + draw(st.sampled_from([0, 0, 0, -1000, 1000, 700_000]))
        if draw(st.integers(0, 9)) == 0:
            now += draw(st.sampled_from(GAPS))
        for name, metrics in MEASURED.items():
            for metric in metrics:
                if draw(st.integers(0, 5)):
                    late = draw(st.sampled_from([0] * 12 + [INTERVAL // 2, HOUR, -HOUR]))
                    events.append((name, metric, max(0, now - late), draw(st.sampled_from(VALUES[metric]))))
        if draw(st.integers(0, 9)) == 0:
            events.append(draw(st.sampled_from(events)) if events else ("one", now))
        if draw(st.integers(0, 2)):
            events.append(("one", now + draw(st.sampled_from([0, 0, 200_000, HOUR]))))
    return [*events, ("one", now + 3 * HOUR), ("one", now + 60 * HOUR)]


def cut(events: Sequence[Event], sizes: Sequence[int]) -> list[Frame]:
    records: list[Frame] = []
    room = 0
    for event in events:
        if len(event) == 2:
            records.append(Frame(VERSION, T + event[1], T + event[1] + 5, tick=event[0]))
            room = 0
            continue
        if room == 0:
            records.append(Frame(VERSION, T, T + len(records), {}))
            room = sizes[len(records) % len(sizes)]
        room -= 1
        columns = records[-1].metric.setdefault(event[1], Columns([], [], []))
        columns.sensor.append(event[0])
        columns.ts.append(event[2])
        columns.value.append(event[3])
    return records


def step(engine: Engine, record: Frame) -> tuple[list[Finding], list[Derived]]:
    found = engine.tick(engine.position, record) if record.tick else engine.frame(engine.position, record)
    return found, engine.derived


sizes = st.lists(st.integers(1, 30), min_size=1, max_size=3)


@given(events=logs(), sizes=sizes)
@settings(max_examples=60, deadline=None)
def test_the_judge_makes_what_the_oracle_makes(events: list[Event], sizes: list[int]) -> None:
    engine, oracle = Engine(CITY, partition=0, partitions=1), DerivedOracle(MEASURED, INTERVAL, ZONE)
    total = 0
    for record in cut(events, sizes):
        findings, derived = step(engine, record)
        doubts = {(each.sensor, each.metric, each.at) for each in findings if each.change == "undecided"}
        if not record.tick:
            oracle.frame(record)
            assert not derived and not doubts
            continue
        made = [each for each in oracle.tick(engine.clock.now) if each.metric in SPANS]
        wanted = {each[:3]: each.value for each in made if each.value is not None}
        mine = {(each.sensor, each.metric, each.ts): each.value for each in derived if each.metric in SPANS}
        assert mine.keys() == wanted.keys()
        assert mine == pytest.approx(wanted, abs=0.0011)
        assert doubts == {each[:3] for each in made if each.value is None and each.metric in WATCHED}
        total += len(derived)
    assert engine.counts().derived == total


@given(events=logs(), one=sizes, other=sizes)
@settings(max_examples=60, deadline=None)
def test_the_cut_into_frames_changes_nothing(events: list[Event], one: list[int], other: list[int]) -> None:
    outcomes = []
    for each in (one, other):
        engine = Engine(CITY, partition=0, partitions=1)
        steps = [step(engine, record) for record in cut(events, each)]
        findings = {(f.episode, f.revision, f.change, f.severity, f.at) for found, _ in steps for f in found}
        derived = [x for _, made in steps for x in made]
        outcomes.append((findings, derived, engine.counts()))
    assert outcomes[0] == outcomes[1]


@given(data=st.data(), events=logs(), sizes=sizes)
@settings(max_examples=40, deadline=None)
def test_a_restart_from_any_mixture_of_facts_changes_nothing(
    data: st.DataObject, events: list[Event], sizes: list[int]
) -> None:
    records = cut(events, sizes)
    whole = Engine(CITY, partition=0, partitions=1)
    facts: list[tuple[dict[int, bytes], ClockState]] = []
    steps: list[tuple[list[Finding], list[Derived]]] = []
    for record in records:
        facts.append((whole.pack(), whole.clock))
        steps.append(step(whole, record))
    facts.append((whole.pack(), whole.clock))

    ages = {chunk_of(name): data.draw(st.integers(0, len(records))) for name in MEASURED}
    position = min(ages.values())
    chunks = {number: (age, facts[age][0].get(number, b"")) for number, age in ages.items()}
    again = Engine(CITY, partition=0, partitions=1)
    again.start(position, facts[position][1], chunks)
    for offset in range(position, len(records)):
        findings, derived = step(again, records[offset])
        assert findings == [each for each in steps[offset][0] if ages[chunk_of(each.sensor)] <= offset]
        assert derived == [each for each in steps[offset][1] if ages[chunk_of(each.sensor)] <= offset]
    assert again.pack() == facts[-1][0]
    assert (again.counts(), again.clock, again.position) == (whole.counts(), whole.clock, whole.position)


def test_the_oracle_is_not_easily_content() -> None:
    oracle = DerivedOracle({"a": ("speed",)}, INTERVAL, ZONE)
    frame = Frame(VERSION, T, T, {"speed": Columns(["a"] * 3, [0, INTERVAL, 2 * INTERVAL], [30.0, 30.0, 30.0])})
    oracle.frame(frame)
    assert oracle.tick(T + HOUR) == []
    assert oracle.tick(T + HOUR + 120_000) == [Made("a", "tpi", T + HOUR, 4.0)]
    assert oracle.tick(T + 5 * HOUR) == [Made("a", "tpi", T + 2 * HOUR, None)]
