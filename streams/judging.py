"""The judge without Faust: what it does with an assignment, a record and a flush.

A flush writes, each durable before the next: findings and derived readings (handed over at once, awaited here),
changed chunks, a marker, the commit. A load takes for each chunk the fact that reaches furthest. Nothing else is ever
committed, so a crash, a revoked partition and a stop lead to the same place.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable

from streams.facts import Flush
from streams.host import Host
from streams.judge_seat import Seat, begin
from streams.judged import Out
from streams.kafka import Sender, TopicError, bounds, read_partitions
from streams.ports import JudgeEngine
from streams.settings import JudgeSettings
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
        make_engine: Callable[[int], JudgeEngine],
        host: Host,
        report: Callable[[dict[str, object]], None] | None = None,
    ) -> None:
        self._settings, self._make_engine, self._host, self._report = settings, make_engine, host, report
        self.watchdog = Watchdog(time.monotonic())
        self._sending, self._flushing = asyncio.Lock(), asyncio.Lock()
        self._seats: dict[int, Seat] = {}
        self._loaded: dict[int, Seat] = {}
        self._generation = self._loaded_for = 0
        self._out: list[Out] = []  # found, not yet handed to the producer
        self._sent: list[asyncio.Future[object]] = []  # handed over, not yet known to be durable
        self._changes = Counter[str]()
        self._readings = self._frames = self.found = self._poison = self._derived = 0
        self._gaps: dict[int, list[tuple[int, int]]] = {}
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
        for topic in (settings.readings, settings.derived, settings.state):
            await self._state.expect(topic, settings.partitions)
        self._host.spawn(self._flush_for_ever)
        self._host.spawn(self._look_around)

    # ------------------------------------------------------------------ assignments

    def drop(self) -> None:
        self._generation += 1
        self._seats = {}
        self._gaps = {}
        self.watchdog.revoked(time.monotonic())

    async def load(self, partitions: list[int]) -> dict[int, int] | None:
        generation = self._generation
        if not partitions:
            return {}
        state = self._settings.state
        try:
            loaded = await asyncio.wait_for(self._load(partitions), LOAD_SECONDS)
        except TimeoutError as error:
            raise TopicError(
                f"topic {state!r} or {self._settings.readings!r} did not answer for {LOAD_SECONDS:.0f} s"
            ) from error
        if generation != self._generation:
            return None
        self._loaded, self._loaded_for = loaded, generation
        return {partition: seat.engine.position for partition, seat in loaded.items()}

    def accept(self, starts: dict[int, int]) -> None:
        if starts and self._loaded_for != self._generation:
            return
        self._seats = self._loaded if starts else {}
        self.watchdog.assigned(time.monotonic())

    async def _load(self, partitions: list[int]) -> dict[int, Seat]:
        settings = self._settings
        records = await read_partitions(settings.kafka, settings.state, partitions)
        kept = await bounds(settings.kafka, settings.readings, partitions)
        seats = {}
        for partition in partitions:
            facts, gap = begin(settings, partition, records[partition], *kept[partition])
            if gap is not None:
                await self._state.send(settings.state, [gap_record(gap)], partition)
            self._gaps[partition] = [(known.start, known.end) for known in facts.gaps]
            seats[partition] = Seat(settings, partition, self._make_engine(partition), facts)
        return seats

    # ------------------------------------------------------------------ records

    async def take(self, partition: int, offset: int, value: bytes | None) -> None:
        seat = self._seats.get(partition)
        if seat is None:  # fetched for another assignment
            return
        judged = seat.judge(offset, value)
        self._frames += 1
        self._readings += judged.readings
        if (error := judged.error) is not None:
            self._poison += 1
            log.warning("judge: partition %d offset %d is no frame and is passed over: %s", partition, offset, error)
        if judged.out:
            self._out += judged.out
            self.found += judged.findings
            self._changes.update(judged.changes)
            self._derived += len(seat.engine.derived)
            await self._publish()

    async def _publish(self) -> None:
        # Whoever holds the lock has nothing between the two lists, so a flush cannot overtake a finding.
        async with self._sending:
            while self._out:
                topic, value, key, to = self._out.pop(0)
                self._sent.append(await self._findings.begin(topic, value, key, to))

    # ------------------------------------------------------------------ flush

    async def _flush_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._pause)
            try:
                await asyncio.wait_for(self.flush(), FLUSH_SECONDS)
            except TimeoutError as error:
                raise TopicError(
                    f"a flush was not done in {FLUSH_SECONDS:.0f} s: {self._settings.findings!r} or "
                    f"{self._settings.state!r} takes no records"
                ) from error

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
        state = self._settings.state
        await asyncio.gather(*[self._state.send(state, written, partition) for partition, written in records.items()])

    # ------------------------------------------------------------------ health

    async def _look_around(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            now = time.monotonic()
            lag = 0
            for partition, seat in self._seats.items():
                end = self._host.end(partition)
                if end is not None:
                    lag += max(0, end - seat.engine.position)
                    # While an older fact is caught up with, nothing can be flushed; then judging is what must move.
                    done = seat.ledger.position if seat.engine.ready else seat.engine.position
                    self.watchdog.saw(now, partition, done, end)
            if self._report is not None:
                self._report(self._figures(lag, self.watchdog.why(now)))

    def _figures(self, lag: int, why: str) -> dict[str, object]:
        return {
            "positions": {partition: seat.engine.position for partition, seat in sorted(self._seats.items())},
            "flushed": {partition: seat.ledger.position for partition, seat in sorted(self._seats.items())},
            "lag": lag,
            "frames": self._frames,
            "readings": self._readings,
            "findings": self.found,
            "findings_by_change": dict(sorted(self._changes.items())),
            "derived": self._derived,
            "bad_frames": self._poison,
            "expired": {partition: gaps for partition, gaps in sorted(self._gaps.items()) if gaps},
            "state_bytes": self._state_bytes,
            "flush_ms": round(self._flush_ms, 1),
            "flushed_at": self._flushed_at,
            "kafka_away": self._host.outage.away,
            "health": "red" if why else "green",
            "why": why,
        }

    async def stop(self) -> None:
        try:
            await self.flush()
        finally:
            self.drop()
            await self._findings.stop()
            await self._state.stop()
