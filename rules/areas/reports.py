"""What watches a sensor for area rules: machines that tell each value, or each doubt too."""

import msgspec

from rules.areas.member import WindowValues
from rules.finding import Seen
from rules.kinds.window import WindowMachine, WindowState
from rules.machine import FOREVER, INFINITY, Change, Quiet
from rules.panes import Pane


class ConditionWindow(WindowMachine):
    """Says that a window is too thin to decide also where nothing is on: the others of the group are counted without
    this sensor then."""

    def _on(self, state: WindowState) -> bool:
        return True

    def _standing(self, state: WindowState) -> tuple[str, float | None]:
        level = self._levels.standing(state.levels)
        return ("", None) if level is None else (level.severity, level.limit)


class WindowReport(WindowMachine):
    """Tells the value of each window, and of each that is too thin that it is. Of an empty one there is nothing to
    tell."""

    def __init__(self, spec: WindowValues) -> None:
        super().__init__(spec.window)

    def _empty_matters(self, state: WindowState) -> bool:
        return False

    def _decide(self, state: WindowState, value: Seen, total: Pane | None, changes: list[Change]) -> WindowState:
        assert total is not None
        changes.append(Change(value.ts, "", "", None, (value,), total.count, total.first))
        return state

    def _doubt(self, state: WindowState, end: int, total: Pane | None, changes: list[Change]) -> WindowState:
        assert total is not None
        why = f"{total.count} reading{'' if total.count == 1 else 's'} in the window"
        changes.append(Change(end, "", "", None, (), total.count, total.first, why))
        return state


class PlainState(msgspec.Struct, frozen=True, array_like=True):
    """There is nothing to remember."""


class PlainMachine:
    """Tells each reading that is newer than all before."""

    def initial(self) -> PlainState:
        return PlainState()

    def late(self, state: PlainState, last: int, at: int) -> bool:
        return at <= last

    def passed(self, state: PlainState, at: int) -> bool:
        return False

    def step(self, state: PlainState, last: int, reading: Seen) -> tuple[PlainState, list[Change]]:
        return state, [Change(reading.ts, "", "", None, (reading,))]

    def due(self, state: PlainState, last: int, clock: int) -> tuple[PlainState, list[Change]]:
        return state, []

    def quiet(self, state: PlainState, last: int) -> Quiet:
        return Quiet(INFINITY, -INFINITY, FOREVER)
