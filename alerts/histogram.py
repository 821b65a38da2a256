"""How long things took, since the start, in constant memory."""

import math
import threading
from collections import Counter

GROWTH = 1.05
"""Each bucket is this much wider than the one before: a quantile is off by 5 % at most."""


class Histogram:
    """Counts ms in buckets that grow. Safe to use from several threads."""

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()
        self._lock = threading.Lock()

    def add(self, ms: float) -> None:
        """One more; less than 1 ms counts as 1 ms."""
        with self._lock:
            self._buckets[math.ceil(math.log(max(ms, 1.0), GROWTH))] += 1

    def quantile(self, share: float) -> float | None:
        """The ms that `share` (0 to 1) of them did not exceed, rounded up to a bucket's end; None without any."""
        with self._lock:
            buckets = sorted(self._buckets.items())
        left = share * sum(count for _, count in buckets)
        for bucket, count in buckets:
            left -= count
            if left <= 0:
                return float(round(GROWTH**bucket, 1))
        return None

    def summary(self) -> dict[str, float | None]:
        return {"p50": self.quantile(0.5), "p99": self.quantile(0.99)}
