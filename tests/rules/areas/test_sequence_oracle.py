"""Random histories of a group: the machine agrees with the slow reference."""

from hypothesis import given
from hypothesis import strategies as st

from rules.areas.sequence_machine import Order, SequenceMachine
from tests.support.examples import examples
from tests.support.group_play import MINUTE, PAIR, alone, asked, drawn, judge
from tests.support.oracle_groups import Told, sequence, stands, told

LENGTH = 14
signs = st.text("____####?.", min_size=LENGTH, max_size=LENGTH)
starts = st.integers(0, 3)


@st.composite
def rows(draw: st.DrawFn) -> list[str]:
    """Both members at one to three sensors, some of which begin later or never."""
    found = []
    for sensor in "abc"[: draw(st.integers(1, 3))]:
        for member in (0, 1):
            silent = draw(starts)
            found.append(f"{member} {sensor} {'-' * silent}{draw(signs)[silent:]}")
    return found


@given(drawing=rows(), within=st.integers(1, 5), missing=st.booleans(), pair=st.booleans(), away=st.booleans())
@examples(300)
def test_the_machine_agrees_with_the_whole_history(
    drawing: list[str], within: int, missing: bool, pair: bool, away: bool
) -> None:
    group = PAIR if pair else alone("a", "b", "c", away={"c": "maintained"} if away else {})
    sides = ("downstream", "upstream") if pair else ("", "")
    firsts, thens = (["b"], ["a"]) if pair else (["a", "b", "c"], ["a", "b", "c"])
    machine = SequenceMachine(Order("red", within * MINUTE, missing, sides), asked("speed", "flow"))
    events = drawn(*drawing)
    until = (LENGTH + within) * MINUTE
    instants = {event.at for event in events} | ({event.at + within * MINUTE for event in events} if missing else set())

    def stand(at: int) -> str | None:
        return sequence(events, group, at, within * MINUTE, missing, firsts, thens)

    found = [Told(each.at, each.severity, each.was, bool(each.why)) for each in judge(machine, group, events, until)]
    assert found == told(stands(instants, stand))
