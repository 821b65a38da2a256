"""What a rule kind promises: the interfaces between the pure machines and the engine (decision 6 of the design)."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeVar, runtime_checkable

from rules.finding import Seen

FOREVER = 1 << 62
"""A time (ms) that never comes."""

INFINITY = float("inf")

S = TypeVar("S")
P = TypeVar("P")


class Quiet(NamedTuple):
    """While a reading has `lo <= value <= hi` and comes before `until` (ms), stepping it changes nothing: a
    property test proves it. `until` is also when the clock falls due to ask the machine."""

    lo: float
    hi: float
    until: int


class Together(NamedTuple):
    """Of several machines: those that no value leaves alone, by number; where all others are quiet; where all are."""

    loud: tuple[int, ...]
    calm: Quiet
    quiet: Quiet


def together(quiets: Sequence[Quiet]) -> Together:
    """What holds for machines that are quiet in `quiets`. None of them are quiet everywhere and for ever."""
    lo, hi, until, deadline = -INFINITY, INFINITY, FOREVER, FOREVER
    loud = []
    for index, (low, high, time) in enumerate(quiets):
        if low > high:
            loud.append(index)
            deadline = min(deadline, time)
            continue
        if low > lo:
            lo = low
        if high < hi:
            hi = high
        if time < until:
            until = time
    calm = Quiet(lo, hi, until)
    return Together(tuple(loud), calm, Quiet(INFINITY, -INFINITY, min(until, deadline)) if loud else calm)


NEVER = Quiet(INFINITY, -INFINITY, FOREVER)
"""No reading is quiet."""


class Change(NamedTuple):
    """The severity of one rule on one series is another from `at` (ms) on; "" is none. `limit` is the limit of the
    severity from now on, or, when that is none, the one whose clearing ended it. `seen`: the values it rests on.
    `readings` and `first` are of a window: how many it has, and the offset of the record that brought the first.
    `why`: nothing is known as of `at`, for this reason; then the severities say nothing. `outside`: it ends because the
    rule's time does. `reason`: what more there is to say of a change, where the kind knows."""

    at: int
    severity: str
    was: str
    limit: float | None = None
    seen: tuple[Seen, ...] = ()
    readings: int = 0
    first: int | None = None
    why: str = ""
    outside: bool = False
    reason: str = ""


class Machine(Protocol[S]):
    """One rule on one series. States are immutable values; equal states answer equally for ever. `last` is what
    the series shares with all its machines: the time (ms) of its newest reading before this one."""

    def initial(self) -> S:
        """The state before the first reading."""
        ...

    def late(self, state: S, last: int, at: int) -> bool:
        """Whether a reading at `at` would have mattered, but comes after the machine has decided beyond it."""
        ...

    def step(self, state: S, last: int, reading: Seen) -> tuple[S, list[Change]]:
        """After a reading that is newer than `last` and not late. What fell due by its time is settled first."""
        ...

    def due(self, state: S, last: int, clock: int) -> tuple[S, list[Change]]:
        """After the clock has come to `clock` (ms): what fell due by then, each as of its own time."""
        ...

    def quiet(self, state: S, last: int) -> Quiet:
        """Where a reading changes nothing."""
        ...


@runtime_checkable
class Retraceable(Machine[S], Protocol[S]):
    """A machine whose rule may have `amend`: its answer is one of the readings in the order of time and of the clock,
    so that it can be worked out again when one of them came late."""

    def passed(self, state: S, at: int) -> bool:
        """Whether the passing of time has decided something as of after `at` that a reading at `at`, had it come in
        time, might have prevented."""
        ...


class Aggregate(Protocol[P]):
    """How the readings of a pane become one value, whatever the order of adding and merging."""

    def add(self, pane: P, at: int, x: float) -> None: ...

    def merge(self, a: P, b: P) -> P: ...
