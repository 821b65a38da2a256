"""Readings in records of the topic `readings`: how many, and the newest tick of each bridge. Events in `summaries`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rules.areas.summary import SummaryReader
from rules.frame import Frame, FrameError, FrameReader
from urbanpulse.kafka import Record


@dataclass(slots=True)
class Tally:
    """What some records of one partition hold. `ticks`: per bridge the greatest time it told."""

    readings: int = 0
    bad_frames: int = 0
    ticks: dict[str, int] = field(default_factory=dict)


class Frames:
    """Reads records as frames, each partition with a reader of its own, as the judge and the recorder do."""

    def __init__(self, partitions: int) -> None:
        self._readers = [FrameReader(number, partitions) for number in range(partitions)]

    def read(self, records: Iterable[Record]) -> Iterator[tuple[Record, Frame | FrameError]]:
        """Each record with its frame, or with what is wrong with it."""
        for record in records:
            try:
                yield record, self._readers[record.partition].read(record.value)
            except FrameError as error:
                yield record, error


def count(frame: Frame | FrameError, tally: Tally) -> None:
    if isinstance(frame, FrameError):
        tally.bad_frames += 1
    elif frame.tick:
        tally.ticks[frame.tick] = max(frame.t, tally.ticks.get(frame.tick, 0))
    else:
        tally.readings += frame.readings()


def count_events(records: Iterable[Record], partitions: int) -> int:
    """Events in records of the topic `summaries`; one that cannot be read has none."""
    readers = [SummaryReader(number, partitions) for number in range(partitions)]
    found = 0
    for record in records:
        try:
            found += len(readers[record.partition].read(record.value).events)
        except FrameError:
            continue
    return found
