"""What the judge says of a record, as records of its own: findings, derived readings, and what its first stage has for
its second."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from rules.areas import summary
from rules.areas.event import Event, group_partition
from rules.areas.summary import Summary
from rules.clock import ClockState
from rules.derived.made import Derived
from rules.finding import Finding, encode
from rules.frame import VERSION, Columns, Frame
from rules.frame import encode as encode_frame

MOST = 2_000
"""Readings in one frame, events in one summary."""


class Out(NamedTuple):
    """A record for Kafka. `partition`: None where the key chooses it."""

    topic: str
    value: bytes
    key: bytes | None
    partition: int | None


def changes_of(findings: Iterable[Finding]) -> Mapping[str, int]:
    """How many findings there are of each change."""
    return Counter[str](finding.change for finding in findings)


def of_findings(topic: str, findings: Iterable[Finding]) -> list[Out]:
    return [Out(topic, encode(finding), finding.key, None) for finding in findings]


def of_derived(topic: str, partition: int, wall: int, readings: Sequence[Derived]) -> list[Out]:
    """Frames as on `readings`, in the partition of the same number, so that a sensor's are together there too. `wall`:
    when the tick that decided them was received (ms)."""
    frames = [_frame(wall, readings[first : first + MOST]) for first in range(0, len(readings), MOST)]
    return [Out(topic, encode_frame(frame), None, partition) for frame in frames]


def of_summaries(
    topic: str,
    partitions: int,
    source: int,
    wall: int,
    through: int,
    events: Iterable[Event],
    clock: ClockState,
    everywhere: bool = False,
) -> list[Out]:
    """Each event to the partition of its group, and with `through` (not -1) to every partition the word that partition
    `source` of the readings has said all up to that time (ms): behind the events, so that it is true where it is
    read. Each record names the catalogue in force by `clock`; `everywhere`: every partition hears of it."""
    homes: dict[int, list[Event]] = {}
    if everywhere or through >= 0:
        homes = {number: [] for number in range(partitions)}
    for event in events:
        homes.setdefault(group_partition(event.group, partitions), []).append(event)
    out = []
    for home, own in sorted(homes.items()):
        pieces = [own[first : first + MOST] for first in range(0, len(own), MOST)] or [own]
        for piece in pieces:
            told = through if piece is pieces[-1] else -1
            record = Summary(summary.VERSION, source, wall, told, clock.catalogue, clock.serial, events=tuple(piece))
            out.append(Out(topic, summary.encode(record), None, home))
    return out


def _frame(wall: int, readings: Sequence[Derived]) -> Frame:
    base, columns = readings[0].ts, dict[str, Columns]()
    for sensor, metric, ts, value in readings:
        column = columns.setdefault(metric, Columns([], [], []))
        column.sensor.append(sensor)
        column.ts.append(ts - base)
        column.value.append(value)
    return Frame(VERSION, base, wall, columns)
