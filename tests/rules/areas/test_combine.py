"""Conditions of conditions, by groups. One place of a drawing is a minute (tests/support/group_play.py)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.areas.combine_machine import CombineMachine, Together
from rules.areas.conditions import Condition, leaves, truth
from rules.areas.event import Event
from tests.support.examples import examples
from tests.support.group_play import MINUTE, ON, alone, asked, draw, drawn, judge, picture, short
from tests.support.oracle_groups import History, Told, told

A, B, C = (Condition("is", (), member) for member in range(3))
METRICS = asked("speed", "flow", "rain")


def both(*parts: Condition) -> Condition:
    return Condition("all", parts)


def either(*parts: Condition) -> Condition:
    return Condition("any", parts)


def no(part: Condition) -> Condition:
    return Condition("not", (part,))


def machine(condition: Condition, hold: int = 0, keep: int = 0) -> CombineMachine:
    return CombineMachine(Together(condition, "red", hold * MINUTE, keep * MINUTE), METRICS)


def test_kleene_by_hand() -> None:
    known = (True, False, None)
    table = {
        "all": {(a, b): False if False in (a, b) else None if None in (a, b) else True for a in known for b in known},
        "any": {(a, b): True if True in (a, b) else None if None in (a, b) else False for a in known for b in known},
    }
    for pair, expected in table["all"].items():
        assert truth(both(A, B), pair) is expected
    for pair, expected in table["any"].items():
        assert truth(either(A, B), pair) is expected
    assert [truth(no(A), [value]) for value in known] == [False, True, None]
    nested = both(A, either(no(B), C))
    assert [leaf.member for leaf in leaves(nested)] == [0, 1, 2]
    assert truth(nested, [True, None, True]) is True
    assert truth(nested, [False, None, None]) is False


@pytest.mark.parametrize(
    ("condition", "one", "two", "so"),
    [
        (both(A, B), "_####___", "__####__", "__###___"),
        (either(A, B), "_##_____", "____##__", "_##_##__"),
        # nothing is told of what ends and begins at one instant
        (either(A, B), "_##_____", "___##___", "_####___"),
        (no(A), "_##_____", "________", "#__#####"),
        (both(A, no(B)), "_######_", "___##___", "_##__##_"),
        # a doubt that cannot matter is none
        (both(A, B), "_###____", "___??___", "___-____"),
        (either(A, B), "_###____", "_???___#", "_###___#"),
        # where it matters, what is on stays on
        (both(A, B), "_#####__", "_##?_#__", "_##?_#__"),
        (both(A, B), "_#####__", "_##..#__", "_##??#__"),
        (both(A, B), "_#######", "_##??___", "_##??___"),
        # who is silent in peace cannot be asked
        (either(A, B), "__#_____", "_...____", "_-#?____"),
        (no(A), "--__....", "________", "--##????"),
    ],
)
def test_drawn(condition: Condition, one: str, two: str, so: str) -> None:
    assert draw(machine(condition), alone("a"), f"0 a {one}", f"1 a {two}") == so


@pytest.mark.parametrize(
    ("hold", "keep", "one", "so"),
    [
        (3, 0, "_##__#####__", "________##__"),
        (0, 3, "_##_#____###", "_#######_###"),
        (2, 2, "_####_##__##", "___#######__"),
        # not to know breaks both waits
        (3, 0, "_##?#####___", "___-___##___"),
        (0, 3, "_#__?______#", "_###?###___#"),
        (0, 3, "_#__?#______", "_###?####___"),
    ],
)
def test_waits(hold: int, keep: int, one: str, so: str) -> None:
    assert draw(machine(A, hold, keep), alone("a"), f"0 a {one}") == so


def test_a_wait_ends_as_of_its_own_time_before_what_happens_then() -> None:
    events = drawn("0 a _###___#")
    assert short(judge(machine(A, 3, 3), alone("a"), events, 9 * MINUTE)) == ["clear @0", "red @4", "clear @7"]


def test_in_an_area_one_sensor_is_enough_unless_more_are_wanted() -> None:
    area = alone("a", "b", "c")
    rows = ("0 a _####___", "0 b __####__", "0 c ___##.._")
    #                                       a 1-4, b 2-5, c 3-4 and silent while on at 5 and 6
    assert draw(machine(A), area, *rows) == "_#####?_"
    assert draw(machine(Condition("is", (), 0, 2)), area, *rows) == "__###?__"
    assert draw(machine(Condition("is", (), 0, 0)), area, *rows) == "___##___"
    # c falls silent in peace, so it is left out of all, and too few are left for three of them
    quiet = ("0 a _####___", "0 b __####__", "0 c __......")
    assert draw(machine(Condition("is", (), 0, 0)), area, *quiet) == "__###___"
    assert draw(machine(Condition("is", (), 0, 3)), area, *quiet) == "__------"


def test_silence_itself_may_be_asked_for() -> None:
    # of a condition on silence there is no health: whoever has said nothing is not silent
    silent = CombineMachine(Together(both(A, B), "red"), (asked("speed", health=False)[0], METRICS[1]))
    events = [event for event in drawn("0 a __###_", "1 a _###__") if event.member != -1]
    assert picture(judge(silent, alone("a"), events, 5 * MINUTE), 6) == "__##__"


def test_the_state_of_another_area_rule() -> None:
    areas = CombineMachine(Together(both(A, no(B)), "red"), asked("speed", "flow", area=True, health=False))
    events = [
        Event("g", 0, "north", MINUTE, 0, ON),
        Event("g", 1, "north", 2 * MINUTE, 0, ""),
        Event("g", 1, "north", 3 * MINUTE, 0, "", why="too few left"),
        Event("g", 1, "north", 4 * MINUTE, 0, ON),
    ]
    outcomes = judge(areas, alone("a"), events, 9 * MINUTE)
    assert short(outcomes) == ["red @2", "doubt @3", "clear @4"]
    assert outcomes[1].why == "flow: north: too few left"


def test_the_evidence_is_what_is_on() -> None:
    area = alone("a", "b", "c", away={"c": "quarantined"})
    events = drawn("0 a _#####", "0 b __####", "0 c ######", "1 a ___###", "1 b _.....")
    [_, fired] = judge(machine(both(A, B)), area, events, 5 * MINUTE)
    assert [(event.member, event.sensor, event.at // MINUTE) for event in fired.seen] == [
        (0, "a", 1),
        (0, "b", 2),
        (1, "a", 3),
    ]
    assert fired.left_out == (("b", "silent"), ("c", "quarantined"))
    assert fired.value is None
    [_, alone_] = judge(machine(A), alone("a"), drawn("0 a __#"), 2 * MINUTE)
    assert alone_.value == 2.0


def test_a_doubt_says_of_whom_nothing_is_known() -> None:
    nameless = CombineMachine(Together(both(A, B), "red"), asked("", "flow"))
    events = drawn("0 a _##?__", "1 a _##.__")
    assert judge(nameless, alone("a"), events, 3 * MINUTE)[-1].why == "condition 1: a: thin; flow: a: silent"
    many = alone(*"abcdefgh")
    rows = [f"0 {sensor} #?" for sensor in "abcdefgh"]
    why = judge(machine(A), many, drawn(*rows), MINUTE)[-1].why
    assert why == "speed: a: thin; b: thin; c: thin; d: thin; e: thin and 3 more"
    mixed = judge(machine(no(both(A, B))), alone("a"), drawn("0 a ##__", "1 a ____"), 9 * MINUTE)
    assert short(mixed) == ["red @0"]


def conditions(depth: int = 3) -> st.SearchStrategy[Condition]:
    leaf = st.builds(Condition, st.just("is"), st.just(()), st.integers(0, 2), st.sampled_from([1, 1, 1, 0, 2]))
    if not depth:
        return leaf
    several = st.lists(conditions(depth - 1), min_size=1, max_size=3).map(tuple)
    return st.one_of(
        leaf,
        st.builds(Condition, st.sampled_from(["all", "any"]), several),
        st.builds(Condition, st.just("not"), st.tuples(conditions(depth - 1))),
    )


def slowly(condition: Condition, history: History, group: list[str]) -> bool | None:
    """Tries both for whoever is in doubt: known is what comes out the same either way."""
    doubts = sum(history.truth(leaf.member, leaf.need, group) is None for leaf in leaves(condition))
    outcomes = set()
    for case in range(2**doubts):
        bits = iter([bool(case >> bit & 1) for bit in range(doubts)])

        def value(each: Condition) -> bool:
            if each.op == "is":
                known = history.truth(each.member, each.need, group)
                return next(bits) if known is None else known  # noqa: B023
            parts = [value(part) for part in each.parts]
            return all(parts) if each.op == "all" else any(parts) if each.op == "any" else not parts[0]

        outcomes.add(value(condition))
    return outcomes.pop() if len(outcomes) == 1 else None


LENGTH = 12
signs = st.text("____####?.-", min_size=LENGTH, max_size=LENGTH)


@given(st.data(), conditions(), st.integers(0, 3), st.integers(0, 3), st.booleans())
@examples(200)
def test_the_machine_agrees_with_the_whole_history(
    data: st.DataObject, condition: Condition, hold: int, keep: int, wide: bool
) -> None:
    sensors = ["a", "b", "c"] if wide else ["a"]
    group = alone(*sensors, away={"c": "maintained"} if wide and data.draw(st.booleans()) else {})
    rows = [f"{member} {sensor} {data.draw(signs)}" for sensor in sensors for member in range(3)]
    events = drawn(*[row.replace("-", "_") if data.draw(st.booleans()) else row for row in rows])
    until = (LENGTH + 5) * MINUTE
    found = judge(machine(condition, hold, keep), group, events, until)

    instants = sorted({event.at for event in events})
    known = {at: slowly(condition, History(events, group, at), sensors) for at in instants}
    stands: list[tuple[int, str | None]] = []
    on, since = "", -1
    for place, at in enumerate(instants):
        if known[at] is None:
            stands.append((at, None))
            since = -1
        else:
            other = known[at] != bool(on)
            since = (at if since < 0 else since) if other else -1
            end = since + (keep if on else hold) * MINUTE
            if other and end == at:
                on, since = "" if on else "red", -1
            stands.append((at, on))
        end = since + (keep if on else hold) * MINUTE
        if since >= 0 and end <= (instants[place + 1] if place + 1 < len(instants) else until):
            on, since = "" if on else "red", -1
            stands.append((end, on))
    assert [Told(each.at, each.severity, each.was, bool(each.why)) for each in found] == told(stands)
