"""Derived metrics of stations, one by one: what they say, from when on, and when they say nothing."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from rules.derived.choice import DELAY
from rules.derived.collector import Collector
from rules.derived.made import Derived
from rules.derived.names import DERIVED, UNITS
from rules.derived.settings import Indices
from rules.engine import Engine
from rules.finding import Finding
from rules.frame import Frame
from rules.indices.china_tables import POLLUTANTS
from rules.indices.heat import heat_index, wind_chill
from rules.panes import Pane
from rules.sensor import Sensor
from rules.site import Site
from tests.support import judging
from tests.support.judging import catalogue, sensor

T = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp() * 1000)
"""Where these tests' time begins: midnight, under the editions of 2026."""
MINUTE, HOUR = 60, 3600
SHANGHAI = ZoneInfo("Asia/Shanghai")
OLD_ENOUGH = 120
"""Seconds after an hour's end at which it is decided."""


def frame(*readings: tuple[str, str, float, float]) -> Frame:
    """Readings (sensor, metric, seconds after T, value) as a frame."""
    return judging.frame(*[(name, metric, at + (T - judging.T) / 1000, x) for name, metric, at, x in readings])


def tick(at: float) -> Frame:
    return judging.tick(at + (T - judging.T) / 1000)


class Station:
    """One sensor, `a`, and what is made of it."""

    def __init__(self, rules: str, *metrics: str, indices: Indices | None = None, interval: int = 60_000) -> None:
        self.found: list[Finding] = []
        self.made: list[Derived] = []
        known = sensor("a", *metrics, interval=interval)
        self.engine = Engine(catalogue(rules, known, indices=indices or Indices()), partition=0, partitions=1)

    def put(self, record: Frame) -> None:
        engine = self.engine
        if record.tick:
            self.found += engine.tick(engine.position, record)
        else:
            self.found += engine.frame(engine.position, record)
        self.made += engine.derived

    def hour(self, number: int, minutes: Iterable[int] = range(60), **values: float) -> None:
        """The readings of an hour, from T on, at some of its minutes."""
        at = [number * HOUR + minute * MINUTE for minute in minutes]
        self.put(frame(*[("a", metric, second, value) for metric, value in values.items() for second in at]))

    def clock(self, at: float) -> None:
        self.put(tick(at))

    def of(self, metric: str) -> list[tuple[float, float]]:
        """(hours after T, value)."""
        return [((each.ts - T) / 3_600_000, each.value) for each in self.made if each.metric == metric]

    def doubts(self) -> list[tuple[str, float, str]]:
        return [(f.rule, (f.at - T) / 3_600_000, f.text) for f in self.found if f.change == "undecided"]


CLEAN = {"so2": 10.0, "no2": 20.0, "co": 0.5, "o3": 50.0, "pm10": 30.0, "pm25": 20.0}
NOT_OVER = "{name: none, kind: threshold, metric: pm25, above: {red: 1000}}"
HAZE = "{name: haze, kind: threshold, metric: aqi_cn, above: {yellow: 100, red: 200}}"


def since(moment: datetime) -> int:
    """Whole hours after T of a moment."""
    return int(moment.timestamp() - T / 1000) // HOUR


def test_forty_five_minutes_are_an_hour() -> None:
    for minutes, whole in ((range(45), True), (range(44), False), ([*range(30), *range(45, 60)], True)):
        station = Station(NOT_OVER, *CLEAN)
        station.hour(0, minutes, **CLEAN)
        station.clock(HOUR + OLD_ENOUGH - 1)
        assert not station.made
        station.clock(HOUR + OLD_ENOUGH)
        assert bool(station.of("aqi_cn")) == whole


