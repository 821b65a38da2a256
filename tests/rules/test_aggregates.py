"""What a window is made into, each aggregate on numbers that can be checked by hand."""

import math

import pytest

from rules.finding import Finding
from tests.support.judging import T, catalogue, frame, judge, sensor, tick

DRAWN = ((0, 1.0), (2, 7.0), (4, -3.0), (8, 5.0))
"""
   0 2 4   8 10
   |1 7 -3  5|
"""


def window(keys: str, *readings: tuple[float, float], metric: str = "pm25") -> Finding:
    rule = f"{{name: w, kind: window, metric: {metric}, every: 10s, above: {{red: -1000}}, {keys}}}"
    records = [frame(*((("a", metric, at, x) for at, x in readings or DRAWN))), tick(10)]
    [found] = judge(catalogue(rule, sensor("a", metric)), records)
    return found


@pytest.mark.parametrize(
    ("keys", "value", "unit"),
    [
        ("aggregate: sum", 10.0, "ug/m3"),
        ("aggregate: first", 1.0, "ug/m3"),
        ("aggregate: last", 5.0, "ug/m3"),
        ("aggregate: stddev", math.sqrt((1.5**2 + 4.5**2 + 5.5**2 + 2.5**2) / 4), "ug/m3"),
        # Above 4: from 2 to 4 and from 8 to 10, of ten seconds.
        ("aggregate: share_above, mark: 4", 0.4, "1"),
        ("aggregate: share_above, mark: 7", 0.0, "1"),
        # Mean time 3.5 s, mean value 2.5: sum of products 7, sum of squares 35.
        ("aggregate: slope", 7 / 35 * 3600, "ug/m3/h"),
        ("aggregate: percentile, percentile: 1", -3.0, "ug/m3"),
        ("aggregate: percentile, percentile: 99", 5.0, "ug/m3"),
        ("aggregate: median", 1.0, "ug/m3"),
    ],
)
def test_by_hand(keys: str, value: float, unit: str) -> None:
    found = window(keys)
    # A percentile is of the sketch: within half a per cent.
    assert found.value == pytest.approx(value, rel=0.005 if "percentile" in keys or "median" in keys else 1e-12)
    assert (found.unit, found.evidence.count, found.at) == (unit, 4, T + 10_000)


def test_the_energetic_mean_of_a_quiet_and_a_loud_second_is_near_the_loud_one() -> None:
    assert window("aggregate: leq", (0, 50.0), (5, 80.0), metric="noise").value == pytest.approx(76.994, abs=0.001)
    assert window("aggregate: leq", (0, 62.0), (5, 62.0), metric="noise").value == pytest.approx(62.0)


def test_a_frame_with_impossible_sound_stops_nobody() -> None:
    assert window("aggregate: leq", (0, 1e12), metric="noise").value == pytest.approx(200.0)
    assert window("aggregate: leq", (0, -1e12), metric="noise").value == pytest.approx(0.0)


def test_time_before_the_first_reading_is_not_known_and_does_not_count() -> None:
    #   0     4    8 10
    #   |     9    1 |        above 5 from 4 to 8, of the six seconds that are known
    assert window("aggregate: share_above, mark: 5", (4, 9.0), (8, 1.0)).value == pytest.approx(4 / 6)


def test_a_single_value_is_told_exactly_by_a_percentile() -> None:
    assert window("aggregate: median", (0, 1013.25)).value == 1013.25


@pytest.mark.parametrize("aggregate", ["first", "last", "median", "sum"])
def test_minus_zero_is_zero(aggregate: str) -> None:
    assert str(window(f"aggregate: {aggregate}", (0, -0.0)).value) == "0.0"


def test_a_slope_of_one_reading_is_no_slope() -> None:
    rule = "{name: w, kind: window, metric: pm25, aggregate: slope, every: 10s, above: {red: -1000}}"
    assert judge(catalogue(rule), [frame(("a", "pm25", 0, 1.0)), tick(10)]) == []


def test_stragglers_are_placed_by_their_time() -> None:
    straight = [frame(*(("a", "pm25", at, x) for at, x in DRAWN)), tick(10)]
    shuffled = [frame(*(("a", "pm25", *DRAWN[place]) for place in (2, 0, 3, 1))), tick(10)]
    for keys in ("share_above, mark: 4", "slope", "first", "last", "stddev", "median", "leq"):
        metric = "noise" if keys == "leq" else "pm25"
        rule = f"{{name: w, kind: window, metric: {metric}, every: 10s, above: {{red: -1000}}, aggregate: {keys}}}"
        city = catalogue(rule, sensor("a", metric))
        logs = [[_metric(each, metric) for each in log] for log in (straight, shuffled)]
        [one], [other] = (judge(city, log) for log in logs)
        assert one == other


def _metric(record: object, metric: str) -> object:
    columns = getattr(record, "metric")  # noqa: B009
    if "pm25" in columns and metric != "pm25":
        columns = {metric: columns["pm25"]}
        return type(record)(record.v, record.t, record.wall, columns)  # type: ignore[attr-defined, call-arg]
    return record
