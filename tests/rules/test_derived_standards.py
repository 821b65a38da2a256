"""The judge with the numbers that a city set for itself: each derived metric that has such numbers goes by them."""

from datetime import UTC, datetime

from rules.derived.settings import Indices
from rules.derived.standards import Standards
from rules.engine import Engine
from rules.site import Site
from rules.standards_file import parse_standards
from tests.rules.test_derived import CLEAN, HOUR, Station, at, frame, since
from tests.support.judging import catalogue, sensor, switch_to

MIDNIGHT = since(datetime(2026, 6, 2, tzinfo=UTC))


def city(text: str) -> Indices:
    found, faults = parse_standards(text, "standards.yaml")
    assert not faults, faults
    return Indices(standards=found)


def test_the_night_of_the_city_and_its_limits() -> None:
    own = city("noise: {source: us, day_begins: 7, night_begins: 23, limits: {2: {day: 60, night: 52}}}")
    station = at(Site(noise_area="2"), "noise", indices=own)
    for number in range(MIDNIGHT - 2, MIDNIGHT + 25):
        station.hour(number, noise=55.0)
    station.clock((MIDNIGHT + 27) * HOUR)
    assert station.of("noise_excess") == [(MIDNIGHT + 7.0, 3.0), (MIDNIGHT + 23.0, -5.0)]
    assert station.of("leq_night") == [(MIDNIGHT + 7.0, 55.0)]
    assert station.of("leq_day") == [(MIDNIGHT + 23.0, 55.0)]


def test_the_depths_of_the_city() -> None:
    own = city(
        "waterlogging: {source: us, depths: {blue: 0.05, yellow: 0.1, orange: 0.2, red: 0.25}, ahead: 5min}",
    )
    station = at(Site(dry=0.0), "water_level", indices=own)
    for number, depth in enumerate((0.0, 0.06, 0.12, 0.18)):
        station.put(frame(*[("a", "water_level", number * 300 + n * 60, depth) for n in range(5)]))
    station.clock(1300)
    assert [value for _, value in station.of("waterlogging")] == [0, 1, 2, 2]
    assert [value for _, value in station.of("waterlogging_soon")] == [0, 2, 2, 3], "5 minutes on at 6 cm in 5 minutes"


def test_the_steps_of_heat() -> None:
    own = city("high_temperature: {source: us, red: {at: 45}, blue: {at: 30, days: 2}}")
    station = Station("", "temperature", indices=own)
    for number in range(MIDNIGHT, MIDNIGHT + 48):
        station.hour(number, temperature=31.0 if number < MIDNIGHT + 47 else 46.0)
    station.clock((MIDNIGHT + 48) * HOUR + 120)
    found = station.of("heat_signal")
    assert min(at for at, _ in found) > MIDNIGHT + 24, "the day before the first might have been hot or not"
    assert {value for at, value in found if at <= MIDNIGHT + 47} == {1.0}
    assert found[-1][1] == 4.0


def test_the_steps_of_rain() -> None:
    own = city("rainstorm: {source: us, yellow: {mm: 20, hours: 2}}")
    station = Station("", "rain", indices=own)
    for number in range(4):
        station.hour(number, rain=0.2)  # 12 mm
    station.clock(4 * HOUR + 120)
    assert station.of("rain_signal") == [(2.0, 2.0), (3.0, 2.0), (4.0, 2.0)]


def test_the_warnings_of_the_city() -> None:
    own = city("heavy_pollution: {source: us, since: 2026-06-01, red: {above: 50, hours: 25}, blue: {above: 50}}")
    station = Station("", *CLEAN, indices=own)
    for number in range(26):
        station.hour(number, **CLEAN | {"pm25": 60.0})  # an index of 100
    station.clock(26 * HOUR + 120)
    assert station.of("heavy_pollution")[-2:] == [(25.0, 4.0), (26.0, 4.0)]


def test_ties_go_up_where_the_city_says_so() -> None:
    for text, index in (("air: {source: us, ties: even}", 64.0), ("air: {source: us, ties: up}", 66.0)):
        station = Station("", *CLEAN, indices=city(text))
        station.hour(0, **CLEAN | {"pm25": 42.5})  # 42 or 43 µg/m³
        station.clock(HOUR + 120)
        assert station.of("aqi_cn") == [(1.0, index)]


def test_the_hours_of_the_day_of_ozone() -> None:
    """Measured from 11:00 on: the eight windows that end at 17:00 to 24:00 have six hours or more."""
    for text, known in (("air: {source: us, ozone_needed: 8}", True), ("air: {source: us, ozone_needed: 9}", False)):
        station = Station("", "o3", indices=city(text))
        for number in range(MIDNIGHT + 11, MIDNIGHT + 24):
            station.hour(number, o3=80.0)
        station.clock((MIDNIGHT + 24) * HOUR + 120)
        assert station.of("air_limit_day") == ([(MIDNIGHT + 24.0, 0.5)] if known else [])


def test_a_park_has_the_limits_of_class_one() -> None:
    for site, share in ((Site(), 0.5), (Site(air_class=1), 0.8)):
        station = at(site, "o3")
        for number in range(MIDNIGHT, MIDNIGHT + 24):
            station.hour(number, o3=80.0)
        station.clock((MIDNIGHT + 24) * HOUR + 120)
        assert station.of("air_limit_day") == [(MIDNIGHT + 24.0, share)]


def test_lengths_of_vehicles_and_loops() -> None:
    station = at(Site(), "occupancy", indices=city("traffic: {source: us, vehicle: 4, loop: 1}"))
    station.hour(0, range(5), occupancy=0.1)
    station.clock(330)
    assert station.of("density") == [(300 / HOUR, 20.0)]


def test_the_base_of_the_deviate_may_be_another_in_mid_jam() -> None:
    """A shorter base forgets the oldest of it; what is critical is the city's to say."""
    known = sensor("a", "occupancy")
    before = catalogue("", known, indices=city("traffic: {source: us, base: 12, critical: 4}"))
    after = catalogue("", known, indices=city("traffic: {source: us, base: 3, critical: 4}"))
    fresh = Station("", "occupancy", indices=city("traffic: {source: us, base: 3, critical: 4}"))
    switched = Station("", "occupancy")
    switched.engine = Engine(before, partition=0, partitions=1)
    for station in (fresh, switched):
        for number in range(14):
            station.hour(0, range(number * 5, number * 5 + 5), occupancy=0.1 + 0.01 * (number % 3))
        station.clock(14 * 300 + 30)
        if station is switched:
            switch_to(after, 1, station.engine)
        station.hour(0, range(70, 75), occupancy=0.14)
        station.clock(15 * 300 + 30)
    assert fresh.of("incident_deviate")[-1] == switched.of("incident_deviate")[-1]
    assert fresh.of("incident_deviate")[-1][1] == 3.0


def test_a_catalogue_is_another_one_when_its_standards_are() -> None:
    known = sensor("a", "noise")
    one, other = (catalogue("", known, indices=Indices(standards=Standards(**more))) for more in ({}, {"heat": ()}))
    assert one.hash != other.hash
