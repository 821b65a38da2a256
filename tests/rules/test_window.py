"""Windows. The drawings show time in seconds from left to right; a digit is a reading of that value, a bar the border
of a window, and `^` the tick that decides."""

import pytest

from rules.counts import Counts
from rules.finding import Finding
from tests.support.judging import Play, T, catalogue, frame, judge, sensor, short, tick

MEAN = "{name: w, kind: window, metric: pm25, aggregate: mean, every: 10s, delay: 3s, above: {yellow: 5}}"


def test_a_window_is_decided_a_delay_after_its_end_and_as_of_its_end() -> None:
    #   0         10        20
    #   |4     8  |         |        mean 6
    #                ^13
    play = Play(MEAN)
    play.read(0, 4)
    play.read(7, 8)
    assert play.clock(12.999) == []
    assert play.clock(13) == ["fired yellow @10"]


def test_the_start_is_inside_and_the_end_outside() -> None:
    #   0         10        20
    #   |4        |8        |        means 4, 8
    play = Play(MEAN)
    play.read(0, 4)
    play.read(10, 8)
    assert play.clock(13) == []
    assert play.clock(23) == ["fired yellow @20"]


def test_stragglers_count_within_the_delay_and_are_late_after_it() -> None:
    #   0         10        20
    #   |4        |         |
    #     8 comes at 12.9: mean 6; 99 comes at 13.1: too late
    play = Play(MEAN)
    play.read(1, 4)
    play.read(11, 0)
    play.clock(12.9)
    play.read(2, 8)
    assert play.clock(13) == ["fired yellow @10"]
    play.read(3, 99)
    assert play.engine.counts().late == 1
    assert play.clock(23) == ["cleared yellow @20"]


def test_a_reading_from_the_far_future_closes_nothing() -> None:
    #   0         10        20                  4000
    #   |4     8  |         |                   |9
    play = Play(MEAN)
    play.read(0, 4)
    assert play.read(4000, 9) == []
    play.read(7, 8)
    assert play.engine.counts().late == 0
    assert play.clock(13) == ["fired yellow @10"]
    assert play.clock(3999) == []
    assert play.clock(4013) == []


def test_a_repeat_counts_once() -> None:
    #   0         10
    #   |4 4 4   6|                  mean 4.5
    play = Play("{name: w, kind: window, metric: pm25, aggregate: count, every: 10s, above: {yellow: 2}}")
    for at in (0, 2, 2, 0, 2):
        play.read(at, 4)
    assert play.engine.counts().repeats == 3
    assert play.clock(10) == []


def test_an_empty_window_decides_nothing() -> None:
    #   0         10        20        30
    #   |9        |         |        4|
    #             ^13                 ^33
    play = Play(MEAN)
    play.read(0, 9)
    assert play.clock(13) == ["fired yellow @10"]
    assert play.clock(23) == []
    play.read(29, 4)
    assert play.clock(33) == ["cleared yellow @30"]


def test_one_tick_may_decide_many_windows_oldest_first() -> None:
    #   0         10        20        30        40
    #   |9        |1        |         |9        |
    #                                           ^100
    play = Play(MEAN)
    for at, value in ((0, 9), (10, 1), (30, 9)):
        play.read(at, value)
    assert play.clock(100) == ["fired yellow @10", "cleared yellow @20", "fired yellow @40"]


@pytest.mark.parametrize(
    ("aggregate", "value"), [("mean", 2.5), ("max", 7.0), ("min", -3.0), ("count", 4.0)], ids=lambda each: str(each)
)
def test_aggregates(aggregate: str, value: float) -> None:
    #   0         10
    #   |1 7 -3 5 |
    rule = f"{{name: w, kind: window, metric: pm25, aggregate: {aggregate}, every: 10s, above: {{red: -100}}}}"
    records = [frame(*(("a", "pm25", at, x) for at, x in enumerate((1, 7, -3, 5)))), tick(10)]
    [found] = judge(catalogue(rule), records)
    assert found.value == value
    assert found.unit == ("readings" if aggregate == "count" else "ug/m3")
    assert found.evidence.count == 4
    assert (found.evidence.first, found.evidence.last) == (0, 1)
    assert [(seen.ts, seen.value, seen.offset) for seen in found.evidence.seen] == [(T + 10_000, value, 1)]


