"""Windows that readings begin and end. A digit is a reading of that value, one place is a second."""

import pytest

from tests.support.judging import Play, T, catalogue, frame, judge, tick


def rule(keys: str, levels: str = "above: {yellow: 5}") -> str:
    return f"{{name: w, kind: window, metric: pm25, {keys}, {levels}}}"


def test_a_sliding_window_is_judged_at_each_reading() -> None:
    #   0         10
    #   9    3    |  1          means over 10 s: 9, 6, 2 (the 9 is 13 s old)
    play = Play(rule("aggregate: mean, sliding: 10s"))
    assert play.read(0, 9) == ["fired yellow @0"]
    assert play.read(5, 3) == []
    assert play.read(13, 1) == ["cleared yellow @13"]
    assert play.clock(1000) == []


def test_a_sliding_window_begins_just_behind_its_length() -> None:
    play = Play(rule("aggregate: count, sliding: 10s", "above: {yellow: 1}"))
    play.read(0)
    assert play.read(10) == []
    assert play.read(19.999) == ["fired yellow @19.999"]


def test_so_many_readings_whenever_they_come() -> None:
    #   9 1    9  9 ...  9 9    1 1 1        least of three: 1, 9, 1
    play = Play(rule("aggregate: min, readings: 3"))
    assert [play.read(at, x) for at, x in ((0, 9), (1, 1), (5, 9))] == [[], [], []]
    assert [play.read(at, 9) for at in (8, 500, 501)] == [[], [], ["fired yellow @501"]]
    assert [play.read(at, 1) for at in (502, 503)] == [[], []]
    assert play.read(504, 1) == ["cleared yellow @504"]


def test_a_session_ends_with_silence_as_of_its_own_time() -> None:
    #   0         10        20
    #   3 3       |         1         sums 6 (ends at 11), 1 (ends at 30)
    play = Play(rule("aggregate: sum, session: 10s"))
    play.read(0, 3)
    play.read(1, 3)
    assert play.clock(10.999) == []
    assert play.clock(11) == ["fired yellow @11"]
    play.read(20, 1)
    assert play.clock(100) == ["cleared yellow @30"]


def test_a_session_ends_when_the_next_reading_comes_late_enough() -> None:
    play = Play(rule("aggregate: sum, session: 10s"))
    play.read(0, 6)
    assert play.read(9.999, 6) == []
    assert play.read(19.999, 1) == ["fired yellow @19.999"]


def test_a_reading_of_a_session_that_the_clock_has_ended_is_late() -> None:
    play = Play(rule("aggregate: sum, session: 10s"))
    play.read(0, 6)
    assert play.clock(10) == ["fired yellow @10"]
    assert play.read(9, 1) == []
    assert play.engine.counts().late == 1
    play.read(10, 1)
    assert play.clock(20) == ["cleared yellow @20"]


def test_readings_are_taken_in_order_and_each_once() -> None:
    play = Play(rule("aggregate: sum, readings: 2"))
    play.read(5, 3)
    play.read(4, 9)
    play.read(5, 3)
    assert (play.engine.counts().late, play.engine.counts().repeats) == (1, 1)
    assert play.read(6, 3) == ["fired yellow @6"]


def test_the_evidence_is_the_stretch() -> None:
    records = [frame(("a", "pm25", at, 4.0)) for at in (0, 1, 2)]
    [found] = judge(catalogue(rule("aggregate: sum, readings: 2", "above: {red: 5}")), records)
    evidence = found.evidence
    assert (evidence.first, evidence.last, evidence.count, found.value, found.unit) == (0, 1, 2, 8.0, "ug/m3")
    assert [(seen.ts, seen.value, seen.offset) for seen in evidence.seen] == [(T + 1000, 8.0, 1)]
    [found] = judge(catalogue(rule("aggregate: count, session: 5s", "above: {red: 2}")), [*records, tick(60)])
    assert (found.at, found.value, found.unit, found.evidence.first) == (T + 7000, 3.0, "readings", 0)
    assert found.text == "pm25: 3 readings at a (north) over the window, limit 2"


def test_the_share_of_no_time_is_nothing() -> None:
    play = Play(rule("aggregate: share_above, mark: 5, sliding: 10s", "above: {yellow: 0.5}"))
    assert play.read(0, 9) == []
    assert play.read(5, 1) == ["fired yellow @5"]


def test_no_stretch_has_more_readings_than_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.kinds.stretch.MOST", 4)
    play = Play(rule("aggregate: count, sliding: 1h", "above: {yellow: 4}"))
    assert [play.read(at) for at in range(10)] == [[]] * 10
    play = Play(rule("aggregate: count, session: 1h", "above: {yellow: 3}"))
    assert [play.read(at) for at in range(4)] == [[], [], [], ["fired yellow @3"]]
    play.read(4)
    assert play.clock(3605) == ["cleared yellow @3604"]
