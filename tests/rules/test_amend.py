"""Late readings change what was decided. Each test draws its time; a letter is a minute, or what the drawing says."""

import pytest

from rules.amend.words import words
from rules.catalogue import Catalogue, check_catalogue
from rules.engine import Engine
from rules.finding import Course, Finding
from rules.identity import episode_id
from tests.support.judging import T, catalogue, frame, run, sensor, tick

MIN = 60.0


def engine_city() -> Catalogue:
    return catalogue(
        "{name: short, metric: pm25, kind: window, aggregate: mean, every: 10min, above: {red: 1}, amend: 1h}\n"
        "{name: level, metric: pm25, kind: threshold, above: {red: 1}, amend: 1h}"
    )


def engine(rule: str) -> Engine:
    return Engine(catalogue(rule), partition=0, partitions=1)


def at(minutes: float, value: float) -> tuple[str, str, float, float]:
    return "a", "pm25", minutes * MIN, value


def told(findings: list[Finding]) -> list[tuple[str, int, float, float, str, str]]:
    """Change, revision, minute of the onset and of the change, severity, severity before."""
    return [
        (each.change, each.revision, (each.onset - T) / 60_000, (each.at - T) / 60_000, each.severity, each.was)
        for each in findings
    ]


def course(onset: float, *steps: tuple[float, str]) -> Course:
    return Course(T + round(onset * 60_000), tuple((T + round(at * 60_000), severity) for at, severity in steps))


HELD = "{name: smog, kind: threshold, metric: pm25, above: {red: 10}, hold: 10min, amend: 1h}"


def test_a_break_in_the_hold_that_comes_late_withdraws_it() -> None:
    #   min    0         10              20
    #   value  x    .                        x beyond, . not; the dot comes at 20
    #   told             fired           withdrawn
    judge = engine(HELD)
    assert told(run(judge, [tick(0), frame(at(0, 20)), tick(10 * MIN)])) == [("fired", 1, 10, 10, "red", "")]
    assert run(judge, [tick(20 * MIN), frame(at(5, 5))]) == []  # the next tick decides
    [taken_back] = run(judge, [tick(20 * MIN)])
    assert told([taken_back]) == [("withdrawn", 2, 10, 10, "", "red")]
    assert (taken_back.before, taken_back.after) == (course(10, (10, "red")), None)
    assert taken_back.text == (
        "Withdrawn: pm25 20 ug/m3 at a (north), limit 10. Told before: red from 2023-11-14 22:10:00 UTC. "
        "With the readings that came late it never was"
    )
    counts = judge.counts()
    assert (counts.late, counts.amending, counts.repeats, counts.findings) == (0, 1, 0, 2)


def test_what_was_withdrawn_may_come_to_light_again_as_the_same_episode() -> None:
    #   min    0   4    5         10
    #   value  x        .                 withdrawn as above
    #          then x at 0.5 minutes after the dot: from 5.5 on it holds until 15.5: another onset, another episode
    judge = engine(HELD.replace("hold: 10min", "times: 2"))
    run(judge, [tick(0), frame(at(0, 20)), frame(at(10, 20))])
    [first] = run(judge, [tick(11 * MIN), frame(at(5, 5)), tick(12 * MIN)])
    assert told([first]) == [("withdrawn", 2, 10, 10, "", "red")]
    [again] = run(judge, [frame(at(7, 20)), tick(13 * MIN)])
    assert told([again]) == [("fired", 3, 10, 10, "red", "")]
    assert again.episode == first.episode


