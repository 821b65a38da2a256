"""What the judge asks of the rules engine; `rules.engine.Engine` keeps it, and so does the tests' stand-in."""

from collections.abc import Mapping
from typing import Protocol

from rules.clock import ClockState
from rules.engine import Counts, Derived
from rules.finding import Finding
from rules.frame import Frame


class JudgeEngine(Protocol):
    """One partition's rules and their state. Offsets must come one after the other."""

    position: int
    clock: ClockState
    derived: list[Derived]
    """The readings that the last record led to."""

    @property
    def ready(self) -> bool:
        """Whether every chunk's state is the state before `position`."""

    def start(self, position: int, clock: ClockState, chunks: Mapping[int, tuple[int, bytes]]) -> None: ...

    def frame(self, offset: int, frame: Frame) -> list[Finding]: ...

    def tick(self, offset: int, frame: Frame) -> list[Finding]: ...

    def skip(self, offset: int) -> None: ...

    def pack(self) -> dict[int, bytes]: ...

    def counts(self) -> Counts: ...
