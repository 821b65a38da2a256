"""What is said about time, and which readings it lets in."""

import pytest

from ingest import tick
from ingest.clock import PublisherClock, WallClock
from rules.frame import DAY, FrameReader

WALL, WEEK = 1_790_000_000_000, 7 * DAY


def test_by_the_wall() -> None:
    assert WallClock(60_000, WEEK).bounds(WALL) == (WALL - WEEK, WALL + 60_000)
    assert WallClock(60_000, WEEK).bounds(1000) == (0, 61_000)


def test_by_the_publisher_ahead_is_counted_from_the_end_of_the_coming_step() -> None:
    clock = PublisherClock(60_000, WEEK)
    assert clock.bounds(WALL)[0] == 0
    clock.tell(WALL - WEEK, WALL - WEEK + 600_000)
    assert clock.bounds(WALL) == (WALL - 2 * WEEK, WALL - WEEK + 660_000)
    clock.tell(1000, 0)
    assert clock.bounds(WALL) == (0, 61_000)


@pytest.mark.parametrize("ahead", [60_000, 10 * DAY])
def test_no_clock_lets_in_what_no_frame_can_hold(ahead: int) -> None:
    clock = PublisherClock(ahead, WEEK)
    assert clock.bounds(WALL)[1] < WALL + DAY
    clock.tell(WALL, WALL + 30 * DAY)
    assert clock.bounds(WALL)[1] < WALL + DAY
    assert WallClock(ahead, WEEK).bounds(WALL)[1] < WALL + DAY


def test_a_tick_is_a_frame_for_every_partition() -> None:
    told = tick.parse(tick.payload(WALL), WALL + 50)
    packed, headers = tick.record("bridge-1", told, WALL + 50)
    frame = FrameReader(3, 8).read(packed)
    assert (frame.tick, frame.t, frame.wall, frame.metric, headers) == ("bridge-1", WALL, WALL + 50, {}, [])


def test_a_publishers_tick_is_remembered_with_what_is_to_come() -> None:
    records = []
    for bridge, t in (("b-1", 1000), ("b-2", 2000), ("b-1", 3000), ("b-2", 4000)):
        packed, headers = tick.record(bridge, tick.Told(t, t + 500), WALL)
        records.append((packed, dict(headers)))
    records += [(b"not a frame", {}), (b"not a frame", {"next": b"5"}), (records[0][0], {"next": b"soon"})]
    assert tick.recall("b-1", records) == tick.Told(3000, 3500)
    assert tick.recall("b-3", records) is None


def test_a_tick_of_more_than_a_day_ahead_is_none() -> None:
    assert tick.parse(b'{"t":%d}' % (WALL + DAY), WALL).t == WALL + DAY
    with pytest.raises(ValueError, match="ahead"):
        tick.parse(b'{"t":%d}' % (WALL + DAY + 1), WALL)
