"""The bad days against the sample city's rules, without the engine: the numbers of a day are those of the rule files,
every value keeps its distance from every limit, and the plan's findings follow by a slow reading of the values."""

import itertools
import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache
from statistics import fmean

import pytest

from rules.areas.composite import CompositeSpec
from rules.areas.feeds import PATIENT
from rules.areas.part import Part
from rules.kinds.quorum import QuorumSpec
from rules.kinds.silence import SilenceSpec
from rules.kinds.window import WindowSpec
from rules.levels import Levels
from simulators import dead_gateway, smog
from simulators.badday import SCENARIOS, scenario
from simulators.city import City
from simulators.place import DAY, HOUR
from simulators.published import Expected
from simulators.scenario import Scenario, ScenarioError, Setting, told
from simulators.schedule import Schedule
from simulators.settings import FIRST_DAY
from tests.support.city_derived import Series, made_of
from tests.support.sample_city import catalogue, city_rules, heard, heard_sensors, played, sensors
from urbanpulse.commands.common import SCENARIO_NAMES


@cache
def values(name: str) -> Series:
    """Every value of a day that the city must accept, as a bridge reads it: raw, rounded, converted back."""
    series = defaultdict(list)
    for step in heard(name):
        for reading in step.readings:
            series[reading.sensor, reading.metric].append((reading.ts, reading.value))
    return {key: sorted(set(pairs)) for key, pairs in series.items()}


@cache
def judged(name: str) -> Series:
    """Those and what is made of them: all that rules watch."""
    return values(name) | made_of(values(name), FIRST_DAY + DAY)


def leq(levels: Iterable[float]) -> float:
    """The level of the mean energy."""
    return 10 * math.log10(fmean(10 ** (level / 10) for level in levels))


def windows(series: list[tuple[int, float]], spec: WindowSpec) -> list[tuple[int, float]]:
    """What a window rule makes of the values: the aggregate of each whole window, by the window's end."""
    aggregate = {"mean": fmean, "max": max, "leq": leq}[spec.aggregate]
    of = itertools.groupby(series, lambda pair: pair[0] // spec.every)
    ends = [((number + 1) * spec.every, aggregate([value for _, value in pairs])) for number, pairs in of]
    return [(end, value) for end, value in ends if end <= FIRST_DAY + DAY]


def rule(name: str) -> object:
    return next(rule for rule in city_rules() if rule.name == name).spec


def test_the_numbers_of_the_smog_are_those_of_the_rule_files() -> None:
    pm25, pm10, emergency, jam = (rule(name) for name in ("smog-pm25", "smog-pm10", "smog-emergency", "jam"))
    assert isinstance(pm25, Levels)
    assert isinstance(pm10, Levels)
    assert isinstance(emergency, Levels)
    assert isinstance(jam, Levels)
    assert tuple(level.limit for level in pm25.levels) == smog.LEVELS
    assert (pm25.hold, pm25.keep_firing) == (pm10.hold, pm10.keep_firing) == (smog.HOLD, smog.KEEP)
    assert (emergency.hold, emergency.keep_firing) == (smog.EMERGENCY, smog.EMERGENCY)
    assert (jam.hold, jam.keep_firing) == (smog.JAM_HOLD, 0)
    district = rule("smog-district")
    assert isinstance(district, QuorumSpec)
    [member] = district.members
    assert isinstance(member.spec, Levels)
    assert (member.metric, member.spec.hold, member.spec.keep_firing) == ("pm25", 0, 0)
    assert member.spec.levels[0].limit == smog.LEVELS[smog.WIDESPREAD - 1]
    assert smog.PLATEAU["pm25"][smog.WIDESPREAD - 1] * (1 + smog.SPREAD) < member.spec.levels[0].clear
    assert tuple((step.least.number, step.severity) for step in district.steps) == smog.DISTRICT
    assert all(step.least.percent and step.clear is None for step in district.steps)
    assert (district.within, district.area.by, district.silent) == (0, "district", 0)
    blocked = rule("blocked-hour")
    assert isinstance(blocked, WindowSpec)
    assert (blocked.every, blocked.aggregate) == (HOUR, "mean")


def test_the_numbers_of_the_dead_gateway_are_those_of_the_rule_files() -> None:
    district = rule("smog-district")
    assert isinstance(district, QuorumSpec) and district.healthy == Part(dead_gateway.HEALTHY, True)
    assert district.silent == 0 and PATIENT == dead_gateway.PATIENCE
    assert not [e for e in played("dead-gateway")[0].expected() if e.change == "undecided"], "six of nine are there"
    for name, metrics, after, severity in dead_gateway.WATCHED.values():
        found = next(rule for rule in city_rules() if rule.name == name)
        assert found.metrics == metrics
        assert found.spec == SilenceSpec(after, severity)


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name != "dead-gateway"])
def test_no_value_comes_near_a_limit_that_it_must_not_cross(name: str) -> None:
    """Beyond no limit at all on an ordinary day; on a bad one each value is well on one side of each limit. A window's
    value is its aggregate."""
    for (sensor, metric), series in judged(name).items():
        for each in catalogue().rules_for(sensor, metric):
            levels = each.spec.levels if isinstance(each.spec, WindowSpec) else each.spec
            if not isinstance(levels, Levels):
                continue
            seen = windows(series, each.spec) if isinstance(each.spec, WindowSpec) else series
            for level in levels.levels:
                limit, clear = (level.limit, level.clear) if levels.above else (-level.limit, -level.clear)
                found = sorted(value if levels.above else -value for _, value in seen)
                near = found[
                    bisect_right(found, clear - 0.01 * abs(clear)) : bisect_right(found, limit + 0.01 * abs(limit))
                ]
                assert not near, (each.name, sensor, metric)
                assert name != "ordinary" or not found or found[-1] <= limit, (each.name, sensor, metric)


