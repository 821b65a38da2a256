"""How far the second stage is behind, and when that is worth a word."""

from types import SimpleNamespace
from typing import Any

from rules.clock import ClockState, Tick
from streams.area_clock import STANDS, AreaClock

T = 1_750_000_000_000


def sensors(now: int, composite: bool = True) -> Any:
    return SimpleNamespace(clock=ClockState(now), composite=composite)


def area(now: int, *told: int) -> Any:
    return SimpleNamespace(clock=ClockState(now, {str(source): Tick(t, 0) for source, t in enumerate(told)}))


def test_what_the_second_stage_is_behind_is_told_in_the_logs_time() -> None:
    clock = AreaClock(2)
    clock.saw(0.0, [sensors(T + 5_000)], [area(T, T + 4_000, T), area(T + 1_000, T + 4_000, T + 1_000)])
    assert clock.behind == 5_000 and clock.why(0.0) == ""
    clock.saw(1.0, [], [area(T, T + 9_000, T)])  # a worker that has partitions of areas only
    assert clock.behind == 9_000
    clock.saw(2.0, [sensors(T + 9_000)], [area(T + 9_000, T + 9_000, T + 9_000)])
    assert clock.behind == 0


def test_a_clock_that_stands_while_sensors_go_on_is_red_and_says_who_is_silent() -> None:
    clock = AreaClock(3)
    for second in range(100):
        clock.saw(second, [sensors(T + 1000 * second)], [area(T, T + 1000 * second, T, T + 1000 * second)])
        assert bool(clock.why(second)) == (second > STANDS)
    assert clock.why(100.0) == (
        "rules on areas stand at 2025-06-15T15:06:40+00:00: for 100 s no word from partition 1 of the readings"
    )
    clock.saw(101.0, [sensors(T + 101_000)], [area(T + 90_000, T + 101_000, T + 90_000, T + 101_000)])
    assert clock.why(101.0) == "" and clock.behind == 11_000


def test_a_clock_that_has_not_begun_says_so() -> None:
    clock = AreaClock(20)
    for second in (0.0, 70.0):
        clock.saw(second, [sensors(T)], [area(0, T)])
    assert clock.why(70.0).startswith("rules on areas have not begun: for 70 s no word from partition 1, 2, 3,")
    assert clock.why(70.0).endswith("8 ... of the readings") and clock.behind == 0


def test_a_city_that_rests_or_has_no_rules_on_areas_is_never_red() -> None:
    clock = AreaClock(1)
    for second in range(200):
        clock.saw(second, [sensors(T)], [area(T, T)])
        assert clock.why(second) == ""
        clock.saw(second, [sensors(T + second, composite=False)], [area(0)])
        assert clock.why(second) == "" and clock.behind == 0
