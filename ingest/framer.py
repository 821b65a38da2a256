"""Readings to frames: one open frame a partition, closed at 2,000 readings or 50 ms after the first was opened."""

from collections.abc import Callable, Iterable

from ingest.kafka import Delivery
from ingest.pending import Line
from ingest.reading import Reading
from rules import frame
from rules.identity import partition_of

FULL = 2000
SECONDS = 0.050


class Open:
    """A frame that still takes readings, then waits to become durable."""

    __slots__ = ("count", "delivery", "first", "metric", "t", "wall")

    def __init__(self, first: int, t: int, wall: int) -> None:
        self.first, self.t, self.wall = first, t, wall
        self.count = 0
        self.metric: dict[str, frame.Columns] = {}
        self.delivery: Delivery | None = None

    def durable(self) -> bool:
        return self.delivery is not None and self.delivery.done()


class Framer:
    """Takes readings, puts each frame into `line` when it opens and hands its bytes to `send` when it closes."""

    def __init__(self, partitions: int, line: Line, send: Callable[[int, bytes], Delivery]) -> None:
        self._line, self._send = line, send
        self._partitions = partitions
        self._open: list[Open | None] = [None] * partitions
        self._home: dict[str, int] = {}
        self.opened_at: float | None = None  # when the oldest open frame was opened, in the caller's seconds
        self.frames = self.readings = 0

    def add(self, readings: Iterable[Reading], number: int, wall: int, now: float) -> None:
        """The readings of message `number`, received at wall time `wall` (ms) and loop time `now` (s)."""
        home, frames = self._home, self._open
        for reading in readings:
            sensor = reading.sensor
            partition = home.get(sensor)
            if partition is None:
                partition = home[sensor] = partition_of(sensor, self._partitions)
            current = frames[partition]
            if current is None:
                current = frames[partition] = Open(number, reading.ts, wall)
                self._line.append(current)
                if self.opened_at is None:
                    self.opened_at = now
            columns = current.metric.get(reading.metric)
            if columns is None:
                columns = current.metric[reading.metric] = frame.Columns([], [], [])
            columns.sensor.append(sensor)
            columns.ts.append(reading.ts - current.t)
            columns.value.append(reading.value)
            current.count += 1
            if current.count >= FULL:
                self._close(partition, current)

    def close_all(self) -> None:
        """Close what is open, all partitions at once: staggered closing doubles the cost and gains 3 ms."""
        self.opened_at = None
        for partition, current in enumerate(self._open):
            if current is not None:
                self._close(partition, current)

    def _close(self, partition: int, current: Open) -> None:
        self._open[partition] = None
        packed = frame.encode(frame.Frame(frame.VERSION, current.t, current.wall, current.metric))
        current.metric = {}
        current.delivery = self._send(partition, packed)
        self.frames += 1
        self.readings += current.count
