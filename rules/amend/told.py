"""What a rule has told of one episode, and how two stories of the same time differ."""

from collections.abc import Iterator, Sequence
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar

import msgspec

from rules.finding import Course
from rules.machine import FOREVER

Step = tuple[int, str]
"""A time (ms) and the severity from then on, "" for none."""


class AnyChange(Protocol):
    """What a change of a series and one of a group have in common; what it means says `rules.machine.Change`."""

    @property
    def at(self) -> int: ...
    @property
    def severity(self) -> str: ...
    @property
    def was(self) -> str: ...
    @property
    def first(self) -> int | None: ...
    @property
    def why(self) -> str: ...
    def _replace(self, *args: Any, **values: Any) -> Self: ...


C = TypeVar("C", bound=AnyChange)


class Told(msgspec.Struct, Generic[C], frozen=True, array_like=True):
    """An episode. `named`: the onset that its identity is made of, the first that was ever decided; `onset`: the one
    that holds now; `revision`: of its newest finding; `first`: the offset at which its evidence begins. `before`: the
    newest of its changes that no reading can alter any more, None while there is none; `changes`: all later ones."""

    named: int
    onset: int
    revision: int
    first: int
    before: C | None
    changes: tuple[C, ...]

    @property
    def newest(self) -> C:
        return self.changes[-1] if self.changes else self._before

    @property
    def severity(self) -> str:
        """What it is now, "" when it is over."""
        return self.newest.severity

    @property
    def doubt(self) -> bool:
        """Whether it is on and its newest window could not be decided."""
        return bool(self.newest.why)

    @property
    def end(self) -> int:
        """When (ms) it was over, FOREVER while it is on."""
        return FOREVER if self.severity else self.newest.at

    @property
    def decided(self) -> C:
        """Its newest change that was no doubt, as far as they are known."""
        return next((each for each in reversed(self.changes) if not each.why), self.before or self.newest)

    @property
    def steps(self) -> tuple[Step, ...]:
        """Each severity that it has had since `before`, and its end."""
        found: list[Step] = []
        for each in (*([self._before] if self.before is not None else []), *self.changes):
            if not found or found[-1][1] != each.severity:
                found.append((each.at, each.severity))
        return tuple(found)

    @property
    def course(self) -> Course:
        return Course(self.onset, self.steps)

    @property
    def _before(self) -> C:
        assert self.before is not None
        return self.before


class Pair(NamedTuple, Generic[C]):
    """An episode as it was told, and as it is: None where there is no such one."""

    was: Told[C] | None
    now: Told[C] | None

    @property
    def onset(self) -> int:
        """When the earlier of the two begins."""
        return min(each.onset for each in self if each is not None)


def pairs(was: Sequence[Told[C]], now: Sequence[Told[C]]) -> list[Pair[C]]:
    """Which episode of one story is which of the other, in the order of time; each story is in that order.

    The one that began before both is the same. Then an episode is the one whose identity has its onset, else the one
    that began with it, else the first one that it overlaps and that no other is.
    """
    free = list(was)
    found: dict[int, Told[C]] = {}
    for same in (_both_open, _namesake, _same_onset, _overlap):
        for place, each in enumerate(now):
            if place not in found:
                other = next((old for old in free if same(old, each)), None)
                if other is not None:
                    found[place] = other
                    free.remove(other)
    matched = [Pair(found.get(place), each) for place, each in enumerate(now)]
    return sorted([*(Pair(each, None) for each in free), *matched], key=lambda pair: pair.onset)


def _both_open(old: Told[C], new: Told[C]) -> bool:
    return old.before is not None and new.before is not None


def _namesake(old: Told[C], new: Told[C]) -> bool:
    return old.named == new.onset


def _same_onset(old: Told[C], new: Told[C]) -> bool:
    return old.onset == new.onset


def _overlap(old: Told[C], new: Told[C]) -> bool:
    return old.onset < new.end and new.onset < old.end


def stories(open_: Told[C] | None, changes: Sequence[C]) -> Iterator[Told[C]]:
    """The changes of one watch since its base, episode by episode. `open_`: the one that was on then."""
    current = msgspec.structs.replace(open_, changes=()) if open_ is not None else None
    for change in changes:
        if current is None or not current.severity:
            if current is not None:
                yield current
            current = Told(change.at, change.at, 0, first_of(change), None, (change,))
        else:
            current = msgspec.structs.replace(current, changes=(*current.changes, change))
    if current is not None:
        yield current


def first_of(change: AnyChange) -> int:
    """The offset at which the evidence of a change begins, which every change of an amending rule carries."""
    assert change.first is not None
    return change.first
