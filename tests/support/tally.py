"""A stand-in for the rules engine, small enough to be believed: it counts and sums each sensor's readings by chunk,
fires when a value is above 100 and clears when it is not, and counts the ticks. Same interface as `rules.engine`."""

from typing import Any

import msgspec

from rules.areas.event import Event
from rules.clock import advance
from rules.counts import Counts
from rules.derived.made import Derived
from rules.finding import Evidence, Finding, Seen
from rules.frame import Frame
from rules.identity import chunk_of, episode_id
from rules.log import Switch
from tests.support.chunked import Chunked


class Sensor(msgspec.Struct, array_like=True):
    count: int = 0
    total: float = 0.0
    on: bool = False
    onset: int = 0
    ticks: int = 0
    clock: int = 0
    told: int = -1
    order: int = 0


class TallyEngine(Chunked[Sensor]):
    """`deriving`: a sensor for which every tick makes a derived reading."""

    deriving = ""
    composite = False

    def __init__(self, catalogue: Any, *, partition: int, partitions: int, topic: str = "readings") -> None:
        super().__init__(Sensor, topic, partition, partitions)
        self.derived: list[Derived] = []
        self.events: list[Event] = []
        self.through = -1

    def skip(self, offset: int) -> None:
        super().skip(offset)
        self.derived, self.events, self.through = [], [], -1

    def switch(self, offset: int, record: Switch, catalogue: Any) -> None:
        self.skip(offset)
        self.clock = msgspec.structs.replace(self.clock, catalogue=record.catalogue, serial=record.serial)

    def tick(self, offset: int, frame: Frame) -> list[Finding]:
        self.skip(offset)
        self.clock = advance(self.clock, frame.tick, frame.t, frame.wall)
        if self.deriving:
            self.derived = [Derived(self.deriving, "aqi_cn", frame.t, 51.0)]
        for chunk, sensors in self._chunks.items():
            if self._valid[chunk] <= offset:
                for sensor in sensors.values():
                    sensor.ticks += 1
                    sensor.clock = self.clock.now
        return []

    def frame(self, offset: int, frame: Frame) -> list[Finding]:
        self.skip(offset)
        out = []
        for metric, columns in frame.metric.items():
            for name, ts, value in zip(columns.sensor, columns.ts, columns.value, strict=True):
                chunk = chunk_of(name)
                if self._valid[chunk] > offset:
                    continue
                sensor = self._chunks[chunk].setdefault(name, Sensor())
                sensor.count += 1
                sensor.total += value
                if (value > 100.0) != sensor.on:
                    sensor.on = not sensor.on
                    if sensor.on:
                        sensor.onset = frame.t + ts
                    out.append(self._finding(offset, frame, name, metric, frame.t + ts, value, sensor))
        return out

    def _finding(
        self, offset: int, frame: Frame, name: str, metric: str, ts: int, value: float, sensor: Sensor
    ) -> Finding:
        return Finding(
            v=1,
            episode=episode_id("above", f"{name}/{metric}", sensor.onset),
            revision=1 if sensor.on else 2,
            change="fired" if sensor.on else "cleared",
            rule="above",
            rule_hash="0",
            kind="threshold",
            sensor=name,
            metric=metric,
            district="north",
            departments=("environment",),
            severity="red" if sensor.on else "",
            was="" if sensor.on else "red",
            at=ts,
            onset=sensor.onset,
            unit="ug/m3",
            text="",
            evidence=Evidence(self.topic, self.partition, offset, offset, (Seen(ts, value, offset),), sensor.count),
            wall=frame.wall,
            value=value,
            limit=100.0,
        )

    def counts(self) -> Counts:
        return Counts(late=sum(s.count for sensors in self._chunks.values() for s in sensors.values()))
