"""The sum of reciprocals, for the harmonic mean: that of the speeds of vehicles is the speed that goes with density."""

from rules.tallies.tally import Packed

_PICO = 10**12
_LEAST = 1e-6


class Slowness:
    """`total`: the sum of the reciprocals in units of 1e-12, exact as such; `count`: of how many readings; `still`: how
    many were 0 or less, to the micro-unit, and have none."""

    __slots__ = ("count", "still", "total")

    def __init__(self, count: int = 0, still: int = 0, total: int = 0) -> None:
        self.count, self.still, self.total = count, still, total

    def add(self, at: int, x: float) -> None:
        if x >= _LEAST:
            self.count += 1
            self.total += round(_PICO / x)
        else:
            self.still += 1

    def merge(self, other: "Slowness") -> "Slowness":
        return Slowness(self.count + other.count, self.still + other.still, self.total + other.total)

    def settle(self, before: int) -> None:
        """Nothing is kept to place a reading."""

    def pack(self) -> Packed:
        return [self.count, self.still, self.total]

    def restore(self, packed: Packed) -> None:
        self.count, self.still, self.total = map(int, packed)

    def mean(self) -> float | None:
        """None where one has no reciprocal: what stands never arrives, and says nothing of the others."""
        return None if self.still or not self.total else self.count * _PICO / self.total