def test_each_plateau_outlasts_every_hold_so_that_the_closed_form_holds() -> None:
    day, _ = played("smog")
    assert isinstance(day, smog.Smog)
    for sensor in sensors().values():
        plan = day.plan(sensor.id)
        for part in plan:
            lasts = part.until - part.since
            assert lasts > max(smog.HOLD, smog.KEEP) + sensor.interval
            assert part.stage < 3 or lasts > smog.EMERGENCY + sensor.interval


def test_the_smog_reaches_some_stations_fully_some_partly_and_some_not_at_all() -> None:
    day, _ = played("smog")
    assert isinstance(day, smog.Smog)
    worst = Counter(
        max((part.stage for part in day.plan(id_)), default=0) for id_, s in sensors().items() if s.kind == "air"
    )
    assert set(worst) == {0, 1, 2, 3}
    changes = Counter((each.rule, each.change) for each in day.expected())
    assert changes["smog-pm25", "fired"] == changes["smog-pm25", "cleared"] == 54 - worst[0]
    assert changes["smog-emergency", "fired"] == worst[3]
    assert changes["jam", "fired"] == changes["blocked-hour", "cleared"] == smog.DETECTORS
    assert changes["smog-district", "fired"] == changes["smog-district", "cleared"] == 6
    assert changes["smog-district", "changed"] > 4
    assert len(day.expected()) == len(set(day.expected())) > 200


def test_a_district_is_in_smog_as_a_count_of_its_stations_at_each_instant_says() -> None:
    day, _ = played("smog")
    in_smog: dict[str, dict[str, list[tuple[int, bool]]]] = defaultdict(dict)
    for (sensor, metric), series in values("smog").items():
        if metric == "pm25":
            in_smog[sensors()[sensor].district][sensor] = [(ts, value > 115.0) for ts, value in series]
    for district, own in in_smog.items():
        found, before = [], ""
        for now in sorted({ts for series in own.values() for ts, _ in series}):
            last = [series[bisect_right(series, (now, True)) - 1] for series in own.values() if series[0][0] <= now]
            share = sum(bad for _, bad in last) / len(own)
            after = "red" if share >= 0.6 else "orange" if share >= 0.3 else ""
            if after != before:
                found.append((now, "fired" if not before else "changed" if after else "cleared", after))
            before = after
        expected = [(e.at, e.change, e.severity) for e in day.expected() if e.sensor == district]
        assert found == expected, district


def slow(series: list[tuple[int, float]], levels: Levels) -> list[tuple[int, str, str]]:
    """The changes of a threshold rule by brute force: a level is on once the last readings have been beyond its limit
    for the hold, and off once they have not been beyond its clear for the keep; asked at each instant at which that
    may be the case."""
    waits = (0, levels.hold, levels.keep_firing)
    instants = sorted({ts + wait for ts, _ in series for wait in waits})
    on = [False] * len(levels.levels)
    back = max(2 * HOUR, *(later - ts for (ts, _), (later, _) in itertools.pairwise(series)))
    found: list[tuple[int, str, str]] = []
    for now in instants:
        before = severity(levels, on)
        seen = [(ts, value) for ts, value in series if now - back <= ts <= now]
        for number, level in enumerate(levels.levels):
            line, patience = (level.clear, levels.keep_firing) if on[number] else (level.limit, levels.hold)
            sign = 1 if levels.above else -1
            since = None
            for ts, value in reversed(seen):
                if (sign * value > sign * line) == on[number]:
                    break
                since = ts
            if since is not None and now - since >= patience:
                on[number] = not on[number]
        if (after := severity(levels, on)) != before:
            found.append((now, "fired" if not before else "cleared" if not after else "changed", after))
    return found


def severity(levels: Levels, on: list[bool]) -> str:
    return next((level.severity for level, lit in zip(reversed(levels.levels), reversed(on), strict=True) if lit), "")