def test_the_end_and_the_onset_of_an_episode_move() -> None:
    #   min    0    5    10   15   20
    #   value       x         .           fired at 5, cleared at 15
    #   late             .                cleared at 10
    #          x                          fired at 0
    judge = engine("{name: smog, kind: threshold, metric: pm25, above: {yellow: 10, red: 30}, amend: 1h}")
    early = run(judge, [tick(0), frame(at(5, 20)), frame(at(15, 5)), tick(20 * MIN)])
    assert told(early) == [("fired", 1, 5, 5, "yellow", ""), ("cleared", 2, 5, 15, "", "yellow")]
    [shorter] = run(judge, [frame(at(10, 5)), tick(21 * MIN)])
    assert told([shorter]) == [("amended", 3, 5, 10, "", "")]
    assert shorter.before == course(5, (5, "yellow"), (15, ""))
    assert shorter.after == course(5, (5, "yellow"), (10, ""))
    [longer] = run(judge, [frame(at(0, 40)), tick(22 * MIN)])
    assert told([longer]) == [("amended", 4, 0, 10, "", "")]
    assert longer.after == course(0, (0, "red"), (5, "yellow"), (10, ""))
    assert {each.episode for each in [*early, shorter, longer]} == {episode_id("smog", "a/pm25", T + 300_000)}
    assert longer.text.endswith(
        "Told before: yellow from 2023-11-14 22:05:00 UTC, over at 22:10:00. With the readings that came late: "
        "red from 2023-11-14 22:00:00 UTC, yellow from 22:05:00, over at 22:10:00"
    )
    assert longer.about == shorter.about == "yellow"


def test_an_episode_comes_to_light_between_others() -> None:
    #   min    0    5    10   15   20
    #   value  .                   x      fired at 20
    #   late        x    .                fired at 5, cleared at 10
    judge = engine("{name: smog, kind: threshold, metric: pm25, above: {yellow: 10}, amend: 1h}")
    [standing] = run(judge, [tick(0), frame(at(0, 5)), frame(at(20, 20)), tick(20 * MIN)])
    found = run(judge, [frame(at(10, 5), at(5, 20)), tick(21 * MIN)])
    assert told(found) == [("fired", 1, 5, 5, "yellow", ""), ("cleared", 2, 5, 10, "", "yellow")]
    [end] = run(judge, [frame(at(22, 5))])
    assert (end.episode, end.revision, end.change) == (standing.episode, 2, "cleared")


def test_a_tumbling_window_is_decided_anew() -> None:
    #   min    0         10        20        30
    #   value     20        20               |   means 20 and 20: on from 10
    #   late            0                        the first is 10 now: on from 20 only
    #                             0              the second is 10 too: it never was
    judge = engine(
        "{name: mean, kind: window, metric: pm25, aggregate: mean, every: 10min, above: {red: 15}, amend: 1h}"
    )
    [fired] = run(judge, [tick(0), frame(at(3, 20), at(13, 20)), tick(10 * MIN), tick(20 * MIN)])
    assert told([fired]) == [("fired", 1, 10, 10, "red", "")]
    assert run(judge, [frame(at(8, 0))]) == []
    [later] = run(judge, [tick(21 * MIN)])
    assert told([later]) == [("amended", 2, 20, 20, "red", "red")]
    assert later.value == 20.0
    [never] = run(judge, [frame(at(18, 0)), tick(22 * MIN)])
    assert told([never]) == [("withdrawn", 3, 20, 20, "", "red")]
    # A window stays open to amendment for an hour after its decision: the one that ends at 10 until 70, the next to 80.
    assert run(judge, [tick(70 * MIN), frame(at(9, 90)), tick(71 * MIN)]) == []
    assert (judge.counts().late, judge.counts().amending) == (1, 2)
    [known] = run(judge, [frame(at(19, 90)), tick(72 * MIN)])
    assert told([known]) == [("fired", 1, 20, 20, "red", "")]


def test_hopping_windows_are_decided_anew_from_the_first_that_holds_the_reading() -> None:
    #   min      0    5    10   15   20   25     windows of 10 minutes, each 5
    #   value     20   20   20   0    0          means: 20 at 10 and at 15, 10 at 20, 0 at 25: on from 5 to 20
    #   late            -20                      [0, 10) and [5, 15) fall to 6.7: it never was
    judge = engine(
        "{name: m, kind: window, metric: pm25, aggregate: mean, every: 5min, over: 10min, above: {red: 15}, amend: 1h}"
    )
    log = [tick(0), frame(at(1, 20), at(6, 20), at(11, 20), at(16, 0), at(21, 0)), tick(25 * MIN)]
    assert told(run(judge, log)) == [("fired", 1, 5, 5, "red", ""), ("cleared", 2, 5, 20, "", "red")]
    found = run(judge, [frame(at(7, -20)), tick(26 * MIN)])
    assert told(found) == [("amended", 3, 5, 10, "", "")]  # [-5, 5) had its 20 all the same


