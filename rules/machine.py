"""What a rule kind promises: the interfaces between the pure machines and the engine (decision 6 of the design)."""

from typing import NamedTuple, Protocol, TypeVar

from rules.finding import Seen

FOREVER = 1 << 62
"""A time (ms) that never comes."""

INFINITY = float("inf")

S = TypeVar("S")
P = TypeVar("P")


class Quiet(NamedTuple):
    """While a reading has `lo <= value <= hi` and comes before `until` (ms), stepping it changes nothing: a
    property test proves it. `until` is also when the machine is due to be asked again by the clock."""

    lo: float
    hi: float
    until: int


ALWAYS = Quiet(-INFINITY, INFINITY, FOREVER)
NEVER = Quiet(INFINITY, -INFINITY, FOREVER)


class Change(NamedTuple):
    """The severity of one rule on one series is another from `at` (ms) on; "" is none. `limit` is the limit of the
    severity from now on, or, when that is none, the one whose clearing ended it. `seen` is what it rests on."""

    at: int
    severity: str
    was: str
    limit: float | None
    seen: tuple[Seen, ...]


class Machine(Protocol[S]):
    """One rule on one series. States are immutable values; equal states answer equally for ever."""

    def initial(self) -> S:
        """The state before the first reading."""
        ...

    def step(self, state: S, reading: Seen) -> tuple[S, list[Change]]:
        """After a reading that is newer than every reading stepped before."""
        ...

    def due(self, state: S, clock: int) -> tuple[S, list[Change]]:
        """After the clock has come to `clock` (ms): what falls due by then, as of its own time."""
        ...

    def quiet(self, state: S) -> Quiet:
        """Where a reading changes nothing."""
        ...


class Aggregate(Protocol[P]):
    """How the readings of a pane become one value, in any order of adding and merging."""

    def add(self, pane: P, at: int, x: float) -> None: ...

    def merge(self, a: P, b: P) -> P: ...