def test_the_closed_form_is_what_a_slow_reading_of_the_values_gives() -> None:
    day, _ = played("smog")
    assert isinstance(day, smog.Smog)
    of_stage = {
        max((part.stage for part in day.plan(id_)), default=0): id_ for id_, s in sensors().items() if s.kind == "air"
    }
    assert set(of_stage) == {0, 1, 2, 3}
    for name, metric in (("smog-pm25", "pm25"), ("smog-pm10", "pm10"), ("smog-emergency", "pm25")):
        spec = rule(name)
        assert isinstance(spec, Levels)
        for sensor in of_stage.values():
            expected = [(e.at, e.change, e.severity) for e in day.expected() if (e.rule, e.sensor) == (name, sensor)]
            assert slow(values("smog")[sensor, metric], spec) == expected, (name, sensor)


@pytest.mark.parametrize("name", ["flash-flood", "jam", "noisy-night", "heat-wave"])
def test_every_finding_of_the_newer_days_too(name: str) -> None:
    """Each sensor that a finding is expected of, by a slow reading of its values."""
    expected: dict[tuple[str, str, str], list[tuple[int, str, str]]] = defaultdict(list)
    for each in played(name)[0].expected():
        expected[each.rule, each.sensor, each.metric].append((each.at, each.change, each.severity))
    for (named, sensor, metric), changes in list(expected.items())[::3]:
        spec = rule(named)
        if isinstance(spec, CompositeSpec):
            continue  # of what several sensors say together tests/simulators/test_jam_day.py tells
        series = judged(name)[sensor, metric]
        if isinstance(spec, WindowSpec):
            assert slow(windows(series, spec), spec.levels) == changes, (named, sensor)
        else:
            assert isinstance(spec, Levels)
            assert slow(series, spec) == changes, (named, sensor)


def test_a_dead_gateway_is_silent_just_as_long_as_it_says() -> None:
    day, _ = played("dead-gateway")
    series = values("dead-gateway")
    for sensor in heard_sensors("dead-gateway").values():
        for metric in sensor.channels:
            times = [ts for ts, _ in series[sensor.id, metric]]
            gaps = [(a, b) for a, b in itertools.pairwise(times) if b - a > sensor.interval]
            if sensor.gateway != dead_gateway.GATEWAY:
                assert not gaps or metric == "temperature", sensor.id  # the broken thermometer is refused meanwhile
                assert all(b - a > sensor.interval for a, b in gaps)
                continue
            ((last, back),) = gaps
            mine = [each for each in day.expected() if (each.sensor, each.metric) == (sensor.id, metric)]
            watched = dead_gateway.WATCHED[sensor.kind]
            if metric in watched[1]:
                assert [(each.at, each.change) for each in mine] == [(last + watched[2], "fired"), (back, "cleared")]
            else:
                assert not mine


def test_told_knows_the_ladder() -> None:
    seen = [(0, 1), (100, 2), (200, 2), (300, 3), (400, 1), (500, 0)]
    names = ("low", "mid", "top")
    assert [(e.at, e.change, e.severity) for e in told("r", "s", "m", seen, names, 7, 3)] == [
        (7, "fired", "low"), (107, "changed", "mid"), (307, "changed", "top"),
        (403, "changed", "low"), (503, "cleared", ""),
    ]  # fmt: skip
    assert told("r", "s", "m", [(0, 0), (5, 0)], names, 7, 3) == []


def test_an_unknown_day_a_crooked_start_and_a_registry_that_cannot_play_are_said() -> None:
    setting = Setting(sensors(), Schedule(1), 1, FIRST_DAY)
    with pytest.raises(ScenarioError, match="did you mean 'smog'"):
        scenario("smogg", setting)
    for crooked in ("smog", "flash-flood", "jam", "noisy-night", "heat-wave"):
        with pytest.raises(ScenarioError, match="whole hour"):
            scenario(crooked, Setting(sensors(), Schedule(1), 1, FIRST_DAY + 1))
    needs = {"smog": "pm25", "dead-gateway": dead_gateway.GATEWAY, "flash-flood": "rain and water_level",
             "jam": "ringroad", "noisy-night": "railside", "heat-wave": "temperature"}  # fmt: skip
    for name, words in needs.items():
        with pytest.raises(ScenarioError, match=words):
            scenario(name, Setting({}, Schedule(1), 1, FIRST_DAY))


def test_an_ordinary_day_expects_nothing_and_every_day_sorts_its_list() -> None:
    assert set(SCENARIOS) == {
        "ordinary", "smog", "dead-gateway", "flash-flood", "jam", "noisy-night", "heat-wave",
    }  # fmt: skip
    assert Scenario(Setting(sensors(), Schedule(1), 1, FIRST_DAY)).expected() == []
    for name in SCENARIOS:
        expected: list[Expected] = played(name)[0].expected()
        assert expected == sorted(expected)
        assert isinstance(City(played(name)[0]), City)


def test_the_commands_name_every_day() -> None:
    assert SCENARIO_NAMES.replace(" or ", ", ").split(", ") == list(SCENARIOS)
