"""The recorder without Faust: collects frames, writes them to the store in a thread, and never gives up.

The position comes from the store, which keeps it beside the readings; the commit is for lag displays only. While the
store is away nothing more is taken, so memory is bounded; alerts do not notice, because the judge is another process.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from rules.frame import Frame, FrameError, FrameReader
from streams.histogram import Histogram
from streams.host import Host
from streams.kafka import Sender, bounds
from streams.refusals import Refused, bad_frame, bad_point
from streams.settings import RecordSettings
from streams.stores.port import (
    Batch,
    Counts,
    Progress,
    Rejected,
    StaleBatchError,
    StoreAwayError,
    StoreRefusesError,
    TimeSeriesStore,
)
from streams.watchdog import Watchdog

log = logging.getLogger("urbanpulse.streams")

_T = TypeVar("_T")

GATHER = 0.2
"""Seconds from the first waiting reading to the write."""
IDLE = 2.0
"""The same when only ticks wait: an idle city should cost next to nothing."""
FULL = 20_000
"""Readings at which a write begins at once."""
MOST = 200_000
"""Readings in memory beyond which no more are taken."""
LOAD_SECONDS = 60.0


class Seat:
    """One partition that is recorded here: the records taken and not yet written."""

    def __init__(self, partition: int, partitions: int, progress: Progress, fresh_from: int) -> None:
        self.partition = partition
        self.reader = FrameReader(partition, partitions)
        self.stored = self.taken = self.next = progress.next  # stored <= taken for writing <= next to come
        self.until = progress.until
        self.fresh_from = fresh_from
        self.records: list[tuple[int, Frame | Refused]] = []

    def cut(self) -> tuple[Batch, list[Refused]] | None:
        """Take what may be written now. A batch that somebody began and did not end is ended at the same record."""
        end = self.next if self.until is None else self.until
        if end > self.next or not self.records:
            return None
        cut = [kind for offset, kind in self.records if offset < end]
        self.records = [record for record in self.records if record[0] >= end]
        frames = [kind for kind in cut if isinstance(kind, Frame)]
        refused = [kind for kind in cut if not isinstance(kind, Frame)]
        batch = Batch(self.partition, self.taken, end, frames, len(refused))
        self.taken, self.until = end, None
        return batch, refused


class Recording:
    """A guest of the Faust host."""

    def __init__(
        self,
        settings: RecordSettings,
        open_store: Callable[[], TimeSeriesStore],
        host: Host,
        report: Callable[[dict[str, object]], None] | None = None,
    ) -> None:
        self._settings, self._open_store, self._host, self._report = settings, open_store, host, report
        self.watchdog = Watchdog(time.monotonic())
        self._thread = ThreadPoolExecutor(1, "store")  # one: the store's writes stay in order
        self._seats: dict[int, Seat] = {}
        self._loaded: dict[int, Seat] = {}
        self._generation = 0
        self._waiting = 0
        self._latency = Histogram()
        self._held = ""
        self._writes = self._readings = 0
        self._write_ms = 0.0
        self._news, self._room, self._turned = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._writing = asyncio.Lock()
        self._store: TimeSeriesStore | None = None

    async def start(self) -> None:
        settings = self._settings
        self._refused = Sender(settings.kafka, settings.idempotent)
        await self._refused.start()
        await self._refused.expect(settings.readings, settings.partitions)
        self._host.spawn(self._write_for_ever)
        self._host.spawn(self._look_around)

    # ------------------------------------------------------------------ assignments

    def drop(self) -> None:
        self._generation += 1
        self._seats = {}
        self._waiting = 0
        self.watchdog.revoked(time.monotonic())
        for event in (self._room, self._turned, self._news):
            event.set()

    async def load(self, partitions: list[int]) -> dict[int, int] | None:
        generation = self._generation
        if not partitions:
            return {}
        kept = await asyncio.wait_for(bounds(self._settings.kafka, self._settings.readings, partitions), LOAD_SECONDS)
        async with self._writing:  # what an older assignment has in the store's thread comes to its end first
            progress = await self._persist(generation, self._positions)
            if progress is None:
                return None
            loaded = {}
            for partition in partitions:
                start, end = kept[partition]
                known = progress.get(partition, Progress(0, Counts()))
                if known.next > end:
                    raise StaleBatchError(
                        f"partition {partition}: the store stands at offset {known.next} and "
                        f"{self._settings.readings!r} ends at {end}: it was filled from another log. Give this log a "
                        "store of its own"
                    )
                if known.next < start:
                    log.error("record: partition %d: frames %d to %d are gone from the log before they were stored",
                              partition, known.next, start - 1)  # fmt: skip
                    await self._persist(generation, partial(self._skip, partition, start))
                    known = Progress(start, known.counts)
                loaded[partition] = Seat(partition, self._settings.partitions, known, end)
        if generation != self._generation:
            return None
        self._loaded = loaded
        log.info("record: on from %s", {partition: seat.next for partition, seat in loaded.items()})
        return {partition: seat.next for partition, seat in loaded.items()}

    def accept(self, starts: dict[int, int]) -> None:
        self._seats = self._loaded if starts else {}
        self.watchdog.assigned(time.monotonic())

    def _opened(self) -> TimeSeriesStore:
        if self._store is None:
            self._store = self._open_store()
        return self._store

    def _skip(self, partition: int, start: int) -> None:
        self._opened().skip(partition, start)

    def _positions(self) -> dict[int, Progress]:
        return self._opened().positions()

    # ------------------------------------------------------------------ records

    async def take(self, partition: int, offset: int, value: bytes | None) -> None:
        seat = self._seats.get(partition)
        if seat is None:  # fetched for another assignment
            return
        if offset != seat.next:
            raise StaleBatchError(f"partition {partition}: record {offset} came, {seat.next} is next")
        seat.next = offset + 1
        try:
            frame = seat.reader.read(value)
        except FrameError as error:
            log.warning("record: partition %d offset %d is no frame and is refused: %s", partition, offset, error)
            seat.records.append((offset, bad_frame(self._settings.readings, partition, offset, value, error)))
        else:
            seat.records.append((offset, frame))
            self._waiting += frame.readings()
        self._news.set()
        generation = self._generation
        while self._waiting >= MOST and generation == self._generation:
            self._room.clear()
            await self._room.wait()

    # ------------------------------------------------------------------ writing

    async def _write_for_ever(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            began = time.monotonic()
            while self._waiting < FULL and time.monotonic() - began < (GATHER if self._waiting else IDLE):
                await asyncio.sleep(GATHER / 4)
            await self.write()
            if any(seat.records and seat.until is None for seat in self._seats.values()):
                self._news.set()  # what came behind the end of somebody's batch

    async def write(self) -> None:
        """Store what was taken so far; returns when it is stored, or when the assignment has ended."""
        async with self._writing:
            generation = self._generation
            cuts = [cut for seat in self._seats.values() if (cut := seat.cut()) is not None]
            if not cuts:
                return
            began = time.monotonic()
            batches = [batch for batch, _ in cuts]
            await self._refuse([refused for _, several in cuts for refused in several])
            rejected = await self._persist(generation, lambda: self._write_to_store(batches))
            if rejected is None:
                return
            await self._refuse([bad_point(self._settings.readings, point) for point in rejected.points])
            if await self._persist(generation, self._settle) is None:
                return
            self._write_ms = 1000 * (time.monotonic() - began)
            await self._stored(generation, batches)

    def _write_to_store(self, batches: list[Batch]) -> Rejected:
        return self._opened().write(batches) or Rejected([])

    def _settle(self) -> bool:
        self._opened().settle()
        return True

    async def _stored(self, generation: int, batches: list[Batch]) -> None:
        now = time.time() * 1000
        self._writes += 1
        for batch in batches:
            seat = self._seats.get(batch.partition) if generation == self._generation else None
            if seat is not None:
                seat.stored = batch.next
            for frame in batch.frames:
                count = frame.readings()
                self._readings += count
                self._waiting -= count if seat is not None else 0
                if count and seat is not None and batch.first >= seat.fresh_from:
                    self._latency.add(now - frame.wall, count)
        self._room.set()
        if generation == self._generation:
            self.watchdog.flushed(time.monotonic())
            await self._host.commit({batch.partition: batch.next for batch in batches})
            self._host.outage.fine()

    async def _refuse(self, records: list[Refused]) -> None:
        """Returns when all are durable in `refused`. Raises KafkaError: the process ends and reads them again."""
        topic = self._settings.refused
        await asyncio.gather(
            *[await self._refused.begin(topic, value, key, None, headers) for key, value, headers in records]
        )

    async def _persist(self, generation: int, work: Callable[[], _T]) -> _T | None:
        """Do `work` in the store's thread, again and again while the store is away; None when the assignment ends
        first. Raises StaleBatchError."""
        pause = 0.5
        while generation == self._generation:
            try:
                done = await asyncio.get_running_loop().run_in_executor(self._thread, work)
            except (StoreAwayError, StoreRefusesError) as error:
                self._hold(error)
                self._turned.clear()
                try:
                    await asyncio.wait_for(self._turned.wait(), pause * random.uniform(0.8, 1.2))
                except TimeoutError:
                    pause = min(30.0, pause * 2)
                continue
            if self._held:
                log.warning("record: the store takes readings again")
                self._held = ""
                self.watchdog.holding("")
            return done
        return None

    def _hold(self, error: Exception) -> None:
        words = f"{type(error).__name__}: {error}"
        if isinstance(error, StoreRefusesError):  # somebody has to act: say it every time
            log.error("record: the store refuses everything, readings are held until it is put right: %s", error)
        elif not self._held:
            log.warning("record: the store is away, readings are held: %s", error)
        self._held = words
        self.watchdog.holding(words)

    # ------------------------------------------------------------------ health

    async def _look_around(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            now, lag = time.monotonic(), 0
            if not self._writing.locked():  # whatever was taken is stored: that is as good as a write
                self.watchdog.flushed(now)
            for partition, seat in self._seats.items():
                end = self._host.end(partition)
                if end is not None:
                    lag += max(0, end - seat.stored)
                    self.watchdog.saw(now, partition, seat.stored, end)
            if self._report is not None:
                self._report(self._figures(lag, self.watchdog.why(now)))

    def _figures(self, lag: int, why: str) -> dict[str, object]:
        return {
            "positions": {partition: seat.stored for partition, seat in sorted(self._seats.items())},
            "lag": lag,
            "readings": self._readings,
            "writes": self._writes,
            "write_ms": round(self._write_ms, 1),
            "waiting_readings": self._waiting,
            "latency_ms": self._latency.summary(),
            "store": self._held or "ok",
            "kafka_away": self._host.outage.away,
            "health": "red" if why or self._held else "green",
            "why": why or self._held,
        }

    async def stop(self) -> None:
        try:
            await self.write()
        finally:
            self.drop()
            await self._refused.stop()
            if self._store is not None:
                await asyncio.get_running_loop().run_in_executor(self._thread, self._store.close)
            self._thread.shutdown(wait=False)
