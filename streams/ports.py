"""What the judge asks of the engines of its two stages; `rules.engine.Engine` and `rules.areas.engine.AreaEngine` keep
it, and so do the tests' stand-ins."""

from collections.abc import Mapping
from typing import Protocol

from rules.areas.event import Event
from rules.areas.summary import Summary
from rules.catalogue import Catalogue
from rules.clock import ClockState
from rules.counts import Counts
from rules.derived.made import Derived
from rules.finding import Finding
from rules.frame import Frame
from rules.log import Switch


class StageEngine(Protocol):
    """One partition's rules and their state. Offsets must come one after the other."""

    position: int
    clock: ClockState

    @property
    def ready(self) -> bool:
        """Whether every chunk's state is the state before `position`."""

    def start(self, position: int, clock: ClockState, chunks: Mapping[int, tuple[int, bytes]]) -> None: ...

    def skip(self, offset: int) -> None: ...

    def news(self, record: Switch) -> bool: ...

    def pack(self) -> dict[int, bytes]: ...

    def counts(self) -> Counts: ...


class JudgeEngine(StageEngine, Protocol):
    """The first stage: sensors one by one."""

    derived: list[Derived]
    """The readings that the last record led to."""

    events: list[Event]
    """What the last record led to for the second stage."""

    through: int
    """After a tick the log's clock (ms): all events of an earlier time are told. -1 otherwise."""

    @property
    def composite(self) -> bool:
        """Whether there are rules for the second stage at all."""

    def frame(self, offset: int, frame: Frame) -> list[Finding]: ...

    def tick(self, offset: int, frame: Frame) -> list[Finding]: ...

    def switch(self, offset: int, record: Switch, catalogue: Catalogue) -> None: ...


class AreaJudge(StageEngine, Protocol):
    """The second stage: areas. The bridges of its clock are the partitions that the first one reads."""

    def summary(self, offset: int, summary: Summary, catalogue: Catalogue | None = None) -> list[Finding]:
        """`catalogue`: the one that comes into force with this record, where it is `news`."""
