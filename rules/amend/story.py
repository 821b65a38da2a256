"""How things stood over time, in the words in which groups are told of it, and what of two such stories differs.

told    ____|‾‾‾‾|_________        retold from the first difference on: what was told of later times counts no more
is now  ____|‾‾‾‾‾‾‾‾‾|____
                 |-------->
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rules.amend.account import Entry
from rules.amend.told import first_of
from rules.machine import Change


class Stand(NamedTuple):
    """How a watch stands from `at` (ms) on, or the value that it has at that time; `offset` of the record of its
    evidence, -1 for none; `why`: nothing is known, for this reason."""

    at: int
    severity: str = ""
    value: float | None = None
    offset: int = -1
    why: str = ""


def stand_of(change: Change) -> Stand:
    """`change`: of a rule with `amend`, which always says at which record its evidence begins."""
    last = change.seen[-1] if change.seen else None
    if last is None:
        return Stand(change.at, change.severity, None, first_of(change), change.why)
    return Stand(change.at, change.severity, last.value, last.offset, change.why)


class Story:
    """What a watch that no author has written has told since its base: `stands`, in the order of time. `before`: the
    newest of those that no reading can alter any more."""

    __slots__ = ("before", "stands")

    def __init__(self) -> None:
        self.before: Stand | None = None
        self.stands: list[Stand] = []

    def record(self, change: Change) -> Entry:
        """Writes down what is told now. It makes no episode that anybody hears of."""
        self.stands.append(stand_of(change))
        return Entry(change.at, change.at, 1, first_of(change))

    def close(self, changes: Sequence[Change], oldest: int) -> None:
        """These oldest of the changes told have become part of the base."""
        if changes:
            self.before = self.stands[len(changes) - 1]
            self.stands = self.stands[len(changes) :]

    def revise(self, changes: Iterable[Change], since: int) -> list[tuple[Change, Entry]]:
        """Takes `changes`, all since the base, as what is true. Groups hear of it in a way of their own."""
        self.stands = [stand_of(change) for change in changes]
        return []


class Revised(NamedTuple):
    """A story that `was` told one way and is `now` another, or the same. `before`: how it stood before both."""

    before: Stand | None
    was: Sequence[Stand]
    now: Sequence[Stand]

    def retold(self) -> list[Stand]:
        """What is to be told again: from the first instant on at which the two differ, beginning with how it stood
        then."""
        was, now, same = self.was, self.now, 0
        while same < min(len(was), len(now)) and _point(was[same]) == _point(now[same]):
            same += 1
        if same == len(was) == len(now):
            return []
        begin = min(story[same].at for story in (was, now) if same < len(story))
        while same and now[same - 1].at == begin:
            same -= 1
        if same < len(now) and now[same].at == begin:
            return list(now[same:])
        stood = now[same - 1] if same else self.before or Stand(begin)
        return [stood._replace(at=begin), *now[same:]]

    def restated(self) -> list[Stand]:
        """Of a story of values, each of its own time: those that are other than they were. None is ever gone."""
        known = {each.at: (each.value, each.why) for each in self.was}
        return [each for each in self.now if known.get(each.at) != (each.value, each.why)]


def _point(stand: Stand) -> tuple[int, str, str]:
    return stand.at, stand.severity, stand.why