def test_a_count_of_nothing_is_zero_once_the_series_has_been_seen() -> None:
    #   0         10        20        30        40
    #   |      xx |         |         |  xx     |     below 2
    #             ^         ^         ^         ^
    play = Play("{name: w, kind: window, metric: pm25, aggregate: count, every: 10s, below: {yellow: 2, red: 1}}")
    assert play.clock(5) == []
    play.read(7)
    play.read(8)
    assert play.clock(10) == []
    assert play.clock(20) == ["fired red @20"]
    assert play.clock(30) == []
    play.read(32)
    play.read(33)
    assert play.clock(40) == ["cleared red @40"]
    assert play.clock(50) == ["fired red @50"]


def test_windows_before_the_first_reading_are_not_empty_but_nothing() -> None:
    #   0         10        20        30
    #   |         |         |    x    |            below 1, delay 20
    #                            ^25      first tick ever; ^50 decides [20, 30)
    play = Play(
        "{name: w, kind: window, metric: pm25, aggregate: count, every: 10s, delay: 20s, below: {yellow: 1}}",
    )
    play.clock(24)
    play.read(25)
    assert play.clock(50) == []
    assert play.clock(61) == ["fired yellow @40"]


def test_the_empty_window_between_two_full_ones_counts_nothing() -> None:
    #   0         10        20        30
    #   |x        |         |x        |         one tick decides all three
    play = Play("{name: w, kind: window, metric: pm25, aggregate: count, every: 10s, below: {yellow: 1}}")
    play.read(0)
    play.read(20)
    assert play.clock(30) == ["fired yellow @20", "cleared yellow @30"]


def test_evidence_of_an_empty_window_is_the_tick() -> None:
    city = catalogue("{name: w, kind: window, metric: pm25, aggregate: count, every: 10s, below: {yellow: 1}}")
    [found] = judge(city, [frame(("a", "pm25", 0, 5)), tick(10), tick(20)])
    assert (found.value, found.evidence.count, found.evidence.first, found.evidence.last) == (0.0, 0, 2, 2)


def test_hysteresis_works_on_results() -> None:
    play = Play("{name: w, kind: window, metric: pm25, aggregate: max, every: 10s, above: {red: 9}, clear: {red: 5}}")
    play.read(0, 10)
    assert play.clock(10) == ["fired red @10"]
    play.read(15, 6)
    assert play.clock(20) == []
    play.read(25, 5)
    assert play.clock(30) == ["cleared red @30"]


def test_windows_of_many_lengths_share_panes_and_each_has_its_own_watermark() -> None:
    #   0         10        20        30
    #   |1    3   |         |         |        panes of 5 s
    #   |   quick, 10 s, no delay: 2 at ^10
    #   |         slow, 15 s, delay 6 s: with 9 at second 14, which came at 20: max 9 at ^21
    quick = "{name: quick, kind: window, metric: pm25, aggregate: mean, every: 10s, above: {yellow: 1.9}}"
    slow = "{name: slow, kind: window, metric: pm25, aggregate: max, every: 15s, delay: 6s, above: {yellow: 8}}"
    play = Play(f"{quick}\n{slow}")
    play.read(0, 1)
    play.read(5, 3)
    assert play.clock(10) == ["fired yellow @10"]
    play.clock(20)
    play.read(14, 9)
    play.read(7, 8)
    assert play.engine.counts().late == 2, "both are too late for quick"
    assert play.clock(21) == ["fired yellow @15"]
    [slow_one] = [each for each in findings_of(f"{slow}\n{quick}") if each.rule == "slow"]
    [alone] = findings_of(slow)
    assert slow_one == alone, "another rule beside it changes nothing in its answer"


def findings_of(rules: str) -> list[Finding]:
    records = [frame(("a", "pm25", 0, 1)), frame(("a", "pm25", 5, 3)), tick(20), frame(("a", "pm25", 14, 9)), tick(21)]
    return judge(catalogue(rules), records)


def test_a_late_reading_for_levels_still_counts_in_its_window() -> None:
    both = f"{MEAN}\n{{name: level, kind: threshold, metric: pm25, above: {{red: 50}}}}"
    play = Play(both)
    play.read(5, 0)
    assert play.read(3, 60) == []
    assert play.engine.counts().late == 1
    assert play.read(3, 60) == []
    assert play.engine.counts().repeats == 1
    assert play.clock(13) == ["fired yellow @10"]


