"""A piecewise linear scale from concentration to index, in whole-number arithmetic."""

from dataclasses import dataclass
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

    def at(self, units: int) -> int | None:
        """The index, made whole upwards, of so many units of the last decimal, from 0 on; None where the standard
        gives none."""
        unit: int = 10**self.decimals
        low, bottom = self.points[0]
        for high, top in self.points[1:]:
            if units <= high * unit:
                return bottom - (bottom - top) * (units - low * unit) // ((high - low) * unit)
            low, bottom = high, top
        return None if self.beyond == "none" else bottom

    def exceeded(self, units: int) -> bool:
        """Is that above a scale that says nothing of such values?"""
        return self.beyond == "capped" and units > self.points[-1][0] * 10**self.decimals
