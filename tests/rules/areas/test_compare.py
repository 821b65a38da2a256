"""Two values side by side. Times are minutes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.areas.compare_machine import CompareMachine, Comparison
from rules.areas.event import Event
from rules.areas.pairing import joined
from rules.levels import Level, Levels
from tests.support.examples import examples
from tests.support.group_play import MINUTE, PAIR, alone, judge, ordered, short, values
from tests.support.oracle_groups import Told, told

ABOVE = Levels(True, (Level("yellow", 5.0, 5.0), Level("red", 10.0, 8.0)))
Reading = tuple[float, float | None]


def as_of(measure: str = "difference", age: int = 10, levels: Levels = ABOVE) -> CompareMachine:
    return CompareMachine(Comparison(measure, levels, age * MINUTE))


def join(measure: str = "difference", within: int = 2, levels: Levels = ABOVE) -> CompareMachine:
    return CompareMachine(Comparison(measure, levels, within=within * MINUTE))


def found(machine: CompareMachine, left: list[Reading], right: list[Reading], until: int = 99) -> list[str]:
    events = ordered([*values(0, "a", *left), *values(1, "a", *right)])
    return short(judge(machine, alone("a"), events, until * MINUTE))


def test_the_newest_of_both_are_compared() -> None:
    #          0   2   4   6
    # left     20      20  20
    # right    10  16  13      differences 10, 4, 7, 7
    left, right = [(0, 20.0), (4, 20.0), (6, 20.0)], [(0, 10.0), (2, 16.0), (4, 13.0)]
    assert found(as_of(), left, right, 9) == ["yellow @0", "clear @2", "yellow @4"]
    [fired, *_] = judge(as_of(), alone("a"), ordered([*values(0, "a", *left), *values(1, "a", *right)]), 0)
    assert (fired.value, fired.limit, fired.severity, fired.was) == (10.0, 5.0, "yellow", "")
    assert [(event.member, event.value) for event in fired.seen] == [(0, 20.0), (1, 10.0)]


def test_a_value_that_is_too_old_is_not_compared() -> None:
    # as old as that it still is; nothing is said of what cannot be compared while nothing was on
    assert found(as_of(age=10), [(0, 20.0)], [(10, 0.0)], 10) == ["red @10"]
    assert found(as_of(age=10), [(0, 20.0)], [(11, 0.0)], 20) == []
    # what is on stays on, in doubt as soon as one of the two is too old
    assert found(as_of(age=10), [(0, 20.0), (15, 20.0)], [(0, 0.0), (15, 0.0)], 20) == [
        "red @0",
        f"doubt @{10 + 1 / MINUTE:.12g}",
        "red @15",
    ]
    # a newer one at the last moment is in time
    assert found(as_of(age=10), [(0, 20.0), (10, 20.0)], [(0, 0.0), (10, 0.0)], 20) == ["red @0"]


@pytest.mark.parametrize(
    ("left", "right", "why"),
    [
        ([(0, 20.0)], [(0, 1.0), (9, 1.0)], "a (left) has said nothing for more than 10min"),
        ([(0, 20.0), (5, None)], [(0, 1.0)], "a (left): thin"),
        ([(0, 20.0)], [(0, 1.0), (5, 0.0)], "of 0 nothing is a ratio"),
    ],
)
def test_a_doubt_says_why(left: list[Reading], right: list[Reading], why: str) -> None:
    machine = as_of("ratio")
    events = ordered([*values(0, "a", *left), *values(1, "a", *right)])
    [_, doubt] = judge(machine, alone("a"), events, 15 * MINUTE)
    assert doubt.why == why


def test_measures() -> None:
    below = Levels(False, (Level("red", 0.5, 0.5),))
    assert found(as_of("difference"), [(0, 1.0)], [(0, 20.0)], 5) == ["clear @0"]
    assert found(as_of("distance"), [(0, 1.0)], [(0, 20.0)], 5) == ["red @0"]
    assert found(as_of("ratio", levels=below), [(0, 1.0)], [(0, 20.0)], 5) == ["red @0"]
    assert found(as_of("ratio", levels=below), [(0, -0.0)], [(0, 20.0)], 5) == ["red @0"]
    [zero] = judge(as_of(), alone("a"), ordered([*values(0, "a", (0, 0.0)), *values(1, "a", (0, 0.0))]), 0)
    assert str(zero.value) == "0.0"


def test_levels_hold_and_keep_firing() -> None:
    slow = Levels(True, (Level("red", 5.0, 2.0),), 3 * MINUTE, 2 * MINUTE)
    left = [(minute, value) for minute, value in enumerate((0.0, 9.0, 9.0, 9.0, 9.0, 1.0, 1.0, 1.0, 1.0))]
    right = [(minute, 0.0) for minute in range(9)]
    # beyond from 1 on, so red at 4; harmless from 5 on, so clear at 7
    assert found(as_of(levels=slow), left, right, 9) == ["clear @0", "red @4", "clear @7"]
    # a hold goes on between readings, but not beyond the age of one
    assert found(as_of(levels=slow, age=3), [(0, 9.0)], [(0, 0.0)], 9)[:2] == ["clear @0", "red @3"]
    assert found(as_of(levels=slow, age=2), [(0, 9.0)], [(0, 0.0)], 9) == ["clear @0", f"doubt @{2 + 1 / MINUTE:.12g}"]
    # keep_firing begins anew after a doubt
    gone = found(
        as_of(levels=slow, age=3), [(0, 9.0), (3, 1.0), (4.5, 1.0)], [(0, 0.0), (3, 0.0), (4, None), (4.5, 0.0)], 7
    )
    assert gone == ["clear @0", "red @3", "doubt @4", "red @4.5", "clear @6.5"]


def test_neighbours_left_is_upstream_and_right_downstream_or_the_other_way() -> None:
    both = ordered(
        [*values(0, "a", (0, 20.0)), *values(0, "b", (0, 1.0)), *values(1, "a", (0, 2.0)), *values(1, "b", (0, 3.0))]
    )
    for sides, difference in ((("upstream", "downstream"), 17.0), (("downstream", "upstream"), -1.0)):
        machine = CompareMachine(Comparison("difference", ABOVE, MINUTE, sides=sides))
        assert judge(machine, PAIR, both, 0)[0].value == difference


def test_a_join_compares_readings_that_are_near_in_time() -> None:
    #          0   1   2   3   4
    # left     20              9
    # right            10  2       pairs (0, 2): 10; (4, 2): -1, (4, 3): 7
    left, right = [(0, 20.0), (4, 9.0)], [(2, 10.0), (3, 2.0)]
    machine = join()
    events = ordered([*values(0, "a", *left), *values(1, "a", *right)])
    [first] = judge(machine, alone("a"), events, 9 * MINUTE)
    assert (first.severity, first.at // MINUTE, first.value) == ("yellow", 2, 10.0)
    # of the pairs of one instant the gravest decides: 7, not -1
    assert short(judge(join(within=1), alone("a"), events, 9 * MINUTE)) == ["yellow @4"]
    below = Levels(False, (Level("red", 0.0, 0.0),))
    assert short(judge(join(levels=below), alone("a"), events, 9 * MINUTE)) == ["clear @2", "red @4"]


def test_a_join_knows_no_doubt() -> None:
    lonely = [(0.0, 20.0), (9.0, 0.0), (20.0, None)]
    assert found(join(), lonely, [(1, 0.0), (30, 0.0)]) == ["red @1"]
    # the same instant is near whatever the distance allowed
    assert found(join(within=0), [(1, 20.0)], [(1, 0.0), (2, 20.0)]) == ["red @1"]
    assert found(join("ratio"), [(1, 20.0)], [(1, 0.0), (2, 1.0)]) == ["red @2"]


def test_a_join_remembers_so_many_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.areas.compare_machine.MOST", 3)
    machine, state = join(within=60), join(within=60).initial()
    for event in values(0, "a", *[(minute, 1.0) for minute in range(9)]):
        state, _ = machine.step(state, alone("a"), event.at, [event])
    assert [event.at // MINUTE for event in state.left] == [6, 7, 8]


def test_who_leaves_the_group_is_compared_no_more() -> None:
    machine = as_of()
    events = ordered([*values(0, "a", (0, 20.0)), *values(1, "a", (0, 0.0))])
    state, _ = machine.step(machine.initial(), alone("a"), 0, events)
    state, [doubt] = machine.step(state, alone("z"), MINUTE, ())
    assert doubt.why == "nothing to compare on the left side; nothing to compare on the right side"
    assert state.told.severity == "red"


def test_what_is_no_value_of_either_side_counts_for_nothing() -> None:
    machine = as_of()
    health = [Event("g", -1, "a", 0, 0), Event("g", -2, "a", MINUTE, 0, "silent")]
    assert judge(machine, alone("a"), health, 9 * MINUTE) == []


# Random histories


times = st.integers(0, 20).map(float)
amounts = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 4.0, 6.0, 9.0, 11.0, 12.0, 30.0]))
sides = st.dictionaries(times, amounts, max_size=10).map(lambda found: sorted(found.items()))
LEVELS = [
    ABOVE,
    Levels(True, (Level("red", 5.0, 3.0),), 3 * MINUTE, 2 * MINUTE),
    Levels(False, (Level("yellow", 3.0, 6.0), Level("red", 0.5, 1.0)), 0, 4 * MINUTE),
    Levels(False, (Level("red", 2.0, 2.0),), 2 * MINUTE, 0),
]


def slowly(known: list[tuple[int, float | None]], levels: Levels, at: int, due: bool) -> str | None:
    """The severity as of `at`, from all values known so far: (since, value), None where nothing is known. `due`:
    before what happens at `at` itself."""
    past = [each for each in known if each[0] < at or (each[0] == at and not due)]
    severity = ""
    for level in levels.levels:
        on, since = False, -1
        for place, (time, value) in enumerate(past):
            end = past[place + 1][0] if place + 1 < len(past) else at
            if value is None:
                since = -1
                continue
            beyond = (
                (value > (level.clear if on else level.limit))
                if levels.above
                else (value < (level.clear if on else level.limit))
            )
            wait = levels.keep_firing if on else levels.hold
            since = (time if since < 0 else since) if beyond != on else -1
            if beyond != on and (not wait or since + wait <= end):
                on, since = not on, -1
                # by the same value it may turn no further: what is beyond the limit is beyond clear
        severity = level.severity if on else severity
    return severity


@given(
    left=sides,
    right=sides,
    levels=st.sampled_from(LEVELS),
    age=st.integers(1, 6),
    measure=st.sampled_from(["difference", "ratio", "distance"]),
)
@examples(200)
def test_as_of_agrees_with_the_whole_history(
    left: list[Reading], right: list[Reading], levels: Levels, age: int, measure: str
) -> None:
    until = 30 * MINUTE
    machine = as_of(measure, age, levels)
    outcomes = judge(machine, alone("a"), ordered([*values(0, "a", *left), *values(1, "a", *right)]), until)

    def value(at: int) -> float | None:
        newest = []
        for side in (left, right):
            past = [each for each in side if each[0] * MINUTE <= at]
            if not past or past[-1][1] is None or at - past[-1][0] * MINUTE > age * MINUTE:
                return None
            newest.append(past[-1][1])
        one, other = newest
        if measure == "ratio":
            return one / other if other else None
        return one - other if measure == "difference" else abs(one - other)

    instants = sorted({round(at * MINUTE) for at, _ in [*left, *right]})
    instants = sorted({*instants, *(at + age * MINUTE + 1 for at in instants)})
    known = [(at, value(at)) for at in instants]
    moments = set(instants) | {at + wait for at in instants for wait in (levels.hold, levels.keep_firing)}
    stands: list[tuple[int, str | None]] = []
    for at in sorted(moment for moment in moments if moment <= until):
        standing = [each for each in known if each[0] < at]
        if standing and standing[-1][1] is not None:
            stands.append((at, slowly(known, levels, at, due=True)))
        if at in instants:
            stands.append((at, slowly(known, levels, at, due=False) if value(at) is not None else None))
    assert [Told(each.at, each.severity, each.was, bool(each.why)) for each in outcomes] == told(stands)


@given(left=sides, right=sides, levels=st.sampled_from(LEVELS), within=st.integers(0, 4))
@examples(200)
def test_a_join_agrees_with_all_pairs(left: list[Reading], right: list[Reading], levels: Levels, within: int) -> None:
    until = 30 * MINUTE
    events = ordered([*values(0, "a", *left), *values(1, "a", *right)])
    outcomes = judge(join("difference", within, levels), alone("a"), events, until)
    at_once: dict[int, list[float]] = {}
    for one, x in left:
        for other, y in right:
            if x is not None and y is not None and abs(one - other) <= within:
                at_once.setdefault(round(max(one, other) * MINUTE), []).append(x - y)
    gravest = max if levels.above else min
    known: list[tuple[int, float | None]] = [(at, gravest(found)) for at, found in sorted(at_once.items())]
    moments = {at + wait for at, _ in known for wait in (0, levels.hold, levels.keep_firing)}
    stands: list[tuple[int, str | None]] = []
    for at in sorted(moment for moment in moments if moment <= until):
        if any(each[0] < at for each in known):
            stands.append((at, slowly(known, levels, at, due=True)))
        if at in at_once:
            stands.append((at, slowly(known, levels, at, due=False)))
    assert [Told(each.at, each.severity, each.was, bool(each.why)) for each in outcomes] == told(stands)


def test_pairs_come_about_at_their_later_reading() -> None:
    left, right = values(0, "a", (0, 5.0), (2, 7.0)), values(1, "a", (0, 1.0), (1, 2.0), (2, 3.0))
    found = [
        (pair.left.at // MINUTE, pair.right.at // MINUTE)
        for pair in joined(lambda a, b: a - b, left, right, 2 * MINUTE, MINUTE)
    ]
    assert found == [(2, 1), (2, 2)]
