"""A reading inside a machine's quiet region leaves its state as it was: the promise on which the hot path rests."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.counted import CountedMachine
from rules.finding import Seen
from rules.kinds.change import ChangeMachine, ChangeSpec
from rules.kinds.silence import SilenceMachine, SilenceSpec
from rules.kinds.stretch import StretchMachine, StretchSpec
from rules.levels import Level, LevelMachine, Levels
from rules.machine import FOREVER, NEVER, Machine
from rules.signals import SIGNALS

ABOVE = (Level("yellow", 10.0, 5.0), Level("red", 20.0, 20.0))
BELOW = (Level("yellow", 10.0, 12.0), Level("red", 0.0, 5.0))
MACHINES: dict[str, Machine[Any]] = {
    "above": LevelMachine(Levels(True, ABOVE)),
    "above held": LevelMachine(Levels(True, ABOVE, hold=5)),
    "above kept": LevelMachine(Levels(True, ABOVE, hold=5, keep_firing=7)),
    "below": LevelMachine(Levels(False, BELOW)),
    "below kept": LevelMachine(Levels(False, BELOW, hold=5, keep_firing=7)),
    "in a row": CountedMachine(Levels(True, ABOVE, times=3)),
    "in a row kept": CountedMachine(Levels(True, ABOVE, keep_firing=7, times=2)),
    "within": CountedMachine(Levels(True, ABOVE, times=3, within=9)),
    "within, below and kept": CountedMachine(Levels(False, BELOW, keep_firing=7, times=2, within=4)),
    **{
        f"change, {measure}": ChangeMachine(ChangeSpec(measure, Levels(True, ABOVE, hold=5, keep_firing=7), 9, 9, 4))
        for measure in SIGNALS
    },
    "sliding": StretchMachine(StretchSpec("sliding", 9, "mean", Levels(True, ABOVE))),
    "a number": StretchMachine(StretchSpec("readings", 3, "max", Levels(True, ABOVE))),
    "session": StretchMachine(StretchSpec("session", 4, "sum", Levels(False, BELOW))),
    "silence": SilenceMachine(SilenceSpec(6, "yellow")),
}
edges = st.sampled_from([-0.0, 0.0, 5.0, 10.0, 12.0, 20.0, 5.000000000000001, 9.999999999999998, 1e300, -1e300])
values = edges | st.floats(-30, 30)
steps = st.lists(st.tuples(st.integers(1, 6), values, st.booleans()), max_size=25)


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())
@given(steps=steps, x=values, ahead=st.integers(1, 20))
@settings(max_examples=150, deadline=None)
def test_a_quiet_reading_changes_nothing(
    machine: Machine[Any], steps: list[tuple[int, float, bool]], x: float, ahead: int
) -> None:
    state, last = machine.initial(), 0
    for number, (wait, value, by_clock) in enumerate(steps):
        if by_clock:
            state, _ = machine.due(state, last, last + wait)
        elif not machine.late(state, last, last + wait):
            state, _ = machine.step(state, last, Seen(last + wait, value, number))
            last += wait
    quiet = machine.quiet(state, last)
    at = last + ahead
    if quiet.lo <= x <= quiet.hi and at < quiet.until and not machine.late(state, last, at):
        assert machine.step(state, last, Seen(at, x, 99)) == (state, [])
    if at < quiet.until:
        assert machine.due(state, last, at) == (state, [])
    if quiet.until < FOREVER:
        assert machine.due(state, last, quiet.until) != (state, [])


@given(steps=steps, x=values)
@settings(max_examples=150, deadline=None)
def test_a_value_outside_changes_something(steps: list[tuple[int, float, bool]], x: float) -> None:
    """The region is as wide as it can be: without a hold, whatever is outside it does matter."""
    machine = MACHINES["above"]
    state, last = machine.initial(), 0
    for number, (wait, value, _) in enumerate(steps):
        last += wait
        state, _ = machine.step(state, last, Seen(last, value, number))
    quiet = machine.quiet(state, last)
    if not quiet.lo <= x <= quiet.hi:
        assert machine.step(state, last, Seen(last + 1, x, 99))[0] != state


def test_a_silence_that_is_on_is_ended_by_any_reading() -> None:
    machine = MACHINES["silence"]
    state, _ = machine.due(machine.initial(), 0, 100)
    assert machine.quiet(state, 0) is NEVER
