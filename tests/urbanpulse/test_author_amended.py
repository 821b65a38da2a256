"""The authors' tools know what was taken back: tests, backtests, reasons, evidence and doubts."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from rules.finding import Course
from tests.support.alert_findings import ONSET, finding
from tests.support.authors import MIN, NOON, catalogue_of, rules_of, sensor
from tests.support.frames import frame, tick
from urbanpulse.authors.answer import Answer, why_not
from urbanpulse.authors.backtest import backtest
from urbanpulse.authors.difference import told
from urbanpulse.authors.doubts import doubts
from urbanpulse.authors.episodes import by_rule, episodes
from urbanpulse.authors.history import History
from urbanpulse.authors.story import Story, tell
from urbanpulse.authors.words import backtest as shown

HELD = "name: smog, kind: threshold, metric: pm25, above: {red: 10}, hold: 10min, amend: 1h"
PLAIN = "name: smog, kind: threshold, metric: pm25, above: {red: 10}, amend: 1h"


def story(rule: str, readings: Sequence[tuple[int, int, float]], until: int) -> Story:
    """Readings of (minute of arrival, minute of its own, value), each with a tick at its arrival, all after noon."""
    records = [tick(NOON)]
    for arrival, at, value in readings:
        records += [tick(NOON + arrival * MIN), frame([("a", "pm25", NOON + at * MIN, value)], NOON + at * MIN)]
    records.append(tick(NOON + until * MIN))
    [one] = rules_of(rule)
    return tell(iter(list(enumerate(records))), one, sensor("a"), "pm25", at=NOON + until * MIN)


def ask(*args: object) -> Answer:
    return why_not(story(*args))  # type: ignore[arg-type]


def test_why_not_says_what_was_taken_back() -> None:
    answer = ask(HELD, [(0, 0, 20.0), (11, 11, 20.0), (15, 5, 5.0), (16, 12, 5.0)], 17)
    assert answer.code == "below_limit"
    assert any("readings came late and were decided upon anew, the last one 5 at" in each for each in answer.more)
    assert any("was taken back: Withdrawn: pm25 20 ug/m3 at a" in each for each in answer.more)


def test_it_fires_though_an_older_episode_was_told_of_last() -> None:
    found = story(PLAIN, [(0, 0, 5.0), (20, 20, 20.0), (21, 10, 5.0), (21, 5, 20.0)], 22)
    assert found.findings[-1].change == "cleared"
    assert found.firing is not None and found.firing.onset == NOON + 20 * MIN
    assert why_not(found).code == "firing"
    assert [each.remark for each in found.heard] == ["", "", "  (late, decided anew)", "  (late, decided anew)"]


def test_a_withdrawn_episode_is_none_and_an_amended_one_went_as_it_did() -> None:
    before = Course(ONSET, ((ONSET, "red"),))
    never = [finding(1), finding(2, "withdrawn", "", "red", value=None)]
    assert episodes(never) == []
    moved = finding(2, "amended", "yellow", "red")
    after = Course(ONSET, ((ONSET, "orange"), (ONSET + 5, "yellow")))
    [episode] = episodes([finding(1), replace(moved, before=before, after=after)])
    assert (episode.steps, episode.end) == (after.steps, None)
    part = Course(ONSET, ((ONSET + 9, "yellow"), (ONSET + 20, "")))
    over = replace(finding(3, "amended", "", "red"), before=before, after=part, at=ONSET + 20)
    [episode] = episodes([finding(1), over])
    assert (episode.steps, episode.end) == (((ONSET, "red"), (ONSET + 9, "yellow")), ONSET + 20)
    load = by_rule([*never, over], ["smog-pm25"])["smog-pm25"]
    assert (load.findings, load.episodes, load.amended, load.withdrawn) == (3, 1, 1, 1)


def test_a_difference_names_the_severity_that_never_was() -> None:
    gone = replace(finding(3, "withdrawn", "", ""), before=Course(ONSET, ((ONSET, "red"), (ONSET + 5, ""))))
    assert told(gone).severity == "red"


def test_a_backtest_counts_what_was_taken_back() -> None:
    readings = [
        (NOON, "a", "pm25", 20.0),
        (NOON + 11 * MIN, "a", "pm25", 20.0),
        (NOON + 5 * MIN, "a", "pm25", 5.0),
        (NOON + 12 * MIN, "a", "pm25", 5.0),
    ]
    catalogue = catalogue_of(HELD)
    [found] = backtest([catalogue], ["environment"], History(iter(readings), catalogue.sensors))
    load = found.rules["smog"]
    assert (found.amending, load.withdrawn) == (1, 1)
    lines = list(shown(found, 60))
    assert "0 late, 0 repeats, 1 decided upon anew" in lines[0]
    assert any(line.endswith("0 amended, 1 withdrawn") for line in lines)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (
            "kind: window, aggregate: mean, every: 10min, above: {red: 10}, amend: 1h",
            "amend: without a delay each window is decided before its last readings are there",
        ),
        (
            "kind: threshold, above: {red: 10}, amend: 3d",
            "amend: of 1 sensors that it selects more than 4096 readings would come within 3d (a: each 1min)",
        ),
    ],
)
def test_what_is_hardly_meant(keys: str, words: str) -> None:
    [doubt] = map(str, doubts(catalogue_of(f"name: r, metric: pm25, {keys}")))
    assert words in doubt


def test_what_is_well_meant() -> None:
    rules = (
        "name: r, metric: pm25, kind: window, aggregate: mean, every: 10min, delay: 1min, above: {red: 10}, amend: 1h"
    )
    assert doubts(catalogue_of(rules)) == []
    assert doubts(catalogue_of(PLAIN)) == []
