"""Lanes and the judge's own frames."""

from hypothesis import given
from hypothesis import strategies as st

from rules.derived.made import Derived
from rules.frame import FrameReader
from streams.judged import MOST, of_derived
from streams.lanes import DERIVED, READINGS, lane, partition_of_lane, place_of, split
from tests.support.frames import START, sensors_of


@given(place=st.sampled_from([READINGS, DERIVED]), partition=st.integers(0, 5000))
def test_a_lane_is_a_partition_of_a_topic(place: int, partition: int) -> None:
    number = lane(place, partition)
    assert (place_of(number), partition_of_lane(number)) == (place, partition)


def test_lanes_of_two_topics_apart() -> None:
    assert split({-1: "a", 0: "b", 3: "c", -3: "d"}) == ({0: "b", 3: "c"}, {0: "a", 2: "d"})
    assert split({}) == ({}, {})


def test_a_leap_of_the_clock_makes_frames_of_bounded_size() -> None:
    names = sensors_of(1, 4, 3)
    made = [Derived(names[n % 3], ("tpi", "aqi_cn")[n % 2], START + n * 300_000, n / 7) for n in range(MOST * 2 + 1)]
    out = of_derived("derived", 1, START, made[:0])
    assert out == []
    out = of_derived("derived", 1, made[-1].ts, made)
    assert {(one.topic, one.key, one.partition) for one in out} == {("derived", None, 1)}
    frames = [FrameReader(1, 4).read(one.value) for one in out]
    assert [one.readings() for one in frames] == [MOST, MOST, 1]
    found = [
        Derived(sensor, metric, one.t + ts, value)
        for one in frames
        for metric, columns in one.metric.items()
        for sensor, ts, value in zip(columns.sensor, columns.ts, columns.value, strict=True)
    ]
    assert sorted(found) == sorted(made)
