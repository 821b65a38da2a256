"""The records of one partition that were taken and are not stored yet."""

from rules.frame import Frame, FrameReader
from streams.lanes import partition_of_lane
from streams.refusals import Refused
from streams.stores.port import Batch, Progress


class Seat:
    """One partition that is recorded here, by its lane."""

    def __init__(self, partition: int, partitions: int, progress: Progress, fresh_from: int) -> None:
        self.partition = partition
        self.reader = FrameReader(partition_of_lane(partition), partitions)
        self.stored = self.taken = self.next = progress.next  # stored <= taken for writing <= next to come
        self.until = progress.until
        self.fresh_from = fresh_from
        self.records: list[tuple[int, Frame | Refused]] = []

    def cut(self) -> tuple[Batch, list[Refused]] | None:
        """Take what may be written now. A batch that somebody began and did not end is ended at the same record."""
        end = self.next if self.until is None else self.until
        if end > self.next or not self.records:
            return None
        cut = [kind for offset, kind in self.records if offset < end]
        self.records = [record for record in self.records if record[0] >= end]
        frames = [kind for kind in cut if isinstance(kind, Frame)]
        refused = [kind for kind in cut if not isinstance(kind, Frame)]
        batch = Batch(self.partition, self.taken, end, frames, len(refused))
        self.taken, self.until = end, None
        return batch, refused
