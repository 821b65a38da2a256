"""The drawing tells the truth: scale, gaps, limits."""

import re
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.chart import PLOT, axis, chart, stretches, time_marks
from console.ports import Limit
from tests.support.console_twins import NOON, Bucket

finite = st.floats(-1e6, 1e6, allow_nan=False)


@given(finite, finite)
@settings(max_examples=200, deadline=None)
def test_an_axis_holds_its_values_between_few_round_marks(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    made = axis(low, high)
    tolerance = made.step * 1e-6
    assert made.low <= low + tolerance and made.high >= high - tolerance
    assert 2 <= len(made.marks()) <= 7
    assert 0.0 <= made.share(low) <= made.share(high) <= 1.0


def test_time_marks_are_round_on_the_citys_clock() -> None:
    kolkata = ZoneInfo("Asia/Kolkata")
    marks = time_marks(NOON, NOON + 6 * 3_600_000, kolkata)
    assert marks and all((ts + 5.5 * 3_600_000) % 3_600_000 == 0 for ts in marks)
    assert all(NOON <= ts < NOON + 6 * 3_600_000 for ts in marks)


@pytest.mark.parametrize("length", [600_000, 3_600_000, 86_400_000, 30 * 86_400_000, 3000 * 86_400_000])
def test_there_are_few_time_marks(length: int) -> None:
    assert 2 <= len(time_marks(NOON, NOON + length)) <= 7


def test_silence_is_drawn_as_a_gap() -> None:
    buckets = [Bucket(NOON + minute * 60_000, 1.0, 1.0, 1.0, 1) for minute in (0, 1, 2, 10, 11)]
    assert [len(run) for run in stretches(buckets, 180_000)] == [3, 2]
    drawing = chart(buckets, NOON, NOON + 720_000, title="t", gap=180_000)
    assert drawing.count("<polyline") == 2


def test_a_point_stands_where_its_time_and_value_say() -> None:
    buckets = [
        Bucket(NOON, 0.0, 0.0, 0.0, 1),
        Bucket(NOON + 500, 50.0, 50.0, 50.0, 1),
        Bucket(NOON + 1000, 100.0, 100.0, 100.0, 1),
    ]
    drawing = chart(buckets, NOON, NOON + 2000, title="t", gap=1000)
    line = re.search(r'polyline class="line" points="([^"]+)"', drawing)
    assert line is not None
    top = axis(0.0, 100.0).high
    wanted = [(0, 1000), (250, 1000 * (1 - 50 / top)), (500, 1000 * (1 - 100 / top))]
    found = [tuple(map(float, pair.split(","))) for pair in line[1].split()]
    assert found == [pytest.approx(pair, abs=0.1) for pair in wanted]


def test_a_limit_is_drawn_when_it_is_near_and_left_out_when_it_would_flatten_the_curve() -> None:
    buckets = [Bucket(NOON, 90.0, 80.0, 100.0, 4), Bucket(NOON + 1000, 95.0, 85.0, 105.0, 4)]
    drawing = chart(
        buckets, NOON, NOON + 2000, title="t", gap=5000, limits=[Limit("red", 120.0), Limit("doom", 9000.0)]
    )
    assert "red 120" in drawing and "doom" not in drawing
    at = re.search(r'class="limit sev-red" x1="0" x2="100%" y1="([0-9.]+)"', drawing)
    assert at is not None and 0 <= float(at[1]) <= PLOT


def test_a_single_reading_is_a_dot_and_a_constant_series_a_line() -> None:
    one = chart([Bucket(NOON, 5.0, 5.0, 5.0, 1)], NOON - 500, NOON + 500, title="t", gap=10)
    assert one.count("<polyline") == 1
    flat = chart([Bucket(NOON + n, 0.0, 0.0, 0.0, 1) for n in range(3)], NOON, NOON + 10, title="t", gap=5)
    assert "nan" not in flat and "inf" not in flat


def test_shares_are_drawn_as_per_cent() -> None:
    drawing = chart(
        [Bucket(NOON, 0.5, 0.4, 0.6, 2), Bucket(NOON + 1, 0.7, 0.6, 0.8, 2)],
        NOON,
        NOON + 2,
        title="t",
        gap=5,
        scale=100.0,
    )
    assert ">80<" in drawing
