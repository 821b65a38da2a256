"""How many readings there are of each kind of value, kinds being whole numbers."""

from typing import Self

from rules.tallies.tally import Packed


class Histogram:
    """What tallies of a distribution have in common; which number a value has is for them to say."""

    __slots__ = ("counts",)

    def __init__(self, counts: dict[int, int] | None = None) -> None:
        self.counts = counts if counts is not None else {}

    def merge(self, other: Self) -> Self:
        both = dict(self.counts)
        for number, count in other.counts.items():
            both[number] = both.get(number, 0) + count
        return type(self)(both)

    def settle(self, before: int) -> None:
        """Nothing is kept to place a reading."""

    def pack(self) -> Packed:
        return [part for pair in sorted(self.counts.items()) for part in pair]

    def restore(self, packed: Packed) -> None:
        numbers = list(map(int, packed))
        self.counts = dict(zip(numbers[::2], numbers[1::2], strict=True))
