"""One condition followed by another, or not. One place of a drawing is a minute (tests/support/group_play.py)."""

import pytest

from rules.areas.event import Event
from rules.areas.sequence_machine import Order, SequenceMachine
from tests.support.group_play import MINUTE, ON, PAIR, alone, asked, draw, drawn, judge, ordered, short

BOTH = asked("speed", "flow")


def found(within: int = 4, sides: tuple[str, str] = ("", "")) -> SequenceMachine:
    return SequenceMachine(Order("red", within * MINUTE, False, sides), BOTH)


def missing(within: int = 4, sides: tuple[str, str] = ("", "")) -> SequenceMachine:
    return SequenceMachine(Order("red", within * MINUTE, True, sides), BOTH)


@pytest.mark.parametrize(
    ("first", "then", "so"),
    [
        # it begins when the other comes, and ends when that is over
        ("_##_______", "___####___", "___####___"),
        # four minutes after the first still count, five do not
        ("_#________", "_____##___", "_____##___"),
        ("_#________", "______##__", "__________"),
        # what was on before the first does not follow it
        ("__##______", "_######___", "__________"),
        ("__##______", "_###_##___", "_____##___"),
        # the first may be over by then, or go on
        ("_#########", "____##____", "____##____"),
        # each first counts from its own time
        ("_#___#____", "_______##_", "_______##_"),
        # at one instant the first has the lesser metric, so it comes first
        ("__#_______", "__##______", "__##______"),
        # a second time within the time is found again
        ("_#________", "__#_#_____", "__#_#_____"),
        # nothing is told of a first alone, nor of the other alone
        ("_##_______", "__________", "__________"),
        ("__________", "__###_____", "__________"),
    ],
)
def test_what_follows_in_time_is_found(first: str, then: str, so: str) -> None:
    assert draw(found(), alone("a"), f"0 a {first}", f"1 a {then}") == so


@pytest.mark.parametrize(
    ("first", "then", "so"),
    [
        # four minutes without the other: as of then; the other ends it
        ("_#########__", "_______##___", "_____##_____"),
        # the end of the first ends it too
        ("_######_____", "____________", "_____##_____"),
        # a first that is over in time has answered itself
        ("_###________", "____________", "____________"),
        # the other comes at the last moment: that is in time
        ("_#########__", "_____##_____", "____________"),
        # it has been there all along
        ("_#########__", "##__________", "____________"),
        # it was there when the first came; that it ends does not matter
        ("__########__", "_##_________", "____________"),
        # it was over before
        ("__########__", "##__________", "______####__"),
        # the first comes again: its time begins again
        ("_##_######__", "____________", "________##__"),
    ],
)
def test_what_does_not_follow_is_missed(first: str, then: str, so: str) -> None:
    assert draw(missing(), alone("a"), f"0 a {first}", f"1 a {then}") == so


def test_it_is_missed_as_of_the_end_of_its_time() -> None:
    outcomes = judge(missing(), alone("a"), drawn("0 a _#######", "1 a ________"), 7 * MINUTE)
    assert short(outcomes) == ["clear @0", "red @5"]
    assert [event.at for event in outcomes[-1].seen] == [MINUTE]
    assert (outcomes[-1].value, outcomes[-1].count, outcomes[-1].of) == (1.0, 1, 1)


def test_what_was_due_in_between_is_told_as_of_its_own_time() -> None:
    machine = missing()
    state, _ = machine.step(machine.initial(), alone("a"), MINUTE, drawn("0 a #", "1 a _"))
    [other] = [event for event in drawn("1 a _________#") if event.severity]
    _, found_late = machine.step(state, alone("a"), 9 * MINUTE, [other])
    assert short(found_late) == ["red @4", "clear @9"]


