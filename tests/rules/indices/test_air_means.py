"""Means are exact and exist only where enough was measured; the day of a station, and its limits."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.indices import means
from rules.indices.air_limits import FINAL, OF_2012, TRANSITION, Edition, edition_at, exceeds, limit

Values = list[float | None]


@pytest.mark.parametrize(
    ("mean", "total", "needed"), [(means.hour, 60, 45), (means.eight_hours, 8, 6), (means.day, 24, 20)]
)
def test_how_much_is_enough(mean: object, total: int, needed: int) -> None:
    assert callable(mean)
    enough: Values = [2.2] * needed + [None] * (total - needed)
    assert mean(enough) == Fraction(11, 5)
    assert mean(enough[1:]) is None
    assert mean([]) is None


def test_a_mean_is_exact() -> None:
    assert means.day([0.1, 0.2] * 12) == Fraction(3, 20)


def test_nothing_is_never_enough() -> None:
    assert means.mean([None], 0) is None


#  hour of the day   0    4    8        16       24
#  ozone             |    |    |  [200 x 8]      |
#                              windows end at 8, 9, ... 24: 17 of them
def test_the_day_of_ozone_is_its_worst_eight_hours() -> None:
    hours = [50.0] * 9 + [200.0] * 8 + [50.0] * 7
    assert means.ozone_day(hours) == 200


def test_a_window_that_ends_before_eight_belongs_to_yesterday() -> None:
    assert means.ozone_day([300.0] * 4 + [10.0] * 20) == Fraction(4 * 300 + 4 * 10, 8)
    assert means.ozone_day([300.0] * 4 + [10.0] * 20, first=12, needed=13) == 10


def test_too_few_windows_of_ozone_unless_they_are_bad_enough() -> None:
    for value, expected in ((160.0, None), (161.0, 161)):
        hours: Values = [value] * 16 + [None] * 8
        assert means.ozone_day(hours) == expected  # windows ending at 8 ... 18 are valid: 11
    assert means.ozone_day([160.0] * 19 + [None] * 5) == 160  # ... at 21: 14
    assert means.ozone_day([None] * 24) is None


@settings(deadline=None)
@given(st.lists(st.none() | st.integers(0, 400), min_size=24, max_size=24))
def test_the_day_of_ozone_is_no_less_than_any_valid_window(hours: list[int | None]) -> None:
    worst = means.ozone_day(hours, needed=0)
    windows = [means.eight_hours(hours[start : start + 8]) for start in range(17)]
    assert worst == max((window for window in windows if window is not None), default=None)


def test_a_year() -> None:
    full = dict.fromkeys(range(1, 13), 28)
    assert means.year_is_valid(full | {2: 25})
    assert not means.year_is_valid(full | {2: 24})
    assert not means.year_is_valid(full | {7: 26})
    assert not means.year_is_valid(dict.fromkeys(range(1, 13), 27) | {2: 25})  # 322 days
    assert not means.year_is_valid({})


@pytest.mark.parametrize(
    ("edition", "pollutant", "period", "first", "second"),
    [
        (TRANSITION, "pm25", "day", "35", "60"), (TRANSITION, "pm25", "year", "15", "30"),
        (TRANSITION, "pm10", "day", "50", "120"), (TRANSITION, "pm10", "year", "40", "60"),
        (TRANSITION, "so2", "year", "20", "60"), (TRANSITION, "so2", "1h", "150", "500"),
        (TRANSITION, "no2", "day", "80", "80"), (TRANSITION, "nox", "1h", "250", "250"),
        (FINAL, "pm25", "day", "25", "50"), (FINAL, "pm25", "year", "10", "25"), (FINAL, "pm10", "day", "50", "100"),
        (FINAL, "so2", "day", "50", "50"), (FINAL, "so2", "1h", "150", "150"), (FINAL, "no2", "year", "30", "30"),
        (FINAL, "nox", "day", "70", "70"), (FINAL, "co", "1h", "10", "10"), (FINAL, "o3", "8h", "100", "160"),
        (FINAL, "tsp", "day", "120", "300"), (FINAL, "tsp", "year", "80", "200"), (FINAL, "pb", "season", "1", "1"),
        (FINAL, "bap", "day", "0.0025", "0.0025"),
        (OF_2012, "pm25", "day", "35", "75"), (OF_2012, "pm10", "year", "40", "70"),
        (OF_2012, "o3", "1h", "160", "200"), (OF_2012, "o3", "8h", "100", "160"),
        (OF_2012, "so2", "year", "20", "60"), (OF_2012, "so2", "day", "50", "150"),
        (OF_2012, "so2", "1h", "150", "500"), (OF_2012, "no2", "year", "40", "40"),
        (OF_2012, "no2", "day", "80", "80"), (OF_2012, "no2", "1h", "200", "200"), (OF_2012, "co", "day", "4", "4"),
        (OF_2012, "co", "1h", "10", "10"), (OF_2012, "pm10", "day", "50", "150"),
        (OF_2012, "pm25", "year", "15", "35"),
    ],
)  # fmt: skip
def test_limits(edition: Edition, pollutant: str, period: str, first: str, second: str) -> None:
    assert limit(edition, pollutant, period, 1) == Fraction(first)
    assert limit(edition, pollutant, period) == Fraction(second)


def test_an_equal_mean_complies() -> None:
    assert exceeds(TRANSITION, "pm25", "day", 60) is False
    assert exceeds(TRANSITION, "pm25", "day", 60.1) is True
    assert exceeds(OF_2012, "tsp", "day", 1) is None


def test_there_are_two_classes() -> None:
    with pytest.raises(ValueError, match="class 1 or 2"):
        limit(FINAL, "pm25", "day", 3)


@pytest.mark.parametrize(
    ("day", "edition"),
    [
        (date(2015, 5, 1), OF_2012), (date(2026, 2, 28), OF_2012), (date(2026, 3, 1), TRANSITION),
        (date(2030, 12, 31), TRANSITION), (date(2031, 1, 1), FINAL),
    ],
)  # fmt: skip
def test_limits_in_force(day: date, edition: Edition) -> None:
    assert edition_at(day) is edition


def test_no_final_limit_is_looser() -> None:
    for key, (first, second) in FINAL.limits.items():
        assert first <= TRANSITION.limits[key][0]
        assert second <= TRANSITION.limits[key][1]
        assert first <= second
