"""The topic `readings`, one partition of it or all, as stories are made of it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from rules.frame import Frame, FrameError
from rules.identity import partition_of
from urbanpulse.account import READINGS
from urbanpulse.kafka import Record
from urbanpulse.tally import Frames

NOWHERE = 1 << 62
"""Beyond the end of every partition."""


class Log(Protocol):
    """What `urbanpulse.kafka.Reader` offers."""

    def read(self, topic: str, starts: Mapping[int, int] | None = None) -> Iterable[Record]: ...


def partition_records(log: Log, sensor: str, partitions: int) -> Iterator[tuple[int, Frame | FrameError]]:
    """Every record of the sensor's partition, from the beginning of what is kept to its end now."""
    home = partition_of(sensor, partitions)
    starts = {number: 0 if number == home else NOWHERE for number in range(partitions)}
    for record, frame in Frames(partitions).read(log.read(READINGS, starts)):
        yield record.offset, frame


def all_records(log: Log, partitions: int) -> Iterator[tuple[int, int, Frame | FrameError]]:
    """Every record of every partition (partition, offset, frame), each partition in its order."""
    for record, frame in Frames(partitions).read(log.read(READINGS)):
        yield record.partition, record.offset, frame
