"""HJ 633-2026 and 2012: every vector of the standard's tables, and what holds for all concentrations."""

import itertools
from datetime import date
from fractions import Fraction
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.indices.china_aqi import individual, level_of, report
from rules.indices.china_tables import EDITIONS, HJ633_2012, HJ633_2026, LEVELS, Edition, edition_at

ITEMS = [(edition, item) for edition in EDITIONS for item in edition.scales]
CLEAN = {"so2": 10, "no2": 20, "co": 0.5, "o3": 50, "pm10": 30, "pm25": 20}


def iaqi(item: str, concentration: float, edition: Edition = HJ633_2026) -> int | None:
    found = individual(edition, item, concentration)
    return found and found.iaqi


def hourly(**changes: float | None) -> dict[str, float | None]:
    return {f"{name}_1h": value for name, value in (CLEAN | changes).items()}


def daily(**changes: float | None) -> dict[str, float | None]:
    return {f"{name}_{'8h' if name == 'o3' else '24h'}": value for name, value in (CLEAN | changes).items()}


@pytest.mark.parametrize(
    ("item", "concentration", "expected"),
    [
        ("pm25_24h", 0, 0), ("pm25_24h", 35, 50), ("pm25_24h", 36, 52), ("pm25_24h", 50, 80), ("pm25_24h", 60, 100),
        ("pm25_24h", 61, 101), ("pm25_24h", 75, 114), ("pm25_24h", 115, 150), ("pm25_24h", 150, 200),
        ("pm25_24h", 151, 201), ("pm25_24h", 250, 300), ("pm25_24h", 500, 500),
        ("co_24h", 2.2, 55), ("co_24h", 4.0, 100), ("co_24h", 4.1, 101), ("co_1h", 65.4, 218),
        ("pm10_24h", 50, 50), ("pm10_24h", 51, 51), ("pm10_24h", 120, 100), ("pm10_24h", 121, 101),
        ("pm10_24h", 150, 112), ("pm10_24h", 420, 300), ("pm10_24h", 600, 500),
        ("so2_24h", 50, 50), ("so2_24h", 150, 100), ("so2_24h", 475, 150), ("so2_1h", 800, 200), ("so2_1h", 801, 200),
        ("no2_1h", 200, 100), ("no2_24h", 81, 101),
        ("o3_8h", 160, 100), ("o3_8h", 161, 101), ("o3_8h", 800, 300), ("o3_8h", 801, 300), ("o3_1h", 1200, 500),
        ("pm25_1h", 75, 114), ("pm10_1h", 150, 112),
    ],
)  # fmt: skip
def test_vectors_of_2026(item: str, concentration: float, expected: int) -> None:
    assert iaqi(item, concentration) == expected


@pytest.mark.parametrize(
    ("item", "concentration", "expected"),
    [("pm25_24h", 75, 100), ("pm10_24h", 150, 100), ("so2_1h", 800, 200), ("so2_1h", 801, None), ("o3_8h", 801, None)],
)
def test_vectors_of_2012(item: str, concentration: float, expected: int | None) -> None:
    assert iaqi(item, concentration, HJ633_2012) == expected


def test_the_editions_differ_only_in_particles_and_beyond_their_scales() -> None:
    for item, scale in HJ633_2012.scales.items():
        same = HJ633_2026.scales[item].points == scale.points
        assert same == (not item.startswith("pm"))


@pytest.mark.parametrize(
    ("edition", "item"), ITEMS, ids=lambda one: getattr(getattr(one, "source", None), "edition", one)
)
def test_exact_at_every_breakpoint_and_above_just_beyond_it(edition: Edition, item: str) -> None:
    scale = edition.scales[item]
    for concentration, expected in scale.points:
        assert iaqi(item, concentration, edition) == expected
    step = 1 / 10**scale.decimals
    for concentration, expected in scale.points[:-1]:
        above = iaqi(item, concentration + step, edition)
        assert above is not None
        assert above > expected


@settings(deadline=None)
@given(st.sampled_from(ITEMS), st.integers(0, 60_000), st.integers(0, 60_000))
def test_never_falls_and_is_the_least_whole_number_that_is_not_less(
    which: tuple[Edition, str], one: int, other: int
) -> None:
    edition, item = which
    low, high = sorted((one / 10, other / 10))
    first, second = individual(edition, item, low), individual(edition, item, high)
    if second is None:  # above what the edition of 2012 computes
        assert edition is HJ633_2012
        return
    assert first is not None
    assert first.iaqi <= second.iaqi <= 500
    points = edition.scales[item].points
    for (left, bottom), (right, top) in itertools.pairwise(points):  # formula (1), where it applies
        if left <= second.concentration <= right:
            line = Fraction(top - bottom, right - left) * (second.concentration - left) + bottom
            assert 0 <= second.iaqi - line < 1


