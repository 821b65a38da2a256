"""What a series does from one reading to the next. One place of a drawing is a second."""

import pytest

from rules.engine import Engine
from rules.finding import Finding
from tests.support.judging import Play, T, catalogue, frame, judge, run, short, tick


def rule(measure: str, keys: str) -> str:
    return f"{{name: r, kind: change, metric: pm25, measure: {measure}, {keys}}}"


def found_by(text: str, *readings: tuple[float, float]) -> list[Finding]:
    return judge(catalogue(text), [frame(("a", "pm25", at, x)) for at, x in readings])


@pytest.mark.parametrize(
    ("measure", "keys", "value", "unit"),
    [
        ("delta", "below: {red: -1}", -6.0, "ug/m3"),
        ("jump", "above: {red: 1}", 6.0, "ug/m3"),
        ("percent", "below: {red: -1}", -60.0, "%"),
        ("rate", "per: 1h, below: {red: -1}", -6.0 * 3600 / 30, "ug/m3/h"),
        ("rate", "per: 10min, below: {red: -1}", -6.0 * 600 / 30, "ug/m3/10min"),
        ("range", "over: 1min, above: {red: 1}", 6.0, "ug/m3"),
        ("stuck", "below: {red: 1}", 0.0, "min"),
    ],
)
def test_by_hand(measure: str, keys: str, value: float, unit: str) -> None:
    #   0         30
    #   10         4
    found = found_by(rule(measure, keys), (0, 10.0), (30, 4.0))[-1]
    assert found.value == value
    assert found.unit == unit
    # A stuck value of no length stands alone; all else rests on both readings.
    alone = measure == "stuck"
    assert (found.evidence.first, found.evidence.last) == ((0, 0) if alone else (0, 1))
    assert found.evidence.seen[0].ts == T + (0 if alone else 30_000)


def test_the_first_reading_has_nothing_to_be_compared_with() -> None:
    for measure, keys in (("delta", ""), ("jump", ""), ("percent", ""), ("rate", "per: 1h, ")):
        play = Play(rule(measure, f"{keys}above: {{red: -1000000}}"))
        assert play.read(0, 50) == []
        assert play.read(1, 50) == ["fired red @1"]


def test_severities_and_hysteresis_work_on_the_change() -> None:
    #   0 1  2  3  4  5
    #   0 6 18 21 23 23      changes 6, 12, 3, 2, 0
    play = Play(rule("delta", "above: {yellow: 5, red: 10}, clear: {yellow: 2.5}"))
    changes = [play.read(at, x) for at, x in enumerate((0, 6, 18, 21, 23, 23))]
    assert changes == [[], ["fired yellow @1"], ["changed red @2"], ["changed yellow @3"], ["cleared yellow @4"], []]


def test_a_hold_wants_the_change_to_go_on() -> None:
    play = Play(rule("rate", "per: 1s, above: {yellow: 1}, hold: 5s"))
    for at, x in ((0, 0), (1, 2), (2, 4), (3, 4.5)):
        assert play.read(at, x) == []
    assert play.read(4, 8) == []
    assert play.clock(8) == []
    assert play.clock(9) == ["fired yellow @9"]


def test_nothing_is_a_percentage_of_zero() -> None:
    play = Play(rule("percent", "above: {yellow: 50}"))
    play.read(0, 10)
    assert play.read(1, 20) == ["fired yellow @1"]
    assert play.read(2, 0) == ["cleared yellow @2"]
    assert play.read(3, 1000) == []
    assert play.read(4, 1600) == ["fired yellow @4"]


def test_a_percentage_of_a_negative_value_rises_when_the_value_does() -> None:
    play = Play(rule("percent", "above: {yellow: 50}"))
    play.read(0, -10)
    assert play.read(1, -4) == ["fired yellow @1"]


def test_readings_too_far_apart_are_not_compared() -> None:
    play = Play(rule("delta", "above: {yellow: 5}, gap: 10s"))
    play.read(0, 0)
    assert play.read(11, 50) == []
    assert play.read(21, 100) == ["fired yellow @21"]


def test_a_late_reading_is_compared_with_nothing() -> None:
    play = Play(rule("jump", "above: {yellow: 5}"))
    play.read(0, 0)
    play.read(10, 1)
    assert play.read(5, 100) == []
    assert play.engine.counts().late == 1
    assert play.read(11, 2) == []


