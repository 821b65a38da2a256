"""The state of stations: what a restart, a change of the city or of its rules does to derived metrics."""

from collections.abc import Callable
from datetime import timedelta, timezone

import msgspec
import pytest

from rules.catalogue import Catalogue
from rules.derived.made import Derived
from rules.derived.settings import Indices
from rules.engine import Engine
from rules.frame import Frame
from rules.state import unpack
from tests.support.judging import T, catalogue, frame, run, sensor, tick

HOUR, DELAY = 3600, 120
LOUD = "{name: loud, kind: threshold, metric: leq_hour, above: {red: 60}}"
RAW = "{name: raw, kind: threshold, metric: noise, above: {red: 200}}"
MINUTES = "{name: minutes, kind: window, metric: noise, aggregate: mean, every: 1min, above: {red: 90}}"


def noise(first: int, last: int, level: float = 65.0) -> Frame:
    """A reading each minute from one to another, after T."""
    return frame(*[("a", "noise", minute * 60, level) for minute in range(first, last)])


def city(rules: str = LOUD, indices: Indices | None = Indices(), interval: int = 60_000) -> Catalogue:  # noqa: B008
    return catalogue(rules, sensor("a", "noise", interval=interval), indices=indices)


def moved(engine: Engine, to: Catalogue) -> Engine:
    other = Engine(to, partition=0, partitions=1)
    facts = {number: (engine.position, data) for number, data in engine.pack().items()}
    other.start(engine.position, engine.clock, facts)
    return other


def begun(known: Catalogue, *records: Frame) -> Engine:
    engine = Engine(known, partition=0, partitions=1)
    run(engine, records)
    return engine


def test_an_hour_goes_on_across_a_restart() -> None:
    again = moved(begun(city(), noise(0, 30), tick(1900)), city())
    [found] = run(again, [noise(30, 60), tick(HOUR + DELAY)])
    assert (found.change, found.at, found.metric, found.unit) == ("fired", T + 3_600_000, "leq_hour", "dB(A)")
    assert (found.evidence.seen[0].ts, found.evidence.seen[0].value) == (T + 3_600_000, 65.0)
    hour = [Derived("a", name, T + 3_600_000, 65.0) for name in ("leq_hour", "l10_hour", "l50_hour", "l90_hour")]
    assert again.derived == hour
    assert again.counts().derived == 4


def test_a_hundred_hours_of_nothing_leave_nothing() -> None:
    engine = begun(city(RAW), noise(0, 60), tick(HOUR + DELAY))
    [packed] = engine.pack().values()
    assert [station.sensor for station in unpack(packed).stations] == ["a"]
    run(engine, [tick(100 * HOUR)])
    [packed] = engine.pack().values()
    assert unpack(packed).stations == [] and unpack(packed).derived == 4
    assert moved(engine, city(RAW)).pack() == {next(iter(engine.pack())): packed}


def test_the_energy_of_an_hour_that_began_without_it_is_not_known() -> None:
    engine = begun(city(MINUTES, None), noise(0, 1), tick(30))
    again = moved(engine, city(MINUTES + "\n" + LOUD))
    run(again, [noise(1, 60), tick(HOUR + DELAY)])
    assert again.derived == []
    run(again, [noise(60, 120), tick(2 * HOUR + DELAY)])
    assert again.derived[0] == Derived("a", "leq_hour", T + 7_200_000, 65.0)
    assert len(again.derived) == 4


def test_panes_of_another_size_still_are_part_of_the_hour() -> None:
    again = moved(begun(city(LOUD), noise(0, 30), tick(1900)), city(LOUD + "\n" + MINUTES))
    [found] = run(again, [noise(30, 60), noise(29, 31), tick(HOUR + DELAY)])
    assert (found.at, found.value) == (T + 3_600_000, 65.0)
    assert again.counts().repeats == 2


CHANGES: list[tuple[Callable[[], Catalogue], bool]] = [
    (lambda: city(LOUD + "\n" + RAW), True),
    (lambda: city(LOUD, Indices(timezone(timedelta(hours=5, minutes=30)))), False),
    (lambda: city(RAW, None), False),
    (lambda: city(RAW, interval=2 * 3_600_000), False),
    (lambda: catalogue(RAW, sensor("b", "noise"), indices=Indices()), False),
]


@pytest.mark.parametrize(("change", "kept"), CHANGES)
def test_what_a_change_of_the_city_leaves_of_a_station(change: Callable[[], Catalogue], kept: bool) -> None:
    engine = begun(city(), noise(0, 60), tick(HOUR + DELAY))
    again = moved(engine, change())
    packed = [station for data in again.pack().values() for station in unpack(data).stations]
    assert bool(packed) == kept


