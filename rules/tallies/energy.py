"""The sum of energies, for the equivalent level of sound: decibels are added by what they stand for."""

from math import log10

from rules.tallies.tally import Packed

MICRO = 1e6
QUIETEST, LOUDEST = 0.0, 200.0
"""Levels outside are taken as these: no sound is there, and a frame that says so must not stop the judge."""


class Energy:
    """`total`: the sum of 10^(x/10) in micro-units, each rounded, so exact."""

    __slots__ = ("total",)

    def __init__(self, total: int = 0) -> None:
        self.total = total

    def add(self, at: int, x: float) -> None:
        self.total += round(10.0 ** (min(max(x, QUIETEST), LOUDEST) / 10.0) * MICRO)

    def merge(self, other: "Energy") -> "Energy":
        return Energy(self.total + other.total)

    def settle(self, before: int) -> None:
        """Nothing is kept to place a reading."""

    def pack(self) -> Packed:
        return [self.total]

    def restore(self, packed: Packed) -> None:
        [self.total] = map(int, packed)

    def level(self, count: int) -> float:
        """The level (dB) of a steady sound with the same energy as `count` readings."""
        return 10.0 * log10(self.total / (count * int(MICRO)))
