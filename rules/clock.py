"""The log's clock: what time it is, told by the log itself (docs/decisions/0002-tick-and-clock.md), and by which
catalogue it is judged (0008-catalogue-in-the-log.md)."""

from collections.abc import Iterable

import msgspec

STALE = 60_000
"""A bridge whose last tick came this many wall ms before the newest one no longer holds the clock back."""


class Tick(msgspec.Struct, frozen=True, array_like=True):
    """Of one bridge: the greatest time it told and the wall time of its last tick, both ms."""

    t: int
    wall: int


class ClockState(msgspec.Struct, frozen=True, array_like=True):
    """All that the clock is: its time (ms; 0 before the first tick), the last tick of each bridge and the wall
    time of the first tick ever. Small enough to travel with every state record. `catalogue`: the hash of the
    catalogue in force, "" before the first switch, and `serial`: the number of the switch to it."""

    now: int = 0
    bridges: dict[str, Tick] = {}
    first: int = 0
    catalogue: str = ""
    serial: int = 0


def advance(state: ClockState, bridge: str, t: int, wall: int, expected: Iterable[str] = ()) -> ClockState:
    """The clock after one tick. It is the least of the bridges' times, never goes back, and depends on nothing
    but the ticks before it in the log.

    A bridge that is `expected` but has not ticked yet holds the clock at its value until its first tick, or until
    `STALE` wall ms after the first tick of anybody.
    """
    told = state.bridges.get(bridge, Tick(0, 0))
    bridges = {**state.bridges, bridge: Tick(max(told.t, t), max(told.wall, wall))}
    newest = max(tick.wall for tick in bridges.values())
    first = state.first or wall
    fresh = [tick.t for tick in bridges.values() if newest - tick.wall <= STALE]
    waiting = newest - first <= STALE and any(name not in bridges for name in expected)
    now = state.now if waiting else max(state.now, min(fresh))
    return ClockState(now, bridges, first, state.catalogue, state.serial)
