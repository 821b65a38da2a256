"""What one rule has told of one series or group since its base, and what must be told when that turns out otherwise."""

from collections.abc import Iterable, Sequence
from typing import Generic, Literal, NamedTuple

from msgspec.structs import replace

from rules.amend.told import C, Pair, Told, first_of, pairs, stories
from rules.finding import Course

FINAL = -1
"""In place of a revision: an episode that nothing can alter any more. Its identity stays taken."""


class Entry(NamedTuple):
    """Which episode a change is of, and where that stands with it. `what`: "" for a change of mind like any other.
    `was` and `now`: the episode as it was told and as it is, for what was decided anew. `current`: whether it is the
    rule's newest episode, and on."""

    named: int
    onset: int
    revision: int
    first: int
    what: Literal["", "amended", "withdrawn"] = ""
    was: Course | None = None
    now: Course | None = None
    current: bool = False


class Account(Generic[C]):
    """`told`: the episodes since the base, in the order of time; the first of them may have begun before. `gone`: by
    name the revision of each that was withdrawn, or FINAL."""

    __slots__ = ("gone", "told")

    def __init__(self) -> None:
        self.told: list[Told[C]] = []
        self.gone: dict[int, int] = {}

    @property
    def severity(self) -> str:
        """Of the newest episode, "" when none is on."""
        return self.told[-1].severity if self.told else ""

    @property
    def begun(self) -> str:
        """The severity at the base."""
        first = self.told[0] if self.told else None
        return first.before.severity if first is not None and first.before is not None else ""

    def record(self, change: C) -> Entry:
        """Writes down what is told now, and says of which episode it is."""
        if not change.was:
            name = self._name(change.at)
            revision = self.gone.pop(name, 0) + 1
            self.told.append(Told(name, change.at, revision, first_of(change), None, (change,)))
        else:
            newest = self.told[-1]
            changes = (*newest.changes, change)
            self.told[-1] = replace(newest, revision=newest.revision + 1, changes=changes)
        newest = self.told[-1]
        return Entry(newest.named, newest.onset, newest.revision, newest.first, current=bool(newest.severity))

    def close(self, changes: Sequence[C], oldest: int) -> None:
        """These oldest of the changes told have become part of the base. `oldest`: no new episode begins before it."""
        for _ in changes:
            first = self.told[0]
            kept, *rest = first.changes
            if first.before is not None and first.before.severity == kept.severity:
                kept = kept._replace(at=first.before.at)  # a doubt, or its end: the severity is as old as it was
            if kept.severity:
                self.told[0] = replace(first, before=kept, changes=tuple(rest))
            else:
                del self.told[0]
                self.gone[first.named] = FINAL
        for name in [name for name in self.gone if name < oldest]:
            del self.gone[name]

    def revise(self, changes: Sequence[C], since: int) -> list[tuple[C, Entry]]:
        """Takes `changes`, all since the base, as what is true, and returns what must be told for it. What happened
        after `since` (ms) nobody can have told yet, so there is nothing to take back."""
        open_ = self.told[0] if self.told and self.told[0].before is not None else None
        found = pairs(self.told, list(stories(open_, changes)))
        news: list[tuple[C, Entry]] = []
        told: list[Told[C]] = []
        newest = max((pair.now.onset for pair in found if pair.now is not None), default=-1)
        self.told = []
        # Names are taken until it is known who goes on under them.
        taken = {pair.was.named for pair in found if pair.was is not None}
        for pair in found:
            if pair.was is None:
                now = self._begun(pair, taken)
                news += self._fired(now, current=now.onset == newest)
            elif pair.now is None:
                news.append(self._withdrawn(pair.was))
                continue
            else:
                now, more = _gone_on(pair.was, pair.now, since, current=pair.now.onset == newest)
                news += more
            told.append(now)
        self.told = told
        return news

    def _begun(self, pair: Pair[C], taken: set[int]) -> Told[C]:
        """An episode that comes to light only now, under a name of its own."""
        assert pair.now is not None
        name = self._name(pair.now.onset, taken)
        taken.add(name)
        return replace(pair.now, named=name, revision=self.gone.pop(name, 0) + len(pair.now.changes))

    def _fired(self, now: Told[C], *, current: bool) -> Iterable[tuple[C, Entry]]:
        revision = now.revision - len(now.changes)
        for change in now.changes:
            revision += 1
            on = current and bool(now.severity)
            yield change, Entry(now.named, now.onset, revision, now.first, current=on)

    def _withdrawn(self, was: Told[C]) -> tuple[C, Entry]:
        revision = was.revision + 1
        self.gone[was.named] = revision
        change = was.decided._replace(at=was.onset, severity="", was=was.severity, why="")
        return change, Entry(was.named, was.onset, revision, was.first, "withdrawn", was.course)

    def _name(self, onset: int, taken: Iterable[int] = ()) -> int:
        """The onset, or where another episode has it in its identity, the next instant that none has."""
        used = {*taken, *(each.named for each in self.told), *(n for n, r in self.gone.items() if r == FINAL)}
        while onset in used:
            onset += 1
        return onset


def _gone_on(was: Told[C], now: Told[C], since: int, *, current: bool) -> tuple[Told[C], list[tuple[C, Entry]]]:
    """The episode as it is, and what must be told of it."""
    now = replace(now, named=was.named, revision=was.revision, first=min(was.first, now.first))
    known = len(was.changes)
    current = current and bool(now.severity)
    news: list[tuple[C, Entry]] = []

    def tell(change: C, what: Literal["", "amended"] = "") -> None:
        nonlocal now
        now = replace(now, revision=now.revision + 1)
        entry = Entry(now.named, now.onset, now.revision, now.first, what, current=current)
        news.append((change, entry._replace(was=was.course, now=now.course) if what else entry))

    if _points(now)[:known] == _points(was) and all(change.at > since for change in now.changes[known:]):
        for change in now.changes[known:]:
            tell(change)
        # What was told rests on the values of its time.
        return replace(now, changes=(*was.changes, *now.changes[known:])), news
    if was.steps != now.steps or was.onset != now.onset or (was.doubt and not now.doubt):
        tell(
            now.decided._replace(at=now.steps[-1][0], severity=now.severity, was=was.severity, why=""),
            "amended",
        )
    if now.doubt and (news or not was.doubt):
        tell(now.newest)
    return now, news


def _points(told: Told[C]) -> list[tuple[int, str, bool]]:
    return [(each.at, each.severity, bool(each.why)) for each in told.changes]
