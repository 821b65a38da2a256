"""Levels: severities, hysteresis, hold, keep-firing, and what is late for them."""

from tests.support.judging import Play, T, catalogue, frame, judge, sensor, short, tick

PLAIN = "{name: r, kind: threshold, metric: pm25, above: {yellow: 10, orange: 20, red: 30}}"
SLOW = "{name: r, kind: threshold, metric: pm25, above: {yellow: 10}, clear: {yellow: 5}, hold: 60s, keep_firing: 30s}"


def test_the_limit_itself_is_not_beyond() -> None:
    play = Play(PLAIN)
    assert play.read(0, 10.0) == []
    assert play.read(1, 10.000001) == ["fired yellow @1"]
    assert play.read(2, 10.0) == ["cleared yellow @2"]


def test_the_gravest_level_that_is_on_is_the_severity() -> None:
    play = Play(PLAIN)
    assert play.read(0, 25) == ["fired orange @0"]
    assert play.read(1, 35) == ["changed red @1"]
    assert play.read(2, 12) == ["changed yellow @2"]
    assert play.read(3, 0) == ["cleared yellow @3"]


def test_below_is_the_mirror_of_above() -> None:
    play = Play("{name: r, kind: threshold, metric: pm25, below: {yellow: 5, red: -5}, clear: {yellow: 8, red: 0}}")
    assert play.read(0, 5) == []
    assert play.read(1, 4.9) == ["fired yellow @1"]
    assert play.read(2, 7.9) == []
    assert play.read(3, -6) == ["changed red @3"]
    assert play.read(4, -0.0) == ["changed yellow @4"]
    assert play.read(5, 8) == ["cleared yellow @5"]


def test_hysteresis_keeps_a_level_on_until_its_clear_value_is_reached() -> None:
    play = Play("{name: r, kind: threshold, metric: pm25, above: {yellow: 10}, clear: {yellow: 5}}")
    assert play.read(0, 11) == ["fired yellow @0"]
    assert play.read(1, 5.1) == []
    assert play.read(2, 10.5) == []
    assert play.read(3, 5) == ["cleared yellow @3"]
    assert play.read(4, 9) == []


def test_a_hold_fires_at_its_own_time_when_the_clock_has_passed_it() -> None:
    play = Play(SLOW)
    assert play.read(0, 11) == []
    assert play.clock(59) == []
    assert play.clock(75) == ["fired yellow @60"]


def test_a_hold_fires_at_its_own_time_when_a_later_reading_comes_first() -> None:
    play = Play(SLOW)
    play.read(0, 11)
    assert play.read(75, 12) == ["fired yellow @60"]


def test_what_is_due_at_the_very_time_of_a_reading_comes_before_the_reading() -> None:
    play = Play("{name: r, kind: threshold, metric: pm25, above: {yellow: 10}, hold: 60s}")
    play.read(0, 11)
    assert play.read(60, 0) == ["fired yellow @60", "cleared yellow @60"]


def test_one_value_not_beyond_the_limit_starts_the_hold_anew() -> None:
    play = Play(SLOW)
    play.read(0, 11)
    play.read(30, 10)
    play.read(31, 11)
    assert play.clock(90) == []
    assert play.clock(91) == ["fired yellow @91"]


def test_keep_firing_clears_at_its_own_time() -> None:
    play = Play(SLOW)
    play.read(0, 11)
    assert play.clock(61) == ["fired yellow @60"]
    assert play.read(70, 5) == []
    assert play.clock(99) == []
    assert play.clock(100) == ["cleared yellow @100"]


def test_a_value_beyond_clear_starts_keep_firing_anew_though_it_is_within_the_limit() -> None:
    play = Play(SLOW)
    play.read(0, 11)
    play.read(70, 5)
    assert play.read(80, 7) == []
    assert play.clock(105) == []
    assert play.read(110, 4) == []
    assert play.clock(200) == ["cleared yellow @140"]


def test_each_level_holds_for_itself_and_those_due_together_make_one_change() -> None:
    rule = "{name: r, kind: threshold, metric: pm25, above: {yellow: 10, red: 20}, hold: 60s}"
    play = Play(rule)
    play.read(0, 11)
    play.read(5, 21)
    assert play.clock(100) == ["fired yellow @60", "changed red @65"]
    play = Play(rule)
    play.read(0, 21)
    assert play.clock(100) == ["fired red @60"]


def test_a_reading_older_than_the_newest_is_late_and_the_newest_again_is_a_repeat() -> None:
    play = Play(PLAIN)
    play.read(10, 0)
    play.read(5, 99)
    play.read(10, 99)
    counts = play.engine.counts()
    assert (counts.late, counts.repeats, counts.findings) == (1, 1, 0)