def test_a_session_is_parted_or_joined_by_what_comes_late() -> None:
    #   min    0  2           12 14          25   a session ends after 5 minutes without a reading
    #   value  9  9            9  9               sums 18 and 18, limit 30: nothing
    #   late         6   9                        one session of 6 readings, sum 54, over at 19
    judge = engine("{name: s, kind: window, metric: pm25, aggregate: sum, session: 5min, above: {red: 30}, amend: 1h}")
    assert (
        run(judge, [tick(0), frame(at(0, 9), at(2, 9)), tick(8 * MIN), frame(at(12, 9), at(14, 9)), tick(25 * MIN)])
        == []
    )
    found = run(judge, [frame(at(9, 9), at(6, 9)), tick(26 * MIN)])
    assert told(found) == [("fired", 1, 19, 19, "red", "")]
    assert found[0].evidence.count == 6


def test_a_silence_that_never_was() -> None:
    #   min    0         10        20        30   silent after 10 minutes
    #   heard  x                        x         silent at 10, over at 23
    #   late           x     x    x               heard at 7, 14 and 18
    judge = engine("{name: mute, kind: silence, metric: pm25, after: 10min, severity: yellow, amend: 1h}")
    found = run(judge, [tick(0), frame(at(0, 1)), tick(10 * MIN), frame(at(23, 1))])
    assert told(found) == [("fired", 1, 10, 10, "yellow", ""), ("cleared", 2, 10, 23, "", "yellow")]
    found = run(judge, [frame(at(14, 1)), tick(24 * MIN)])
    assert told(found) == [("amended", 3, 10, 14, "", "")]
    found = run(judge, [frame(at(18, 1), at(7, 1)), tick(25 * MIN)])
    assert told(found) == [("withdrawn", 4, 10, 10, "", "")]
    assert found[0].about == "yellow"


def test_a_thin_window_is_decided_after_all() -> None:
    #   min    0         10        20        30   two readings at least
    #   value   20 20      20                     fired at 10; one reading: cannot decide as of 20
    #   late                    20                decided: it lasts, and is no longer in doubt
    judge = engine(
        "{name: m, kind: window, metric: pm25, aggregate: mean, every: 10min, at_least: 2, above: {red: 15}, amend: 1h}"
    )
    found = run(judge, [tick(0), frame(at(1, 20), at(4, 20), at(12, 20)), tick(10 * MIN), tick(20 * MIN)])
    assert told(found) == [("fired", 1, 10, 10, "red", ""), ("undecided", 2, 10, 20, "red", "red")]
    found = run(judge, [frame(at(17, 20)), tick(21 * MIN)])
    assert told(found) == [("amended", 3, 10, 10, "red", "red")]


def test_an_episode_that_comes_to_light_may_end_in_doubt() -> None:
    #   min    0         10        20        30
    #   value   20  0      20                     10 at 10: nothing; one reading at 20: nothing to be in doubt about
    #   late       30                             17 at 10: fired, and in doubt since 20
    #              (and once more: 23, no news)
    judge = engine(
        "{name: m, kind: window, metric: pm25, aggregate: mean, every: 10min, at_least: 2, above: {red: 15}, amend: 1h}"
    )
    assert run(judge, [tick(0), frame(at(1, 20), at(4, 0), at(12, 20)), tick(10 * MIN), tick(20 * MIN)]) == []
    found = run(judge, [frame(at(3, 30)), tick(21 * MIN)])
    assert told(found) == [("fired", 1, 10, 10, "red", ""), ("undecided", 2, 10, 20, "red", "red")]
    assert run(judge, [frame(at(5, 42)), tick(22 * MIN)]) == []


def test_an_amended_episode_may_be_in_doubt_still() -> None:
    #   min   -10        0         10        20
    #   value             20 20      20           fired at 10, in doubt at 20
    #   late     20 20                            fired at 0 already, and in doubt still
    judge = engine(
        "{name: m, kind: window, metric: pm25, aggregate: mean, every: 10min, at_least: 2, above: {red: 15}, amend: 1h}"
    )
    run(judge, [tick(0), frame(at(1, 20), at(4, 20), at(12, 20)), tick(10 * MIN), tick(20 * MIN)])
    found = run(judge, [frame(at(-8, 20), at(-4, 20)), tick(21 * MIN)])
    assert told(found) == [("amended", 3, 0, 0, "red", "red"), ("undecided", 4, 0, 20, "red", "red")]


