"""Stand-ins for the engines of a judge with two stages, small enough to be believed. The first one tells the group of a
sensor whenever it fires or clears; the second one fires for a group while two of its sensors or more are on."""

from typing import Any

import msgspec

from rules.areas.event import Event, group_chunk
from rules.areas.summary import Summary
from rules.clock import Tick
from rules.counts import Counts
from rules.finding import Evidence, Finding
from rules.frame import Frame
from rules.identity import episode_id
from tests.support.chunked import Chunked
from tests.support.tally import Sensor, TallyEngine

GROUPS = 6
ENOUGH = 2


def group_of(sensor: str) -> str:
    return f"many#0|area-{int(sensor.rpartition('-')[2]) % GROUPS}"


class TellingEngine(TallyEngine):
    """What it tells is never of a time for which it has told that all is said."""

    composite = True

    def tick(self, offset: int, frame: Frame) -> list[Finding]:
        found = super().tick(offset, frame)
        self.through = self.clock.now or -1
        return found

    def _finding(
        self, offset: int, frame: Frame, name: str, metric: str, ts: int, value: float, sensor: Sensor
    ) -> Finding:
        at = max(ts, self.clock.now + 1, sensor.told)
        sensor.order = sensor.order + 1 if at == sensor.told else 0
        sensor.told = at
        severity = "red" if sensor.on else ""
        self.events.append(Event(group_of(name), 0, name, at, sensor.order, severity, value, offset))
        return super()._finding(offset, frame, name, metric, ts, value, sensor)


class Group(msgspec.Struct, array_like=True):
    told: dict[str, tuple[int, int]] = {}
    on: list[str] = []
    waiting: list[Event] = []
    onset: int = -1
    findings: int = 0
    repeats: int = 0


class AreaTally(Chunked[Group]):
    """Same interface as `rules.areas.engine`."""

    def __init__(self, catalogue: Any, *, partition: int, partitions: int, topic: str = "summaries") -> None:
        super().__init__(Group, topic, partition, partitions)
        self.partitions = partitions

    def summary(self, offset: int, summary: Summary, catalogue: Any = None) -> list[Finding]:
        if self.news(summary):
            self.clock = msgspec.structs.replace(self.clock, catalogue=summary.catalogue, serial=summary.serial)
        self.skip(offset)
        for event in summary.events:
            chunk = group_chunk(event.group)
            if self._valid[chunk] <= offset:
                self._take(self._chunks[chunk].setdefault(event.group, Group()), event)
        if summary.through >= 0:
            self._hear(summary)
        found = []
        for chunk in [chunk for chunk, valid in self._valid.items() if valid <= offset]:
            for key, group in sorted(self._chunks[chunk].items()):
                found += self._settle(key, group, offset, summary.wall)
        return found

    def _take(self, group: Group, event: Event) -> None:
        name = (event.at, event.order)
        if name <= group.told.get(event.sensor, (-1, -1)):
            group.repeats += 1
        else:
            group.told[event.sensor] = name
            group.waiting.append(event)

    def _hear(self, summary: Summary) -> None:
        before = self.clock.bridges.get(str(summary.source), Tick(0, 0))
        told = Tick(max(before.t, summary.through), max(before.wall, summary.wall))
        bridges = self.clock.bridges | {str(summary.source): told}
        now = min(tick.t for tick in bridges.values()) if len(bridges) == self.partitions else 0
        self.clock = msgspec.structs.replace(self.clock, now=max(now, self.clock.now), bridges=bridges)

    def _settle(self, key: str, group: Group, offset: int, wall: int) -> list[Finding]:
        due = sorted(
            (each for each in group.waiting if each.at <= self.clock.now), key=lambda e: (e.at, e.sensor, e.order)
        )
        group.waiting = [each for each in group.waiting if each.at > self.clock.now]
        found = []
        for event in due:
            group.on = sorted({*group.on, event.sensor} if event.severity else {*group.on} - {event.sensor})
            if (len(group.on) >= ENOUGH) != (group.onset >= 0):
                fired = group.onset < 0
                group.onset = event.at if fired else group.onset
                group.findings += 1
                found.append(self._finding(key, event, group, fired, offset, wall))
                group.onset = group.onset if fired else -1
        return found

    def _finding(self, key: str, event: Event, group: Group, fired: bool, offset: int, wall: int) -> Finding:
        area = key.rpartition("|")[2]
        return Finding(
            v=1,
            episode=episode_id("many", f"{area}/pm25", group.onset),
            revision=1 if fired else 2,
            change="fired" if fired else "cleared",
            rule="many",
            rule_hash="0",
            kind="quorum",
            sensor="",
            metric="pm25",
            district="",
            departments=("environment",),
            severity="red" if fired else "",
            was="" if fired else "red",
            at=event.at,
            onset=group.onset,
            unit="",
            text=f"{area}: {', '.join(group.on)}",
            evidence=Evidence(self.topic, self.partition, offset, offset),
            wall=wall,
            value=float(len(group.on)),
            limit=float(ENOUGH),
        )

    def counts(self) -> Counts:
        groups = [group for held in self._chunks.values() for group in held.values()]
        return Counts(repeats=sum(g.repeats for g in groups), findings=sum(g.findings for g in groups))
