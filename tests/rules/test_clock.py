"""The log's clock: the least of the bridges' ticks, never back."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.clock import STALE, ClockState, Tick, advance


def after(*ticks: tuple[str, int, int], expected: tuple[str, ...] = ()) -> list[int]:
    """The clock after each tick (bridge, time, wall)."""
    state, found = ClockState(), []
    for bridge, t, wall in ticks:
        state = advance(state, bridge, t, wall, expected)
        found.append(state.now)
    return found


def test_one_bridge_is_the_clock() -> None:
    assert after(("a", 10, 10), ("a", 20, 20)) == [10, 20]


def test_the_slowest_bridge_is_the_clock() -> None:
    assert after(("a", 10, 10), ("b", 5, 11), ("a", 20, 20), ("b", 18, 21)) == [10, 10, 10, 18]


def test_it_never_goes_back() -> None:
    assert after(("a", 20, 20), ("a", 10, 30), ("a", 19, 31), ("a", 21, 32)) == [20, 20, 20, 21]


def test_a_wall_clock_set_back_does_not_make_a_bridge_stale() -> None:
    assert after(("a", 10, 100_000), ("a", 20, 50), ("b", 15, 100_000)) == [10, 20, 20]


def test_a_bridge_that_is_long_silent_is_left_out_and_taken_back() -> None:
    ticks = [("a", 1, 0), ("b", 1, 0), ("a", STALE, STALE), ("a", STALE + 1, STALE + 1), ("b", 2, STALE + 2)]
    assert after(*ticks) == [1, 1, 1, STALE + 1, STALE + 1]


def test_a_bridge_that_is_expected_is_waited_for_at_the_start_but_not_for_ever() -> None:
    expected = ("a", "b")
    assert after(("a", 5, 5), ("b", 4, 6), expected=expected) == [0, 4]
    ticks = [("a", 5, 5), ("a", STALE + 5, STALE + 5), ("a", STALE + 6, STALE + 6)]
    assert after(*ticks, expected=expected) == [0, 0, STALE + 6]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 200_000), st.integers(0, 200_000)), max_size=30))
@settings(max_examples=100, deadline=None)
def test_it_is_monotone_and_never_ahead_of_every_bridge(ticks: list[tuple[str, int, int]]) -> None:
    times = after(*ticks, expected=("a",))
    assert times == sorted(times)
    assert all(now <= max(t for _, t, _ in ticks[: index + 1]) for index, now in enumerate(times))


def test_it_travels_in_a_state_record() -> None:
    state = ClockState(5, {"a": Tick(5, 6)}, 6)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=ClockState) == state


def test_a_tick_leaves_the_catalogue_in_force() -> None:
    state = advance(ClockState(5, {}, 6, "00ff", 3), "a", 10, 10)
    assert (state.catalogue, state.serial) == ("00ff", 3)


def test_a_clock_that_was_written_before_there_were_catalogues_is_read() -> None:
    old = msgspec.msgpack.encode([5, {"a": [5, 6]}, 6])
    assert msgspec.msgpack.decode(old, type=ClockState) == ClockState(5, {"a": Tick(5, 6)}, 6, "", 0)
