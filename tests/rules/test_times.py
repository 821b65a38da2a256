"""Levels that come on by a number of readings. In the drawings a reading is `x` beyond the limit and `.` below."""

from rules.rule_file import parse_rules
from tests.support.judging import Play, T, catalogue, frame, judge, short, tick

ROW = "{name: r, kind: threshold, metric: pm25, above: {yellow: 10, red: 20}, times: 3}"
OFTEN = "{name: r, kind: threshold, metric: pm25, above: {yellow: 10}, clear: {yellow: 5}, times: 3, within: 10s}"


def play(rule: str, drawing: str, high: float = 15.0) -> list[str]:
    """What is found when the drawing is played, one place a second."""
    values = {"x": high, "X": 25.0, ".": 0.0, "-": 7.0}
    game = Play(rule)
    return [each for at, mark in enumerate(drawing) if mark in values for each in game.read(at, values[mark])]


def test_three_in_a_row() -> None:
    assert play(ROW, "xx.xx.x.") == []
    assert play(ROW, "xx.xxx..") == ["fired yellow @5", "cleared yellow @6"]
    assert play(ROW, "x x    x") == ["fired yellow @7"], "however long it takes"


def test_once_it_is_off_it_counts_from_nothing_again() -> None:
    assert play(ROW, "xxxx.xx.xxx") == ["fired yellow @2", "cleared yellow @4", "fired yellow @10"]


def test_every_severity_counts_for_itself() -> None:
    assert play(ROW, "xXX") == ["fired yellow @2"]
    assert play(ROW, "xXXX") == ["fired yellow @2", "changed red @3"]
    assert play(ROW, "XXX") == ["fired red @2"]
    assert play(ROW, "XXXxX") == ["fired red @2", "changed yellow @3"]


def test_three_within_ten_seconds() -> None:
    assert play(OFTEN, "x....x....x") == ["fired yellow @10"], "ten seconds are within ten seconds"
    assert play(OFTEN, "x....x.....x") == []
    assert play(OFTEN, "x....x.....x...x") == ["fired yellow @15"]


def test_what_counted_once_does_not_count_again() -> None:
    assert play(OFTEN, "xxx.xx") == ["fired yellow @2", "cleared yellow @3"]
    graver = OFTEN.replace("yellow: 10", "yellow: 10, red: 20")
    assert play(graver, "xxxXX.x") == ["fired yellow @2", "cleared yellow @5"], (
        "nor what only a graver level waited for"
    )
    assert play(OFTEN, "xxxxx.x") == ["fired yellow @2", "cleared yellow @5"], "nor does what came while it was on"
    assert play(OFTEN, "xxx.xxx") == ["fired yellow @2", "cleared yellow @3", "fired yellow @6"]


def test_hysteresis_and_keep_firing_work_on_the_way_back() -> None:
    assert play(OFTEN, "xxx-----.") == ["fired yellow @2", "cleared yellow @8"]
    kept = Play(ROW.replace("times", "keep_firing: 5s, times"))
    for at in range(3):
        kept.read(at, 15)
    assert kept.read(3, 0) == []
    assert kept.clock(7.9) == []
    assert kept.clock(8) == ["cleared yellow @8"]


def test_the_evidence_is_the_readings_that_counted() -> None:
    city = catalogue(OFTEN)
    records = [frame(("a", "pm25", at, 11.0 + at)) for at in (0, 20, 22, 24)]
    [found] = judge(city, records)
    assert [(seen.ts - T, seen.value, seen.offset) for seen in found.evidence.seen] == [
        (20_000, 31.0, 1),
        (22_000, 33.0, 2),
        (24_000, 35.0, 3),
    ]
    assert (found.evidence.first, found.evidence.last, found.evidence.count, found.value) == (1, 3, 3, 35.0)


def test_late_readings_count_for_nothing() -> None:
    game = Play(ROW)
    game.read(10, 15)
    game.read(11, 15)
    assert game.read(5, 15) == []
    assert game.engine.counts().late == 1
    assert game.read(12, 15) == ["fired yellow @12"]


def test_the_clock_alone_counts_nothing() -> None:
    assert short(judge(catalogue(ROW), [frame(("a", "pm25", 0, 15)), tick(1000)])) == []


def test_rules_that_use_no_later_key_keep_their_hashes() -> None:
    """State is stored under these: they were written down before `times` was there."""
    rules, _ = parse_rules(
        """
rules:
  - {name: t, kind: threshold, metric: pm25, above: {yellow: 10, red: 20}, hold: 5min, notify: [b, a],
     where: {kind: air}}
  - {name: w, kind: window, metric: pm25, aggregate: mean, every: 1h, delay: 30s, below: {yellow: 10}}
  - {name: s, kind: silence, metric: [pm25, no2], after: 1h, severity: red}
""",
        "r.yaml",
    )
    assert [(rule.hash, rule.judgement_hash) for rule in rules] == [
        ("dbd3a1a44b26a344", "faa1cc28d5a1c874"),
        ("92e8ffe5cbe7ac81", "92e86fd6c1f71986"),
        ("f38efc468c634de2", "5d4242146e13f86c"),
    ]
    counted, faults = parse_rules(f"rules:\n  - {ROW}\n  - {ROW.replace('r,', 's,').replace('3', '4')}", "r.yaml")
    assert not faults
    assert len({rule.judgement_hash for rule in (*rules, *counted)}) == 5
