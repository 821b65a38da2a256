"""The recorder without Faust: collects frames, writes them to the store in a thread, and never gives up.

The position comes from the store, which keeps it beside the readings; the commit is for lag displays only. While the
store is away nothing more is taken, so memory is bounded; alerts do not notice, because the judge is another process.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial

from rules.frame import FrameError
from streams.histogram import Histogram
from streams.host import Host
from streams.kafka import Sender, bounds
from streams.lanes import lane, name_of, partition_of_lane, place_of, split
from streams.record_seat import Seat
from streams.refusals import Refused, bad_frame, bad_point
from streams.settings import RecordSettings
from streams.store_thread import StoreThread
from streams.stores.port import Batch, Counts, Progress, Rejected, StaleBatchError, TimeSeriesStore
from streams.watchdog import Watchdog

log = logging.getLogger("urbanpulse.streams")

GATHER = 0.2
"""Seconds from the first waiting reading to the write."""
IDLE = 2.0
"""The same when only ticks wait: an idle city should cost next to nothing."""
FULL = 20_000
"""Readings at which a write begins at once."""
MOST = 200_000
"""Readings in memory beyond which no more are taken."""
LOAD_SECONDS = 60.0


class Recording:
    """A guest of the Faust host."""

    def __init__(
        self,
        settings: RecordSettings,
        open_store: Callable[[], TimeSeriesStore],
        host: Host,
        report: Callable[[dict[str, object]], None] | None = None,
    ) -> None:
        self._settings, self._host, self._report = settings, host, report
        self._topics = (settings.readings, settings.derived)
        self.watchdog = Watchdog(time.monotonic())
        self._store = StoreThread(open_store, self.watchdog)
        self._seats: dict[int, Seat] = {}
        self._loaded: dict[int, Seat] = {}
        self._generation = 0
        self._waiting = 0
        self._latency = Histogram()
        self._writes = self._readings = 0
        self._write_ms = 0.0
        self._news, self._room = asyncio.Event(), asyncio.Event()
        self._writing = asyncio.Lock()
        self._loaded_for = self._while_assigned()

    async def start(self) -> None:
        settings = self._settings
        self._refused = Sender(settings.kafka, settings.idempotent)
        await self._refused.start()
        for topic in self._topics:
            await self._refused.expect(topic, settings.partitions)
        self._host.spawn(self._write_for_ever)
        self._host.spawn(self._look_around)

    # ------------------------------------------------------------------ assignments

    def drop(self) -> None:
        self._generation += 1
        self._seats = {}
        self._waiting = 0
        self.watchdog.revoked(time.monotonic())
        self._room.set()
        self._store.wake()

    async def load(self, partitions: list[int]) -> dict[int, int] | None:
        wanted = self._while_assigned()
        if not partitions:
            return {}
        kept = await asyncio.wait_for(self._bounds(partitions), LOAD_SECONDS)
        async with self._writing:  # what an older assignment has in the store's thread comes to its end first
            progress = await self._store.persist(lambda store: store.positions(), wanted)
            if progress is None:
                return None
            loaded = {}
            for partition in partitions:
                start, end = kept[partition]
                known = progress.get(partition, Progress(0, Counts()))
                if known.next > end:
                    raise StaleBatchError(
                        f"partition {partition_of_lane(partition)}: the store stands at offset {known.next} and "
                        f"{self._topics[place_of(partition)]!r} ends at {end}: it was filled from another log. "
                        "Give this log a store of its own"
                    )
                if known.next < start:
                    log.error("record: partition %d: frames %d to %d are gone from %r before they were stored",
                              partition_of_lane(partition), known.next, start - 1,
                              self._topics[place_of(partition)])  # fmt: skip
                    await self._store.persist(partial(_skip, partition, start), wanted)
                    known = Progress(start, known.counts)
                loaded[partition] = Seat(partition, self._settings.partitions, known, end)
        if not wanted():
            return None
        self._loaded, self._loaded_for = loaded, wanted
        log.info("record: on from %s", {partition: seat.next for partition, seat in loaded.items()})
        return {partition: seat.next for partition, seat in loaded.items()}

    async def _bounds(self, lanes: list[int]) -> dict[int, tuple[int, int]]:
        kept: dict[int, tuple[int, int]] = {}
        for place, mine in enumerate(split(dict.fromkeys(lanes, None))):
            if mine:
                found = await bounds(self._settings.kafka, self._topics[place], list(mine))
                kept |= {lane(place, partition): span for partition, span in found.items()}
        return kept

    def accept(self, starts: dict[int, int]) -> None:
        if starts and not self._loaded_for():
            return
        self._seats = self._loaded if starts else {}
        self.watchdog.assigned(time.monotonic())

    def _while_assigned(self) -> Callable[[], bool]:
        """Tells, whenever asked, whether the assignment of this moment still holds."""
        generation = self._generation
        return lambda: generation == self._generation

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
            topic, number = self._topics[place_of(partition)], partition_of_lane(partition)
            log.warning("record: %s[%d]@%d is no frame and is refused: %s", topic, number, offset, error)
            seat.records.append((offset, bad_frame(topic, number, offset, value, error)))
        else:
            seat.records.append((offset, frame))
            self._waiting += frame.readings()
        self._news.set()
        wanted = self._while_assigned()
        while self._full() and wanted():
            self._room.clear()
            await self._room.wait()

    def _full(self) -> bool:
        # A batch that must end at a given record has to get there, or nothing could be written at all.
        return self._waiting >= MOST and all(
            seat.until is None or seat.until <= seat.next for seat in self._seats.values()
        )

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
            wanted = self._while_assigned()
            cuts = [cut for seat in self._seats.values() if (cut := seat.cut()) is not None]
            if not cuts:
                return
            began = time.monotonic()
            batches = [batch for batch, _ in cuts]
            await self._refuse([refused for _, several in cuts for refused in several])
            rejected = await self._store.persist(lambda store: store.write(batches) or Rejected([]), wanted)
            if rejected is None:
                return
            await self._refuse([bad_point(self._settings.readings, point) for point in rejected.points])
            if await self._store.persist(_settle, wanted) is None:
                return
            self._write_ms = 1000 * (time.monotonic() - began)
            await self._stored(batches, wanted())

    async def _stored(self, batches: list[Batch], assigned: bool) -> None:
        now = time.time() * 1000
        self._writes += 1
        for batch in batches:
            seat = self._seats.get(batch.partition) if assigned else None
            if seat is not None:
                seat.stored = batch.next
            for frame in batch.frames:
                count = frame.readings()
                self._readings += count
                self._waiting -= count if seat is not None else 0
                # How long a reading took is told of what was received, not of what was made of it.
                if count and seat is not None and batch.partition >= 0 and batch.first >= seat.fresh_from:
                    self._latency.add(now - frame.wall, count)
        self._room.set()
        if assigned:
            self.watchdog.flushed(time.monotonic())
            await self._host.commit({batch.partition: batch.next for batch in batches})
            self._host.outage.fine()

    async def _refuse(self, records: list[Refused]) -> None:
        """Returns when all are durable in `refused`. Raises KafkaError: the process ends and reads them again."""
        topic = self._settings.refused
        await asyncio.gather(
            *[await self._refused.begin(topic, value, key, None, headers) for key, value, headers in records]
        )

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
                    self.watchdog.saw(now, name_of(self._topics, partition), seat.stored, end)
            if self._report is not None:
                self._report(self._figures(lag, self.watchdog.why(now)))

    def _figures(self, lag: int, why: str) -> dict[str, object]:
        positions, derived = split({number: seat.stored for number, seat in self._seats.items()})
        return {
            "positions": positions,
            "derived_positions": derived,
            "lag": lag,
            "readings": self._readings,
            "writes": self._writes,
            "write_ms": round(self._write_ms, 1),
            "waiting_readings": self._waiting,
            "latency_ms": self._latency.summary(),
            "store": self._store.held or "ok",
            "kafka_away": self._host.outage.away,
            "health": "red" if why or self._store.held else "green",
            "why": why or self._store.held,
        }

    async def stop(self) -> None:
        try:
            if not self._store.held:  # else it would be waited for in vain; what was taken is read again
                await self.write()
        finally:
            self.drop()
            await self._refused.stop()
            await self._store.close()


def _settle(store: TimeSeriesStore) -> bool:
    store.settle()
    return True


def _skip(partition: int, start: int, store: TimeSeriesStore) -> None:
    store.skip(partition, start)