def test_later_than_amend_a_reading_is_late_and_never_silent() -> None:
    judge = engine("{name: smog, kind: threshold, metric: pm25, above: {red: 10}, amend: 10min}")
    run(judge, [tick(0), frame(at(0, 5), at(30, 5)), tick(30 * MIN)])
    assert run(judge, [frame(at(19, 20)), tick(31 * MIN)]) == []
    assert (judge.counts().late, judge.counts().amending) == (1, 0)
    assert told(run(judge, [frame(at(21, 20)), tick(31 * MIN)]))[0] == ("fired", 1, 21, 21, "red", "")


def test_a_backlog_in_order_is_never_late_however_old() -> None:
    #   min    0                  60        120   amend 10 minutes; nothing is heard between 0 and 120
    #   value  .  then, at 120: x at 30, x at 40, . at 50
    judge = engine("{name: smog, kind: threshold, metric: pm25, above: {red: 10}, hold: 5min, amend: 10min}")
    run(judge, [tick(0), frame(at(0, 5)), tick(120 * MIN)])
    found = run(judge, [frame(at(30, 20)), tick(121 * MIN), frame(at(40, 20), at(50, 5)), tick(122 * MIN)])
    assert told(found) == [("fired", 1, 35, 35, "red", ""), ("cleared", 2, 35, 50, "", "red")]
    assert judge.counts().late == 0


def test_behind_what_a_backlog_has_decided_it_is_late() -> None:
    judge = engine("{name: smog, kind: threshold, metric: pm25, above: {red: 10}, hold: 5min, amend: 10min}")
    run(judge, [tick(0), frame(at(0, 5)), tick(120 * MIN), frame(at(30, 20)), tick(121 * MIN)])
    assert run(judge, [frame(at(32, 5)), tick(122 * MIN)]) == []
    assert judge.counts().late == 1


def test_two_readings_of_one_instant_are_one_and_the_first_counts() -> None:
    judge = engine("{name: smog, kind: threshold, metric: pm25, above: {red: 10}, amend: 1h}")
    run(judge, [tick(0), frame(at(0, 5), at(30, 5)), tick(30 * MIN), frame(at(20, 5)), tick(31 * MIN)])
    assert run(judge, [frame(at(20, 50)), tick(32 * MIN)]) == []
    assert judge.counts().repeats == 1


def test_two_episodes_never_have_one_name() -> None:
    #   min    0    5    10
    #   value       x    .            an episode named after 5
    #   late   x                      it begins at 0 now, and is still named after 5
    #             .                   it is over at 2; from 5 to 10 is another: that takes the name it begins with
    judge = engine("{name: smog, kind: threshold, metric: pm25, above: {red: 10}, amend: 1h}")
    findings = run(judge, [tick(0), frame(at(5, 20), at(10, 5)), tick(11 * MIN), frame(at(0, 20)), tick(12 * MIN)])
    findings += run(judge, [frame(at(2, 5)), tick(13 * MIN)])
    assert told(findings)[2:] == [
        ("amended", 3, 0, 10, "", ""),
        ("fired", 1, 0, 0, "red", ""),
        ("cleared", 2, 0, 2, "", "red"),
        ("amended", 4, 5, 10, "", ""),
    ]
    assert len({(each.episode, each.revision) for each in findings}) == len(findings)


def test_a_name_that_is_taken_for_good_is_not_given_again() -> None:
    #   min    0    5    10   15   20   25       amend 10 minutes
    #   value            x                       named after 10
    #   late   .... x at 5: it begins at 5; at 16 the start is judged for good, with what it was named after still open
    #               . at 8, x at 10 again        over at 8, so that another begins at 10, whose name is taken
    judge = engine("{name: smog, kind: threshold, metric: pm25, above: {red: 10}, amend: 10min}")
    findings = run(judge, [tick(0), frame(at(10, 20)), tick(11 * MIN), frame(at(5, 20)), tick(12 * MIN)])
    findings += run(judge, [tick(17 * MIN), frame(at(8, 5)), tick(17.5 * MIN)])
    assert told(findings) == [
        ("fired", 1, 10, 10, "red", ""),
        ("amended", 2, 5, 5, "red", "red"),
        ("amended", 3, 5, 8, "", "red"),
        ("fired", 1, 10, 10, "red", ""),
    ]
    assert findings[3].episode == episode_id("smog", "a/pm25", T + 600_001)


