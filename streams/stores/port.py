"""What the city asks of a time-series store. Two stores keep this port; one contract test holds them to it."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from rules.frame import Frame


class StoreError(Exception):
    """A store that does not do what it was asked. Nothing of the call counts."""


class StoreAwayError(StoreError):
    """It does not answer, or cannot just now. Whether anything was written is unknown: call again with the same
    batches, as often as it takes."""


class StoreRefusesError(StoreError):
    """It answers, and says no to everything: a wrong token, bucket or address. Somebody must put that right; until
    then call again, as for StoreAwayError."""


class StaleBatchError(StoreError):
    """A batch that does not begin where the store's position stands: another worker wrote meanwhile."""


class Counts(msgspec.Struct, frozen=True):
    """Facts about the log before a position. readings = stored + repeats + conflicts + rejected."""

    readings: int = 0
    stored: int = 0
    repeats: int = 0
    conflicts: int = 0
    bad_frames: int = 0
    rejected: int = 0

    def plus(self, other: "Counts") -> "Counts":
        return Counts(
            *(a + b for a, b in zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True))
        )


class Progress(msgspec.Struct, frozen=True):
    """`next`: the first offset that is not stored yet; `counts` are true there. `until`: a batch from `next` to it
    was begun by somebody who died; the next batch must end exactly there."""

    next: int
    counts: Counts
    until: int | None = None


class Batch(msgspec.Struct, frozen=True):
    """The records `first` to `next` (exclusive) of one partition: the readings' frames in order, and how many of the
    records were no frames. A partition of derived readings has a number below 0 (streams/lanes.py)."""

    partition: int
    first: int
    next: int
    frames: list[Frame]
    bad_frames: int = 0


class BadPoint(msgspec.Struct, frozen=True):
    """A reading that the store will never take, and its words for it."""

    sensor: str
    metric: str
    ts: int
    value: float
    reason: str


class Rejected(msgspec.Struct, frozen=True):
    points: list[BadPoint]


class Latest(msgspec.Struct, frozen=True):
    sensor: str
    metric: str
    ts: int
    value: float


class Bucket(msgspec.Struct, frozen=True):
    """`ts`: where the bucket begins (ms; buckets are aligned to the epoch); `value`: the mean of its `count` readings,
    `low` and `high` their extremes. A single reading is a bucket of one."""

    ts: int
    value: float
    low: float
    high: float
    count: int


class TimeSeriesStore(Protocol):
    """Times are ms, ranges half-open. Every method raises StoreAwayError or StoreRefusesError when it must; reads may
    come from any thread and from other processes while one worker writes."""

    def positions(self) -> dict[int, Progress]:
        """Progress by partition; also the moment to forget whatever was remembered about the store's content."""

    def write(self, batches: Sequence[Batch]) -> Rejected | None:
        """Store the readings, at most one batch for a partition. First wins: a reading whose identity is stored with
        another value is a conflict, with the same value a repeat; neither is written. Raises StaleBatchError."""

    def settle(self) -> None:
        """What the last `write` rejected is safe elsewhere: let the positions move."""

    def skip(self, partition: int, start: int) -> None:
        """The log of this partition begins at `start` now; what lay before is gone."""

    def latest(self, sensor: str | None = None) -> list[Latest]:
        """The newest reading of each metric of a sensor, or of all, ordered by sensor and metric."""

    def range(self, sensor: str, metric: str, start: int, end: int, step: int | None = None) -> list[Bucket]:
        """Readings of one series, or with `step` (ms) their buckets; empty buckets are left out."""

    def scan(self, start: int, end: int) -> Iterator[tuple[str, str, int, float]]:
        """Every (sensor, metric, ts, value), in no particular order, without holding them all."""

    def close(self) -> None:
        """Give back what is held; harmless twice."""
