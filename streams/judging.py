"""The judge without Faust: what it does with an assignment, a record and a flush.

It holds two stages, sensors and areas, the second of which reads what the first one says; each has its lanes
(streams/lanes.py) and its topic of state. A flush writes, each durable before the next: findings, derived readings and
summaries (handed over at once, awaited here), changed chunks, a marker, the commit. A load takes for each chunk the
fact that reaches furthest. Nothing else is ever committed, so a crash, a revoked partition and a stop lead to the same
place.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable

from rules.catalogue import Catalogue
from streams.area_clock import AreaClock
from streams.area_seat import AreaSeat
from streams.catalogues import Catalogues, MissingCatalogueError
from streams.exits import die
from streams.facts import Facts, Flush
from streams.host import Host
from streams.judge_seat import FrameSeat, Judged, Seat, begin
from streams.judged import Out
from streams.kafka import Record, Sender, TopicError, bounds, read_partitions
from streams.lanes import READINGS, name_of, partition_of_lane, place_of, split
from streams.ports import AreaJudge, JudgeEngine
from streams.settings import JudgeSettings
from streams.stages import Stage, stages
from streams.state_topic import gap_record
from streams.watchdog import Watchdog

log = logging.getLogger("urbanpulse.streams")

LOAD_SECONDS = 60.0
FLUSH_SECONDS = 120.0
LONGEST_PAUSE = 60.0
STATE_A_SECOND = 1_000_000
"""Bytes of packed state for which the flush may take one second's pause: writing it stays a small part of the work."""


