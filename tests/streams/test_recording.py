"""The recorder with a store that fails in every way, and without Kafka."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from rules.frame import encode
from streams import recording, store_thread
from streams.outage import Outage
from streams.recording import Recording
from streams.settings import RecordSettings
from streams.stores.port import (
    BadPoint,
    Batch,
    Counts,
    Progress,
    Rejected,
    StaleBatchError,
    StoreAwayError,
    StoreRefusesError,
)
from tests.support.frames import START, frame, sensors_of, tick

PARTITIONS = 2
NAMES = {p: sensors_of(p, PARTITIONS, 3) for p in range(PARTITIONS)}


class FakeHost:
    """What the recorder asks of Faust: commits are kept, loops run as tasks."""

    def __init__(self) -> None:
        self.outage = Outage("record")
        self.committed: dict[int, int] = {}
        self.tasks: list[asyncio.Task[None]] = []

    async def commit(self, positions: dict[int, int]) -> bool:
        self.committed |= positions
        return True

    def end(self, partition: int) -> int | None:
        return None

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self.tasks.append(asyncio.ensure_future(work()))


class FakeSender:
    """Keeps what is sent, with when: the number of batches that the store had then."""

    sent: ClassVar[list[tuple[bytes, dict[str, bytes], int]]] = []
    store: "ClassVar[FakeStore]"

    def __init__(self, kafka: str, idempotent: bool) -> None:
        pass

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def expect(self, topic: str, partitions: int) -> None:
        pass

    async def begin(
        self, topic: str, value: bytes, key: bytes, partition: int | None, headers: list[tuple[str, bytes]]
    ) -> "asyncio.Future[object]":
        self.sent.append((key, dict(headers), len(self.store.batches)))
        done: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


class FakeStore:
    """Fails as it is told, then keeps what it is given."""

    def __init__(self) -> None:
        self.failures: list[Exception] = []
        self.attempts: list[tuple[Batch, ...]] = []
        self.batches: list[Batch] = []
        self.rejects: Rejected | None = None
        self.progress: dict[int, Progress] = {}
        self.settled = 0

    def _maybe_fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)

    def positions(self) -> dict[int, Progress]:
        self._maybe_fail()
        return dict(self.progress)

    def write(self, batches: Sequence[Batch]) -> Rejected | None:
        self.attempts.append(tuple(batches))
        self._maybe_fail()
        self.batches += batches
        return self.rejects

    def settle(self) -> None:
        self._maybe_fail()
        self.settled += 1

    def skip(self, partition: int, start: int) -> None:
        self.progress[partition] = Progress(start, Counts())

    def close(self) -> None:
        pass


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeStore]:
    store = FakeStore()
    FakeSender.sent, FakeSender.store = [], store

    async def bounds(kafka: str, topic: str, partitions: list[int]) -> dict[int, tuple[int, int]]:
        return dict.fromkeys(partitions, (5, 50))

    monkeypatch.setattr(recording, "Sender", FakeSender)
    monkeypatch.setattr(recording, "bounds", bounds)
    monkeypatch.setattr(recording, "GATHER", 0.04)
    monkeypatch.setattr(recording, "IDLE", 0.1)
    monkeypatch.setattr(store_thread, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(store_thread, "LONGEST_PAUSE", 0.02)
    store.progress = {p: Progress(10, Counts()) for p in range(PARTITIONS)}
    yield store


def play(store: FakeStore, tmp_path: Path, story: Callable[[Recording, FakeHost], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        host = FakeHost()
        settings = RecordSettings(kafka="nowhere:1", partitions=PARTITIONS, store_url="", data_dir=tmp_path)
        recorder = Recording(settings, lambda: store, host)  # type: ignore[arg-type, return-value]
        await recorder.start()
        try:
            await asyncio.wait_for(story(recorder, host), 20)
        finally:
            for task in host.tasks:
                task.cancel()
            results = await asyncio.gather(*host.tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    asyncio.run(main())


async def seated(recorder: Recording) -> None:
    starts = await recorder.load([0, 1])
    assert starts is not None
    recorder.accept(starts)


def value(partition: int, number: int) -> bytes:
    return encode(frame([(name, "pm25", START + number, 1.0) for name in NAMES[partition]], START))


async def until(what: Callable[[], object]) -> None:
    while not what():
        await asyncio.sleep(0.01)


def test_the_position_comes_from_the_store_and_moves_after_it(store: FakeStore, tmp_path: Path) -> None:
    async def story(recorder: Recording, host: FakeHost) -> None:
        assert await recorder.load([0, 1]) == {0: 10, 1: 10}
        await seated(recorder)
        await recorder.take(0, 10, value(0, 0))
        await recorder.take(1, 10, encode(tick(START)))
        await recorder.take(0, 11, value(0, 1))
        await until(lambda: host.committed == {0: 12, 1: 11})
        assert [(b.partition, b.first, b.next, len(b.frames)) for b in store.batches] == [
            (0, 10, 12, 2),
            (1, 10, 11, 1),
        ]
        assert store.settled == 1

    play(store, tmp_path, story)


def test_what_the_judge_made_is_recorded_beside_what_sensors_sent(store: FakeStore, tmp_path: Path) -> None:
    made = encode(frame([(NAMES[1][0], "aqi_cn", START, 51.0)], START))

    async def story(recorder: Recording, host: FakeHost) -> None:
        store.progress[-2] = Progress(7, Counts())
        starts = await recorder.load([-2, -1, 0, 1])
        assert starts == {-2: 7, -1: 5, 0: 10, 1: 10}
        recorder.accept(starts)
        await recorder.take(-2, 7, made)
        await recorder.take(1, 10, value(1, 0))
        await recorder.take(-1, 5, b"poison")
        await recorder.take(1, 11, b"poison")
        await until(lambda: host.committed == {-2: 8, 1: 12, -1: 6})
        assert {(b.partition, b.first, b.next, len(b.frames)) for b in store.batches} == {
            (-2, 7, 8, 1), (-1, 5, 6, 0), (1, 10, 12, 1)
        }  # fmt: skip
        assert {(key, headers["topic"]) for key, headers, _ in FakeSender.sent} == {
            (b"derived:0:5", b"derived"), (b"1:11", b"readings")
        }  # fmt: skip
        figures = recorder._figures(0, "")
        assert figures["positions"] == {0: 10, 1: 12} and figures["derived_positions"] == {0: 6, 1: 8}

    play(store, tmp_path, story)


@pytest.mark.parametrize("error", [StoreAwayError("gone"), StoreRefusesError("401 unauthorized")])
def test_the_same_batches_are_tried_until_they_are_stored(
    store: FakeStore, tmp_path: Path, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(recorder: Recording, host: FakeHost) -> None:
        await seated(recorder)
        store.failures = [error] * 4
        await recorder.take(0, 10, value(0, 0))
        await until(lambda: len(store.attempts) >= 2)
        await recorder.take(0, 11, value(0, 1))  # comes in a batch of its own
        await until(lambda: host.committed == {0: 12})
        assert len({id(attempt[0]) for attempt in store.attempts[:5]}) == 1
        assert [(b.first, b.next) for b in store.batches] == [(10, 11), (11, 12)]

    with caplog.at_level(logging.WARNING):
        play(store, tmp_path, story)
    told = [each.message for each in caplog.records if "held" in each.message]
    assert len(told) == (1 if isinstance(error, StoreAwayError) else 4)  # a refusal is somebody's to repair
    assert any("takes readings again" in each.message for each in caplog.records)


def test_memory_is_bounded_while_the_store_is_away(
    store: FakeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "MOST", 30)

    async def story(recorder: Recording, host: FakeHost) -> None:
        await seated(recorder)
        store.failures = [StoreAwayError("gone")] * 10_000
        taken = 0

        async def agent() -> None:
            nonlocal taken
            for number in range(100):
                await recorder.take(0, 10 + number, value(0, number))
                taken += 1

        running = asyncio.ensure_future(agent())
        await asyncio.sleep(0.3)
        assert taken < 12  # 3 readings each
        store.failures = []
        await running
        await until(lambda: host.committed == {0: 110})
        assert sum(len(b.frames) for b in store.batches) == 100

    play(store, tmp_path, story)


def test_what_is_no_frame_is_refused_before_the_position_moves(store: FakeStore, tmp_path: Path) -> None:
    async def story(recorder: Recording, host: FakeHost) -> None:
        await seated(recorder)
        await recorder.take(0, 10, b"poison")
        await recorder.take(0, 11, None)
        await until(lambda: host.committed == {0: 12})
        assert store.batches[0].bad_frames == 2 and store.batches[0].frames == []

    play(store, tmp_path, story)
    assert [(key, headers["code"], stored) for key, headers, stored in FakeSender.sent] == [
        (b"0:10", b"bad_frame", 0),
        (b"0:11", b"bad_frame", 0),
    ]


def test_what_the_store_rejects_is_refused_before_it_settles(store: FakeStore, tmp_path: Path) -> None:
    async def story(recorder: Recording, host: FakeHost) -> None:
        await seated(recorder)
        store.rejects = Rejected([BadPoint("air-1", "pm25", 5, 1.0, "422")])
        await recorder.take(0, 10, value(0, 0))
        await until(lambda: FakeSender.sent)
        await until(lambda: store.settled == 1)

    play(store, tmp_path, story)
    assert FakeSender.sent[0][1]["code"] == b"store_rejected"


def test_a_batch_that_somebody_began_is_ended_at_the_same_record(store: FakeStore, tmp_path: Path) -> None:
    async def story(recorder: Recording, host: FakeHost) -> None:
        store.progress = {0: Progress(10, Counts(), until=13), 1: Progress(10, Counts())}
        await seated(recorder)
        await recorder.take(0, 10, value(0, 0))
        await recorder.take(1, 10, value(1, 0))
        await until(lambda: host.committed == {1: 11})
        for number in range(1, 6):
            await recorder.take(0, 10 + number, value(0, number))
        await until(lambda: host.committed == {0: 16, 1: 11})
        assert [(b.first, b.next) for b in store.batches if b.partition == 0] == [(10, 13), (13, 16)]

    play(store, tmp_path, story)


def test_a_revoked_partition_ends_the_waiting(store: FakeStore, tmp_path: Path) -> None:
    async def story(recorder: Recording, host: FakeHost) -> None:
        await seated(recorder)
        store.failures = [StoreAwayError("gone")] * 10_000
        await recorder.take(0, 10, value(0, 0))
        await until(lambda: len(store.attempts) >= 2)
        recorder.drop()
        await until(lambda: not recorder._writing.locked())
        assert host.committed == {}
        store.failures = []
        await seated(recorder)
        await recorder.take(0, 10, value(0, 0))
        await until(lambda: host.committed == {0: 11})

    play(store, tmp_path, story)


def test_a_store_that_is_away_at_the_start_is_waited_for(store: FakeStore, tmp_path: Path) -> None:
    async def story(recorder: Recording, host: FakeHost) -> None:
        store.failures = [StoreAwayError("gone")] * 3
        assert await recorder.load([0]) == {0: 10}
        store.failures = [StoreAwayError("gone")] * 10_000
        waiting = asyncio.ensure_future(recorder.load([0]))
        await asyncio.sleep(0.1)
        recorder.drop()
        assert await waiting is None

    play(store, tmp_path, story)


def test_a_log_that_was_cut_and_a_log_that_is_another_one(store: FakeStore, tmp_path: Path) -> None:
    async def story(recorder: Recording, host: FakeHost) -> None:
        store.progress = {0: Progress(2, Counts())}  # the log is kept from 5 on
        assert await recorder.load([0, 1]) == {0: 5, 1: 5}
        store.progress = {0: Progress(51, Counts())}  # and ends at 50
        with pytest.raises(StaleBatchError, match="another log"):
            await recorder.load([0])

    play(store, tmp_path, story)


def test_a_hole_in_the_log_is_an_error(store: FakeStore, tmp_path: Path) -> None:
    async def story(recorder: Recording, host: FakeHost) -> None:
        await seated(recorder)
        with pytest.raises(StaleBatchError, match="10 is next"):
            await recorder.take(0, 11, value(0, 0))

    play(store, tmp_path, story)
