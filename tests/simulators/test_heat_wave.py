"""The heat wave: its plateaus lie between the rules' limits, and the middle of the city is the hottest."""

from itertools import pairwise

from rules.indices.heat import heat_index
from rules.levels import Levels
from simulators import heat_wave
from simulators.heat_wave import HeatWave
from simulators.mishaps import BROKEN, BROKEN_EVERY
from tests.support.sample_city import city_rules, played, sensors


def day() -> HeatWave:
    found, _ = played("heat-wave")
    assert isinstance(found, HeatWave)
    return found


def test_the_numbers_are_those_of_the_rule_file() -> None:
    spec = next(rule.spec for rule in city_rules() if rule.name == "heat")
    assert isinstance(spec, Levels)
    assert (spec.hold, spec.keep_firing) == (heat_wave.HOLD, 0)
    lower = (heat_wave.HOT[0] + heat_wave.RISE, heat_wave.HOT[1])
    for level, cooler, hotter in zip(spec.levels, lower, heat_wave.HOT[1:], strict=True):
        assert cooler + heat_wave.SPREAD < level.clear
        assert hotter - heat_wave.SPREAD > level.limit


def test_it_feels_dangerous_at_stage_one_and_extremely_so_at_stage_two() -> None:
    spec = next(rule.spec for rule in city_rules() if rule.name == "heat-index")
    assert isinstance(spec, Levels)
    assert (spec.hold, spec.keep_firing) == (0, 0)
    lower = (heat_wave.HOT[0] + heat_wave.RISE, heat_wave.HOT[1])
    for number, level in enumerate(spec.levels):
        most = heat_index(lower[number] + heat_wave.SPREAD, heat_wave.DAMP[number] + heat_wave.DAMP_SPREAD)
        hot, damp = heat_wave.HOT[number + 1] - heat_wave.SPREAD, heat_wave.DAMP[number + 1] - heat_wave.DAMP_SPREAD
        assert most < level.limit < heat_index(hot, damp)
        assert round(level.limit * 1.8 + 32.0) == (103, 125)[number]


def test_the_middle_is_hottest_and_some_places_stay_cool() -> None:
    this, worst = day(), dict[str, int]()
    for id_, sensor in sensors().items():
        if sensor.kind == "weather":
            worst[id_] = max((part.stage for part in this.plan(id_)), default=0)
            assert sensor.district != "centre" or worst[id_] == 2
    assert set(worst.values()) == {0, 1, 2}


def test_each_plateau_outlasts_the_hold_and_none_begins_while_a_thermometer_is_broken() -> None:
    this = day()
    for sensor in sensors().values():
        plan = this.plan(sensor.id)
        for part in plan:
            assert part.until - part.since > heat_wave.HOLD + sensor.interval
            for at in (part.since, part.until):
                assert at % heat_wave.FEELS == 0
                assert (at - this.setting.day) % BROKEN_EVERY >= BROKEN
        assert all(one.until == other.since for one, other in pairwise(plan))
