"""Each phenomenon obeys its own law, stays within the bounds that the bad days rely on, and repeats itself."""

import itertools
import json
import math

import pytest

from simulators import air, noise, traffic, water
from simulators.chance import drift, jitter, key, unit
from simulators.place import DAY, HOUR, Place, metres, moved, solar_hour, weekday
from simulators.plume import Plume, stages
from simulators.settings import FIRST_DAY
from simulators.stage import stage_at
from simulators.weather import Sky, station
from tests.support.sample_city import played

LON = 13.7
TIMES = range(FIRST_DAY, FIRST_DAY + 3 * DAY, 7 * 60_000 + 11_000)
SOURCES = [key(1, "sensor", str(n)) for n in range(25)]


def test_chance_repeats_itself_and_spreads_evenly() -> None:
    draws = [unit(SOURCES[0], at) for at in range(20_000)]
    assert draws == [unit(SOURCES[0], at) for at in range(20_000)]
    assert draws[:10] != [unit(SOURCES[1], at) for at in range(10)]
    assert all(0.0 <= draw < 1.0 for draw in draws)
    assert abs(sum(draws) / len(draws) - 0.5) < 0.01
    tenths = [sum(n / 10 <= draw < (n + 1) / 10 for draw in draws) for n in range(10)]
    assert max(tenths) < 2_200
    assert min(tenths) > 1_800


def test_drift_is_smooth_and_passes_through_its_draws() -> None:
    source = SOURCES[0]
    assert drift(source, 5000, 1000) == jitter(source, 5)
    steps = [drift(source, at, 1000) for at in range(0, 20_000, 10)]
    assert max(abs(b - a) for a, b in itertools.pairwise(steps)) < 0.035


def test_places_and_hours() -> None:
    home = Place(51.0, 13.5)
    assert metres(home, moved(home, 1234.0, -987.0)) == pytest.approx((1234.0, -987.0), abs=1e-6)
    assert solar_hour(12 * HOUR, 0.0) == 12.0
    assert solar_hour(23 * HOUR, 30.0) == 1.0
    assert weekday(FIRST_DAY + 12 * HOUR, LON) == 1  # 20 January 2026 is a Tuesday
    assert weekday(FIRST_DAY + 5 * DAY, LON) == 6


def test_flow_is_density_times_speed_on_every_road_at_every_hour() -> None:
    for source in SOURCES:
        road = traffic.road_of(source)
        for at in TIMES:
            for density in (traffic.density(road, source, LON, at), traffic.blocked(road, source, at)):
                now = traffic.state(road, density)
                assert now.flow == pytest.approx(now.density * now.speed)
                assert now.occupancy == pytest.approx(now.density / road.lanes * traffic.VEHICLE / 1000.0)
                assert 0.0 <= now.occupancy <= 1.0
                assert now.flow <= road.lanes * road.free * road.jam / 4 + 1e-9  # the greatest flow there can be


def test_ordinary_traffic_flows_and_an_accident_stops_it() -> None:
    for source in SOURCES:
        road = traffic.road_of(source)
        ordinary = [traffic.state(road, traffic.density(road, source, LON, at)).speed for at in TIMES]
        assert min(ordinary) > 27.0
        assert all(4.9 < traffic.state(road, traffic.blocked(road, source, at)).speed < 8.1 for at in TIMES)


def test_the_published_traffic_obeys_the_law_too() -> None:
    """Flow from the wire, against occupancy (hence density) and speed from the wire, to what rounding allows."""
    _, city = played("ordinary")
    checked = 0
    for message in city.step(FIRST_DAY + 8 * HOUR, FIRST_DAY + 9 * HOUR):
        if "/traffic/loop-" not in message.topic or message.refusals:
            continue
        values = json.loads(message.payload)["values"]
        density = values["occupancy"] / 100.0 / traffic.VEHICLE * 1000.0
        lanes = values["flow"] / (density * values["speed"])
        assert lanes == pytest.approx(round(lanes), rel=0.05)
        checked += 1
    assert checked > 300


def test_noise_water_ring_road_and_air_stay_within_their_bounds() -> None:
    sky = Sky(1, LON)
    for source in SOURCES:
        for at in TIMES:
            assert 30.0 < noise.level(source, LON, at) <= noise.LOUDEST
            assert 0.2 <= water.level(sky, source, at) <= water.HIGHEST
            assert noise.QUIETEST <= noise.railside(source, LON, at) <= noise.BESIDE_RAILS
            assert 0.0 < water.underpass(sky, source, at) <= water.PUDDLE
            ring = traffic.state(traffic.RING, traffic.density(traffic.RING, source, LON, at))
            assert traffic.RING.free * (1.0 - traffic.CROWDED) <= ring.speed < traffic.RING.free
            values = air.background(source, LON, at)
            assert all(0.0 < value <= air.HIGHEST[metric] for metric, value in values.items())
            assert values["pm25"] < values["pm10"]


