"""What a window rule says."""

from dataclasses import dataclass, field
from math import gcd

from rules.aggregates import tally_of
from rules.content import ADDED
from rules.levels import Levels


@dataclass(frozen=True, slots=True)
class WindowSpec:
    """A window ends `every` ms, aligned to the epoch, and is `over` ms long, 0 for `every`. `delay`: how long
    stragglers are waited for (ms). `percent` and `mark` are of the aggregates that need them. A window with fewer
    readings than `least_count`, or of which less than `least_time` ms was measured, cannot be decided."""

    aggregate: str
    every: int
    delay: int
    levels: Levels
    over: int = field(default=0, metadata=ADDED)
    percent: int = field(default=50, metadata=ADDED)
    mark: float = field(default=0.0, metadata=ADDED)
    least_count: int = field(default=0, metadata=ADDED)
    least_time: int = field(default=0, metadata=ADDED)

    @property
    def length(self) -> int:
        return self.over or self.every

    @property
    def grain(self) -> int:
        """The length (ms) of the slices of time of which all its windows are made."""
        return gcd(self.every, self.length)

    @property
    def demanding(self) -> bool:
        """Whether a window may be too thin to decide."""
        return self.least_count > 0 or self.least_time > 0

    @property
    def tally(self) -> str:
        return tally_of(self.aggregate, self.mark)
