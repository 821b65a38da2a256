"""How values are distributed, in buckets whose bounds grow by a constant factor (DDSketch: Masson, Rim and Lee, 2019):
a percentile of any number of readings, with a relative error that is known beforehand."""

from bisect import bisect_right
from itertools import accumulate
from math import ceil, log

from rules.tallies.tally import Packed

ERROR = 0.005
"""A percentile is at most this share of itself away from the reading of that rank."""

_GROWTH = (1.0 + ERROR) / (1.0 - ERROR)
_LOG = log(_GROWTH)
_LEAST = 1e-6
"""What is nearer to 0 is taken as 0: micro-units are the least that any sum here knows."""


class Sketch:
    """How many readings are in each bucket: 0 for values about 0; for x above 0 the bucket of x, from 1 on; for x below
    0 the bucket of -x with a minus. Values from 1e-6 to 1e12 fall into 4,146 buckets of each sign at most."""

    __slots__ = ("counts",)

    def __init__(self, counts: dict[int, int] | None = None) -> None:
        self.counts = counts if counts is not None else {}

    def add(self, at: int, x: float) -> None:
        bucket = bucket_of(x)
        self.counts[bucket] = self.counts.get(bucket, 0) + 1

    def merge(self, other: "Sketch") -> "Sketch":
        both = dict(self.counts)
        for bucket, count in other.counts.items():
            both[bucket] = both.get(bucket, 0) + count
        return Sketch(both)

    def settle(self, before: int) -> None:
        """Nothing is kept to place a reading."""

    def pack(self) -> Packed:
        return [part for pair in sorted(self.counts.items()) for part in pair]

    def restore(self, packed: Packed) -> None:
        numbers = list(map(int, packed))
        self.counts = dict(zip(numbers[::2], numbers[1::2], strict=True))

    def percentile(self, percent: int) -> float:
        """The value of the reading of rank ⌊percent · (n - 1) / 100⌋, counted from 0 and from the least, as its bucket
        tells it. There must be a reading."""
        buckets = sorted(self.counts)
        through = list(accumulate(self.counts[bucket] for bucket in buckets))
        return value_of(buckets[bisect_right(through, percent * (through[-1] - 1) // 100)])


def bucket_of(x: float) -> int:
    if abs(x) < _LEAST:
        return 0
    number = 1 + ceil(log(abs(x) / _LEAST) / _LOG)
    return number if x > 0.0 else -number


def value_of(bucket: int) -> float:
    """The value that is at most `ERROR` away from all of the bucket."""
    if bucket == 0:
        return 0.0
    size: float = _LEAST * _GROWTH ** (abs(bucket) - 1) * 2.0 / (_GROWTH + 1.0)
    return size if bucket > 0 else -size
