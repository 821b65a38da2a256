"""Derived metrics: the same numbers as the indices, from a station's last hours; None wherever they cannot be known."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.indices.china_tables import HJ633_2012, HJ633_2026
from rules.indices.derived import DERIVED, derive
from rules.indices.heat import heat_index, wind_chill
from rules.indices.station_year import days
from rules.units import METRICS

NEW, OLD = date(2026, 6, 1), date(2014, 6, 1)
CLEAN = {"so2": 10.0, "no2": 20.0, "co": 0.5, "o3": 50.0, "pm10": 30.0, "pm25": 20.0}

values = st.none() | st.floats(0, 400).map(lambda one: round(one, 1))
days_of_hours = st.fixed_dictionaries({name: st.lists(values, min_size=24, max_size=24) for name in CLEAN})


def hours(**changes: Sequence[float | None]) -> dict[str, Sequence[float | None]]:
    steady: dict[str, Sequence[float | None]] = {name: [value] * 24 for name, value in CLEAN.items()}
    return steady | changes


@settings(deadline=None, max_examples=50)
@given(days_of_hours)
def test_the_last_hour_of_a_day_is_what_the_day_says_of_it(known: dict[str, list[float | None]]) -> None:
    for edition, day in ((HJ633_2026, NEW), (HJ633_2012, OLD)):
        (whole,) = days(edition, known)
        assert derive(["aqi_cn"], known, day)["aqi_cn"] == whole.hourly[-1].aqi


def test_the_edition_follows_the_date() -> None:
    smog = hours(pm25=[20.0] * 23 + [75.0])
    assert derive(["aqi_cn"], smog, NEW) == {"aqi_cn": 114}
    assert derive(["aqi_cn"], smog, OLD) == {"aqi_cn": 32}  # (23 * 20 + 75) / 24 = 22.3


def test_means_and_nowcast() -> None:
    found = derive(["pm25_24h", "pm10_24h", "o3_8h", "nowcast_pm25", "nowcast_pm10"], hours(), NEW)
    assert found == {"pm25_24h": 20, "pm10_24h": 30, "o3_8h": 50, "nowcast_pm25": 20, "nowcast_pm10": 30}
    gap = hours(pm25=[20.0] * 22 + [None, None])
    assert derive(["pm25_24h", "nowcast_pm25"], gap, NEW) == {"pm25_24h": 20, "nowcast_pm25": None}
    assert derive(["pm25_24h"], hours(pm25=[20.0] * 19), NEW) == {"pm25_24h": None}


def test_the_us_index_of_now() -> None:
    assert derive(["aqi_us"], hours(), NEW) == {"aqi_us": 71}  # PM2.5 of 20.0
    assert derive(["aqi_us"], {"pm25": [35.4] * 12}, NEW) == {"aqi_us": 100}
    assert derive(["aqi_us"], hours(pm25=[None] * 24, pm10=[None] * 24), NEW) == {"aqi_us": None}


def test_heat_and_cold_need_both_numbers() -> None:
    weather: dict[str, Sequence[float | None]] = {
        "temperature": [30.0, 33.0],
        "humidity": [0.5, 0.7],
        "wind_speed": [5.0, 5.0],
    }
    assert derive(["heat_index", "wind_chill"], weather, NEW) == {"heat_index": heat_index(33, 0.7), "wind_chill": 33}
    cold: dict[str, Sequence[float | None]] = weather | {"temperature": [-5.0]}
    assert derive(["wind_chill"], cold, NEW) == {"wind_chill": wind_chill(-5, 5)}
    for gone in ("temperature", "humidity"):
        assert derive(["heat_index"], weather | {gone: [None]}, NEW) == {"heat_index": None}
        assert derive(["heat_index"], weather | {gone: []}, NEW) == {"heat_index": None}
    for gone in ("temperature", "wind_speed"):
        without = {name: values for name, values in cold.items() if name != gone}
        assert derive(["wind_chill"], without, NEW) == {"wind_chill": None}


def test_a_sum_of_rain_needs_every_hour() -> None:
    fallen: list[float | None] = [50.0, *[0.0] * 8, 10.0, 0.0, 5.0]
    rain = {"rain": fallen}
    assert derive(["rain_3h", "rain_6h", "rain_12h"], rain, NEW) == {"rain_3h": 15, "rain_6h": 15, "rain_12h": 65}
    fallen[0] = None
    assert derive(["rain_3h", "rain_12h"], rain, NEW) == {"rain_3h": 15, "rain_12h": None}


@pytest.mark.parametrize("name", DERIVED)
def test_nothing_known_is_nothing_derived(name: str) -> None:
    one = DERIVED[name]
    assert derive([name], {}, NEW) == {name: None}
    assert derive([name], {metric: [None] * 24 for metric in one.inputs}, NEW) == {name: None}


@pytest.mark.parametrize("name", DERIVED)
def test_it_needs_what_it_names_and_no_more(name: str) -> None:
    one = DERIVED[name]
    known = hours(temperature=[35.0] * 24, humidity=[0.5] * 24, wind_speed=[5.0] * 24, rain=[1.0] * 24)
    enough = {metric: known[metric][-one.hours :] for metric in one.inputs}
    assert derive([name], enough, NEW) == derive([name], known, NEW)


def test_no_derived_metric_hides_a_measured_one() -> None:
    assert METRICS.keys().isdisjoint(DERIVED)
    assert all(METRICS.keys() >= set(one.inputs) for one in DERIVED.values())
    with pytest.raises(KeyError):
        derive(["luck"], {}, NEW)
