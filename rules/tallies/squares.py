"""The sum of squares, for the standard deviation."""

from math import sqrt

from rules.tallies.tally import Packed

MICRO = 1e6


class Squares:
    """`total`: the sum of the squared micro-units, exact."""

    __slots__ = ("total",)

    def __init__(self, total: int = 0) -> None:
        self.total = total

    def add(self, at: int, x: float) -> None:
        self.total += round(x * MICRO) ** 2

    def merge(self, other: "Squares") -> "Squares":
        return Squares(self.total + other.total)

    def settle(self, before: int) -> None:
        """Nothing is kept to place a reading."""

    def pack(self) -> Packed:
        return [self.total]

    def restore(self, packed: Packed) -> None:
        [self.total] = map(int, packed)

    def deviation(self, count: int, total: int) -> float:
        """The standard deviation of `count` readings (all of them, not a sample) whose sum is `total` micro-units."""
        return sqrt((count * self.total - total * total) / (count * count)) / MICRO
