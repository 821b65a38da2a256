"""The first and the last reading."""

from rules.tallies.tally import Packed

Point = tuple[int, float]


class Ends:
    """`first` and `last` as (time, value); None before any reading."""

    __slots__ = ("first", "last")

    def __init__(self, first: Point | None = None, last: Point | None = None) -> None:
        self.first, self.last = first, last

    def add(self, at: int, x: float) -> None:
        # Adding 0.0 makes of -0.0 the same zero, as in the other aggregates.
        if self.first is None or at < self.first[0]:
            self.first = at, x + 0.0
        if self.last is None or at > self.last[0]:
            self.last = at, x + 0.0

    def merge(self, other: "Ends") -> "Ends":
        both = Ends(self.first, self.last)
        for point in (other.first, other.last):
            if point is not None:
                both.add(*point)
        return both

    def settle(self, before: int) -> None:
        """Nothing is kept to place a reading."""

    def pack(self) -> Packed:
        return [*(self.first or ()), *(self.last or ())]

    def restore(self, packed: Packed) -> None:
        first, x, last, y = packed
        self.first, self.last = (int(first), float(x)), (int(last), float(y))
