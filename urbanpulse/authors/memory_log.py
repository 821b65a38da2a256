"""A log that is made in memory: readings become frames and ticks, as a bridge would make them, for any number of
engines. The same engine that judges the city judges here, so that whatever a rule can do, it does here too."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rules.areas.pair import Pair
from rules.catalogue import Catalogue
from rules.counts import Counts
from rules.finding import Finding
from rules.frame import VERSION, Columns, Frame

Reading = tuple[int, str, str, float]
"""ts (ms), sensor, metric, canonical value."""

BRIDGE = "author"


class MemoryLog:
    """One partition that holds everything. `findings`: those of each engine so far, in the order of the log."""

    def __init__(self, catalogues: Sequence[Catalogue]) -> None:
        # No bridge is waited for: there is just this one.
        alone = [replace(each, bridges=()) for each in catalogues]
        self._engines = [Pair(each) for each in alone]
        self._offset = 0
        self.clock = 0
        self.findings: list[list[Finding]] = [[] for _ in catalogues]

    def write(self, readings: Iterable[Reading]) -> None:
        """One frame of readings, judged."""
        columns: dict[str, Columns] = {}
        base = -1
        for ts, sensor, metric, value in readings:
            if base < 0:
                base = ts
            found = columns.get(metric)
            if found is None:
                found = columns[metric] = Columns([], [], [])
            found.sensor.append(sensor)
            found.ts.append(ts - base)
            found.value.append(value)
        if columns:
            self._judge(Frame(VERSION, base, max(base, self.clock), columns))

    def tick(self, t: int) -> None:
        """The clock moves to `t` (ms)."""
        self.clock = t
        self._judge(Frame(VERSION, t, t, {}, BRIDGE))

    def counts(self) -> list[Counts]:
        """What each engine has counted."""
        return [engine.counts() for engine in self._engines]

    def _judge(self, frame: Frame) -> None:
        for engine, findings in zip(self._engines, self.findings, strict=True):
            found = engine.tick(self._offset, frame) if frame.tick else engine.frame(self._offset, frame)
            if found:
                findings += found
        self._offset += 1


def run(log: MemoryLog, readings: Iterable[Reading], step: int) -> Iterator[int]:
    """Plays readings, which come in the order of time, with a tick every `step` ms. Yields the number of readings
    judged, now and then.

    A stretch without readings is leapt over by two ticks, at its ends: what falls due within it does so at its own
    time, whenever the tick comes.
    """
    batch: list[Reading] = []
    end, number = -1, 0
    for reading in readings:
        if reading[0] >= end:
            if batch:
                log.write(batch)
                log.tick(end)
                number += len(batch)
                batch = []
                yield number
            start = reading[0] - reading[0] % step
            if start > end:
                log.tick(start)
            end = start + step
        batch.append(reading)
    if batch:
        log.write(batch)
        log.tick(end)
        yield number + len(batch)