def test_a_few_seconds_of_delay_cost_no_minute_and_a_burst_gains_none() -> None:
    station = Station(NOT_OVER, "pm25")
    station.put(frame(*[("a", "pm25", minute * 60 + (minute % 2) * 9.5, 20.0) for minute in range(45)]))
    station.clock(HOUR + OLD_ENOUGH)
    assert not station.made  # the NowCast needs two hours
    station.put(frame(*[("a", "pm25", HOUR + minute * 60 + (minute % 2) * 9.5, 20.0) for minute in range(45)]))
    station.clock(2 * HOUR + OLD_ENOUGH)
    assert station.of("nowcast_pm25") == [(2.0, 20.0)]
    burst = Station(NOT_OVER, "pm25")
    burst.put(frame(*[("a", "pm25", hour * HOUR + n, 20.0) for hour in (0, 1) for n in range(60)]))
    burst.clock(2 * HOUR + OLD_ENOUGH)
    assert not burst.made


def test_the_edition_follows_the_local_day() -> None:
    last = since(datetime(2026, 3, 1, tzinfo=SHANGHAI)) - 1
    station = Station(NOT_OVER, *CLEAN, indices=Indices(SHANGHAI))
    for number in (*range(last - 23, last), last, last + 1):
        station.hour(number, **CLEAN | {"pm25": 75.0})
        station.clock((number + 1) * HOUR + OLD_ENOUGH)
    assert station.of("aqi_cn")[-2:] == [(last + 1.0, 100.0), (last + 2.0, 114.0)]
    assert station.of("aqi_cn_day") == [(last + 1.0, 100.0)]
    assert [each[0] for each in station.of("pm25_24h")] == [last - 3.0 + n for n in range(6)]


def test_a_pollutant_that_is_missing_makes_it_unknown_unless_it_is_bad_anyway() -> None:
    station = Station(HAZE, *CLEAN)
    station.hour(0, **CLEAN)
    station.clock(HOUR + OLD_ENOUGH)
    without = {name: value for name, value in CLEAN.items() if name != "o3"}
    for number, pm25 in enumerate((20.0, 20.0, 130.0, 20.0), start=1):
        station.hour(number, **without | {"pm25": pm25})
        station.clock((number + 1) * HOUR + OLD_ENOUGH)
    assert station.of("aqi_cn") == [(1.0, 30.0), (4.0, 172.0)]
    told = "Cannot decide about aqi_cn at a (north): too little measured of o3"
    assert station.doubts() == [("haze", 2.0, told), ("haze", 5.0, told)]


def test_a_rule_doubts_within_its_time_only() -> None:
    rules = """
    {name: on, kind: threshold, metric: aqi_cn, above: {red: 100}, when: {between: '01:30-02:30'}}
    {name: off, kind: threshold, metric: aqi_cn, above: {red: 100}, when: {between: '12:00-13:00'}}
    {name: always, kind: threshold, metric: aqi_cn, above: {red: 100}}
    """
    station = Station(rules, *CLEAN)
    station.hour(0, **CLEAN)
    station.clock(HOUR + OLD_ENOUGH)
    station.hour(1, **{name: value for name, value in CLEAN.items() if name != "o3"})
    station.clock(2 * HOUR + OLD_ENOUGH)
    assert [(rule, at) for rule, at, _ in station.doubts()] == [("on", 2.0), ("always", 2.0)]


