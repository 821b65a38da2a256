"""The book of a rule that judges windows. Its readings are in the panes, which are kept until nothing can change the
windows that they are in."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from rules.amend.ledger import Ledger
from rules.amend.readings import anchored
from rules.kinds.window import WindowMachine
from rules.machine import FOREVER, Change
from rules.panes import Pane
from rules.scheduled_window import ScheduledWindow


class View(NamedTuple):
    """What windows are worked out from: the panes of the series, its oldest reading (ms), the offset of the record that
    brought its newest, the offset of the record that moves the clock, and the ms that a reading stands for."""

    panes: Sequence[Pane]
    first: int
    offset: int
    record: int
    interval: int


class WindowLedger(Ledger):
    """A reading may come `amend` ms after the decision about its window. `first`: the oldest reading (ms) that was
    taken into a window already decided, or behind a newer one, FOREVER for none."""

    __slots__ = ("first", "window")
    base: Any

    def __init__(
        self, window: WindowMachine | ScheduledWindow, amend: int, begin: int = 0, *, hidden: bool = False
    ) -> None:
        super().__init__(window.initial(begin), amend, hidden=hidden)
        self.window, self.first = window, FOREVER

    def needs(self, at: int, clock: int) -> bool:
        """Whether a reading at `at` (ms) is in a window that can still be decided, or decided anew."""
        return self.window.needs(self.base, at, clock - self.amend)

    def missed(self, at: int, clock: int) -> bool:
        """Whether a reading at `at` is in a window that was decided without it, for good."""
        return self.window.missed(self.base, at, clock - self.amend)

    def next_due(self, state: Any, panes: Sequence[Pane], first: int, clock: int) -> int:
        """The clock's time at which a window is decided, or can be changed no more."""
        first = min(first, self.first)
        fixed = self.window.next_due(self.base, panes, first, clock - self.amend)
        decided = self.window.next_due(state, panes, first, clock)
        return decided if fixed == FOREVER else min(decided, fixed + self.amend)

    def forward(self, view: View, clock: int) -> None:
        """Makes the windows that can be changed no more at `clock` part of the base. They must have been told."""
        through = clock - self.amend
        if through > self.through:
            self.base, changes = self.due(self.base, view, self.through, through)
            self.through = through
            self.account.close(changes, self.window.through(through) + 1)

    def judged(self, view: View, clock: int) -> tuple[Any, list[Change]]:
        """The state at `clock`, and all changes since the base."""
        return self.due(self.base, view, self.through, clock)

    def due(self, state: Any, view: View, before: int, clock: int) -> tuple[Any, list[Change]]:
        """After the clock has moved from `before` to `clock`."""
        first = min(view.first, self.first)
        state, changes = self.window.due(state, view.panes, first, before, clock, view.record, view.interval)
        return state, [anchored(change, view.offset) for change in changes]