@settings(deadline=None)
@given(st.floats(0, 5000, allow_nan=False))
def test_a_concentration_is_rounded_before_the_formula(concentration: float) -> None:
    found = individual(HJ633_2026, "pm25_24h", concentration)
    assert found is not None
    assert found.concentration == round(Fraction(repr(concentration)))
    assert found.iaqi == iaqi("pm25_24h", int(found.concentration))


def test_ties_round_to_even() -> None:
    assert iaqi("pm25_24h", 35.5) == iaqi("pm25_24h", 36)
    assert iaqi("pm25_24h", 34.5) == iaqi("pm25_24h", 34)
    assert iaqi("co_24h", 4.05) == iaqi("co_24h", 4.0)


def test_beyond_the_scale_is_500_and_says_so() -> None:
    inside, outside = individual(HJ633_2026, "pm25_24h", 500), individual(HJ633_2026, "pm25_24h", 501)
    assert inside and not inside.beyond
    assert outside and outside.beyond
    assert outside.iaqi == 500
    assert report(HJ633_2026, "hourly", hourly(pm25=700)).beyond
    assert not report(HJ633_2026, "daily", daily(o3=900)).beyond  # 300 by the standard's own words


@pytest.mark.parametrize("wrong", [-1, float("nan"), float("inf")])
def test_what_is_no_concentration(wrong: float) -> None:
    with pytest.raises(ValueError):
        individual(HJ633_2026, "pm25_24h", wrong)


@pytest.mark.parametrize(
    ("aqi", "rank"),
    [(0, 1), (1, 1), (50, 1), (51, 2), (100, 2), (101, 3), (150, 3), (151, 4), (200, 4), (201, 5), (301, 6), (500, 6)],
)  # fmt: skip
def test_levels(aqi: int, rank: int) -> None:
    assert level_of(aqi).rank == rank


def test_purple_is_the_chinese_one() -> None:
    assert [each.rgb for each in LEVELS] == [
        (0, 228, 0), (255, 255, 0), (255, 126, 0), (255, 0, 0), (153, 0, 76), (126, 0, 35)
    ]  # fmt: skip


@pytest.mark.parametrize(("kind", "means"), [("hourly", hourly), ("daily", daily)])
def test_one_primary_pollutant(kind: Literal["hourly", "daily"], means: object) -> None:
    assert callable(means)
    found = report(HJ633_2026, kind, means(pm25=115))
    assert (found.aqi, found.primary, found.missing) == (150, ("pm25",), ())
    assert found.level
    assert found.level.local == "轻度污染"


def test_equal_pollutants_are_named_together() -> None:
    assert report(HJ633_2026, "daily", daily(pm25=60, no2=80)).primary == ("no2", "pm25")


def test_clean_air_has_no_primary_pollutant() -> None:
    found = report(HJ633_2026, "daily", daily(pm25=35))
    assert (found.aqi, found.primary) == (50, ())


@pytest.mark.parametrize(("pm25", "expected"), [(60, None), (61, 101)])
def test_without_a_pollutant_only_bad_news_is_news(pm25: float, expected: int | None) -> None:
    found = report(HJ633_2026, "hourly", hourly(pm25=pm25, o3=None))
    assert found.aqi == expected
    assert found.missing == ("o3",)
    assert {one.pollutant for one in found.individuals} == {"so2", "no2", "co", "pm10", "pm25"}
    assert (found.level is None) == (expected is None)


def test_a_pollutant_that_need_not_be_monitored_is_not_missing() -> None:
    assert report(HJ633_2026, "hourly", hourly(co=None), exempt={"co"}).aqi == 30


def test_who_should_take_care() -> None:
    assert report(HJ633_2026, "daily", daily(pm25=60)).sensitive == ()
    assert len(report(HJ633_2026, "daily", daily(co=4.1)).sensitive) == 1
    both = report(HJ633_2026, "daily", daily(co=4.1, no2=81)).sensitive
    assert len(both) == len(set(both)) == 4


def test_nothing_at_all() -> None:
    found = report(HJ633_2026, "hourly", {})
    assert (found.aqi, len(found.missing)) == (None, 6)


def test_a_stranger_is_refused() -> None:
    with pytest.raises(KeyError, match="no pm25_24h"):
        report(HJ633_2026, "hourly", {"pm25_24h": 10})


def test_2012_takes_the_hour_of_ozone_where_its_eight_hours_end() -> None:
    means = daily(o3=801) | {"o3_1h": 900}
    found = report(HJ633_2012, "daily", means)
    assert (found.aqi, found.primary, found.missing) == (350, ("o3",), ())


@pytest.mark.parametrize(
    ("day", "edition"),
    [
        (date(2014, 6, 1), "2012"), (date(2026, 2, 28), "2012"), (date(2026, 3, 1), "2026"), (date(2040, 1, 1), "2026"),
    ],
)  # fmt: skip
def test_the_edition_in_force(day: date, edition: str) -> None:
    assert edition_at(day).source.edition == edition
