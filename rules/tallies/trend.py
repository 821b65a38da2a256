"""The straight line through the readings (least squares): how fast they rise or fall."""

from rules.tallies.tally import Packed

MICRO = 1e6
HOUR = 3_600_000


class Trend:
    """Sums over the readings, with the time t in ms and the value x in micro-units, all exact: their number, t, t²,
    x and t·x."""

    __slots__ = ("sums",)

    def __init__(self, sums: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)) -> None:
        self.sums = sums

    def add(self, at: int, x: float) -> None:
        n, t, tt, xs, tx = self.sums
        micro = round(x * MICRO)
        self.sums = n + 1, t + at, tt + at * at, xs + micro, tx + at * micro

    def merge(self, other: "Trend") -> "Trend":
        (n, t, tt, x, tx), (m, u, uu, y, uy) = self.sums, other.sums
        return Trend((n + m, t + u, tt + uu, x + y, tx + uy))

    def settle(self, before: int) -> None:
        """Nothing is kept to place a reading."""

    def pack(self) -> Packed:
        return list(self.sums)

    def restore(self, packed: Packed) -> None:
        n, t, tt, x, tx = map(int, packed)
        self.sums = n, t, tt, x, tx

    def slope(self) -> float | None:
        """Units an hour. None for a single reading, through which any line goes."""
        n, t, tt, x, tx = self.sums
        spread = n * tt - t * t
        return (n * tx - t * x) * HOUR / (spread * int(MICRO)) if spread else None
