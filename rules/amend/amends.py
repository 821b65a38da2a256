"""All books of one series, and the readings that they are written from."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from rules.amend.account import Entry
from rules.amend.ledger import Ledger
from rules.amend.readings import ReadingLedger, anchored
from rules.amend.story import Revised
from rules.amend.windows import View, WindowLedger
from rules.episode import Told
from rules.finding import Seen
from rules.machine import FOREVER, Change, Retraceable
from rules.watch import Plan

MOST = 4096
"""Readings of one series that are kept to be judged again. Beyond, the oldest are judged for good, an eighth at a time:
what is older than they is late, as if the rules' `amend` were that short."""

News = Iterable[tuple[Change, Entry]]


class Taken(NamedTuple):
    """What became of a reading: it is `late` for at least one rule, it is `amending` what at least one has decided, it
    is `kept` in a window. `step`: the places of the watches whose state it changes at once."""

    late: bool
    amending: bool
    kept: bool
    step: tuple[int, ...]


class Amends:
    """`journal`: the readings that may be judged again, in the order of time. `readings` and `windows`: the books by
    the place of their watch. `revised`: by the place of their watch the stories that were worked out anew, for
    those who are told of it, and what was `said` to them last."""

    __slots__ = ("journal", "readings", "revised", "said", "windows")

    def __init__(self, plan: Plan) -> None:
        self.journal: list[Seen] = []
        self.readings: dict[int, ReadingLedger] = {}
        self.windows: dict[int, WindowLedger] = {}
        self.revised: dict[int, Revised] = {}
        self.said: dict[int, Told] = {}
        for place, _ in plan.amended:
            self.fresh(plan, place)

    def fresh(self, plan: Plan, place: int, begin: int = 0) -> None:
        """A new book for the watch at `place`. `begin`: readings before it (ms) were not all kept for it."""
        watch = plan.watches[place]
        hidden = watch.rule.hidden
        if watch.machine is None:
            self.windows[place] = WindowLedger(plan.window(place), watch.amend, begin, hidden=hidden)
        else:
            assert isinstance(watch.machine, Retraceable)
            self.readings[place] = ReadingLedger(watch.machine, watch.amend, begin, hidden=hidden)

    def book(self, place: int) -> Ledger:
        return self.readings[place] if place in self.readings else self.windows[place]

    @property
    def stale(self) -> bool:
        """Whether something must be decided anew."""
        return any(ledger.stale for ledger in (*self.readings.values(), *self.windows.values()))

    def begin(self, clock: int) -> None:
        """For a series that is new at `clock`: what would have been late before is no matter."""
        for book in self.windows.values():
            book.through = clock - book.amend

    def knows(self, at: int, clock: int) -> bool:
        """Whether a reading at `at` (ms) is among those that may be judged again at `clock`."""
        if not self.readings or at < min(ledger.start(clock) for ledger in self.readings.values()):
            return False
        place = bisect_left(self.journal, at, key=_time)
        return place < len(self.journal) and self.journal[place].ts == at

    def read(
        self, states: Sequence[Any], reading: Seen, last: int, clock: int, view: View, *, forgotten: bool
    ) -> Taken:
        """Takes a reading that is no repeat into the books. `last`: the newest time of the series before it (ms);
        `forgotten`: its pane is too full to take it."""
        at = reading.ts
        late = amending = kept = wanted = False
        step: list[int] = []
        for place, ledger in self.readings.items():
            in_order = at > last and not ledger.machine.passed(states[place], at)
            start = ledger.start(clock)
            if not ledger.stale and not (at >= start and in_order):
                ledger.forward(self.journal, start, clock)
            if at >= start:
                wanted = True
                if in_order:
                    step.append(place)
                else:
                    amending = ledger.stale = True
            elif ledger.follows(last, at):
                ledger.follow(reading)
                amending = amending or not in_order
            else:
                late = True
        for place, book in self.windows.items():
            needed = book.needs(at, clock)
            late = late or book.missed(at, clock) or (needed and forgotten)
            if needed and not forgotten:
                kept = True
                missed = book.window.missed(states[place], at, clock)
                if missed:
                    if not book.stale:
                        book.forward(view, clock)
                    amending = book.stale = True
                if missed or at <= last:  # newer ones the series knows by itself
                    book.first = min(book.first, at)
        if wanted:
            insort(self.journal, reading, key=_time)
        return Taken(late, amending, kept, tuple(step))

    def settle(self, place: int, state: Any, last: int, before: int, clock: int, view: View) -> tuple[Any, News]:
        """The state of the watch at `place` after the clock has moved from `before` to `clock`, and what is told."""
        if (ledger := self.readings.get(place)) is not None:
            news: News
            if ledger.stale:
                state, changes = ledger.judged(self.journal, clock)
                # What only goes on takes nothing back, however old it is.
                news = self._revise(place, changes, -1 if ledger.followed else before)
            else:
                state, changes = ledger.machine.due(state, last, clock)
                news = self.told(place, changes, view.offset)
            ledger.forward(self.journal, ledger.start(clock), clock)
            return state, news
        book = self.windows[place]
        if book.stale:
            state, changes = book.judged(view, clock)
            news = self._revise(place, changes, book.window.through(before))
        else:
            state, changes = book.due(state, view, before, clock)
            news = self.told(place, changes, view.offset)
        book.forward(view, clock)
        return state, news

    def told(self, place: int, changes: Iterable[Change], offset: int) -> News:
        """Writes down what a watch says now. `offset`: of the record that brought the series' newest reading."""
        book = self.book(place)
        anchors = [anchored(change, offset) for change in changes]
        return [(change, book.account.record(change)) for change in anchors]

    def _revise(self, place: int, changes: Sequence[Change], since: int) -> News:
        """What must be told of a watch that would have said all of `changes` since its base."""
        book = self.book(place)
        before, was = book.before, book.stands
        news = book.account.revise(changes, since)
        book.stale = False
        self.revised[place] = Revised(before, was, book.stands)
        return news

    def tidy(self, clock: int, view: View) -> None:
        """Brings the books to `clock`, so that what they are depends on nothing else."""
        for ledger in self.readings.values():
            if not ledger.stale:
                ledger.forward(self.journal, ledger.start(clock), clock)
        for book in self.windows.values():
            if not book.stale:
                book.forward(view, clock)
        self._trim()

    @property
    def full(self) -> bool:
        """Whether there is room for no other reading. Call `tidy` and ask again, settle all, then call `shorten`."""
        return len(self.journal) >= MOST

    def shorten(self, clock: int) -> None:
        """Judges the oldest readings for good."""
        through = self.journal[max(MOST // 8, 1) - 1].ts + 1
        for ledger in self.readings.values():
            ledger.forward(self.journal, through, clock)
        self._trim()

    def _trim(self) -> None:
        through = min((ledger.through for ledger in self.readings.values()), default=FOREVER)
        del self.journal[: bisect_left(self.journal, through, key=_time)]


def _time(seen: Seen) -> int:
    return seen.ts