class Judging:
    """A guest of the Faust host."""

    def __init__(
        self,
        settings: JudgeSettings,
        make_engine: Callable[[int, Catalogue | None], JudgeEngine],
        make_area: Callable[[int, Catalogue | None], AreaJudge],
        host: Host,
        report: Callable[[dict[str, object]], None] | None = None,
    ) -> None:
        self._settings, self._make_engine, self._make_area = settings, make_engine, make_area
        self._host, self._report = host, report
        self._stages = stages(settings)
        self._sources = tuple(stage.source for stage in self._stages)
        self.watchdog = Watchdog(time.monotonic())
        self._areas = AreaClock(settings.partitions)
        self._catalogues = Catalogues(settings.catalogue, self._read_catalogues, self.watchdog.holding)
        self._sending, self._flushing = asyncio.Lock(), asyncio.Lock()
        self._seats: dict[int, Seat] = {}
        self._loaded: dict[int, Seat] = {}
        self._generation = self._loaded_for = 0
        self._out: list[Out] = []  # found, not yet handed to the producer
        self._sent: list[asyncio.Future[object]] = []  # handed over, not yet known to be durable
        self._changes = Counter[str]()
        self._readings = self._frames = self.found = self._poison = self._derived = 0
        self._summaries = self._events = 0
        self._gaps: dict[int, list[tuple[int, int]]] = {}  # by lane, as all that is of a partition
        self._state_bytes = 0
        self._flush_ms = 0.0
        self._flushed_at = time.time()
        self._pause = settings.flush_seconds

    async def start(self) -> None:
        settings = self._settings
        # Two, because aiokafka has one request in flight per producer and broker: state must not delay findings.
        self._findings = Sender(settings.kafka, settings.idempotent)
        self._state = Sender(settings.kafka, settings.idempotent)
        await self._findings.start()
        await self._state.start()
        for topic in (*self._sources, settings.derived, *(stage.state for stage in self._stages)):
            await self._state.expect(topic, settings.partitions)
        await self._state.expect(settings.catalogue, 1)
        self._host.spawn(self._flush_for_ever)
        self._host.spawn(self._look_around)

    # ------------------------------------------------------------------ assignments

    def drop(self) -> None:
        self._generation += 1
        self._seats = {}
        self._gaps = {}
        self._areas.forget()
        self.watchdog.revoked(time.monotonic())

    async def load(self, partitions: list[int]) -> dict[int, int] | None:
        generation = self._generation
        if not partitions:
            return {}
        try:
            loaded = await asyncio.wait_for(self._load(partitions), LOAD_SECONDS)
        except TimeoutError as error:
            topics = " or ".join(repr(topic) for stage in self._stages for topic in (stage.state, stage.source))
            raise TopicError(f"topic {topics} did not answer for {LOAD_SECONDS:.0f} s") from error
        seats = {}
        for stage, number, facts in loaded:
            name = facts.clock.catalogue
            if name and not await self._catalogues.fetch(name, lambda: generation == self._generation):
                return None
            seats[stage.lane(number)] = self._seat(stage, number, facts)
        if generation != self._generation:
            return None
        self._loaded, self._loaded_for = seats, generation
        return {lane: seat.engine.position for lane, seat in seats.items()}

    def accept(self, starts: dict[int, int]) -> None:
        if starts and self._loaded_for != self._generation:
            return
        self._seats = self._loaded if starts else {}
        self.watchdog.assigned(time.monotonic())

    async def _load(self, lanes: list[int]) -> list[tuple[Stage, int, Facts]]:
        found: list[tuple[Stage, int, Facts]] = []
        for stage, mine in zip(self._stages, split(dict.fromkeys(lanes)), strict=True):
            if mine:
                found += await self._load_stage(stage, list(mine))
        return found

    async def _load_stage(self, stage: Stage, partitions: list[int]) -> list[tuple[Stage, int, Facts]]:
        settings = self._settings
        records = await read_partitions(settings.kafka, stage.state, partitions)
        kept = await bounds(settings.kafka, stage.source, partitions)
        found = []
        for partition in partitions:
            facts, gap = begin(stage, partition, settings.partitions, records[partition], *kept[partition])
            if gap is not None:
                await self._state.send(stage.state, [gap_record(gap)], partition)
            self._gaps[stage.lane(partition)] = [(known.start, known.end) for known in facts.gaps]
            found.append((stage, partition, facts))
        return found

    def _seat(self, stage: Stage, partition: int, facts: Facts) -> Seat:
        name = facts.clock.catalogue
        catalogue = self._catalogues.get(name) if name else None
        if stage.place == READINGS:
            engine = self._make_engine(partition, catalogue)
            return FrameSeat(self._settings, partition, engine, facts, self._catalogues)
        return AreaSeat(self._settings, partition, self._make_area(partition, catalogue), facts, self._catalogues)

    async def _read_catalogues(self) -> list[Record]:
        topic = self._settings.catalogue
        try:
            return (await asyncio.wait_for(read_partitions(self._settings.kafka, topic, [0]), LOAD_SECONDS))[0]
        except TimeoutError as error:
            raise TopicError(f"topic {topic!r} did not answer for {LOAD_SECONDS:.0f} s") from error

    # ------------------------------------------------------------------ records

    async def take(self, partition: int, offset: int, value: bytes | None) -> None:
        seat = self._seats.get(partition)
        if seat is None:  # fetched for another assignment
            return
        judged = await self._judge(partition, seat, offset, value)
        if judged is None:
            return
        if place_of(partition) == READINGS:
            self._frames += 1
            self._readings += judged.readings
        else:
            self._summaries += 1
        if (error := judged.error) is not None:
            self._poison += 1
            log.warning("judge: %s@%d cannot be read and is passed over: %s",
                        name_of(self._sources, partition), offset, error)  # fmt: skip
        if judged.out:
            self._out += judged.out
            self.found += judged.findings
            self._changes.update(judged.changes)
            self._derived += judged.derived
            self._events += judged.events
            await self._publish()

    async def _judge(self, lane: int, seat: Seat, offset: int, value: bytes | None) -> Judged | None:
        """None when the assignment ended while a catalogue was waited for."""
        while True:
            try:
                return seat.judge(offset, value)
            except MissingCatalogueError as missing:
                if not await self._catalogues.fetch(missing.name, lambda: self._seats.get(lane) is seat):
                    return None

    async def _publish(self) -> None:
        # Whoever holds the lock has nothing between the two lists, so a flush cannot overtake a finding.
        async with self._sending:
            while self._out:
                topic, value, key, to = self._out.pop(0)
                sent = await self._findings.begin(topic, value, key, to)
                sent.add_done_callback(_must_be_durable)
                self._sent.append(sent)

    # ------------------------------------------------------------------ flush

    async def _flush_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._pause)
            try:
                await asyncio.wait_for(self.flush(), FLUSH_SECONDS)
            except TimeoutError as error:
                topics = " or ".join(map(repr, (self._settings.findings, *(stage.state for stage in self._stages))))
                raise TopicError(f"a flush was not done in {FLUSH_SECONDS:.0f} s: {topics} takes no records") from error

    async def flush(self) -> None:
        """Make everything durable that is known of the partitions judged here. Raises KafkaError."""
        async with self._flushing:
            began, generation = time.monotonic(), self._generation
            todo = await self._snapshots()
            await self._publish()
            sent, self._sent = self._sent, []
            await asyncio.gather(*sent)
            if generation != self._generation:
                return  # politeness only: what would be written is old, not wrong
            await self._keep({partition: flush.chunks for partition, (_, flush) in todo.items()})
            await self._keep({partition: [flush.marker] for partition, (_, flush) in todo.items()})
            if generation != self._generation:
                return
            for seat, flush in todo.values():
                seat.ledger.done(flush)
            if todo:
                await self._host.commit({partition: flush.position for partition, (_, flush) in todo.items()})
                self._host.outage.fine()
            self._state_bytes = sum(seat.ledger.size for seat in self._seats.values())
            self._pause = min(LONGEST_PAUSE, max(self._settings.flush_seconds, self._state_bytes / STATE_A_SECOND))
            self._flush_ms = 1000 * (time.monotonic() - began)
            self._flushed_at = time.time()
            self.watchdog.flushed(time.monotonic(), self._pause)

    async def _snapshots(self) -> dict[int, tuple[Seat, Flush]]:
        todo = {}
        for partition, seat in list(self._seats.items()):
            if (flush := seat.snapshot()) is not None:
                todo[partition] = seat, flush
                await asyncio.sleep(0)
        return todo

    async def _keep(self, records: dict[int, list[tuple[bytes, bytes]]]) -> None:
        await asyncio.gather(
            *[
                self._state.send(self._stages[place_of(lane)].state, written, partition_of_lane(lane))
                for lane, written in records.items()
            ]
        )

    # ------------------------------------------------------------------ health

    async def _look_around(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            now = time.monotonic()
            lags = [0, 0]
            for lane, seat in self._seats.items():
                end = self._host.end(lane)
                if end is not None:
                    lags[place_of(lane)] += max(0, end - seat.engine.position)
                    # While an older fact is caught up with, nothing can be flushed; then judging is what must move.
                    done = seat.ledger.position if seat.engine.ready else seat.engine.position
                    self.watchdog.saw(now, name_of(self._sources, lane), done, end)
            frames = [seat.engine for seat in self._seats.values() if isinstance(seat, FrameSeat)]
            areas = [seat.engine for seat in self._seats.values() if isinstance(seat, AreaSeat)]
            self._areas.saw(now, frames, areas)
            if self._report is not None:
                self._report(
                    self._figures(lags, self._catalogues.waits or self.watchdog.why(now) or self._areas.why(now))
                )

    def _figures(self, lags: list[int], why: str) -> dict[str, object]:
        positions, area_positions = split({lane: seat.engine.position for lane, seat in self._seats.items()})
        flushed, area_flushed = split({lane: seat.ledger.position for lane, seat in self._seats.items()})
        expired, area_expired = split({lane: gaps for lane, gaps in self._gaps.items() if gaps})
        return {
            "positions": positions,
            "area_positions": area_positions,
            "flushed": flushed,
            "area_flushed": area_flushed,
            "lag": lags[0],
            "area_lag": lags[1],
            "area_behind_ms": self._areas.behind,
            "frames": self._frames,
            "readings": self._readings,
            "summaries": self._summaries,
            "events": self._events,
            "findings": self.found,
            "findings_by_change": dict(sorted(self._changes.items())),
            "derived": self._derived,
            "bad_frames": self._poison,
            "catalogue": self._in_force(),
            "expired": expired,
            "area_expired": area_expired,
            "state_bytes": self._state_bytes,
            "flush_ms": round(self._flush_ms, 1),
            "flushed_at": self._flushed_at,
            "kafka_away": self._host.outage.away,
            "health": "red" if why else "green",
            "why": why,
        }

    def _in_force(self) -> list[tuple[int, str]]:
        """The switches (number, catalogue) that hold in the partitions judged here: one, but for a moment."""
        clocks = [seat.engine.clock for seat in self._seats.values() if isinstance(seat, FrameSeat)]
        return sorted({(clock.serial, clock.catalogue) for clock in clocks})

    async def stop(self) -> None:
        try:
            await self.flush()
        finally:
            self.drop()
            await self._findings.stop()
            await self._state.stop()


def _must_be_durable(sent: "asyncio.Future[object]") -> None:
    """A summary that is lost while the word that all is said gets through would be missed for good. So the process ends
    before anything behind it is sent, and what it had to say is said again."""
    if not sent.cancelled() and (error := sent.exception()) is not None:
        die("judge", error)