def test_of_a_sequence_both_parts_are_shown() -> None:
    events = drawn("0 a _#_#____", "1 a _____##_")
    [_, fired, cleared] = judge(found(), alone("a"), events, 7 * MINUTE)
    assert [(event.member, event.at // MINUTE) for event in fired.seen] == [(0, 3), (1, 5)]
    assert (fired.at // MINUTE, fired.severity, fired.was, fired.value) == (5, "red", "", 5.0)
    assert (cleared.at // MINUTE, cleared.severity, cleared.was) == (7, "", "red")


def test_the_other_of_a_sequence_falls_silent() -> None:
    # not to know is no all-clear: the episode stays on, and its end is told when there is one
    assert draw(found(), alone("a"), "0 a _#________", "1 a __##..#_.._") == "__##??#____"
    assert draw(found(), alone("a"), "0 a _#________", "1 a __##??__..") == "__##??____"
    events = drawn("0 a _#________", "1 a __##..#_.._")
    [_, _, doubt, known, _] = judge(found(), alone("a"), events, 10 * MINUTE)
    assert (doubt.why, doubt.left_out) == ("a: silent", ())
    assert (known.severity, known.was) == ("red", "red")


def test_whether_a_silent_sensor_misses_nobody_knows() -> None:
    #                                 due at 5
    assert draw(missing(), alone("a"), "0 a _###########", "1 a ___....._##_") == "_____---#___"
    assert draw(missing(), alone("a"), "0 a _###########", "1 a ___.....####") == "_____---____"
    assert draw(missing(), alone("a"), "0 a _###########", "1 a ------------") == "_____-------"


def test_a_first_that_falls_silent_has_still_come() -> None:
    assert draw(missing(), alone("a"), "0 a _#...#_", "1 a _______") == "_____#_"


def test_neighbours_are_asked_in_their_order() -> None:
    across = found(sides=("upstream", "downstream"))
    assert draw(across, PAIR, "0 a _#____", "0 b ______", "1 a ______", "1 b __##__") == "__##__"
    assert draw(across, PAIR, "0 a ______", "0 b _#____", "1 a __##__", "1 b ______") == "______"
    against = found(sides=("downstream", "upstream"))
    assert draw(against, PAIR, "0 a ______", "0 b _#____", "1 a __##__", "1 b ______") == "__##__"


def test_in_an_area_anybody_may_follow_anybody() -> None:
    area = alone("a", "b", "c")
    assert draw(found(), area, "0 a _#______", "1 b __##____", "1 c ___##___") == "__###___"
    # of those that came too late nobody goes on with it
    assert draw(found(), area, "0 a _#______", "1 b __##____", "1 c ______##") == "__##____"
    # each first counts; one episode at a time
    assert draw(missing(), area, "0 a _######___", "0 b ___#######", "1 c __________") == "_____#####"
    assert draw(missing(), area, "0 a _#####____", "0 b ___#######", "1 c ______####") == "_____#____"


def test_the_silent_ones_of_an_area_are_left_out_and_named() -> None:
    rows = ("0 a _#######", "1 a ________", "1 b ________", "1 c __......")
    area = alone("a", "b", "c", "d", away={"d": "maintained"})
    assert draw(missing(), area, *rows, "1 d ########") == "_____###"
    fired = judge(missing(), area, drawn(*rows, "1 d ########"), 7 * MINUTE)[-1]
    assert fired.left_out == (("c", "silent"), ("d", "maintained"))


def test_who_leaves_the_group_counts_for_nothing() -> None:
    for machine in (found(), missing()):
        events = drawn("0 a _#______", "1 a __##____")
        gone = alone("z")
        state, _ = machine.step(machine.initial(), alone("a"), 0, [])
        for event in events:
            state, _ = machine.step(state, alone("a"), event.at, [event])
        state, _ = machine.step(state, gone, 9 * MINUTE, ())
        assert not state.open and not state.matched and not state.overdue
        assert state.told.severity == ""


def test_the_state_of_an_area_rule_has_no_sensor() -> None:
    machine = SequenceMachine(Order("red", 4 * MINUTE), asked("speed", "flow", area=True, health=False))
    events = ordered(
        [
            Event("g", 0, "north", MINUTE, 0, ON),
            Event("g", 1, "around b", 2 * MINUTE, 0, ON),
            Event("g", 1, "around b", 3 * MINUTE, 0, "", why="too few"),
        ]
    )
    outcomes = judge(machine, alone("a"), events, 9 * MINUTE)
    assert short(outcomes) == ["clear @1", "red @2", "doubt @3"]
    assert outcomes[-1].why == "around b: too few"