def test_days_have_their_curves() -> None:
    sky, source, noon = Sky(1, 0.0), SOURCES[0], FIRST_DAY + 12 * HOUR
    night = FIRST_DAY + 3 * HOUR
    assert noise.level(source, 0.0, noon) > noise.level(source, 0.0, night) + 6.0
    afternoons = [sky.at(FIRST_DAY + day * DAY + 15 * HOUR).temperature for day in range(10)]
    mornings = [sky.at(FIRST_DAY + day * DAY + 4 * HOUR).temperature for day in range(10)]
    assert sum(afternoons) / 10 > sum(mornings) / 10 + 4.0
    winter, summer = sky.at(FIRST_DAY).temperature, sky.at(FIRST_DAY + 182 * DAY).temperature
    assert summer > winter + 8.0


def test_weather_stays_within_its_bounds_and_rains_now_and_then() -> None:
    sky = Sky(3, LON)
    wet = 0
    for at in range(FIRST_DAY, FIRST_DAY + 365 * DAY, 3 * HOUR + 17 * 60_000):
        seen = station(sky, SOURCES[0], at, 600_000)
        assert -9.0 < seen["temperature"] < 34.0
        assert 0.1 < seen["humidity"] < 1.0
        assert 980.0 < seen["pressure"] < 1040.0
        assert 0.0 < seen["wind_speed"] < 11.0
        assert 0.0 <= seen["wind_direction"] < 360.0
        assert 0.0 <= seen["rain"] <= 1.0
        wet += seen["rain"] > 0.0
    assert 100 < wet < 1200


def test_rain_of_a_day_adds_up_to_what_fell() -> None:
    """What a gauge reports in ten-minute steps is the rate's integral, whatever the cut."""
    sky = Sky(5, LON)
    reported = sum(station(sky, 1, at, 600_000)["rain"] for at in range(FIRST_DAY, FIRST_DAY + 3 * DAY, 600_000))
    fell = sum(sky.rain_rate(at) for at in range(FIRST_DAY, FIRST_DAY + 3 * DAY, 60_000)) / 60.0
    assert fell > 1.0
    assert reported == pytest.approx(fell, rel=0.02)


def test_the_river_rises_after_the_rain() -> None:
    sky = Sky(1, LON)
    hours = [FIRST_DAY + n * HOUR for n in range(240)]
    dry = min(hours, key=lambda at: water.swell(sky, at))
    flood = max(hours, key=lambda at: water.swell(sky, at))
    assert sum(sky.rain_rate(flood - n * HOUR // 2) for n in range(24)) > sum(
        sky.rain_rate(dry - n * HOUR // 2) for n in range(24)
    )
    assert water.level(sky, SOURCES[0], flood) > water.level(sky, SOURCES[0], dry)


PLUME = Plume(Place(51.05, 13.74), FIRST_DAY + 12 * HOUR, 82.0, 0.9, 9_000.0, 3_400.0, 320.0)


def test_a_plume_is_above_a_level_just_when_its_closed_form_says() -> None:
    for east, north in ((0.0, 0.0), (5000.0, 800.0), (-6000.0, -2500.0), (0.0, 5000.0)):
        place = moved(PLUME.origin, east, north)
        for level in (40.0, 75.0, 150.0, 260.0):
            span = PLUME.above(place, level)
            highest = max(PLUME.concentration(place, at) for at in range(FIRST_DAY, FIRST_DAY + DAY, 60_000))
            if span is None:
                assert highest <= level
                continue
            for at in range(FIRST_DAY - DAY, FIRST_DAY + 2 * DAY, 300_000):
                if min(abs(at - span[0]), abs(at - span[1])) > 1000:
                    assert (PLUME.concentration(place, at) > level) == (span[0] < at < span[1])


def test_it_drifts_with_its_wind() -> None:
    east = moved(PLUME.origin, 4000.0 * math.sin(math.radians(82.0)), 4000.0 * math.cos(math.radians(82.0)))
    here, there = PLUME.above(PLUME.origin, 150.0), PLUME.above(east, 150.0)
    assert here is not None
    assert there is not None
    assert there[0] - here[0] == pytest.approx(4000.0 / 0.9 * 1000.0, abs=2.0)


def test_stages_climb_one_by_one_and_come_down_the_same_way() -> None:
    plan = stages(PLUME, PLUME.origin, (75.0, 115.0, 150.0), HOUR)
    assert [part.stage for part in plan] == [1, 2, 3, 2, 1]
    assert all(a.until == b.since for a, b in itertools.pairwise(plan))
    assert min(part.until - part.since for part in plan) >= HOUR // 2
    assert stage_at(plan, plan[0].since - 1) == stage_at(plan, plan[-1].until) == 0
    assert stage_at(plan, plan[2].since) == 3
    assert stages(PLUME, moved(PLUME.origin, 0.0, 12_000.0), (75.0, 115.0, 150.0), HOUR) == []
