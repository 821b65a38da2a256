"""The judge's order of steps, with a Kafka that does what it is told when it is told."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from rules.finding import decode
from rules.frame import FrameReader, encode
from rules.log import LogGapError
from streams import judging
from streams.facts import Record, recover
from streams.judge_seat import OtherLogError
from streams.judging import Judging
from streams.lanes import partition_of_lane, place_of
from streams.outage import Outage
from streams.settings import JudgeSettings
from streams.state_topic import read_gaps
from tests.support.area_tally import AreaTally, TellingEngine
from tests.support.frames import START, frame, sensors_of, tick
from tests.support.tally import TallyEngine

PARTITIONS = 2
NAMES = {p: sensors_of(p, PARTITIONS, 3) for p in range(PARTITIONS)}


class Broker:
    """The topics, what happened in which order, and doors that hold a step back until they are opened."""

    def __init__(self) -> None:
        self.states: dict[str, dict[int, list[Record]]] = {
            topic: {p: [] for p in range(PARTITIONS)} for topic in ("judge-state", "area-state")
        }
        self.state = self.states["judge-state"]
        self.findings: list[bytes] = []
        self.derived: list[tuple[int, bytes]] = []
        self.summaries: dict[int, list[bytes]] = {p: [] for p in range(PARTITIONS)}
        self.story: list[str] = []
        self.kept = dict.fromkeys(range(PARTITIONS), (0, 1000))
        self.kept_summaries = dict.fromkeys(range(PARTITIONS), (0, 1000))
        self.doors: dict[str, asyncio.Event] = {}
        self.silent = False
        self.catalogue: list[Record] = []

    def shut(self, step: str) -> asyncio.Event:
        self.doors[step] = asyncio.Event()
        return self.doors[step]

    async def step(self, step: str) -> None:
        if step in self.doors:
            await self.doors[step].wait()
        if not self.story or self.story[-1] != step:
            self.story.append(step)


class FakeSender:
    broker: ClassVar[Broker]

    def __init__(self, kafka: str, idempotent: bool) -> None:
        pass

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def expect(self, topic: str, partitions: int) -> None:
        pass

    async def begin(
        self, topic: str, value: bytes, key: bytes | None, partition: int | None = None
    ) -> "asyncio.Future[object]":
        async def durable() -> object:
            await self.broker.step(topic)
            if topic == "findings":
                self.broker.findings.append(value)
            elif topic == "summaries":
                assert key is None and partition is not None
                self.broker.summaries[partition].append(value)
            else:
                assert key is None and partition is not None
                self.broker.derived.append((partition, value))
            return None

        return asyncio.ensure_future(durable())

    async def send(self, topic: str, records: Sequence[tuple[bytes, bytes]], partition: int) -> None:
        for key, value in records:
            await self.broker.step({b"c": "chunks", b"m": "marker", b"x": "gap"}[key[:1]])
            self.broker.states[topic][partition].append((key, value))


class FakeHost:
    def __init__(self, broker: Broker) -> None:
        self.outage, self.broker = Outage("judge"), broker
        self.committed: dict[int, int] = {}

    async def commit(self, positions: dict[int, int]) -> bool:
        await self.broker.step("commit")
        self.committed |= positions
        return True

    def end(self, partition: int) -> int | None:
        return None

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """The tests flush when they say so."""


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    broker = FakeSender.broker = Broker()

    async def read_partitions(kafka: str, topic: str, partitions: list[int]) -> dict[int, list[Record]]:
        while broker.silent:
            await asyncio.sleep(0.01)
        if topic == "catalogue":
            return {0: list(broker.catalogue)}
        return {p: list(broker.states[topic][p]) for p in partitions}

    async def bounds(kafka: str, topic: str, partitions: list[int]) -> dict[int, tuple[int, int]]:
        kept = broker.kept if topic == "readings" else broker.kept_summaries
        return {p: kept[p] for p in partitions}

    monkeypatch.setattr(judging, "Sender", FakeSender)
    monkeypatch.setattr(judging, "read_partitions", read_partitions)
    monkeypatch.setattr(judging, "bounds", bounds)
    yield broker


def play(
    broker: Broker,
    folder: Path,
    story: Callable[[Judging, FakeHost], Coroutine[Any, Any, None]],
    kind: type[TallyEngine] = TallyEngine,
    report: Callable[[dict[str, object]], None] | None = None,
) -> None:
    async def main() -> None:
        host = FakeHost(broker)
        settings = JudgeSettings(kafka="nowhere:1", partitions=PARTITIONS, data_dir=folder)

        def engine(partition: int, catalogue: object) -> TallyEngine:
            return kind(None, partition=partition, partitions=PARTITIONS)

        def area(partition: int, catalogue: object) -> AreaTally:
            return AreaTally(None, partition=partition, partitions=PARTITIONS)

        judge = Judging(settings, engine, area, host, report)  # type: ignore[arg-type]
        await judge.start()
        await asyncio.wait_for(story(judge, host), 20)

    asyncio.run(main())


async def seated(judge: Judging, lanes: Sequence[int] = (0, 1)) -> dict[int, int]:
    judge.drop()
    starts = await judge.load(list(lanes))
    assert starts is not None
    judge.accept(starts)
    return starts


def loud(partition: int, value: float = 150.0) -> bytes:
    return encode(frame([(name, "pm25", START, value) for name in NAMES[partition]], START))


def test_each_step_is_durable_before_the_next(broker: Broker, tmp_path: Path) -> None:
    async def story(judge: Judging, host: FakeHost) -> None:
        assert await seated(judge) == {0: 0, 1: 0}
        await judge.take(0, 0, loud(0))
        await judge.take(1, 0, encode(tick(START)))
        doors = [broker.shut(step) for step in ("findings", "chunks", "marker", "commit")]
        flush = asyncio.ensure_future(judge.flush())
        for number, door in enumerate(doors):
            await asyncio.sleep(0.02)
            assert broker.story == ["findings", "chunks", "marker", "commit"][:number]
            door.set()
        await flush
        assert broker.story == ["findings", "chunks", "marker", "commit"]
        assert host.committed == {0: 1, 1: 1} and len(broker.findings) == 3

    play(broker, tmp_path, story)


def test_derived_readings_are_durable_before_the_chunk_that_follows_from_them(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TallyEngine, "deriving", NAMES[1][0])

    async def story(judge: Judging, host: FakeHost) -> None:
        await seated(judge)
        door = broker.shut("derived")
        await judge.take(1, 0, encode(frame([(NAMES[1][0], "pm25", START, 1.0)])))
        await judge.take(1, 1, encode(tick(START, wall=START + 7)))
        flush = asyncio.ensure_future(judge.flush())
        await asyncio.sleep(0.05)
        assert broker.story == [] and not broker.state[1]
        door.set()
        await flush
        assert broker.story == ["derived", "chunks", "marker", "commit"]
        [(partition, value)] = broker.derived
        made = FrameReader(partition, PARTITIONS).read(value)
        assert (partition, made) == (1, frame([(NAMES[1][0], "aqi_cn", START, 51.0)], wall=START + 7, t=START))

    play(broker, tmp_path, story)


def test_a_finding_made_during_a_flush_is_not_overtaken(broker: Broker, tmp_path: Path) -> None:
    async def story(judge: Judging, host: FakeHost) -> None:
        await seated(judge)
        await judge.take(0, 0, loud(0))
        door = broker.shut("findings")
        flush = asyncio.ensure_future(judge.flush())
        await asyncio.sleep(0.02)
        await judge.take(0, 1, loud(0, 5.0))  # clears, after the flush's moment
        door.set()
        await flush
        facts = recover(broker.state[0], 0, PARTITIONS)
        assert facts.position == 1 and host.committed[0] == 1
        await judge.flush()
        assert recover(broker.state[0], 0, PARTITIONS).position == 2
        assert sorted(decode(value).change for value in broker.findings) == ["cleared"] * 3 + ["fired"] * 3

    play(broker, tmp_path, story)


@pytest.mark.parametrize("step", ["findings", "chunks", "marker"])
def test_a_rebalance_ends_a_flush_where_it_is(broker: Broker, tmp_path: Path, step: str) -> None:
    async def story(judge: Judging, host: FakeHost) -> None:
        await seated(judge)
        await judge.take(0, 0, loud(0))
        door = broker.shut(step)
        flush = asyncio.ensure_future(judge.flush())
        await asyncio.sleep(0.02)
        judge.drop()
        door.set()
        await flush
        assert host.committed == {}  # what was written is old, not wrong; a commit would be of another's partition
        starts = await seated(judge)
        assert starts[0] == (0 if step == "findings" else 1)
        await judge.take(0, starts[0], loud(0, 150.0 if starts[0] == 0 else 149.0))
        await judge.flush()
        assert len({(f.episode, f.revision) for f in map(decode, broker.findings)}) == 3

    play(broker, tmp_path, story)


def test_a_load_that_was_overtaken_is_not_taken_up(broker: Broker, tmp_path: Path) -> None:
    async def story(judge: Judging, host: FakeHost) -> None:
        starts = await judge.load([0, 1])
        assert starts is not None
        judge.drop()  # revoked while Faust was made to seek
        judge.accept(starts)
        await judge.take(0, 0, loud(0))
        await judge.flush()
        assert broker.findings == [] and broker.story == []
        broker.silent = True
        loading = asyncio.ensure_future(judge.load([0]))
        await asyncio.sleep(0.02)
        judge.drop()
        broker.silent = False
        assert await loading is None

    play(broker, tmp_path, story)


def test_nothing_is_written_until_all_chunks_stand_at_one_position(broker: Broker, tmp_path: Path) -> None:
    async def story(judge: Judging, host: FakeHost) -> None:
        await seated(judge)
        for offset in range(4):
            await judge.take(0, offset, loud(0))
            if offset in (1, 3):
                await judge.flush()
        # Compaction took the newest marker's companions: chunk records at 4 and one only at 2.
        kept = dict(broker.state[0])
        chunk = next(key for key in kept if key and key[:1] == b"c")
        old = next(value for key, value in broker.state[0] if key == chunk)
        broker.state[0] = [(key, value) for key, value in kept.items() if key not in (chunk, b"m")] + [(chunk, old)]
        starts = await seated(judge)
        assert starts[0] == 0  # chunks without any record are empty before 0 for all we know
        before = len(broker.state[0])
        await judge.take(0, 0, loud(0))
        await judge.flush()
        assert len(broker.state[0]) == before
        for offset in range(1, 4):
            await judge.take(0, offset, loud(0))
        await judge.flush()
        assert recover(broker.state[0], 0, PARTITIONS).position == 4

    play(broker, tmp_path, story)


def test_a_gap_is_on_record_before_anything_is_judged(broker: Broker, tmp_path: Path) -> None:
    async def story(judge: Judging, host: FakeHost) -> None:
        broker.kept[0] = (7, 1000)
        assert await seated(judge) == {0: 7, 1: 0}
        assert [(gap.start, gap.end) for gap in read_gaps(broker.state[0])] == [(0, 7)]
        await judge.take(0, 7, loud(0))

    play(broker, tmp_path, story)


def test_what_ends_the_process_is_an_error_with_its_reason(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(judge: Judging, host: FakeHost) -> None:
        await seated(judge)
        with pytest.raises((LogGapError, RuntimeError), match=r"expected 0|0 is next"):
            await judge.take(0, 1, loud(0))
        await judge.take(0, 0, loud(0))
        await judge.flush()
        broker.kept[0] = (0, 0)
        with pytest.raises(OtherLogError, match="another log"):
            await judge.load([0])
        monkeypatch.setattr(judging, "LOAD_SECONDS", 0.05)
        broker.silent = True
        with pytest.raises(judging.TopicError, match="judge-state"):
            await judge.load([0])

    play(broker, tmp_path, story)


def test_what_is_no_frame_moves_nothing_but_the_position(broker: Broker, tmp_path: Path) -> None:
    async def story(judge: Judging, host: FakeHost) -> None:
        await seated(judge)
        for offset, value in enumerate((None, b"", b"junk", loud(1))):  # the last is another partition's
            await judge.take(0, offset, value)
        await judge.flush()
        assert host.committed[0] == 4 and broker.findings == []
        assert not any(state for _, state in recover(broker.state[0], 0, PARTITIONS).chunks.values())

    play(broker, tmp_path, story)


BOTH = (0, 1, -1, -2)


async def both(judge: Judging, broker: Broker) -> None:
    """Let the second stage read what the first one has said so far."""
    await asyncio.sleep(0.01)
    for partition, said in broker.summaries.items():
        seat = judge._seats[-1 - partition]
        for offset in range(seat.engine.position, len(said)):
            await judge.take(-1 - partition, offset, said[offset])
    await asyncio.sleep(0.01)


def test_summaries_are_durable_before_the_chunk_that_follows_from_them(broker: Broker, tmp_path: Path) -> None:
    async def story(judge: Judging, host: FakeHost) -> None:
        await seated(judge, BOTH)
        await judge.flush()
        broker.story.clear()
        broker.doors = {step: asyncio.Event() for step in ("findings", "summaries", "chunks")}
        broker.doors["findings"].set()
        await judge.take(0, 0, loud(0))
        flush = asyncio.ensure_future(judge.flush())
        await asyncio.sleep(0.05)
        assert broker.story == ["findings"] and host.committed[0] == 0
        broker.doors["summaries"].set()
        await asyncio.sleep(0.05)
        assert broker.story == ["findings", "summaries"] and host.committed[0] == 0
        broker.doors["chunks"].set()
        await flush
        assert broker.story == ["findings", "summaries", "chunks", "marker", "commit"] and host.committed[0] == 1

    play(broker, tmp_path, story, TellingEngine)


def test_both_stages_are_judged_flushed_and_taken_up_again(broker: Broker, tmp_path: Path) -> None:
    async def story(judge: Judging, host: FakeHost) -> None:
        assert await seated(judge, BOTH) == {0: 0, 1: 0, -1: 0, -2: 0}
        await judge.take(0, 0, loud(0))
        await judge.take(1, 0, loud(1))
        await both(judge, broker)
        found = [decode(value) for value in broker.findings]
        assert {finding.rule for finding in found} == {"above"}  # nobody has said that all is said
        for partition in range(PARTITIONS):
            await judge.take(partition, 1, encode(tick(START + 10)))
        await both(judge, broker)
        await judge.flush()
        areas = [finding for value in broker.findings if (finding := decode(value)).rule == "many"]
        assert areas and all(finding.sensor == "" for finding in areas)
        ends = {partition: len(said) for partition, said in broker.summaries.items()}
        assert {lane: place for lane, place in host.committed.items() if place_of(lane)} == {
            -1 - partition: end for partition, end in ends.items()
        }
        for partition, end in ends.items():
            assert recover(broker.states["area-state"][partition], partition, PARTITIONS).position == end
        judge.drop()
        starts = await seated(judge, BOTH)
        assert starts == {0: 2, 1: 2} | {-1 - partition: end for partition, end in ends.items()}
        kept = {lane: seat.engine.pack() for lane, seat in judge._seats.items()}
        assert any(kept[lane] for lane in starts if place_of(lane))
        # What is judged again says the same again.
        before = set(broker.findings)
        for lane in list(starts):
            broker.states["judge-state" if place_of(lane) == 0 else "area-state"][partition_of_lane(lane)].clear()
        await seated(judge, BOTH)
        await both(judge, broker)
        assert set(broker.findings) == before

    play(broker, tmp_path, story, TellingEngine)


def test_summaries_that_retention_took_are_a_gap_on_record_of_their_own(broker: Broker, tmp_path: Path) -> None:
    async def story(judge: Judging, host: FakeHost) -> None:
        broker.kept_summaries[1] = (5, 1000)
        assert await seated(judge, BOTH) == {0: 0, 1: 0, -1: 0, -2: 5}
        assert [(gap.start, gap.end) for gap in read_gaps(broker.states["area-state"][1])] == [(0, 5)]
        assert not broker.state[1]
        figures = judge._told(0.0, (0, 0))
        assert (figures["expired"], figures["area_expired"]) == ({}, {1: [(0, 5)]})

    play(broker, tmp_path, story, TellingEngine)


def test_a_summary_that_is_none_moves_nothing_but_the_position(broker: Broker, tmp_path: Path) -> None:
    async def story(judge: Judging, host: FakeHost) -> None:
        await seated(judge, BOTH)
        for offset, value in enumerate((None, b"", b"junk", loud(0))):
            await judge.take(-1, offset, value)
        await judge.flush()
        assert host.committed[-1] == 4 and broker.findings == []
        assert judge._told(0.0, (0, 0))["bad_frames"] == 4

    play(broker, tmp_path, story, TellingEngine)


def test_the_second_stage_refuses_another_log_too(broker: Broker, tmp_path: Path) -> None:
    async def story(judge: Judging, host: FakeHost) -> None:
        await seated(judge, BOTH)
        await judge.take(-1, 0, None)
        await judge.flush()
        broker.kept_summaries[0] = (0, 0)
        with pytest.raises(OtherLogError, match=r"summaries\[0\].*'area-state' is at offset 1"):
            await judge.load([-1])

    play(broker, tmp_path, story, TellingEngine)


def test_a_summary_that_cannot_be_made_durable_ends_the_process(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    monkeypatch.setattr(judging, "die", lambda part, why: ended.append(f"{part}: {why}"))

    async def story(judge: Judging, host: FakeHost) -> None:
        await seated(judge, BOTH)

        async def step(name: str) -> None:
            raise ConnectionError(f"{name} is away")

        monkeypatch.setattr(broker, "step", step)
        await judge.take(0, 0, loud(0))
        await asyncio.sleep(0.02)
        assert "judge: summaries is away" in ended

    play(broker, tmp_path, story, TellingEngine)