def test_a_reading_older_than_what_the_clock_has_settled_is_late_though_it_is_new() -> None:
    play = Play(SLOW)
    play.read(0, 11)
    assert play.clock(100) == ["fired yellow @60"]
    assert play.read(59, 99) == []
    assert play.engine.counts().late == 1
    assert play.read(60, 0) == []
    assert play.engine.counts().late == 1
    assert play.clock(100) == ["cleared yellow @90"]


def test_sixteen_times_are_remembered_at_least() -> None:
    play = Play(PLAIN)
    for at in range(17):
        play.read(at)
    for at in range(1, 17):
        play.read(at)
    assert play.engine.counts().repeats == 16
    play.read(0)
    assert (play.engine.counts().repeats, play.engine.counts().late) == (16, 1)


def test_the_finding_says_all_of_its_evidence() -> None:
    rule = """{name: smog, kind: threshold, metric: pm25, above: {yellow: 10, red: 20}, hold: 10s,
               clear: {yellow: 5}, notify: [health, press],
               text: "{metric} {value} {unit} {limit} {severity} {rule} {sensor} {district}"}"""
    city = catalogue(rule.replace("\n", " "), sensor("a", "pm25", "noise", district="west"))
    records = [
        frame(("a", "pm25", 0, 0)),
        frame(("a", "pm25", 1, 12.5)),
        tick(5),
        frame(("a", "pm25", 9, 21.0)),
        tick(30),
    ]
    fired, changed = judge(city, records)
    assert (fired.v, fired.kind, fired.rule, fired.sensor, fired.metric) == (1, "threshold", "smog", "a", "pm25")
    assert (fired.district, fired.departments) == ("west", ("health", "press"))
    assert (fired.change, fired.severity, fired.was, fired.at, fired.onset) == (
        "fired",
        "yellow",
        "",
        T + 11_000,
        T + 11_000,
    )
    assert (fired.value, fired.limit, fired.unit, fired.wall) == (12.5, 10.0, "ug/m3", T + 30_000)
    assert fired.text == "pm25 12.5 ug/m3 10 yellow smog a west"
    evidence = fired.evidence
    assert (evidence.topic, evidence.partition, evidence.first, evidence.last, evidence.count) == (
        "readings",
        0,
        1,
        4,
        1,
    )
    assert [(seen.ts, seen.value, seen.offset) for seen in evidence.seen] == [(T + 1000, 12.5, 1)]
    assert (changed.change, changed.severity, changed.was, changed.at) == ("changed", "red", "yellow", T + 19_000)
    assert (changed.episode, changed.revision, changed.onset) == (fired.episode, 2, fired.onset)
    assert (changed.evidence.first, changed.evidence.seen[0].offset) == (1, 3)


def test_a_cleared_finding_names_the_limit_whose_clearing_ended_it() -> None:
    city = catalogue("{name: r, kind: threshold, metric: pm25, above: {yellow: 10}, clear: {yellow: 5}}")
    fired, cleared = judge(city, [frame(("a", "pm25", 0, 12)), frame(("a", "pm25", 1, 4))])
    assert fired.text == "pm25 12 ug/m3 at a (north), limit 10"
    assert cleared.text == "Cleared after 1 s: pm25 4 ug/m3 at a (north), limit 5"
    assert (cleared.severity, cleared.was, cleared.revision, cleared.limit) == ("", "yellow", 2, 5.0)
    assert fired.departments == ("env",)


def test_a_new_episode_has_another_name() -> None:
    records = [frame(("a", "pm25", at, value)) for at, value in ((0, 12), (1, 0), (2, 12))]
    first, _, second = judge(catalogue(PLAIN), records)
    assert first.episode != second.episode
    assert second.revision == 1


def test_huge_values_are_values() -> None:
    assert Play(PLAIN).read(0, 1e12) == ["fired red @0"]


def test_rules_of_one_series_answer_in_the_order_of_the_catalogue() -> None:
    both = "\n".join(f"{{name: {name}, kind: threshold, metric: pm25, above: {{red: 1}}}}" for name in "za")
    assert [each.rule for each in judge(catalogue(both), [frame(("a", "pm25", 0, 2))])] == ["z", "a"]


def test_a_tick_settles_series_by_name() -> None:
    city = catalogue(
        "{name: r, kind: threshold, metric: pm25, above: {red: 1}, hold: 10s}", sensor("b"), sensor("a"), sensor("c")
    )
    records = [frame(("c", "pm25", 0, 2)), frame(("a", "pm25", 2, 2)), frame(("b", "pm25", 1, 2)), tick(60)]
    found = judge(city, records)
    assert [each.sensor for each in found] == ["a", "b", "c"]
    assert short(found) == ["fired red @12", "fired red @11", "fired red @10"]
