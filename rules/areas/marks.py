"""The area clock: the time through which every source partition has said all that it has to say."""

import msgspec

from rules.areas.summary import Summary
from rules.clock import ClockState, Tick


def mark(clock: ClockState, summary: Summary, sources: int) -> ClockState:
    """The clock after what a source says: the least of what they all have said, never back. One that has said nothing
    yet, or nothing new for long, holds it: its events are still to come."""
    if summary.through < 0:
        return clock
    source = str(summary.source)
    told = clock.bridges.get(source, Tick(0, 0))
    bridges = {**clock.bridges, source: Tick(max(told.t, summary.through), max(told.wall, summary.wall))}
    now = clock.now
    if len(bridges) >= sources:
        now = max(now, min(tick.t for tick in bridges.values()))
    return msgspec.structs.replace(clock, now=now, bridges=bridges, first=clock.first or summary.wall)


def marked(clock: ClockState, source: int) -> int:
    """The time (ms) through which this source has said all, -1 for none."""
    told = clock.bridges.get(str(source))
    return -1 if told is None else told.t
