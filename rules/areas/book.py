"""What a group keeps whose rule may take back what it said (docs/decisions/0013-amend-groups.md).

          through                     decided
base ────────┤ journal: what came since  ├──── waiting
             └──── judged again, when something came late
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from rules.amend.account import Account, Entry
from rules.amend.story import Revised, Stand
from rules.amend.told import Told
from rules.areas.compiled import Composite
from rules.areas.event import Event
from rules.areas.group import Group
from rules.areas.machine import Outcome
from rules.machine import FOREVER

MOST = 20_000
"""Events of one group that are kept to be judged again. Beyond, the oldest are judged for good, an eighth at a time."""


class Late(NamedTuple):
    """An event of a time that was decided when it came; `at`: the instant (ms) with which it counts."""

    at: int
    event: Event


class Step(NamedTuple):
    """What an instant leads to. `news`: what is to be told, each with the episode that it is of; None where that is the
    one and only, or none. `revised`: what groups that hear of this one must know of the past, None for nothing. `lost`:
    values that came too late to be judged again."""

    news: Sequence[tuple[Outcome, Entry | None]]
    revised: Revised | None = None
    lost: int = 0


class PackedBook(msgspec.Struct, array_like=True):
    """A `GroupBook` as plain data."""

    through: int
    decided: int
    base: msgspec.Raw
    before: Stand | None
    stands: list[Stand]
    journal: list[Event]
    late: list[Late]
    told: list[Told[Outcome]]
    gone: list[tuple[int, int]]


class GroupBook:
    """`base`: the state of the group after all instants before `through` (ms), which nothing can alter any more;
    `before`: how it stood then. `journal`: the events of the instants since that are decided, in the order in which
    they are; `stands`: how the group has stood since; `account`: the episodes since. `decided`: the newest instant that
    was looked at. `late`: what has come for instants before it and does not count yet.
    """

    __slots__ = ("_composite", "account", "base", "before", "decided", "journal", "late", "stands", "through")

    def __init__(self, composite: Composite) -> None:
        self._composite = composite
        self.base: Any = composite.machine.initial()
        self.through, self.decided = 0, -1
        self.journal: list[Event] = []
        self.late: list[Late] = []
        self.before: Stand | None = None
        self.stands: list[Stand] = []
        self.account: Account[Outcome] = Account()

    @property
    def due(self) -> int:
        """The instant (ms) with which something counts that came late, FOREVER for none."""
        return self.late[0].at if self.late else FOREVER

    def keep(self, floor: int, event: Event) -> bool:
        """Takes an event of a time before `floor`, the first instant (ms) that was not decided when it came. Whether it
        is too late to be judged at its own time: then a state counts as of the oldest instant that can be judged again,
        a value not at all."""
        oldest = floor - self._composite.rule.amend
        if event.at < oldest and self._values(event):
            return True
        kept = msgspec.structs.replace(event, at=max(event.at, oldest))
        insort(self.late, Late(floor, kept), key=_order)
        return event.at < oldest

    def void(self, events: list[Event], by: Event) -> list[Event]:
        """The events without those that `by` puts itself in the place of."""
        if not by.turn:
            return events
        values = self._values(by)
        return [
            each
            for each in events
            if each.turn >= by.turn
            or (each.member, each.sensor) != (by.member, by.sensor)
            or (each.at != by.at if values else each.at < by.at)
        ]

    def record(self, at: int, events: Sequence[Event], outcomes: Sequence[Outcome], first: int) -> Step:
        """Writes down an instant that was judged in its turn. `first`: the offset of the record that decides."""
        self.journal += events
        self.decided = at
        news: list[tuple[Outcome, Entry | None]] = []
        for outcome in outcomes:
            told = _told(outcome, self.account.severity, first)
            self.stands.append(_stand(at, told))
            news.append((told, self.account.record(told)) if _tells(told) else (outcome, None))
        return Step(news)

    def revise(self, group: Group, at: int, waiting: list[Event], first: int) -> tuple[Any, list[Event], Step]:
        """Judges again from the base up to and with the instant `at`, with all that came late and counts by then.
        `waiting`: the events that are not decided. Returns the group's state, the events that still wait, and what is
        to be told, with `first` as for `record`."""
        # As far as it could be by now, however far it is: what is told of the past must not depend on that.
        self.forward(group, at - 1 - self._composite.rule.amend)
        waiting, lost = self._insert(at, waiting)
        state, found = self._judged(group, self.journal, at, first)
        stands = [_stand(time, told) for time, told in found]
        revised = Revised(self.before, self.stands, stands)
        known = [*([self.before] if self.before is not None else []), *self.stands]
        news: list[tuple[Outcome, Entry | None]] = []
        news += self.account.revise([told for _, told in found if _tells(told)], self.decided)
        if found and not _tells(found[-1][1]) and not _doubted(known, stands[-1]):
            news.append((found[-1][1], None))
        self.stands, self.decided = stands, at
        return state, waiting, Step(news, revised, lost)

    def forward(self, group: Group, through: int) -> None:
        """Makes all instants before `through` (ms) part of the base. They must be decided."""
        if through <= self.through:
            return
        end = bisect_left(self.journal, through, key=_time)
        self.base, found = self._judged(group, self.journal[:end], through - 1, -1)
        self.through = through
        del self.journal[:end]
        self._close(len(found), sum(_tells(told) for _, told in found))

    def tidy(self, group: Group, decided: int) -> None:
        """Lets go of what can no longer be judged again when all instants up to and with `decided` are decided."""
        self.forward(group, decided - self._composite.rule.amend)

    def shorten(self, group: Group) -> None:
        """Where more is kept than may be, judges the oldest for good."""
        if len(self.journal) >= MOST:
            self.tidy(group, self.decided)
        while len(self.journal) >= MOST:
            self.forward(group, self.journal[MOST // 8].at + 1)

    def settle(self, state: Any, at: int) -> int:
        """Makes all up to and with the instant `at` part of the base, as `state`: others are in the group now, so that
        nothing can be judged again as it was. How many values that came late are lost."""
        self.base, self.through, self.decided = state, at + 1, at
        self.journal = []
        self._close(len(self.stands), sum(len(each.changes) for each in self.account.told))
        lost = sum(self._values(each.event) for each in self.late)
        self.late = [each for each in self.late if not self._values(each.event)]
        return lost

    def _values(self, event: Event) -> bool:
        """Whether the event is a value of its own time, and no state from then on."""
        return event.member >= 0 and self._composite.spec.members[event.member].reports

    def _insert(self, at: int, waiting: list[Event]) -> tuple[list[Event], int]:
        """Puts what came late and counts by the instant `at` where it belongs, in the journal or among those that wait,
        and returns these, and how many values are lost."""
        due = [each.event for each in self.late if each.at <= at]
        self.late = self.late[len(due) :]
        lost = 0
        for event in due:
            if event.at < self.through:
                if self._values(event):
                    lost += 1
                    continue
                event = msgspec.structs.replace(event, at=self.through)
            self.journal, waiting = self.void(self.journal, event), self.void(waiting, event)
            insort(self.journal if event.at <= at else waiting, event, key=self._composite.order)
        end = bisect_right(waiting, at, key=_time)
        self.journal = sorted([*self.journal, *waiting[:end]], key=self._composite.order)
        return waiting[end:], lost

    def _judged(
        self, group: Group, events: Sequence[Event], through: int, first: int
    ) -> tuple[Any, list[tuple[int, Outcome]]]:
        """The state after all instants up to and with `through`, and what they led to since the base, each with its
        instant."""
        machine, state, severity, done = self._composite.machine, self.base, self.account.begun, 0
        found: list[tuple[int, Outcome]] = []
        while True:
            time = min(events[done].at if done < len(events) else FOREVER, machine.next_due(state, group))
            if time > through:
                return state, found
            end = done
            while end < len(events) and events[end].at <= time:
                end += 1
            state, outcomes = machine.step(state, group, time, tuple(events[done:end]))
            done = end
            for outcome in outcomes:
                told = _told(outcome, severity, first)
                severity = told.severity
                found.append((time, told))

    def _close(self, stands: int, changes: int) -> None:
        """This many of the oldest stands, and of the changes of episodes, can be altered no more."""
        told = [change for each in self.account.told for change in each.changes]
        self.account.close(told[:changes], self.through)
        if stands:
            self.before = self.stands[stands - 1]
            self.stands = self.stands[stands:]


def pack_book(book: GroupBook, encode: Callable[[Any], bytes]) -> PackedBook:
    base, account = msgspec.Raw(encode(book.base)), book.account
    gone = sorted(account.gone.items())
    return PackedBook(
        book.through, book.decided, base, book.before, book.stands, book.journal, book.late, account.told, gone
    )


def restore_book(packed: PackedBook, composite: Composite) -> GroupBook:
    """Raises msgspec.DecodeError for what is no such state."""
    book = GroupBook(composite)
    book.base = msgspec.msgpack.decode(packed.base, type=composite.machine.state_type)
    book.through, book.decided, book.before = packed.through, packed.decided, packed.before
    book.stands, book.journal, book.late = packed.stands, packed.journal, packed.late
    book.account.told, book.account.gone = packed.told, dict(packed.gone)
    return book


def _order(late: Late) -> tuple[int, str, int, int, int]:
    """An order that is nobody's order of arrival; what one watch has said stays as it was said."""
    event = late.event
    return late.at, event.sensor, event.member, event.turn, event.at


def _time(event: Event) -> int:
    return event.at


def _told(outcome: Outcome, severity: str, first: int) -> Outcome:
    """The outcome as it is told where `severity` is on: not to know leaves on what is on."""
    if outcome.why:
        return outcome._replace(severity=severity, was=severity, first=first)
    return outcome._replace(first=first)


def _tells(outcome: Outcome) -> bool:
    """Whether it is of an episode: something is on, or was."""
    return bool(outcome.severity or outcome.was)


def _doubted(known: Sequence[Stand], stand: Stand) -> bool:
    """Whether the doubt that now is was told: it is on anyway, or was and came to an end that was none."""
    return bool(known) and (bool(known[-1].why) or any(each.why and each.at == stand.at for each in known))


def _stand(at: int, told: Outcome) -> Stand:
    """How the group stands for others, who hear of it at the instant `at`."""
    return Stand(max(at, told.at), told.severity, told.value, -1, told.why)
