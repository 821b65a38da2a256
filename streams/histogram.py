"""Latencies in a few hundred numbers: buckets that grow by 4 %, so a quantile is right within that."""

from math import ceil, log

_GROWTH = log(1.04)


class Histogram:
    """Counts of milliseconds; negative ones (two machines' clocks disagree) count as 0."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self.total = 0

    def add(self, ms: float, times: int = 1) -> None:
        bucket = ceil(log(ms) / _GROWTH) if ms > 1.0 else 0
        self._counts[bucket] = self._counts.get(bucket, 0) + times
        self.total += times

    def quantile(self, share: float) -> float | None:
        """The upper edge (ms) of the bucket that holds this share of all counts, 0 < share <= 1; None when empty."""
        if not self.total:
            return None
        left = share * self.total
        for bucket in sorted(self._counts):
            left -= self._counts[bucket]
            if left <= 1e-9:
                break
        return float(round(1.04**bucket, 3))

    def summary(self) -> dict[str, float | int | None]:
        return {"p50": self.quantile(0.5), "p99": self.quantile(0.99), "count": self.total}