def test_doubt_goes_on_with_an_episode_and_is_no_all_clear() -> None:
    station = Station(HAZE, *CLEAN)
    for number, values in enumerate((CLEAN | {"pm25": 160.0}, {"co": 0.5}, {"co": 0.5}, CLEAN)):
        station.hour(number, **values)
        station.clock((number + 1) * HOUR + OLD_ENOUGH)
    told = [(each.change, each.severity, each.was, each.revision, (each.at - T) // 3_600_000) for each in station.found]
    assert told == [
        ("fired", "red", "", 1, 1), ("undecided", "red", "red", 2, 2), ("cleared", "", "red", 3, 4)
    ]  # fmt: skip
    assert len({each.episode for each in station.found}) == 1
    assert station.found[0].unit == UNITS["aqi_cn"] and station.found[0].value == 210.0


def test_a_hold_that_ends_before_the_doubt_fires_before_it() -> None:
    held = "{name: held, kind: threshold, metric: tpi, above: {red: 3}, hold: 5min}"
    station = Station(held, "speed")
    station.hour(0, range(5), speed=20.0)
    station.clock(10 * MINUTE + 30)
    assert [(each.change, each.at - T, each.revision) for each in station.found] == [
        ("fired", 600_000, 1), ("undecided", 600_000, 2)
    ]  # fmt: skip


def test_a_silence_rule_speaks_for_itself() -> None:
    station = Station("{name: mute, kind: silence, metric: tpi, after: 10min, severity: yellow}", "speed")
    station.hour(0, range(5), speed=20.0)
    station.clock(20 * MINUTE)
    assert [(each.change, each.at - T) for each in station.found] == [("fired", 900_000)]


def test_what_was_never_known_is_told_when_it_should_have_been() -> None:
    station = Station(HAZE, *CLEAN)
    for number in range(60):
        station.hour(number, pm25=20.0)
        station.clock((number + 1) * HOUR + OLD_ENOUGH)
    told = "Cannot decide about aqi_cn at a (north): too little measured of so2, no2, co, o3, pm10"
    assert station.doubts() == [("haze", 49.0, told)]


def test_after_a_long_silence_all_begins_anew() -> None:
    station = Station(HAZE, *CLEAN)
    for number in (0, 100):
        station.hour(number, **CLEAN)
        station.clock((number + 1) * HOUR + OLD_ENOUGH)
    station.clock(200 * HOUR)
    assert station.of("aqi_cn") == [(1.0, 30.0), (101.0, 30.0)]
    assert [each[1] for each in station.doubts()] == [2.0, 102.0]
    assert all(not group.windows and not group.told for group in station.engine._stations["a"].groups.values())


def test_a_clock_that_leaps_decides_each_hour_in_its_turn() -> None:
    leaping, walking = Station(HAZE, *CLEAN), Station(HAZE, *CLEAN)
    for number in range(40):
        for station in (leaping, walking):
            station.hour(number, **CLEAN | {"pm25": 20.0 + 10 * (number % 15)})
        walking.clock((number + 1) * HOUR + OLD_ENOUGH)
    leaping.clock(40 * HOUR + OLD_ENOUGH)
    assert leaping.made == walking.made
    assert [(each.change, each.at) for each in leaping.found] == [(each.change, each.at) for each in walking.found]
    assert len(leaping.found) == 7


def test_a_window_rule_that_ends_with_the_same_tick_has_the_reading() -> None:
    rule = "{name: two, kind: window, metric: tpi, aggregate: count, every: 10min, above: {red: 1}}"
    station = Station(rule, "speed")
    station.hour(0, range(5, 15), speed=20.0)
    station.clock(20 * MINUTE + 30)
    doubt, found = station.found
    assert (doubt.change, found.change, found.at - T, found.value) == ("undecided", "fired", 1_200_000, 2.0)
    assert doubt.at == found.at and doubt.episode != found.episode, "a doubt is no revision of what then begins"


def test_a_frame_cannot_bring_what_the_judge_makes() -> None:
    station = Station(HAZE, *CLEAN)
    station.put(frame(("a", "aqi_cn", 0, 500.0)))
    station.clock(HOUR)
    assert not station.found and not station.made and station.engine.pack() == {}


def test_values_that_cannot_be_make_no_window() -> None:
    for metric, wrong in (("noise", 1e11), ("noise", -5.0), ("speed", -1.0)):
        station = Station("{name: raw, kind: threshold, metric: " + metric + ", above: {red: 1e13}}", metric)
        station.hour(0, **{metric: 50.0})
        station.put(frame(("a", metric, 30.5, wrong)))
        station.clock(HOUR + OLD_ENOUGH)
        assert not [each for each in station.made if each.ts <= T + 300_000 or metric == "noise"]


def test_energy_of_sound() -> None:
    station = Station(NOT_OVER.replace("pm25", "noise"), "noise")
    station.put(frame(*[("a", "noise", minute * 60, 60.0 + 10 * (minute % 2)) for minute in range(60)]))
    station.clock(HOUR + OLD_ENOUGH)
    assert station.of("leq_hour") == [(1.0, 67.404)]


@pytest.mark.parametrize("hours", [2, -5])
def test_parts_of_the_day_are_those_of_the_city(hours: int) -> None:
    zone = timezone(timedelta(hours=hours))
    midnight = since(datetime(2026, 6, 2, tzinfo=zone))
    station = Station(NOT_OVER.replace("pm25", "noise"), "noise", indices=Indices(zone))
    for number in range(midnight, midnight + 34):
        clock = (number - midnight) % 24
        station.hour(number, noise=60.0 if 7 <= clock < 19 else 55.0 if 19 <= clock < 23 else 50.0)
    station.clock((midnight + 40) * HOUR)
    assert station.of("lden") == [(midnight + 31.0, 60.0)]
    assert [at for at, _ in station.of("leq_day")] == [midnight + 22.0]
    assert station.of("leq_night") == [(midnight + 6.0, 50.0), (midnight + 30.0, 51.039)]


def test_a_part_of_the_day_with_too_few_hours_is_not_known() -> None:
    midnight = since(datetime(2026, 6, 2, tzinfo=UTC))
    station = Station("{name: loud, kind: threshold, metric: lden, above: {red: 60}}", "noise")
    for number in (
        *range(midnight, midnight + 31),
        *range(midnight + 31, midnight + 43),
        *range(midnight + 47, midnight + 55),
    ):
        station.hour(number, noise=50.0)
    station.clock((midnight + 60) * HOUR)
    assert [at for at, _ in station.of("lden")] == [midnight + 31.0]
    told = "Cannot decide about lden at a (north): too little measured of noise"
    assert station.doubts() == [("loud", midnight + 55.0, told)]


def test_weather_is_felt_by_means_of_a_short_window() -> None:
    station = Station(NOT_OVER.replace("pm25", "rain"), "temperature", "humidity", "wind_speed", "rain")
    station.put(frame(*[("a", "temperature", n * 60, 30.0 + n) for n in range(5)]))
    station.hour(0, range(5), humidity=0.6, wind_speed=3.0, rain=0.2)
    station.hour(0, range(5, 10), temperature=-10.0, humidity=0.6, wind_speed=8.0, rain=0.2)
    station.clock(11 * MINUTE)
    cold = wind_chill(-10.0, 8.0)
    assert cold is not None
    assert station.of("heat_index")[0] == (5 / 60, round(heat_index(32.0, 0.6), 3))
    assert [value for _, value in station.of("wind_chill")] == [32.0, round(cold, 3)]


def test_rain_of_some_hours_is_the_whole_of_it_or_nothing() -> None:
    station = Station(NOT_OVER.replace("pm25", "rain"), "rain", interval=600_000)
    for number in range(14):
        station.hour(number, range(0, 60 if number != 4 else 50, 10), rain=0.1)
    station.clock(15 * HOUR)
    assert [at for at, _ in station.of("rain_3h")] == [3.0, 4.0, *map(float, range(8, 15))]
    assert station.of("rain_6h")[-1] == (14.0, pytest.approx(3.6))
    assert not station.of("rain_12h")


@pytest.mark.parametrize(("own", "expected"), [(0.0, 4.0), (100.0, 8.0)])
def test_the_free_flow_is_the_sensors_own_or_the_citys(own: float, expected: float) -> None:
    known = sensor("a", "speed", free_flow=own)
    engine = Engine(catalogue("", known, indices=Indices(free_flow=60.0)), partition=0, partitions=1)
    engine.frame(0, frame(*[("a", "speed", minute * 60, 30.0) for minute in range(5)]))
    engine.tick(1, tick(330))
    assert engine.derived[0] == Derived("a", "tpi", T + 300_000, expected)


def test_a_window_holds_three_readings_and_an_hour_at_most() -> None:
    def lengths(interval: int) -> set[int]:
        return {
            each.every
            for each in catalogue("", sensor("a", "speed", interval=interval), indices=Indices()).choice("a").programs
        }

    assert [lengths(minutes * 60_000) for minutes in (1, 2, 5, 10, 20, 60)] == [
        {300_000}, {900_000}, {900_000}, {1_800_000}, {3_600_000}, {3_600_000}
    ]  # fmt: skip
    assert lengths(61 * 60_000) == set()


def test_hours_are_those_of_the_citys_clock() -> None:
    station = Station(NOT_OVER.replace("pm25", "noise"), "noise", indices=Indices(ZoneInfo("Asia/Kolkata")))
    station.put(frame(*[("a", "noise", 1800 + minute * 60, 50.0) for minute in range(60)]))
    station.clock(1800 + HOUR + OLD_ENOUGH)
    assert station.of("leq_hour") == [(1.5, 50.0)]


CHANNELS: list[tuple[tuple[str, ...], set[str]]] = [
    (
        POLLUTANTS,
        {"aqi_us", "nowcast_pm25", "nowcast_pm10", "pm25_24h", "pm10_24h", "o3_8h", "who_level", "air_limit_day"}
        | {"aqi_cn", "aqi_cn_day", "aqi_cn_primary", "aqi_cn_day_primary", "heavy_pollution"},
    ),
    (("pm25",), {"aqi_us", "nowcast_pm25", "pm25_24h", "who_level", "air_limit_day"}),
    (("o3",), {"o3_8h", "who_level", "air_limit_day"}),
    (("noise",), {"leq_hour", "leq_day", "leq_night", "lden", "l10_hour", "l50_hour", "l90_hour"}),
    (("temperature",), {"heat_signal"}),
    (("temperature", "humidity"), {"heat_index", "heat_signal"}),
    (("temperature", "wind_speed"), {"wind_chill", "heat_signal"}),
    (("rain",), {"rain_3h", "rain_6h", "rain_12h", "rain_signal"}),
    (("speed",), {"tpi", "congestion_grade", "incident_deviate"}),
    (("flow",), {"flow_hour"}),
    (("occupancy",), {"density", "level_of_service", "incident_deviate"}),
    (("occupancy", "flow"), {"density", "level_of_service", "incident_deviate", "flow_hour"}),
    (
        ("speed", "flow"),
        {"tpi", "congestion_grade", "flow_hour", "density", "level_of_service", "incident_deviate"},
    ),
    (("water_level",), set()),
]


@pytest.mark.parametrize(("channels", "expected"), CHANNELS)
def test_what_a_sensor_measures_says_what_is_made_of_it(channels: tuple[str, ...], expected: set[str]) -> None:
    known: Callable[[Indices | None], set[str]] = lambda indices: set(  # noqa: E731
        catalogue("", sensor("a", *channels), indices=indices).choice("a").metrics
    )
    assert known(Indices()) == expected
    assert known(None) == set()


def test_every_derived_metric_is_made_of_some_sensor() -> None:
    of_a_site = {"noise_excess", "waterlogging", "waterlogging_soon"}
    assert set().union(of_a_site, *(expected for _, expected in CHANNELS)) == set(DERIVED)


def at(site: Site, *metrics: str, interval: int = 60_000, indices: Indices | None = None) -> Station:
    """A station of which the registry says more."""
    station = Station("", "pm25")
    known = replace(sensor("a", *metrics, interval=interval), site=site)
    station.engine = Engine(catalogue("", known, indices=indices or Indices()), partition=0, partitions=1)
    return station


def test_the_registry_says_which_gauge_is_above_a_road_and_what_noise_a_place_may_have() -> None:
    of: Callable[[Site, str], set[str]] = lambda site, metric: set(  # noqa: E731
        catalogue("", replace(sensor("a", metric), site=site), indices=Indices()).choice("a").metrics
    )
    assert of(Site(dry=0.0), "water_level") == {"waterlogging", "waterlogging_soon"}
    assert "noise_excess" in of(Site(noise_area="4a"), "noise")
    assert not of(Site(noise_area="4a", lanes=2), "water_level")


def test_noise_above_the_limit_of_its_area() -> None:
    midnight = since(datetime(2026, 6, 2, tzinfo=UTC))
    station = at(Site(noise_area="2"), "noise")
    for number in range(midnight - 2, midnight + 24):
        station.hour(number, noise=55.0)
    station.clock((midnight + 26) * HOUR)
    assert station.of("noise_excess") == [(midnight + 6.0, 5.0), (midnight + 22.0, -5.0)]
    short = at(Site(noise_area="2"), "noise")
    for number in range(midnight + 10):
        short.hour(number, noise=55.0)
    short.clock((midnight + 23) * HOUR)
    assert short.of("noise_excess")[-1] == (midnight + 6.0, 5.0)


def test_water_on_a_road_now_and_soon() -> None:
    station = at(Site(dry=0.1), "water_level")
    depths = [0.0, 0.0, 0.1, 0.2, 0.3, 0.3]
    for number, depth in enumerate(depths):
        station.put(frame(*[("a", "water_level", number * 300 + n * 60, 0.1 + depth) for n in range(5)]))
    station.clock(1900)
    assert [value for _, value in station.of("waterlogging")] == [0, 0, 0, 1, 2, 2]
    # the best line through the last three means, ten minutes on: +0.2 at the most
    assert [value for _, value in station.of("waterlogging_soon")] == [0, 0, 1, 3, 4, 3]
    station.clock(2500)
    assert len(station.of("waterlogging")) == 6


def test_lanes_share_what_passes_and_an_occupied_loop_tells_of_a_standstill() -> None:
    station = at(Site(lanes=2), "flow", "speed", "occupancy")
    for number, (flow, speed, occupancy) in enumerate(((1200.0, 60.0, 0.1), (0.0, 0.0, 0.7), (0.0, 0.0, 0.0))):
        station.hour(0, range(number * 5, number * 5 + 5), flow=flow, speed=speed, occupancy=occupancy)
    station.clock(1000)
    assert [value for _, value in station.of("density")] == [10.0, 100.0, 0.0]
    assert [value for _, value in station.of("level_of_service")] == [2.0, 6.0, 1.0]
    without = at(Site(), "flow", "speed")
    without.hour(0, range(5), flow=0.0, speed=0.0)
    without.clock(330)
    assert not without.of("density") and not without.of("level_of_service")


def test_the_speed_that_goes_with_density_is_harmonic() -> None:
    station = at(Site(), "flow", "speed")
    station.put(frame(*[("a", "speed", n * 60, 30.0 + 60 * (n % 2)) for n in range(4)], ("a", "speed", 240, 45.0)))
    station.hour(0, range(5), flow=900.0)
    station.clock(330)
    assert station.of("density") == [(5 / 60, 20.0)]


def test_vehicles_of_an_hour_of_the_citys_clock() -> None:
    station = at(Site(), "flow", indices=Indices(ZoneInfo("Asia/Kolkata")))
    for number in range(30, 90, 5):
        if number not in (60, 65, 70):
            station.hour(0, range(number, number + 5), flow=100.0 + number)
    station.hour(0, range(90, 130, 5), flow=1.0)
    station.clock(3 * HOUR)
    known = [100.0 + number for number in range(30, 90, 5) if number not in (60, 65, 70)]
    assert station.of("flow_hour") == [(1.5, pytest.approx(sum(known) / 9))]


def test_a_jam_is_an_incident_until_it_is_the_roads_new_state() -> None:
    """Its base is frozen; after two hours the road is taken to be like that."""
    station = at(Site(), "occupancy")
    for number in range(60):
        occupancy = 0.1 + 0.01 * (number % 2) if not 12 <= number < 48 else 0.5
        station.hour(0, range(number * 5, number * 5 + 5), occupancy=occupancy)
    station.clock(60 * 300 + 30)
    found = dict(station.of("incident_deviate"))
    bad = [round(hour * 12) for hour, value in found.items() if value >= 3]
    assert bad == list(range(13, 38)), "from the first window of the jam on, as long as the base is kept"
    assert min(round(hour * 12) for hour in found) == 11
    slow = at(Site(), "speed")
    for number in range(14):
        slow.hour(0, range(number * 5, number * 5 + 5), speed=50.0 if number < 12 else 20.0)
    slow.clock(14 * 300 + 30)
    assert [value for _, value in slow.of("incident_deviate")][-2:] == [30.0, 30.0]


def test_all_primary_pollutants_are_kept() -> None:
    station = Station("", *CLEAN)
    for number, values in enumerate((CLEAN, CLEAN | {"pm25": 60.0, "pm10": 120.0}, CLEAN | {"o3": 190.0})):
        station.hour(number, **values)
        station.clock((number + 1) * HOUR + OLD_ENOUGH)
    assert station.of("aqi_cn_primary") == [(1.0, 0.0), (2.0, 48.0), (3.0, 8.0)]
    assert not station.of("aqi_cn_day_primary")


def test_a_day_beside_its_limits_and_the_guidelines() -> None:
    station = Station("", *CLEAN)
    for number in range(48):
        values = CLEAN | {"pm10": 130.0} if number < 24 else {"pm25": 90.0, "o3": 20.0}
        station.hour(number, **values)
        station.clock((number + 1) * HOUR + OLD_ENOUGH)
    assert station.of("air_limit_day") == [(24.0, pytest.approx(130 / 120)), (48.0, 1.5)]
    levels = dict(station.of("who_level"))
    assert levels[24.0] == 4.0, "PM10 of 130 meets the first interim target of 150"
    assert 30.0 not in levels, "what is missing could be worse, so that it may not get better"
    assert levels[48.0] == 5.0
    missing = Station("", *CLEAN)
    for number in range(48):
        missing.hour(number, **(CLEAN if number < 24 else {"pm25": 30.0}))
        missing.clock((number + 1) * HOUR + OLD_ENOUGH)
    assert [hour for hour, _ in missing.of("air_limit_day")] == [24.0]


def test_an_exempt_pollutant_is_not_missed() -> None:
    some = [name for name in POLLUTANTS if name != "so2"]
    exempt = Indices(exempt=("so2",))
    station = Station(NOT_OVER, *some, indices=exempt)
    for number in range(24):
        station.hour(number, **{name: CLEAN[name] for name in some})
    station.clock(25 * HOUR)
    assert station.of("aqi_cn")[0] == (1.0, 30.0)
    assert station.of("aqi_cn_day") == [(24.0, 30.0)]
    assert "aqi_cn" not in catalogue("", sensor("a", *some), indices=Indices()).choice("a").metrics


def test_readings_too_late_for_an_index_are_counted() -> None:
    station = Station("", "noise")
    station.hour(0, noise=50.0)
    station.clock(HOUR + OLD_ENOUGH)
    station.hour(0, [30], noise=90.0)
    station.put(frame(("a", "noise", 1801, 90.0)))
    assert station.engine.counts().late == 2
    station.hour(1, noise=50.0)
    station.clock(2 * HOUR + OLD_ENOUGH)
    assert station.of("leq_hour") == [(1.0, 50.0), (2.0, 50.0)]


def test_sensors_alike_share_what_is_chosen_for_them() -> None:
    sensors: list[Sensor] = [sensor(name, "speed") for name in ("a", "b")]
    city = catalogue("", *sensors, indices=Indices())
    assert city.choice("a") is city.choice("b")


def test_more_readings_than_a_pane_remembers_fill_an_hour_as_far_as_they_reach() -> None:
    def filled(last: int) -> bool:
        """One reading each 20 ms, from the hour's beginning on, but for the last of them."""
        collector = Collector("noise", 3_600_000, DELAY, 1000, Fraction(3, 4))
        pane = Pane(0, 3_600_000, 0)
        for at in [*range(0, last - 20, 20), last]:
            pane.ts.append(at)
            pane.fresh.append(50.0)
            pane.forget()
        assert pane.floor > 0
        return bool(collector.due([pane], 0, 3_600_000 + DELAY))

    assert filled(2_700_000) and not filled(2_600_000)


def test_a_window_of_rules_and_of_an_index_share_panes() -> None:
    rule = "{name: mean, kind: window, metric: noise, aggregate: mean, every: 2h, delay: 90min, above: {red: 49}}"
    station = Station(rule, "noise")
    for number in range(2):
        station.hour(number, noise=50.0)
    station.clock(3 * HOUR)
    station.hour(1, [59], noise=80.0)  # known
    station.put(frame(("a", "noise", 7170.0, 80.0)))  # too late for the index, in time for the rule
    assert station.engine.counts().late == 1 and station.engine.counts().repeats == 1
    station.clock(4 * HOUR)
    [found] = station.found
    assert found.evidence.count == 121
    assert station.of("leq_hour") == [(1.0, 50.0), (2.0, 50.0)]
