"""What the judge says of a record, as records of its own: findings and derived readings."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rules.engine import Derived
from rules.finding import Finding, encode
from rules.frame import VERSION, Columns, Frame
from rules.frame import encode as encode_frame

MOST = 2_000
"""Readings in one frame."""


class Out(NamedTuple):
    """A record for Kafka. `partition`: None where the key chooses it."""

    topic: str
    value: bytes
    key: bytes | None
    partition: int | None


def of_findings(topic: str, findings: Iterable[Finding]) -> list[Out]:
    return [Out(topic, encode(finding), finding.key, None) for finding in findings]


def of_derived(topic: str, partition: int, wall: int, readings: Sequence[Derived]) -> list[Out]:
    """Frames as on `readings`, in the partition of the same number, so that a sensor's are together there too. `wall`:
    when the tick that decided them was received (ms)."""
    frames = [_frame(wall, readings[first : first + MOST]) for first in range(0, len(readings), MOST)]
    return [Out(topic, encode_frame(frame), None, partition) for frame in frames]


def _frame(wall: int, readings: Sequence[Derived]) -> Frame:
    base, columns = readings[0].ts, dict[str, Columns]()
    for sensor, metric, ts, value in readings:
        column = columns.setdefault(metric, Columns([], [], []))
        column.sensor.append(sensor)
        column.ts.append(ts - base)
        column.value.append(value)
    return Frame(VERSION, base, wall, columns)