def test_a_rule_that_comes_later_amends_nothing_of_before() -> None:
    plain = "{name: other, kind: threshold, metric: pm25, above: {red: 100}}\n"
    old, new = (
        catalogue(plain),
        catalogue(plain + "{name: smog, kind: threshold, metric: pm25, above: {red: 10}, amend: 1h}"),
    )
    before = Engine(old, partition=0, partitions=1)
    run(before, [tick(0), frame(at(0, 5), at(9, 5)), tick(10 * MIN)])
    judge = Engine(new, partition=0, partitions=1)
    judge.start(before.position, before.clock, {n: (before.position, data) for n, data in before.pack().items()})
    assert run(judge, [frame(at(8, 20)), tick(11 * MIN)]) == []
    found = run(judge, [frame(at(12, 5)), frame(at(11, 20)), tick(12 * MIN)])
    assert told(found) == [("fired", 1, 11, 11, "red", ""), ("cleared", 2, 11, 12, "", "red")]


def test_an_amended_episode_of_a_rule_that_is_gone_ends_under_its_own_name() -> None:
    rule = "{name: smog, kind: threshold, metric: pm25, above: {red: 10}, amend: 1h}"
    before = engine(rule)
    found = run(before, [tick(0), frame(at(5, 20)), tick(6 * MIN), frame(at(0, 20)), tick(7 * MIN)])
    judge = engine(rule.replace("10", "12"))
    judge.start(before.position, before.clock, {n: (before.position, data) for n, data in before.pack().items()})
    [end] = run(judge, [tick(8 * MIN)])
    assert (end.episode, end.revision, end.change, end.onset) == (found[0].episode, 3, "cleared", T)


def test_area_rules_hear_how_things_stand_and_nothing_of_the_past() -> None:
    #   min    0    5    10   15   20
    #   value  .                   x      on from 20, and so the members of area rules are told
    #   late        x    .                what began at 5 and ended at 10 says nothing of now
    judge = engine(
        "{name: smog, kind: threshold, metric: pm25, above: {red: 10}, amend: 1h}\n"
        "{name: many, kind: quorum, area: city, of: {rule: smog}, at_least: {red: 1}}"
    )
    run(judge, [tick(0), frame(at(0, 5)), frame(at(20, 20))])
    assert [each.severity for each in judge.events if each.member >= 0] == ["red"]
    run(judge, [frame(at(10, 5), at(5, 20)), tick(21 * MIN)])
    assert {each.severity for each in judge.events if each.member >= 0} == {"red"}


def test_of_a_long_course_the_first_and_the_newest_are_said() -> None:
    steps = [(minute, "red" if minute % 2 else "yellow") for minute in range(10)]
    assert words(course(0, *steps)) == (
        "yellow from 2023-11-14 22:00:00 UTC, …, red from 22:05:00, yellow from 22:06:00, red from 22:07:00, "
        "yellow from 22:08:00, red from 22:09:00"
    )
    assert words(course(0, (0, "red"), (0.001, ""))) == "red from 2023-11-14 22:00:00 UTC, over at 22:00:00.060"


def test_whoever_knows_the_end_knows_the_course() -> None:
    assert course(0, (0, "red")).end is None
    assert course(0, (0, "red"), (5, "")).end == T + 300_000


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("kind: window, aggregate: mean, every: 1s, over: 20min, above: {red: 1}, amend: 10min", "601 windows"),
        ("kind: window, aggregate: mean, every: 1s, above: {red: 1}, amend: 2h", "4500 panes in all"),
        ("kind: area, aggregate: mean, every: 1s, across: max, above: {red: 1}, amend: 2h", "4500 panes in all"),
    ],
)
def test_what_would_take_too_long_is_a_fault(rule: str, message: str) -> None:
    city = catalogue(f"{{name: long, metric: pm25, {rule}}}", sensor("a"))
    assert not [each for each in check_catalogue(engine_city(), ()) if each.key.endswith("amend")]
    [fault] = [each for each in check_catalogue(city, ()) if each.key.endswith("amend")]
    assert message in fault.message
