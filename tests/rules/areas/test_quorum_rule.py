"""k of n healthy sensors within a time: each test draws who says what, and who can be asked.

a, b, c, d are in the north; d is under repair. A sensor is silent after 60 s. At least 2 must be answerable.
"""

from dataclasses import replace

from rules.areas.area_machine import AreaMachine, AreaState
from rules.areas.event import Event
from rules.areas.group import Group
from rules.areas.pair import Pair
from rules.areas.part import Part
from rules.areas.quorum_machine import QuorumMachine, QuorumState, Step, Vote
from rules.areas.roll import HEARD
from rules.finding import Finding
from rules.levels import Level, Levels
from rules.machine import FOREVER
from tests.support.judging import T, catalogue, frame, sensor, tick

SENSORS = [sensor("a"), sensor("b"), sensor("c"), replace(sensor("d"), status="maintained")]
RULE = (
    "{name: q, kind: quorum, of: {metric: pm25, above: 10}, at_least: {yellow: 2, red: 3}, within: 20s, silent: 60s, "
)
RULE += "healthy: 2, delay: 0s}"


def play(rule: str, drawing: str) -> list[str]:
    """A line for each sensor, a column for each 10 s: # above the limit, . below, blank for nothing. Ends with a tick
    after each column."""
    return [short(each) for each in findings(rule, drawing)]


def findings(rule: str, drawing: str) -> list[Finding]:
    pair = Pair(catalogue(rule, *SENSORS))
    lines = {line.strip()[0]: line.strip()[2:] for line in drawing.splitlines() if line.strip()}
    found: list[Finding] = []
    for column in range(max(map(len, lines.values()))):
        for name, line in lines.items():
            mark = line[column : column + 1]
            if mark in ("#", "."):
                found += pair.frame(pair.position, frame((name, "pm25", column * 10, 20.0 if mark == "#" else 5.0)))
        found += pair.tick(pair.position, tick(column * 10 + 9))
    return found


def short(each: Finding) -> str:
    assert each.area is not None
    out = " ".join(f"{name}:{why}" for name, why in each.area.left_out)
    severity = each.severity or each.was
    return f"{each.change} {severity} @{(each.at - T) / 1000:g} {each.area.count}/{each.area.of} {out}".strip()


def test_so_many_within_a_time() -> None:
    drawing = """
        a|.#..........
        b|...#........
        c|............
    """
    # a is on from 10 to 20 and counts until 40; b is on from 30 to 40 and counts until 60.
    assert play(RULE, drawing) == ["fired yellow @30 2/3 d:maintained", "cleared yellow @40 1/3 d:maintained"]


def test_a_graver_number_is_a_graver_severity() -> None:
    drawing = """
        a|.#######......
        b|..######......
        c|...##.........
        d|##############
    """
    assert play(RULE, drawing) == [
        "fired yellow @20 2/3 d:maintained",
        "changed red @30 3/3 d:maintained",
        "changed yellow @70 2/3 d:maintained",
        "cleared yellow @100 0/3 d:maintained",
    ]


def test_who_is_silent_or_was_never_heard_is_not_counted_among_all() -> None:
    share = RULE.replace("{yellow: 2, red: 3}", "{yellow: 60%}").replace("within: 20s, ", "")
    drawing = """
        a|###########
        b|...........
        c|.
    """
    # a alone is 33 % of three and, when c is silent, 50 % of two: neither is 60 %.
    assert play(share, drawing) == []
    drawing = """
        a|###########
        b|###########
    """
    assert play(share, drawing) == ["fired yellow @0 2/2 c:never heard d:maintained"]


def test_too_few_to_ask_is_no_answer_and_no_all_clear() -> None:
    drawing = """
        a|.##
        b|.##
        c|.........##..
    """
    assert play(RULE.replace(", within: 20s", ""), drawing) == [
        "fired yellow @10 2/3 d:maintained",
        "undecided yellow @80 0/1 a:silent b:silent d:maintained",
    ]


def test_an_answer_after_a_doubt_is_told_to_whoever_heard_of_the_doubt() -> None:
    drawing = """
        a|.##.      ####
        b|.##.      ####
        c|.
    """
    found = findings(RULE.replace("within: 20s, ", ""), drawing)
    assert [short(each) for each in found] == [
        "fired yellow @10 2/3 d:maintained",
        "cleared yellow @30 0/3 d:maintained",
        "undecided  @90 0/0 a:silent b:silent c:silent d:maintained",
        "fired yellow @100 2/2 c:silent d:maintained",
    ]
    assert found[2].text == "Cannot decide about q in north: 0 of 4 sensors can be asked, 2 needed"
    assert found[2].episode not in {each.episode for each in found[:2]}
    assert found[0].text == "pm25 in north: 2 of 3 sensors, limit 2 sensors"
    assert found[1].text.startswith("Cleared: ")


def test_a_severity_may_last_longer_than_it_takes_to_begin() -> None:
    lasting = RULE.replace("red: 3}", "red: 3}, clear: {yellow: 0}").replace("within: 20s, ", "")
    drawing = """
        a|.#######...
        b|..####.....
        c|...........
    """
    assert play(lasting, drawing) == ["fired yellow @20 2/3 d:maintained", "cleared yellow @80 0/3 d:maintained"]


def test_a_member_that_cannot_decide_is_left_out_with_its_reason() -> None:
    thin = "{metric: pm25, aggregate: mean, every: 20s, at_least: 2, above: 10}"
    rule = RULE.replace("{metric: pm25, above: 10}", thin).replace("within: 20s, ", "")
    drawing = """
        a|#######
        b|#######
        c|## #.#
    """
    assert play(rule, drawing) == [
        "fired red @20 3/3 d:maintained",
        "changed yellow @40 2/2 c:1 reading in the window d:maintained",
        "changed red @60 3/3 d:maintained",
    ]


GROUP = Group("k", "r", "north", ("a", "b"))
ON = Step("red", Part(1))


def test_votes_of_those_who_left_count_for_nothing() -> None:
    machine = QuorumMachine((ON,), 0, Part(1), False)
    state = QuorumState({"x": Vote(HEARD, "", True)}, (False,))
    after, outcomes = machine.step(state, GROUP, 5, ())
    assert (after.votes, outcomes) == ({}, [])
    assert machine.next_due(after, GROUP) == FOREVER


def test_an_area_forgets_those_who_left() -> None:
    machine = AreaMachine(Levels(True, (Level("red", 5, 5),)), 10, "mean", 50, Part(1))
    state = AreaState({"x": Vote(HEARD)}, machine.initial().levels)
    event = Event("k", 0, "a", 10, 0, "", 9.0)
    after, [outcome] = machine.step(state, GROUP, 10, (event,))
    assert after.voices == {}
    assert (outcome.severity, outcome.left_out) == ("red", (("b", "never heard"),))
    assert machine.next_due(after, GROUP) == 20
