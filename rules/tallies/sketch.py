"""How values are distributed, in buckets whose bounds grow by a constant factor (DDSketch: Masson, Rim and Lee, 2019):
a percentile of any number of readings, with a relative error that is known beforehand."""

from bisect import bisect_right
from itertools import accumulate
from math import ceil, log

from rules.tallies.histogram import Histogram

ERROR = 0.005
"""A percentile is at most this share of itself away from the reading of that rank."""

_GROWTH = (1.0 + ERROR) / (1.0 - ERROR)
_LOG = log(_GROWTH)
_LEAST = 1e-6
"""What is nearer to 0 is taken as 0: micro-units are the least that any sum here knows."""


class Sketch(Histogram):
    """How many readings are in each bucket: 0 for values about 0; for x above 0 the bucket of x, from 1 on; for x below
    0 the bucket of -x with a minus. Values from 1e-6 to 1e12 fall into 4,146 buckets of each sign at most."""

    __slots__ = ()

    def add(self, at: int, x: float) -> None:
        bucket = bucket_of(x)
        self.counts[bucket] = self.counts.get(bucket, 0) + 1

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
