"""Both stages of one city in one process, for who reads a whole log at once: tests, backtests, questions why."""

from rules.areas.engine import AreaEngine
from rules.areas.summary import VERSION, Summary
from rules.catalogue import Catalogue
from rules.clock import ClockState
from rules.counts import Counts
from rules.derived.made import Derived
from rules.engine import Engine
from rules.finding import Finding
from rules.frame import Frame
from rules.series import Series


class Pair:
    """An Engine and an AreaEngine of the only partition. What a record leads to in the first stage goes to the second
    at once, under the same offset; so evidence of either stands in the one log that there is. Both states are to be
    looked at in `engine` and `areas`."""

    def __init__(self, catalogue: Catalogue, *, topic: str = "readings") -> None:
        self.engine = Engine(catalogue, partition=0, partitions=1, topic=topic)
        self.areas = AreaEngine(catalogue, partition=0, partitions=1, topic=topic)

    @property
    def position(self) -> int:
        return self.engine.position

    @property
    def clock(self) -> ClockState:
        return self.engine.clock

    @property
    def ready(self) -> bool:
        return self.engine.ready and self.areas.ready

    @property
    def derived(self) -> list[Derived]:
        return self.engine.derived

    def frame(self, offset: int, frame: Frame) -> list[Finding]:
        """The findings of both stages. Raises LogGapError."""
        return self.engine.frame(offset, frame) + self._pass_on(offset, frame.wall)

    def tick(self, offset: int, frame: Frame) -> list[Finding]:
        """The findings of both stages. Raises LogGapError."""
        return self.engine.tick(offset, frame) + self._pass_on(offset, frame.wall)

    def skip(self, offset: int) -> None:
        """Passes over a record that is no frame. Raises LogGapError."""
        self.engine.skip(offset)
        self.areas.skip(offset)

    def counts(self) -> Counts:
        """Of both stages together."""
        one, two = self.engine.counts(), self.areas.counts()
        late, repeats, findings = one.late + two.late, one.repeats + two.repeats, one.findings + two.findings
        return Counts(late, repeats, findings, one.derived, one.amending)

    def series(self, sensor: str, metric: str) -> Series | None:
        """For looking only: what is kept of one series, if anything is."""
        return self.engine.series(sensor, metric)

    def _pass_on(self, offset: int, wall: int) -> list[Finding]:
        engine = self.engine
        if not engine.composite:
            self.areas.skip(offset)
            return []
        return self.areas.summary(offset, Summary(VERSION, 0, wall, engine.through, events=tuple(engine.events)))
