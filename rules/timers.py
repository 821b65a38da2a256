"""When the clock has to look at what: a heap of times, and on each thing the one that counts."""

from heapq import heappop, heappush
from typing import Generic, Protocol, TypeVar

from rules.machine import FOREVER

Key = tuple[str, str]


class Timed(Protocol):
    """`armed`: the clock's time (ms) at which it is looked at, FOREVER for never."""

    armed: int


T = TypeVar("T", bound=Timed)


class Timers(Generic[T]):
    """Things by key, each with at most one time that counts; a key always means the same thing."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, Key]] = []
        self._things: dict[Key, T] = {}

    def arm(self, key: Key, thing: T, due: int) -> None:
        """Makes it fall due at `due` at the latest. An earlier time that runs is left alone: when it comes, the thing
        is looked at and armed anew."""
        if due < thing.armed:
            thing.armed = due
            self._things[key] = thing
            heappush(self._heap, (due, key))

    def due(self, now: int) -> list[T]:
        """What has fallen due by `now`, by key; none of it is armed any more."""
        found: dict[Key, T] = {}
        while self._heap and self._heap[0][0] <= now:
            due, key = heappop(self._heap)
            thing = self._things[key]
            if thing.armed == due:
                thing.armed = FOREVER
                found[key] = thing
        return [found[key] for key in sorted(found)]