def test_sums_are_rounded_to_the_nearest_micro_unit() -> None:
    # 1.005 * 1e6 is 1004999.9999999999 as a float.
    city = catalogue("{name: w, kind: window, metric: pm25, aggregate: mean, every: 10s, above: {red: 0}}")
    [found] = judge(city, [frame(("a", "pm25", 0, 1.005)), tick(10)])
    assert found.value == 1.005


def test_sums_are_exact_in_any_order() -> None:
    values = [0.1, 0.2, 0.3, 1e9, -1e9, 0.7]
    city = catalogue("{name: w, kind: window, metric: pm25, aggregate: mean, every: 10s, above: {red: 0}}")
    found = []
    for order in (range(6), (5, 3, 1, 0, 2, 4)):
        records = [frame(*(("a", "pm25", at, values[at]) for at in order)), tick(10)]
        found.append(judge(city, records)[0].value)
    assert found == [1.3 / 6, 1.3 / 6]


@pytest.mark.parametrize("aggregate", ["min", "max", "mean"])
def test_minus_zero_is_zero_whichever_came_first(aggregate: str) -> None:
    rule = f"{{name: w, kind: window, metric: pm25, aggregate: {aggregate}, every: 10s, above: {{red: -1}}}}"
    city = catalogue(rule)
    for first, second in ((0.0, -0.0), (-0.0, 0.0), (-0.0, -0.0)):
        [found] = judge(city, [frame(("a", "pm25", 0, first), ("a", "pm25", 1, second)), tick(10)])
        assert str(found.value) == "0.0"


def test_a_clock_that_leaps_a_year_decides_at_once() -> None:
    play = Play("{name: w, kind: window, metric: pm25, aggregate: count, every: 1s, below: {yellow: 1}}")
    play.read(0.5)
    assert play.clock(366 * 86_400) == ["fired yellow @2"]
    play.read(366 * 86_400 + 0.5)
    assert play.clock(366 * 86_400 + 1) == [f"cleared yellow @{366 * 86_400 + 1}"]


def test_a_window_of_a_day_spans_the_leap_day() -> None:
    # 2024-02-29 is day 19782 after the epoch: windows are counted in days of 86,400 s, whatever the calendar says.
    start = 19_782 * 86_400 - T / 1000
    play = Play("{name: w, kind: window, metric: pm25, aggregate: mean, every: 1d, above: {yellow: 5}}")
    play.read(start, 4)
    play.read(start + 86_399.999, 8)
    assert play.clock(start + 86_400) == [f"fired yellow @{start + 86_400:.12g}"]


def test_a_clock_set_back_decides_nothing_twice() -> None:
    play = Play(MEAN)
    play.read(0, 9)
    assert play.clock(13) == ["fired yellow @10"]
    assert play.clock(3) == []
    assert play.engine.clock.now == T + 13_000
    play.read(4, 1)
    assert play.engine.counts().late == 1


def test_a_pane_forgets_its_oldest_times_before_memory_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.panes.MOST", 8)
    monkeypatch.setattr("rules.series.MOST", 8)
    play = Play("{name: w, kind: window, metric: pm25, aggregate: count, every: 60s, above: {yellow: 19}}", sensor("a"))
    for at in range(20):
        play.read(at)
    [series] = play.engine._tables["pm25"].values()
    [pane] = series.panes.values()
    assert len(pane.ts) <= 8
    play.read(2)
    assert play.engine.counts() == Counts(late=1), "might be a repeat, so it does not count twice"
    play.read(19)
    assert play.engine.counts().repeats == 1
    assert play.clock(60) == ["fired yellow @60"]


def test_frames_within_one_millisecond_per_reading_stay_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.panes.MOST", 50)
    monkeypatch.setattr("rules.series.MOST", 50)
    city = catalogue("{name: w, kind: window, metric: pm25, aggregate: count, every: 60s, above: {yellow: 1000}}")
    found = judge(city, [frame(*(("a", "pm25", at / 1000, 1.0) for at in range(1000))), tick(60)])
    assert short(found) == []
    found = judge(city, [frame(*(("a", "pm25", at / 1000, 1.0) for at in range(1001))), tick(60)])
    assert [each.value for each in found] == [1001.0]
