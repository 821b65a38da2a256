"""The promise of every tally."""

from collections.abc import Sequence
from typing import Protocol, Self, TypeAlias

Packed: TypeAlias = Sequence[int | float]


class Tally(Protocol):
    """Readings taken together, each known by its time (ms), no two of them at the same."""

    def add(self, at: int, x: float) -> None: ...

    def merge(self, other: Self) -> Self:
        """Those of both, as a new one; no time is in both."""
        ...

    def settle(self, before: int) -> None:
        """No reading will come any more that is older than `before` (ms): what is kept only to place one may go."""
        ...

    def pack(self) -> Packed:
        """All that it is. Equal tallies pack equally, however they came to be."""
        ...

    def restore(self, packed: Packed) -> None:
        """Becomes what was packed. Raises ValueError or TypeError for what no tally packs."""
        ...
