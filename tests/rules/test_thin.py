"""Windows of which too little was measured: nothing can be decided, and an episode says so."""

from dataclasses import replace

from tests.support.judging import Play, catalogue, frame, judge, sensor, tick

MEAN = "{name: w, kind: window, metric: pm25, aggregate: mean, every: 10s, at_least: 2, above: {yellow: 5, red: 20}}"
TIME = "{name: w, kind: window, metric: pm25, aggregate: max, every: 1h, at_least: 45min, above: {yellow: 5}}"


def test_a_thin_window_without_an_episode_says_nothing() -> None:
    #   0         10        20
    #   |9        |9   9    |
    play = Play(MEAN)
    play.read(0, 9)
    assert play.clock(10) == []
    play.read(10, 9)
    play.read(15, 9)
    assert play.clock(20) == ["fired yellow @20"]


def test_an_episode_outlasts_its_doubts_and_tells_of_them_once() -> None:
    #   0         10        20        30        40        50
    #   |9   9    |1        |         |1        |1   1    |
    #             fired     undecided                      cleared
    play = Play(MEAN)
    for at, x in ((0, 9), (5, 9), (10, 1), (30, 1), (40, 1), (45, 1)):
        play.read(at, x)
    assert play.clock(20) == ["fired yellow @10", "undecided yellow @20"]
    assert play.clock(30) == []
    assert play.clock(40) == []
    assert play.clock(50) == ["cleared yellow @50"]


def test_a_window_without_any_reading_is_thin_too() -> None:
    play = Play(MEAN)
    play.read(0, 9)
    play.read(5, 9)
    assert play.clock(10) == ["fired yellow @10"]
    assert play.clock(19) == []
    assert play.clock(20) == ["undecided yellow @20"]
    assert play.clock(1000) == []


def test_one_leap_over_empty_windows_doubts_as_of_the_first() -> None:
    play = Play(MEAN)
    for at in (0, 5, 40, 45):
        play.read(at, 9)
    assert play.clock(50) == ["fired yellow @10", "undecided yellow @20", "changed yellow @50"]


def test_the_end_of_a_doubt_is_told_even_when_the_severity_is_as_before() -> None:
    records = [
        frame(
            ("a", "pm25", 0, 9), ("a", "pm25", 5, 9), ("a", "pm25", 11, 30), ("a", "pm25", 20, 8), ("a", "pm25", 21, 8)
        ),
        tick(30),
    ]
    fired, doubt, again = judge(catalogue(MEAN), records)
    assert (fired.change, doubt.change, again.change) == ("fired", "undecided", "changed")
    assert [(each.severity, each.was, each.revision) for each in (fired, doubt, again)] == [
        ("yellow", "", 1),
        ("yellow", "yellow", 2),
        ("yellow", "yellow", 3),
    ]
    assert doubt.episode == again.episode == fired.episode
    assert (doubt.value, doubt.limit, doubt.evidence.count, doubt.evidence.seen) == (None, 5.0, 1, ())
    assert doubt.text == "Cannot decide about pm25 at a (north): 1 reading in the window"
    assert (again.value, again.limit) == (8.0, 5.0)


def test_after_a_doubt_another_severity_is_an_ordinary_change() -> None:
    play = Play(MEAN)
    for at, x in ((0, 9), (5, 9), (10, 9), (20, 30), (25, 30)):
        play.read(at, x)
    assert play.clock(30) == ["fired yellow @10", "undecided yellow @20", "changed red @30"]


def test_time_is_measured_by_the_interval_of_the_sensor() -> None:
    # 40 readings that stand for a minute each are 40 minutes, 45 are 45.
    for count, found in ((44, []), (45, ["fired yellow @3600"])):
        play = Play(TIME)
        for minute in range(count):
            play.read(minute * 60, 9)
        assert play.clock(3600) == found


def test_what_two_readings_both_stand_for_counts_once_and_what_is_behind_the_window_not() -> None:
    play = Play(TIME)
    for second in range(0, 44 * 60, 10):
        play.read(second, 9)
    play.read(3599, 9)
    assert play.clock(3600) == []
    play = Play(TIME)
    for second in range(0, 44 * 60, 10):
        play.read(second, 9)
    play.read(3540, 9)
    assert play.clock(3600) == ["fired yellow @3600"]


def test_a_count_may_be_undecided_where_nothing_was_measured() -> None:
    rule = "{name: w, kind: window, metric: pm25, aggregate: count, every: 10s, at_least: 1, below: {yellow: 2}}"
    play = Play(rule)
    play.read(0)
    assert play.clock(10) == ["fired yellow @10"]
    assert play.clock(20) == ["undecided yellow @20"]


def test_the_catalogue_is_another_where_a_sensor_speaks_otherwise() -> None:
    other = replace(sensor("a"), interval=5000)
    assert catalogue(TIME, sensor("a")).hash != catalogue(TIME, other).hash
