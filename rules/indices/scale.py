"""A piecewise linear scale from concentration to index, in rational arithmetic."""

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
        low, bottom = self.points[0]
        for high, top in self.points[1:]:
            if value <= high:
                return bottom + Fraction(top - bottom, high - low) * (value - low)
            low, bottom = high, top
        return None if self.beyond == "none" else Fraction(bottom)

    def exceeded(self, value: Fraction) -> bool:
        """Is the value above a scale that says nothing of such values?"""
        return self.beyond == "capped" and value > self.points[-1][0]
