"""A station's hours to its index, hour by hour and day by day."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import pytest

from rules.indices.china_aqi import individual
from rules.indices.china_tables import HJ633_2012, HJ633_2026, LEVELS, POLLUTANTS
from rules.indices.station_year import days, tally

CLEAN = {"so2": 10.0, "no2": 20.0, "co": 0.5, "o3": 50.0, "pm10": 30.0, "pm25": 20.0}


def hours(count: int, **changes: Sequence[float | None]) -> dict[str, Sequence[float | None]]:
    steady: dict[str, Sequence[float | None]] = {name: [value] * count for name, value in CLEAN.items()}
    return steady | changes


def test_a_steady_day_is_the_same_by_the_hour_and_by_the_day() -> None:
    (day,) = days(HJ633_2026, hours(24, pm25=[80.0] * 24))
    expected = individual(HJ633_2026, "pm25_24h", 80)
    assert expected
    assert day.daily.aqi == expected.iaqi
    assert {one.aqi for one in day.hourly} == {expected.iaqi}
    assert len(day.hourly) == 24


def test_an_unfinished_day_is_no_day() -> None:
    assert len(list(days(HJ633_2026, hours(47)))) == 1
    assert list(days(HJ633_2026, {})) == []


def test_hours_of_different_length() -> None:
    with pytest.raises(ValueError, match="different length"):
        list(days(HJ633_2026, hours(24, o3=[1.0] * 23)))


def test_particles_by_the_hour_in_2026_by_the_last_day_in_2012() -> None:
    #      yesterday clean        today smog from 00:00
    smog = [20.0] * 24 + [200.0] * 24
    new, old = (list(days(edition, hours(48, pm25=smog)))[1] for edition in (HJ633_2026, HJ633_2012))
    assert new.hourly[0].aqi == 250
    sliding = individual(HJ633_2012, "pm25_24h", Fraction(23 * 20 + 200, 24))
    assert sliding
    assert old.hourly[0].aqi == max(sliding.iaqi, 30)
    assert old.hourly[23].aqi == new.hourly[23].aqi == 250


def test_2012_needs_twenty_hours_before_it_knows_particles() -> None:
    (day,) = days(HJ633_2012, hours(24))
    assert [one.aqi is None for one in day.hourly] == [True] * 19 + [False] * 5


def test_the_day_needs_twenty_hours_too() -> None:
    for there, expected in ((20, 29), (19, None)):
        values: list[float | None] = [20.0] * there + [None] * (24 - there)
        (day,) = days(HJ633_2026, hours(24, pm25=values, pm10=[20.0] * 24))
        assert day.daily.aqi == expected
    (day,) = days(HJ633_2012, hours(24, o3=[50.0] * 19 + [None] * 5))
    assert {one.item for one in day.daily.individuals if one.pollutant == "o3"} == {"o3_8h"}  # 14 windows are valid


def test_a_pollutant_nobody_measures_is_missing() -> None:
    without = {name: values for name, values in hours(24).items() if name != "co"}
    (day,) = days(HJ633_2026, without)
    assert day.daily.missing == ("co",)
    assert day.hourly[0].missing == ("co",)


def test_the_worst_eight_hours_of_ozone() -> None:
    (day,) = days(HJ633_2026, hours(24, o3=[50.0] * 10 + [215.0] * 8 + [50.0] * 6))
    assert (day.daily.aqi, day.daily.primary) == (150, ("o3",))


def test_a_tally_counts_every_day() -> None:
    assert tally([LEVELS[0], LEVELS[0], None, LEVELS[5]]) == {"1": 2, "2": 0, "3": 0, "4": 0, "5": 0, "6": 1, "NA": 1}


def test_six_pollutants() -> None:
    assert set(POLLUTANTS) == set(CLEAN)
    assert HJ633_2026.source.since == date(2026, 3, 1)
