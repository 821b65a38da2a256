"""An incident between two stations, interval by interval. An interval is a minute; rows are occupancies in per cent,
one place an interval, 0 to 9 being tens of them and "." none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.areas.event import Event
from rules.areas.incident_machine import IncidentMachine, Scale
from rules.indices.incident_california import California, State, step
from tests.support.examples import examples
from tests.support.group_play import MINUTE, PAIR, judge, ordered, picture, short
from tests.support.oracle_groups import Told, told

SCALE = Scale(MINUTE, "red", "yellow")
SURE = Scale(MINUTE, "red")


def means(upstream: str, downstream: str) -> list[Event]:
    """The mean of the interval that ends at each place; "?" is one that was too thin."""
    return ordered(
        Event(
            "g",
            0,
            sensor,
            place * MINUTE,
            0,
            "",
            None if sign == "?" else int(sign) / 10,
            place,
            "thin" if sign == "?" else "",
        )
        for sensor, row in (("a", upstream), ("b", downstream))
        for place, sign in enumerate(row)
        if sign != "."
    )


def outcome(upstream: str, downstream: str, scale: Scale = SCALE) -> list[str]:
    return short(judge(IncidentMachine(scale), PAIR, means(upstream, downstream), len(upstream) * MINUTE))


def drawn(upstream: str, downstream: str, scale: Scale = SURE) -> str:
    found = judge(IncidentMachine(scale), PAIR, means(upstream, downstream), (len(upstream) - 1) * MINUTE)
    return picture(found, len(upstream))


def test_a_queue_above_and_an_empty_road_below_is_an_incident_after_two_intervals() -> None:
    #                1
    #                0123456789
    assert outcome("2226666622", "2221111122")[:4] == ["clear @2", "yellow @3", "red @4", "clear @8"]
    assert drawn("2226666622", "2221111122") == "--__####__"
    fired = judge(IncidentMachine(SURE), PAIR, means("22266", "22211"), 9 * MINUTE)[1]
    assert (fired.value, fired.limit) == (0.5, 0.08)
    assert [(event.sensor, event.value) for event in fired.seen] == [("a", 0.6), ("b", 0.1)]


def test_a_wave_that_has_passed_downstream_begins_no_incident() -> None:
    # occupancy downstream rises to 40 % at once (so 30 % after 20 % is a rise too): nothing begins for five intervals
    assert outcome("222233336666", "222433331111")[:-1] == ["clear @2"]
    assert outcome("22223333336666", "22243333331111")[:-1] == ["clear @2", "yellow @10", "red @11"]


def test_an_interval_that_nobody_looked_at_in_time_is_judged_as_of_its_own() -> None:
    machine = IncidentMachine(SURE)
    state = machine.initial()
    for place in range(5):
        now = [event for event in means("22266", "22211") if event.at == place * MINUTE]
        state, _ = machine.step(state, PAIR, place * MINUTE, now)
    state, found = machine.step(state, PAIR, 9 * MINUTE, ())
    assert short(found) == ["doubt @5"]


def test_without_a_mean_of_both_nothing_is_decided() -> None:
    # the first two intervals are waited for; a gap on a free road is a doubt, and two more end it
    assert drawn("222.22222", "222222222") == "--_---___"
    # an incident stays on until two intervals in a row are known again
    assert drawn("222666.6662", "22211111112") == "--__##???#_"
    assert drawn("2226666662", "222111?112") == "--__##???_"
    # all of both are missing: as of the first interval without them
    assert drawn("222666....", "222111....") == "--__##????"
    assert drawn("2226......", "2221......") == "--__------"


def test_a_doubt_says_whose_occupancy_is_missing() -> None:
    def last(upstream: str, downstream: str) -> str:
        return judge(IncidentMachine(SURE), PAIR, means(upstream, downstream), 4 * MINUTE)[-1].why

    assert last("222.", "2222") == "no occupancy of a (upstream)"
    assert last("222?", "222.") == "no occupancy of a (upstream): thin and b (downstream)"
    assert last("222", "222") == "no occupancy of a (upstream) and b (downstream)"


@pytest.mark.parametrize(
    "event",
    [
        Event("g", 0, "z", 3 * MINUTE, 0, "", 0.9),
        Event("g", -1, "a", 3 * MINUTE, 0, "silent"),
        Event("g", 0, "a", 3 * MINUTE + 1, 0, "", 0.9),
    ],
)
def test_what_is_no_mean_of_an_interval_counts_for_nothing(event: Event) -> None:
    plain = judge(IncidentMachine(SURE), PAIR, means("222", "222"), 5 * MINUTE)
    assert judge(IncidentMachine(SURE), PAIR, ordered([*means("222", "222"), event]), 5 * MINUTE) == plain


def test_a_mean_of_an_interval_already_judged_counts_for_nothing() -> None:
    machine = IncidentMachine(SURE)
    state = machine.initial()
    for place in range(4):
        now = [event for event in means("2222", "2222") if event.at == place * MINUTE]
        state, _ = machine.step(state, PAIR, place * MINUTE, now)
    assert machine.step(state, PAIR, 3 * MINUTE, means("...9", "...1")) == (state, [])


rows = st.text("1223466..?", min_size=16, max_size=16)
limits = st.builds(
    California, difference=st.sampled_from([0.08, 0.3]), drop=st.sampled_from([0.0, 0.3]), dense=st.just(0.35)
)


@given(upstream=rows, downstream=rows, limits=limits, tentative=st.sampled_from(["", "yellow"]))
@examples(300)
def test_the_machine_agrees_with_every_interval_in_its_turn(
    upstream: str, downstream: str, limits: California, tentative: str
) -> None:
    until = 20
    scale = Scale(MINUTE, "red", tentative, limits)
    found = judge(IncidentMachine(scale), PAIR, means(upstream, downstream), until * MINUTE)
    begun = [place for place in range(16) if upstream[place] != "." or downstream[place] != "."]
    state = State()
    stands: list[tuple[int, str | None]] = []
    for place in range(begun[0] if begun else until, until + 1):
        up, down = ((row + ".....")[place] for row in (upstream, downstream))
        values = [None if sign in ".?" else int(sign) / 10 for sign in (up, down)]
        known = len(state.before) == 2 and None not in values
        state, _ = step(limits, state, *values)
        severity = {"free": "", "tentative": tentative, "confirmed": "red"}[state.stage]
        stands.append((place * MINUTE, severity if known else None))
    assert [Told(each.at, each.severity, each.was, bool(each.why)) for each in found] == told(stands)
