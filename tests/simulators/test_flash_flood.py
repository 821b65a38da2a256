"""The flash flood: its numbers are the rule files', each station gets the storm it should, the river rises later."""

from collections import Counter

import pytest

from rules.indices.rainstorm import STEPS
from rules.kinds.window import WindowSpec
from rules.levels import Levels
from simulators import flood
from simulators.flood import FlashFlood
from simulators.place import HOUR
from tests.support.sample_city import city_rules, played, sensors


def day() -> FlashFlood:
    found, _ = played("flash-flood")
    assert isinstance(found, FlashFlood)
    return found


def spec(name: str) -> object:
    return next(rule.spec for rule in city_rules() if rule.name == name)


def test_the_numbers_are_those_of_the_rule_files() -> None:
    high, under, burst = spec("high-water"), spec("waterlogging"), spec("cloudburst")
    assert isinstance(high, Levels)
    assert isinstance(under, Levels)
    assert isinstance(burst, WindowSpec)
    assert (high.hold, high.keep_firing) == (flood.RIVER_HOLD, 0)
    assert (under.hold, under.keep_firing) == (flood.PONDING_HOLD, flood.PONDING_KEEP)
    for levels, plateaus in ((high, flood.RIVER), (under, flood.PONDING)):
        for level, below, beyond in zip(levels.levels, plateaus, plateaus[1:], strict=False):
            assert below < level.clear < level.limit < beyond
    assert (burst.aggregate, burst.every) == ("max", HOUR)
    assert tuple(level.limit for level in burst.levels.levels) == flood.CLOUDBURST
    steps = {(step.colour.name, step.mm, step.hours) for step in STEPS}
    for name, hours, limits, severities in flood.RAINSTORM:
        levels = spec(name)
        assert isinstance(levels, Levels)
        assert (levels.hold, levels.keep_firing) == (0, 0)
        assert tuple((level.severity, level.limit) for level in levels.levels) == tuple(
            zip(severities, limits, strict=True)
        )
        steps -= {(severity, limit, hours) for severity, limit in zip(severities, limits, strict=True)}
    assert not steps  # all the signals there are


def test_each_plateau_outlasts_every_hold() -> None:
    this = day()
    for sensor in sensors().values():
        for part in this.plan(sensor.id):
            assert part.until - part.since > max(flood.RIVER_HOLD, flood.PONDING_KEEP) + sensor.interval


def test_some_places_are_hit_fully_some_partly_and_some_not() -> None:
    this = day()
    for kind, stages in (("underpass", {0, 2, 4}), ("water", {0, 1, 2, 3})):
        gauges = [id_ for id_, sensor in sensors().items() if sensor.kind == kind]
        assert {max((part.stage for part in this.plan(id_)), default=0) for id_ in gauges} == stages
    severities = {(each.rule, each.severity) for each in this.expected()}
    assert {("rainstorm-12h", "blue"), ("rainstorm-6h", "yellow"), ("rainstorm-3h", "orange")} < severities
    assert {("rainstorm-3h", "red"), ("waterlogging", "red"), ("high-water", "red"), ("cloudburst", "red")} < severities
    some = Counter(this.share(sensor) for sensor in this.rain.values())
    assert min(some[share] for _, share in flood.REACH) >= 3


def test_what_falls_at_a_station_in_a_day_is_what_the_plan_says() -> None:
    """Within the scatter of the reports."""
    this = day()
    for sensor in this.rain.values():
        total = 0.0
        at = this.setting.schedule.next(sensor, this.setting.day)
        while at < this.setting.day + 24 * HOUR:
            values = {"rain": 0.3}
            this.alter(sensor, 99, at, values)
            total += values["rain"]
            at += sensor.interval
        assert total == pytest.approx(sum(flood.FELL) * this.share(sensor), rel=flood.SPREAD)


def test_the_water_comes_down_the_river_after_the_rain_and_later_the_further_down() -> None:
    this = day()
    onsets = []
    for id_, sensor in sensors().items():
        if sensor.kind == "water" and (plan := this.plan(id_)):
            assert plan[0].since >= this.setting.day + flood.SWELLS
            onsets.append((sensor.lon - sensor.lat, plan[0].since))  # the valley leads to the south-east
    first, last = min(onsets), max(onsets)
    assert last[1] - first[1] > HOUR
