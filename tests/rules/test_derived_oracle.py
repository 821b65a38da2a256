"""Random logs: derived metrics are what the oracle says, however the log is cut, delivered twice, or read again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta, timezone
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.clock import ClockState
from rules.derived.made import Derived
from rules.derived.settings import Indices
from rules.engine import Engine
from rules.finding import Finding
from rules.frame import VERSION, Columns, Frame
from rules.identity import chunk_of
from rules.sensor import Sensor
from rules.site import NOWHERE, Site
from tests.support import derived_means
from tests.support.derived_means import AREA, DRY
from tests.support.derived_oracle import HOUR, SPANS, DerivedOracle, Made
from tests.support.examples import examples
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
    "f": ("pm10", "o3"),
    "g": ("temperature", "wind_speed"),
    "h": ("water_level",),
}
SITES = {"noise": Site(noise_area=AREA), "water_level": Site(dry=DRY)}
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


def station(name: str, metrics: tuple[str, ...]) -> Sensor:
    site = next((SITES[metric] for metric in metrics if metric in SITES), NOWHERE)
    return replace(sensor(name, *metrics, interval=INTERVAL), site=site)


CITY = catalogue(
    RULES,
    *(station(name, metrics) for name, metrics in MEASURED.items()),
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
    "pm10": [12.0, 60.0, 130.5, 420.0],
    "o3": [30.0, 110.0, 155.0, 190.0, 320.0],
    "wind_speed": [0.5, 3.0, 12.0],
    "water_level": [0.0, 0.11, 0.33, 0.52, 0.97],
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


def days_of(seed: int) -> list[Event]:
    """Five days of stations that speak every 20 minutes and seldom fail, of weather, air and traffic that keep their
    ways for hours: what signals and warnings take days to make."""
    dice, events = Random(seed), list[Event]()
    ways = {metric: dice.choice(values) for metric, values in VALUES.items()} | {"humidity": 0.5}
    gap = 0
    for number in range(5 * 72):
        now = number * INTERVAL
        for metric, values in VALUES.items():
            if metric != "humidity" and dice.random() < (0.01 if metric == "pm25" else 0.04):
                ways[metric] = dice.choice(values)
        gap = dice.randint(1, 20) if dice.random() < 0.01 else gap - 1
        for name, metrics in MEASURED.items():
            if gap < 1 or name in "ab":
                events += [(name, metric, now, ways[metric]) for metric in metrics]
        if number % 3 == 2 and dice.random() < 0.8:
            events.append(("one", now + INTERVAL + 130_000))
    return [*events, ("one", 130 * HOUR), ("one", 400 * HOUR)]


sizes = st.lists(st.integers(1, 30), min_size=1, max_size=3)


@given(events=logs(), sizes=sizes)
@examples(60)
def test_the_judge_makes_what_the_oracle_makes(events: list[Event], sizes: list[int]) -> None:
    agree(cut(events, sizes))


@given(seed=st.integers(0, 1000))
@settings(max_examples=6, deadline=None)
def test_days_on_end_are_what_the_oracle_makes_of_them(seed: int) -> None:
    agree(cut(days_of(seed), [50]))


def test_those_days_show_all_that_takes_days() -> None:
    seen: set[tuple[str, float | None]] = set()
    for seed in range(10):
        oracle = DerivedOracle(MEASURED, INTERVAL, ZONE)
        for record in cut(days_of(seed), [50]):
            if record.tick:
                seen |= {(each.metric, each.value) for each in oracle.tick(record.t)}
            else:
                oracle.frame(record)
    for metric, grades in {"heat_signal": (0, 2, 3, 4, None), "rain_signal": (0, 3, None)}.items():
        assert {(metric, grade) for grade in grades} <= seen
    assert {("heavy_pollution", grade) for grade in (0, 2, 3, 4, None)} <= seen
    assert {("who_level", grade) for grade in (0, 5, None)} <= seen
    assert max(value or 0.0 for metric, value in seen if metric == "incident_deviate") > 3
    for metric in derived_means.SPANS:
        values = {value for name, value in seen if name == metric}
        assert len(values) > 3 and None in values, (metric, values)


def agree(records: Sequence[Frame]) -> None:
    """The engine and the oracle say the same of these records."""
    engine, oracle = Engine(CITY, partition=0, partitions=1), DerivedOracle(MEASURED, INTERVAL, ZONE)
    total = 0
    for record in records:
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
@examples(60)
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
@examples(40)
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
    made = [Made("a", "tpi", T + HOUR, 4.0), Made("a", "congestion_grade", T + HOUR, 3)]
    assert oracle.tick(T + HOUR + 120_000) == made
    assert oracle.tick(T + 5 * HOUR) == [each._replace(ts=T + 2 * HOUR, value=None) for each in made]
