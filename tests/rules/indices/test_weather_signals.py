"""Heat, cold, rain and water on the road."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.indices.heat import heat_index, heat_index_f, wind_chill
from rules.indices.high_temperature import Step as HeatStep
from rules.indices.high_temperature import high_temperature
from rules.indices.rainstorm import Step as RainStep
from rules.indices.rainstorm import rainstorm
from rules.indices.warning import Colour, cap_terms
from rules.indices.waterlogging import DEFAULT, Depths, colour_at, minutes_until, rise, waterlogging

Hours = list[float | None]
MINUTE = 60_000


@pytest.mark.parametrize(
    ("t", "r", "expected"),
    [(75, 50, 74.78), (80, 40, 79.79), (86, 90, 105.39), (90, 60, 99.68), (95, 10, 89.45), (100, 55, 123.64)],
)
def test_heat_index(t: float, r: float, expected: float) -> None:
    assert heat_index_f(t, r) == pytest.approx(expected, abs=0.005)


def test_heat_index_in_our_units() -> None:
    assert heat_index((90 - 32) / 1.8, 0.60) == pytest.approx((99.68 - 32) / 1.8, abs=0.01)


@pytest.mark.parametrize("humidity", [-0.01, 54.0, float("nan")])
def test_humidity_is_a_part_of_one(humidity: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        heat_index(30, humidity)


def test_adjustments_begin_and_end_without_a_jump() -> None:
    for t, r in ((95, 13), (112, 5), (85, 85), (87, 95)):
        assert heat_index_f(t + 1e-9, r + 1e-9) == pytest.approx(heat_index_f(t - 1e-9, r - 1e-9), abs=1e-3)


@settings(deadline=None)
@given(st.floats(27, 40), st.floats(0.4, 0.84))
def test_damper_is_hotter(t: float, humidity: float) -> None:
    assert heat_index(t, humidity + 0.01) > heat_index(t, humidity)


@pytest.mark.parametrize(
    ("t", "kmh", "expected"), [(0, 20, -5), (-10, 30, -20), (-30, 60, -50), (10, 4.8, None), (10.1, 50, None)]
)
def test_wind_chill_as_the_chart_of_environment_canada_prints_it(t: float, kmh: float, expected: float | None) -> None:
    found = wind_chill(t, kmh / 3.6)
    assert (found and round(found)) == expected


@settings(deadline=None)
@given(st.floats(-50, 0), st.floats(1.4, 30))
def test_more_wind_is_colder(t: float, speed: float) -> None:
    slow, fast = wind_chill(t, speed), wind_chill(t, speed + 0.5)
    assert slow is not None
    assert fast is not None
    assert fast < slow


@pytest.mark.parametrize(
    ("days", "colour", "sure"),
    [
        ([36, 36, 36], Colour.yellow, True),
        ([34, 36, 36], None, True),
        ([36, 36], None, False),  # what was the day before?
        ([36, None, 36], None, False),
        ([30, None, 34], None, True),
        ([30, 30, 37], Colour.orange, True),
        ([30, 30, 40], Colour.red, True),
        ([36, 36, None], None, False),
        ([40, 40, 34.9], None, True),
        ([], None, False),
    ],
)
def test_high_temperature(days: list[float | None], colour: Colour | None, sure: bool) -> None:
    assert high_temperature(days) == (colour, sure)


#  hours ago   12 11 10 9 8 7 6 5 4 3 2 1
@pytest.mark.parametrize(
    ("hours", "colour", "sure"),
    [
        ([0.0] * 12, None, True),
        ([5.0] * 10 + [0.0, 0.0], Colour.blue, True),
        ([0.0] * 6 + [25.0, 25.0, 0.0, 0.0, 0.0, 0.0], Colour.yellow, True),
        ([0.0] * 9 + [20.0, 20.0, 10.0], Colour.orange, True),
        ([0.0] * 9 + [99.9, 0.0, 0.1], Colour.red, True),
        ([50.0] + [0.0] * 12, None, True),  # that was 13 hours ago
        ([0.0] * 9 + [None, 30.0, 20.0], Colour.orange, False),  # red, for all we know
        ([None] + [0.0] * 11, None, False),
        ([49.9], None, False),
        ([], None, False),
    ],
)
def test_rainstorm(hours: Hours, colour: Colour | None, sure: bool) -> None:
    assert rainstorm(hours) == (colour, sure)


@settings(deadline=None)
@given(st.lists(st.none() | st.floats(0, 60), min_size=12, max_size=12), st.floats(0, 60))
def test_a_sure_signal_stands_whatever_the_missing_hours_brought(hours: Hours, unknown: float) -> None:
    told = rainstorm(hours)
    known = rainstorm([unknown if hour is None else hour for hour in hours])
    assert (known.colour or 0) >= (told.colour or 0)
    if told.sure:
        assert known == told


@pytest.mark.parametrize(
    ("depth", "colour"),
    [
        (-0.1, None), (0.149, None), (0.15, Colour.blue), (0.269, Colour.blue), (0.27, Colour.yellow),
        (0.40, Colour.orange), (0.50, Colour.red), (2.0, Colour.red),
    ],
)  # fmt: skip
def test_colours_of_depths(depth: float, colour: Colour | None) -> None:
    assert colour_at(depth) is colour


def test_another_town_has_other_depths() -> None:
    assert colour_at(0.2, Depths(0.2, 0.4, 0.75, 1.0, 10.0)) is Colour.blue


def test_the_rise_is_the_line_that_fits_best() -> None:
    assert rise([0, MINUTE, 2 * MINUTE], [0.10, 0.12, 0.14]) == pytest.approx(1.2)
    assert rise([2 * MINUTE, 0, MINUTE], [0.14, 0.10, 0.12]) == pytest.approx(1.2)
    assert rise([MINUTE, MINUTE], [0.1, 0.3]) is None
    with pytest.raises(ValueError, match="a time for each"):
        rise([0], [])


@pytest.mark.parametrize(
    ("limit", "depth", "speed", "expected"), [(0.27, 0.30, 1.2, 0.0), (0.27, 0.15, 1.2, 6.0), (0.27, 0.15, -1.2, None)]
)
def test_when_it_will_be_there(limit: float, depth: float, speed: float, expected: float | None) -> None:
    found = minutes_until(limit, depth, speed)
    assert found is None if expected is None else found == pytest.approx(expected)


def test_a_fast_rise_warns_before_the_depth_does() -> None:
    water = waterlogging([0, MINUTE, 2 * MINUTE], [3.10, 3.12, 3.14], dry=3.0)
    assert water.now is None  # 14 cm
    assert water.soon is Colour.yellow  # 2 cm a minute: 34 cm in ten


def test_falling_water_is_as_bad_as_it_is_deep() -> None:
    water = waterlogging([0, MINUTE], [0.50, 0.41])
    assert water.now is water.soon is Colour.orange
    assert water.rise is not None
    assert water.rise < 0


def test_one_reading_tells_no_rise() -> None:
    assert waterlogging([0], [0.16]) == (Colour.blue, Colour.blue, None)
    with pytest.raises(ValueError, match="without a reading"):
        waterlogging([], [])


def test_depths_rise() -> None:
    assert list(DEFAULT[:4]) == sorted(DEFAULT[:4])


@pytest.mark.parametrize(
    ("colour", "level", "severity"),
    [
        (Colour.blue, "IV", "Minor"),
        (Colour.yellow, "III", "Moderate"),
        (Colour.orange, "II", "Severe"),
        (Colour.red, "I", "Extreme"),
    ],
)
def test_colours_in_the_words_of_cap(colour: Colour, level: str, severity: str) -> None:
    assert colour.level == level
    assert cap_terms(colour, observed=True) == (severity, "Immediate", "Observed")
    assert cap_terms(colour, observed=False, ahead_minutes=60) == (severity, "Expected", "Likely")
    assert cap_terms(colour, observed=False, ahead_minutes=61).urgency == "Future"


@given(st.integers(35, 37), st.integers(1, 3), st.integers(35, 37), st.integers(1, 3))
def test_a_step_of_heat_implies_what_its_least_heat_reaches(at: int, days: int, other_at: int, other_days: int) -> None:
    step, other = HeatStep(Colour.orange, at, days), HeatStep(Colour.red, other_at, other_days)
    least = [0.0] * 3 + [float(at)] * days
    assert high_temperature(least, [step]).colour is Colour.orange
    assert step.implies(other) == (high_temperature(least, [other]).colour is Colour.red)


@given(st.integers(50, 52), st.integers(1, 3), st.integers(50, 52), st.integers(1, 3))
def test_a_step_of_rain_implies_what_its_least_rain_reaches(
    mm: int, hours: int, other_mm: int, other_hours: int
) -> None:
    step, other = RainStep(Colour.orange, mm, hours), RainStep(Colour.red, other_mm, other_hours)
    least = [0.0] * 3 + [float(mm)] + [0.0] * (hours - 1)
    assert rainstorm(least, [step]).colour is Colour.orange
    assert step.implies(other) == (rainstorm(least, [other]).colour is Colour.red)
