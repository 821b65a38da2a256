from streams.watchdog import PATIENCE, Watchdog


def run(watchdog: Watchdog, start: float, seconds: float) -> str:
    """Asked once a second; the first reason to end, or ""."""
    for second in range(int(seconds) + 1):
        if why := watchdog.fatal(start + second):
            return why
    return ""


def test_a_part_that_moves_and_flushes_is_green_for_ever() -> None:
    watchdog = Watchdog(0.0)
    watchdog.assigned(1.0)
    for second in range(1, 1000):
        watchdog.saw(second, "readings[0]", second // 20, 5000)
        if second % 5 == 0:
            watchdog.flushed(second)
        assert watchdog.why(second) == "" and watchdog.fatal(second) == ""


def test_a_position_that_stands_while_there_is_something_to_read_is_red_then_fatal() -> None:
    watchdog = Watchdog(0.0)
    watchdog.assigned(0.0)
    for second in range(200):
        watchdog.flushed(second)
        watchdog.saw(second, "readings[3]", 40, 41)
        red = watchdog.why(second)
        assert bool(red) == (second > 30)
        assert bool(watchdog.fatal(second)) == (second > 31 + PATIENCE)
    assert "readings[3]" in red and "40" in red and "41" in red


def test_a_position_at_the_end_of_the_log_may_stand() -> None:
    watchdog = Watchdog(0.0)
    watchdog.assigned(0.0)
    for second in range(200):
        watchdog.flushed(second)
        watchdog.saw(second, "readings[3]", 40, 40)
        assert watchdog.why(second) == ""
    watchdog.saw(200, "readings[3]", 40, 50)  # only from now on it has something to do
    assert watchdog.why(225) == "" and watchdog.why(231) != ""


def test_an_old_flush_is_red() -> None:
    watchdog = Watchdog(0.0)
    watchdog.assigned(0.0)
    assert watchdog.why(59) == "" and "flush" in watchdog.why(61)
    watchdog.flushed(70, pause=60.0)  # a large state is written more rarely
    assert watchdog.why(200) == "" and watchdog.why(251) != ""


def test_no_assignment_is_red_and_a_hold_on_purpose_is_not() -> None:
    watchdog = Watchdog(0.0)
    assert watchdog.why(89) == "" and "assigned" in watchdog.why(91)
    watchdog.holding("the store was away from the start")
    assert watchdog.why(91) == ""
    watchdog.assigned(130.0)
    watchdog.holding("the store is away")
    watchdog.saw(130, "readings[0]", 1, 9)
    assert run(watchdog, 131, 1000) == ""
    watchdog.holding("")
    assert run(watchdog, 1200, 200) != ""


def test_a_frozen_process_is_given_time_when_it_wakes() -> None:
    watchdog = Watchdog(0.0)
    watchdog.assigned(0.0)
    assert run(watchdog, 0, 70) == ""
    assert watchdog.why(500) != "" and watchdog.fatal(500) == ""  # it slept from 70 to 500
    watchdog.flushed(502)
    assert run(watchdog, 501, 30) == ""
