"""A piecewise linear scale from concentration to index, in whole-number arithmetic."""

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Beyond = Literal["capped", "held", "none"]


@dataclass(frozen=True, slots=True)
class Scale:
    """`points`: (concentration, index), both rising, in the concentration's unit, from (0, 0).

    `beyond` says what the standard does above the last point: "capped": it says nothing, so the last index stands and
    is marked as beyond the scale; "held": the last index, by its own words; "none": no index, another mean is used.
    """

    points: tuple[tuple[int, int], ...]
    decimals: int = 0
    beyond: Beyond = "capped"

    def at(self, value: Fraction) -> Fraction | None:
        """The index before it is made whole, for a value from 0 on; None where the standard gives none."""
        place = bisect_left(self.points, value, key=lambda point: point[0])
        if place == len(self.points):
            return None if self.beyond == "none" else Fraction(self.points[-1][1])
        high, top = self.points[place]
        if place == 0:
            return Fraction(top)
        low, bottom = self.points[place - 1]
        return bottom + Fraction(top - bottom, high - low) * (value - low)

    def exceeded(self, value: Fraction) -> bool:
        """Is the value above a scale that says nothing of such values?"""
        return self.beyond == "capped" and value > self.points[-1][0]
