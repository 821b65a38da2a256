"""Sound adds by energy; and what a place may have of it."""

from math import log10
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.indices.noise import energy, exceeded, lden, leq, level
from rules.indices.noise_areas import AREAS, GRADES, WHO_ROAD, excess, grade, part_of_day, sudden_excess

levels = st.lists(st.floats(20, 120), min_size=1, max_size=20)


def test_sixty_and_seventy_are_not_sixty_five() -> None:
    assert leq([60, 70]) == pytest.approx(67.4, abs=0.01)


def test_twice_the_sound_is_three_more() -> None:
    assert level(2 * energy(60)) == pytest.approx(60 + 10 * log10(2))


def test_a_mean_of_unequal_times() -> None:
    assert leq([60, 70], [9, 1]) == pytest.approx(leq([60] * 9 + [70]))


@pytest.mark.parametrize(("known", "seconds"), [([], None), ([60.0], [0.0])])
def test_a_mean_over_no_time(known: list[float], seconds: list[float] | None) -> None:
    with pytest.raises(ValueError, match="no time"):
        leq(known, seconds)


def test_a_time_for_each_level() -> None:
    with pytest.raises(ValueError):
        leq([60, 70], [1])


@settings(deadline=None)
@given(levels)
def test_between_arithmetic_mean_and_loudest(known: list[float]) -> None:
    assert sum(known) / len(known) - 1e-6 <= leq(known) <= max(known) + 1e-6


@settings(deadline=None)
@given(levels)
def test_percentiles_fall(known: list[float]) -> None:
    assert max(known) == exceeded(known, 0)
    assert exceeded(known, 10) >= exceeded(known, 50) >= exceeded(known, 90) >= exceeded(known, 100) == min(known)


def test_percentiles_of_a_hundred_levels() -> None:
    known = [float(one) for one in range(101)]
    assert [exceeded(known, percent) for percent in (10, 50, 90)] == [90, 50, 10]
    assert exceeded([60, 70], 25) == 67.5


@pytest.mark.parametrize(("known", "percent"), [([], 50), ([60.0], 101), ([60.0], -1)])
def test_percentiles_of_what(known: list[float], percent: float) -> None:
    with pytest.raises(ValueError, match="percentiles"):
        exceeded(known, percent)


def test_a_steady_day() -> None:
    # 60 dB all day: 10 lg((12 + 4 * 10^0.5 + 8 * 10) / 24) is 6.4 dB more
    assert lden(60, 60, 60) == pytest.approx(66.4, abs=0.05)
    assert lden(60, 55, 50) == pytest.approx(60)


@pytest.mark.parametrize(
    ("area", "day", "night"),
    [("0", 50, 40), ("1", 55, 45), ("2", 60, 50), ("3", 65, 55), ("4a", 70, 55), ("4b", 70, 60)],
)
def test_limits_of_areas(area: str, day: float, night: float) -> None:
    assert excess(area, "day", day) == 0
    assert excess(area, "night", night + 3) == 3
    assert sudden_excess(area, night + 16) == 1


def test_there_is_no_class_four() -> None:
    assert "4" not in AREAS
    with pytest.raises(KeyError):
        excess("4", "day", 60)


@pytest.mark.parametrize(
    ("hour", "part"), [(0, "night"), (5, "night"), (6, "day"), (21, "day"), (22, "night"), (23, "night")]
)
def test_day_and_night(hour: int, part: str) -> None:
    assert part_of_day(hour) == part


def test_a_city_has_other_nights() -> None:
    assert part_of_day(22, night_begins=23) == "day"


@pytest.mark.parametrize(
    ("network", "part", "mean", "expected"),
    [
        ("area", "day", 50, 1),
        ("area", "day", 50.1, 2),
        ("area", "night", 55, 4),
        ("road", "day", 74.1, 5),
        ("road", "night", 58, 1),
    ],
)
def test_grades(network: str, part: Literal["day", "night"], mean: float, expected: int) -> None:
    assert grade(network, part, mean) == expected


def test_the_grades_and_the_advice_for_roads_a_second_time() -> None:
    assert dict(GRADES) == {
        ("area", "day"): (50, 55, 60, 65),
        ("area", "night"): (40, 45, 50, 55),
        ("road", "day"): (68, 70, 72, 74),
        ("road", "night"): (58, 60, 62, 64),
    }
    assert dict(WHO_ROAD) == {"Lden": 53, "Lnight": 45}


def test_grades_rise() -> None:
    assert all(list(row) == sorted(row) for row in GRADES.values())
