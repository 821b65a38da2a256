"""What a series does from one reading to the next, as a value of its own that levels can judge.

A signal is a pure function: what it remembered, a reading and its settings give a value and what it remembers now.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from rules.finding import Seen

MINUTE = 60_000
MOST = 1000
"""Readings that a range remembers at most; only those count that no later one exceeds to both sides."""

Memory = tuple[Seen, ...]


class Reach(NamedTuple):
    """`per`: the time a rate is of; `over`: the time a range reaches back; `gap`: readings further apart are not
    compared, 0 for no limit (all ms)."""

    per: int = 0
    over: int = 0
    gap: int = 0


class Signal(NamedTuple):
    """`value`: None where there is nothing to compare with. `first`: the offset of the oldest reading it rests on."""

    value: float | None
    first: int
    memory: Memory


def _between(change: Callable[[Seen, Seen, Reach], float | None]) -> Callable[[Memory, Seen, Reach], Signal]:
    """The signal that compares each reading with the one before it."""

    def signal(memory: Memory, reading: Seen, reach: Reach) -> Signal:
        if not memory or _apart(memory[0], reading, reach):
            return Signal(None, reading.offset, (reading,))
        return Signal(change(memory[0], reading, reach), memory[0].offset, (reading,))

    return signal


def _apart(before: Seen, reading: Seen, reach: Reach) -> bool:
    return reach.gap > 0 and reading.ts - before.ts > reach.gap


def _delta(before: Seen, reading: Seen, reach: Reach) -> float:
    return reading.value - before.value


def _jump(before: Seen, reading: Seen, reach: Reach) -> float:
    return abs(reading.value - before.value)


def _percent(before: Seen, reading: Seen, reach: Reach) -> float | None:
    """Of the value before, which for 0 says nothing."""
    return (reading.value - before.value) / abs(before.value) * 100.0 if before.value else None


def _rate(before: Seen, reading: Seen, reach: Reach) -> float:
    return (reading.value - before.value) * reach.per / (reading.ts - before.ts)


def _range(memory: Memory, reading: Seen, reach: Reach) -> Signal:
    """The greatest less the least value of the last `over` ms, this reading included."""
    low = high = reading
    kept = [reading]
    for seen in reversed(memory):
        if reading.ts - seen.ts >= reach.over or len(kept) == MOST:
            break
        if seen.value > high.value:
            high = seen
            kept.append(seen)
        elif seen.value < low.value:
            low = seen
            kept.append(seen)
    return Signal(high.value - low.value, min(low.offset, high.offset), tuple(reversed(kept)))


def _stuck(memory: Memory, reading: Seen, reach: Reach) -> Signal:
    """The minutes since the first of the readings in a row that all have the value of this one. Time without readings
    counts as long as the next one is the same; the memory is the first of the row and the newest."""
    if not memory or memory[0].value != reading.value or _apart(memory[1], reading, reach):
        return Signal(0.0, reading.offset, (reading, reading))
    first = memory[0]
    return Signal((reading.ts - first.ts) / MINUTE, first.offset, (first, reading))


SIGNALS: Mapping[str, Callable[[Memory, Seen, Reach], Signal]] = MappingProxyType(
    {
        "delta": _between(_delta),
        "jump": _between(_jump),
        "percent": _between(_percent),
        "rate": _between(_rate),
        "range": _range,
        "stuck": _stuck,
    }
)
