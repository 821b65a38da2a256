"""Why a rule did not fire: every reason, from a log made for it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from rules.catalogue import Catalogue
from rules.derived.settings import Indices
from rules.frame import Frame, FrameError
from tests.support.authors import MIN, NOON, rules_of, sensor
from tests.support.frames import frame, tick
from urbanpulse.authors.answer import Answer, not_watched, of_groups, unknown, why_not
from urbanpulse.authors.story import Story, tell

Line = tuple[int, int | None, float | None]
"""Arrival after noon (ms), time after noon of a reading or None for a tick, value."""

SMOG = "name: smog, kind: threshold, metric: pm25, above: {yellow: 75, red: 150}, hold: 60s, keep_firing: 5min"
COLD = "name: cold, kind: threshold, metric: temperature, below: {yellow: -5}"
HOUR = "name: hour, kind: window, metric: pm25, aggregate: mean, every: 1h, delay: 30s, above: {yellow: 70}"
MOST = "name: most, kind: window, metric: pm25, aggregate: max, every: 1h, below: {yellow: 10}"
SILENT = "name: silent, kind: silence, metric: pm25, after: 30min, severity: yellow"


def log(
    readings: Sequence[tuple[float, float]], until: float, late: Sequence[tuple[float, float, float]] = ()
) -> Iterator[tuple[int, Frame]]:
    """Readings of (s after noon, value) with a tick each second up to `until` (s). `late`: (arrival, time, value)."""
    arrivals = sorted([(at, at, value) for at, value in readings] + list(late))
    records: list[Frame] = []
    clock = 0
    for arrival, at, value in [*arrivals, (until, None, 0.0)]:
        while clock <= arrival:
            records.append(tick(NOON + clock * 1000))
            clock += 1
        if at is not None:
            ts = NOON + round(at * 1000)
            records.append(
                frame([("a", "pm25", ts, value), ("a", "temperature", ts, value), ("b", "pm25", ts, 1.0)], ts)
            )
    yield from enumerate(records)


def story(rule: str, records: Iterator[tuple[int, Frame]], at: float, interval: int = MIN) -> Story:
    [one] = rules_of(rule)
    device = sensor("a", metrics="pm25 temperature", interval=interval)
    return tell(records, one, device, one.metrics[0], at=NOON + round(at * 1000))


def ask(
    rule: str,
    readings: Sequence[tuple[float, float]],
    at: float,
    late: Sequence[tuple[float, float, float]] = (),
    until: float | None = None,
) -> Answer:
    return why_not(story(rule, log(readings, at + 60 if until is None else until, late), at))


def test_below_the_limit() -> None:
    answer = ask(SMOG, [(0, 61.0)], 5)
    assert (answer.code, answer.more) == ("below_limit", [])
    assert answer.reason == "61 at 2026-01-01T12:00:00.000Z is not above 75 (yellow)"
    assert ask(COLD, [(0, 3.0)], 5).reason == "3 at 2026-01-01T12:00:00.000Z is not below -5 (yellow)"


def test_exactly_the_limit_is_not_above_it() -> None:
    assert ask(SMOG, [(0, 75.0)], 5).code == "below_limit"


def test_holding() -> None:
    answer = ask(SMOG, [(0, 80.0), (30, 90.0)], 42)
    assert answer.code == "holding"
    assert answer.reason == "above 75 (yellow) since 2026-01-01T12:00:00.000Z: holding 42 of 60 s"


def test_the_hold_began_anew_after_a_break() -> None:
    assert "holding 20 of 60 s" in ask(SMOG, [(0, 80.0), (30, 70.0), (40, 90.0)], 60).reason


def test_it_fires_and_it_goes_on_firing() -> None:
    answer = ask(SMOG, [(0, 80.0)], 60)
    assert answer.code == "firing" and "yellow since 2026-01-01T12:01:00.000Z" in answer.reason
    running = ask(SMOG, [(0, 80.0), (90, 10.0)], 210)
    assert running.code == "keep_firing" and running.reason.endswith("harmless for 2 of 5 min (keep_firing)")


def test_it_had_fired_before() -> None:
    answer = ask(SMOG, [(0, 80.0), (90, 10.0)], 600)
    assert answer.code == "below_limit"
    assert "it last fired at 2026-01-01T12:01:00.000Z and cleared at 2026-01-01T12:06:30.000Z" in answer.more


def test_a_reading_of_the_very_instant_counts() -> None:
    assert ask(SMOG, [(0, 10.0), (60, 80.0)], 60, until=300).code == "holding"
    assert ask(COLD, [(0, 3.0), (60, -9.0)], 60, until=300).code == "firing"


def test_what_comes_after_the_time_is_not_looked_at() -> None:
    assert ask(SMOG, [(0, 10.0), (61, 80.0), (62, 200.0)], 60, until=300).code == "below_limit"


def test_no_data_and_no_data_since() -> None:
    answer = why_not(story(SMOG, log([], 60), 60))
    assert (answer.code, answer.reason) == (
        "no_data",
        "no reading of pm25 by a in the log up to 2026-01-01T12:01:00.000Z",
    )
    stale = ask(SMOG, [(0, 61.0)], 600)
    assert stale.code == "below_limit"
    assert stale.more == ["no data since 2026-01-01T12:00:00.000Z; the sensor's interval is 1min"]


def test_late_for_a_threshold() -> None:
    answer = ask(SMOG, [(0, 10.0), (120, 12.0)], 180, late=[(150, 100, 200.0)])
    assert answer.code == "late"
    assert answer.reason.startswith(
        "200 at 2026-01-01T12:01:40.000Z came when the log's clock stood at 2026-01-01T12:02:30"
    )
    assert any("1 readings came too late" in line for line in answer.more)
    harmless = ask(SMOG, [(0, 10.0), (120, 12.0)], 180, late=[(150, 100, 20.0)])
    assert harmless.code == "below_limit" and "1 readings came too late" in harmless.more[0]


def test_it_came_when_the_time_was_over() -> None:
    answer = ask(SMOG, [(0, 10.0)], 60, late=[(200, 50, 180.0)], until=300)
    assert answer.code == "late" and answer.reason.endswith("stood at 2026-01-01T12:03:20.000Z: it was not there yet")
    assert "1 readings of before then came only afterwards" in answer.more


def test_a_repeat_is_not_late() -> None:
    answer = ask(SMOG, [(0, 10.0), (120, 12.0)], 180, late=[(150, 120, 12.0)])
    assert (answer.code, answer.more) == ("below_limit", [])


def test_a_window_that_is_open_and_would_fire() -> None:
    answer = ask(HOUR, [(minute * 60, 80.0) for minute in range(20)], 1200)
    assert answer.code == "window_open"
    assert answer.reason == (
        "mean 80 of 20 readings in the window 2026-01-01T12:00:00.000Z to 2026-01-01T13:00:00.000Z, not closed yet: "
        "decided at 2026-01-01T13:00:30.000Z, limit 70 (yellow)"
    )


def test_a_window_waits_for_stragglers() -> None:
    readings = [(minute * 60, 80.0) for minute in range(60)]
    assert ask(HOUR, readings, 3610).code == "window_open"
    assert ask(HOUR, readings, 3630).code == "firing"


def test_a_window_that_was_below_and_the_open_one() -> None:
    readings = [(minute * 60, 60.0) for minute in range(70)]
    answer = ask(HOUR, readings, 4200)
    assert answer.code == "below_limit" and answer.reason.startswith("mean 60 of 60 readings in the window")
    assert "not closed yet" in answer.more[0]


def test_a_thin_and_an_empty_window() -> None:
    thin = ask(HOUR, [(60, 60.0), (120, 60.0)], 3700)
    assert thin.code == "below_limit"
    assert "the window was thin: 2 of 60 readings that the sensor's interval promises" in thin.more
    empty = ask(HOUR, [(60, 60.0)], 7300)
    assert empty.code == "window_empty" and "13:00:00.000Z to 2026-01-01T14:00" in empty.reason


def test_a_window_only_just_begun_is_open() -> None:
    assert ask(HOUR, [(60, 10.0)], 120).code == "window_open"
    answer = ask(MOST, [(60, 50.0), (120, 7.0)], 3700)
    assert answer.code == "above_limit" and "max 50 of 2 readings" in answer.reason


def test_a_sensor_that_was_heard_is_not_silent_yet() -> None:
    answer = ask(SILENT, [(0, 10.0)], 12 * 60)
    assert (answer.code, answer.reason) == ("heard", "heard at 2026-01-01T12:00:00.000Z: silent for 12 of 30 min")
    assert ask(SILENT, [(0, 10.0)], 30 * 60).code == "firing"
    assert "was never seen is not silent" in ask(SILENT, [], 60).reason


THRICE = "name: thrice, kind: threshold, metric: pm25, above: {yellow: 75}, times: 3, within: 10min"
OVERLAP = "name: o, kind: window, metric: pm25, aggregate: mean, every: 15min, over: 1h, above: {yellow: 70}"
RISE = "name: rise, kind: change, metric: pm25, measure: rate, per: 1h, above: {yellow: 30}, hold: 5min"
SESSION = "name: s, kind: window, metric: pm25, aggregate: sum, session: 10min, above: {yellow: 500}"


def test_readings_that_are_counted() -> None:
    answer = ask(THRICE, [(0, 80.0), (60, 90.0), (120, 10.0)], 130)
    assert answer.code == "counting"
    assert answer.reason == (
        "above 75 (yellow): 2 of 3 readings within 10min, the first 80 at 2026-01-01T12:00:00.000Z"
    )
    assert ask(THRICE, [(0, 10.0)], 10).code == "below_limit"
    assert ask(THRICE, [(0, 80.0), (60, 90.0), (120, 80.0)], 130).code == "firing"


def test_a_window_that_is_too_thin_to_decide() -> None:
    readings = [(minute * 60, 80.0) for minute in range(10)]
    thin = ask(HOUR + ", at_least: 45min", readings, 3700)
    assert thin.code == "thin" and thin.reason.endswith("less than the 45min that at_least asks for")
    assert ask(HOUR + ", at_least: 11", readings, 3700).code == "thin"
    assert ask(HOUR + ", at_least: 10min", readings, 3700).code == "firing"
    undecided = [(minute * 60, 80.0) for minute in range(61)]
    assert ask(HOUR + ", at_least: 45min", undecided, 7300).code == "undecided"


def test_windows_that_overlap_are_as_long_as_they_are() -> None:
    answer = ask(OVERLAP, [(minute * 60, 60.0) for minute in range(80)], 4800)
    assert answer.code == "below_limit"
    assert answer.reason.startswith("mean 60 of 60 readings in the window 2026-01-01T12:15:00.000Z to 2026-01-01T13:15")


def test_a_change_is_held_or_too_small() -> None:
    steep = [(minute * 60, 10.0 + minute) for minute in range(5)]
    assert ask(RISE, steep, 240).reason == "rate above 30 (yellow) since 2026-01-01T12:01:00.000Z: holding 3 of 5 min"
    assert ask(RISE, [(0, 10.0), (60, 10.1)], 70).reason == "rate is not above 30 (yellow)"


def test_a_session_that_came_to_little() -> None:
    answer = ask(SESSION, [(0, 100.0), (60, 100.0)], 900)
    assert (answer.code, answer.reason) == ("below_limit", "sum is not above 500 (yellow)")


def test_the_log_ends_before() -> None:
    answer = ask(SMOG, [(0, 61.0)], 500, until=60)
    assert "the log's clock has come to 2026-01-01T12:01:00.000Z only" in answer.more


def test_a_log_that_retention_has_cut_and_records_that_are_no_frames() -> None:
    records: list[tuple[int, Frame | FrameError]] = [(7, FrameError("not_a_frame", "x"))]
    records += [(offset + 10, each) for offset, each in log([(0, 61.0)], 60)]
    told = story(SMOG, iter(records), 30)  # type: ignore[arg-type]
    assert told.first == 7
    answer = why_not(told)
    assert answer.code == "below_limit" and "the log begins at record 7: what was before is gone" in answer.more


def test_several_readings_in_one_frame_keep_their_own_fate() -> None:
    both = frame([("a", "pm25", NOON + 5000, 80.0), ("a", "pm25", NOON + 1000, 90.0), ("a", "pm25", NOON + 5000, 80.0)])
    records = [tick(NOON), both, tick(NOON + 10_000)]
    told = story(SMOG, iter(enumerate(records)), 10)
    assert [(each.late, each.repeat) for each in told.heard] == [(False, False), (True, False), (False, True)]
    assert {each.offset for each in told.heard} == {1}


@pytest.mark.parametrize(("level", "code"), [(60.0, "below_limit"), (80.0, "firing")])
def test_an_index_is_made_again_from_what_it_is_made_of(level: float, code: str) -> None:
    [rule] = rules_of("name: loud, kind: threshold, metric: leq_hour, above: {yellow: 70}")
    records: list[Frame] = []
    for minute in range(70):
        at = NOON + minute * MIN
        records += [tick(at), frame([("n", "noise", at, level)], at)]
    device = sensor("n", metrics="noise")
    told = tell(iter(enumerate(records)), rule, device, "leq_hour", indices=Indices(), at=NOON + 65 * MIN)
    answer = why_not(told)
    assert answer.code == code
    assert [each.ts for each in told.heard] == [NOON + 60 * MIN]
    if code == "below_limit":
        assert answer.reason == "60 at 2026-01-01T13:00:00.000Z is not above 70 (yellow)"


@pytest.mark.parametrize(
    ("where", "code", "words"),
    [
        ("kind: water", "not_selected", "a has the kind air, `where` wants water (rules.yaml:2)"),
        ("district: [south, west]", "not_selected", "a has the district north, `where` wants south or west"),
        ("department: traffic", "not_selected", "the department environment"),
        ("sensor: b", "not_selected", "the sensor a, `where` wants b"),
    ],
)
def test_the_selector_that_leaves_it_out(where: str, code: str, words: str) -> None:
    [rule] = rules_of(f"{SMOG}, where: {{{where}}}")
    answer = not_watched(rule, sensor("a"), "pm25")
    assert answer is not None and answer.code == code and words in answer.reason


def test_what_is_not_watched_or_not_known() -> None:
    [rule] = rules_of(SMOG)
    assert not_watched(rule, sensor("a"), "pm25") is None
    other = not_watched(rule, sensor("a", metrics="noise"), "noise")
    assert other is not None and (other.code, other.reason) == ("other_metric", "smog is about pm25, not noise")
    lacking = not_watched(rule, sensor("a", metrics="noise"), "pm25", False)
    assert lacking is not None and lacking.code == "not_measured"
    assert unknown("rule", "smok", ["smog", "jam"]) == Answer(
        "unknown_rule", "the city has no rule 'smok': did you mean 'smog'?"
    )


def test_a_rule_on_groups_names_those_of_the_sensor() -> None:
    [rule] = rules_of("name: q, kind: quorum, of: {metric: pm25, above: 75}, at_least: {yellow: 2}")
    one, two = sensor("a"), replace(sensor("b"), status="maintained")
    areas = Catalogue({"a": one, "b": two}, (rule,)).areas
    found = of_groups(rule, two, areas)
    assert found is not None and found.code == "group"
    assert found.reason == f"q judges groups of sensors together, this one in {one.district} (2 sensors)"
    assert found.more == ["b is maintained: it is left out of what is counted"]
    assert of_groups(rule, sensor("c", metrics="noise"), areas) == Answer("not_selected", "c is in no group of q")
    [other] = rules_of(SMOG)
    assert of_groups(other, one, areas) is None