def test_an_episode_on_what_is_no_longer_derived_is_ended() -> None:
    engine = begun(city(), noise(0, 60), tick(HOUR + DELAY))
    [found] = run(moved(engine, city(RAW, None)), [tick(2 * HOUR)])
    assert (found.change, found.metric, found.rule) == ("cleared", "leq_hour", "loud")


def test_windows_of_what_is_not_an_input_any_more_are_forgotten() -> None:
    both = catalogue("", sensor("a", "temperature", "humidity", "speed"), indices=Indices())
    readings = [("a", name, minute * 60, 0.5) for name in ("temperature", "humidity", "speed") for minute in range(5)]
    engine = begun(both, frame(*readings), tick(330))
    assert {each.metric for each in engine.derived} == {"heat_index", "tpi", "congestion_grade"}
    less = catalogue("", sensor("a", "temperature", "speed"), indices=Indices())
    [data] = moved(engine, less).pack().values()
    [station] = unpack(data).stations
    [group] = station.groups
    assert [[each.metric for each in slices] for _, slices in group.windows] == [["speed", "temperature"]]
    assert group.told == [("congestion_grade", True), ("tpi", True)]
    assert [name for name, _ in group.trails] == ["heat_signal highs", "heat_signal windows", "incident_deviate"]
    speed = catalogue("", sensor("a", "speed"), indices=Indices())
    [data] = moved(engine, speed).pack().values()
    assert [name for name, _ in unpack(data).stations[0].groups[0].trails] == ["incident_deviate"]
    slower = catalogue("", sensor("a", "temperature", "humidity", "speed", interval=600_000), indices=Indices())
    assert all(not unpack(data).stations for data in moved(engine, slower).pack().values())


def test_a_station_forgets_what_it_kept_for_days_when_the_days_are_over() -> None:
    """Its windows are gone after two hours; what its signal is made of stays for three days and an hour."""
    city = catalogue(RAW.replace("noise", "temperature"), sensor("a", "temperature"), indices=Indices())
    hot = frame(*[("a", "temperature", minute * 60, 38.0) for minute in range(60)])
    engine = begun(city, hot, tick(HOUR + DELAY), tick(10 * HOUR))
    assert engine.derived == []
    [data] = engine.pack().values()
    [station] = unpack(data).stations
    assert not station.groups[0].windows and {name for name, _ in station.groups[0].trails} == {
        "heat_signal", "heat_signal highs", "heat_signal windows"
    }  # fmt: skip
    again = moved(engine, city)
    assert again.pack() == engine.pack()
    for each in (engine, again):
        run(each, [tick(72 * HOUR)])
        assert unpack(next(iter(each.pack().values()))).stations
        run(each, [tick(75 * HOUR)])
        assert not unpack(next(iter(each.pack().values()))).stations


def test_state_of_before_there_were_trails_still_unpacks() -> None:
    whole = begun(city(), noise(0, 60), tick(HOUR + DELAY))
    [(number, data)] = whole.pack().items()
    raw = msgspec.msgpack.decode(data)
    for station in raw[8]:
        for group in station[1]:
            del group[4:]
            for _, slices in group[3]:
                for each in slices:
                    del each[4:]
    old = msgspec.msgpack.encode(raw)
    assert len(old) < len(data)
    again = Engine(city(), partition=0, partitions=1)
    again.start(whole.position, whole.clock, {number: (whole.position, old)})
    assert again.ready
    run(again, [noise(60, 120), tick(2 * HOUR + DELAY)])
    assert {each.metric for each in again.derived} == {"leq_hour", "l10_hour", "l50_hour", "l90_hour"}


def test_levels_of_an_hour_whose_panes_kept_none_are_not_known() -> None:
    """An hour that began before its series was to keep them: told once, and only where it was known before."""
    engine = begun(city(), noise(0, 30), tick(1900))
    [(number, data)] = engine.pack().items()
    raw = msgspec.msgpack.decode(data)
    for series in raw[5]:
        for pane in series[6]:
            pane[10] = {}
    again = Engine(city(), partition=0, partitions=1)
    again.start(engine.position, engine.clock, {number: (engine.position, msgspec.msgpack.encode(raw))})
    run(again, [noise(30, 60), tick(HOUR + DELAY)])
    assert [each.metric for each in again.derived] == ["leq_hour"]