def test_a_range_reaches_back_so_far_and_no_further() -> None:
    #   0         10        20
    #   9         1    1    |      range over 10 s: at 9.9 it is 8, at 10 the 9 is out of it
    play = Play(rule("range", "over: 10s, above: {yellow: 5}"))
    play.read(0, 9)
    assert play.read(9.9, 1) == ["fired yellow @9.9"]
    assert play.read(10, 1) == ["cleared yellow @10"]
    assert play.read(15, 7) == ["fired yellow @15"]
    assert play.read(20, 1) == []
    assert play.read(24, 5) == []
    assert play.read(25, 5) == ["cleared yellow @25"]


def test_the_evidence_of_a_range_begins_with_the_older_of_its_ends() -> None:
    [found] = found_by(rule("range", "over: 10s, above: {yellow: 5}"), (0, 3.0), (1, 0.0), (2, 2.0), (3, 6.0))
    assert (found.value, found.evidence.first, found.evidence.last) == (6.0, 1, 3)


def test_a_range_remembers_few_readings_and_never_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    play = Play(rule("range", "over: 1h, above: {yellow: 1000}"))
    for at in range(100):
        play.read(at, at % 7)
    [series] = play.engine._tables["pm25"].values()
    assert len(series.states[0].memory) < 14
    monkeypatch.setattr("rules.signals.MOST", 5)
    play = Play(rule("range", "over: 1h, above: {yellow: 4}"))
    for at in range(100):
        assert play.read(at, at) == [], "a steady rise: the range is that of the newest five readings"


def test_a_value_that_stays_the_same() -> None:
    #   0    60   120  180  240
    #   5    5    5    5    6       longer than two minutes: not at 120, but at 180
    play = Play(rule("stuck", "above: {yellow: 2}"))
    assert [play.read(at, 5) for at in (0, 60, 120)] == [[], [], []]
    assert play.read(180, 5) == ["fired yellow @180"]
    assert play.read(240, 6) == ["cleared yellow @240"]
    assert play.read(300, 5) == []


def test_a_sensor_that_says_nothing_is_silent_and_not_stuck() -> None:
    play = Play(rule("stuck", "above: {yellow: 2}"))
    play.read(0, 5)
    assert play.clock(1000) == []
    play = Play(rule("stuck", "above: {yellow: 2}, gap: 90s"))
    play.read(0, 5)
    play.read(60, 5)
    assert play.read(1000, 5) == []
    assert play.read(1060, 5) == []
    assert play.read(1150, 5) == ["fired yellow @1150"]


def test_the_evidence_of_a_stuck_value_begins_with_the_first_of_its_kind() -> None:
    [found] = found_by(rule("stuck", "above: {yellow: 2}"), (0, 4.0), (60, 5.0), (120, 5.0), (200, 5.0))
    assert (found.evidence.first, found.evidence.last, found.value) == (1, 3, 140 / 60)
    assert found.text == "pm25 at a (north) unchanged for 2.333 min, limit 2"


def test_sentences() -> None:
    [rate] = found_by(rule("rate", "per: 1h, above: {red: 100}"), (0, 1.0), (60, 3.0))
    assert rate.text == "pm25 at a (north) changed by 120 ug/m3/h, limit 100"
    [span] = found_by(rule("range", "over: 2min, above: {red: 1}"), (0, 1.0), (60, 3.0))
    assert span.text == "pm25 at a (north) varied by 2 ug/m3, limit 1"
    own = rule("delta", "above: {red: 1}, text: 'Up by {value}'")
    assert found_by(own, (0, 1.0), (60, 3.0))[0].text == "Up by 2"


def test_no_change_is_plus_zero() -> None:
    [found] = found_by(rule("delta", "above: {red: -1}"), (0, 0.0), (1, -0.0))
    assert str(found.value) == "0.0"


def test_a_new_rule_compares_with_nothing_from_before_it() -> None:
    level = "{name: level, kind: threshold, metric: pm25, above: {red: 500}}"
    old = Engine(catalogue(level), partition=0, partitions=1)
    run(old, [frame(("a", "pm25", 0, 0)), tick(1)])
    new = Engine(catalogue(f"{level}\n{rule('jump', 'above: {red: 5}')}"), partition=0, partitions=1)
    new.start(old.position, old.clock, {number: (old.position, data) for number, data in old.pack().items()})
    assert short(run(new, [frame(("a", "pm25", 2, 90)), frame(("a", "pm25", 3, 0))])) == ["fired red @3"]
