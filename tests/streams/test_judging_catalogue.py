"""The judge reads its rules from the log: it fetches a catalogue before it goes on, waits for one that is not there,
and ends for one that is not what it should be."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from rules.areas.summary import SummaryReader
from rules.body import Body
from rules.catalogue import Catalogue
from rules.engine import Engine
from rules.finding import decode
from rules.frame import encode, switch
from rules.shelf import body_record
from streams import catalogues
from streams.catalogues import CatalogueError
from streams.facts import recover
from streams.judging import Judging
from streams.settings import JudgeSettings
from tests.streams.test_judging import NAMES, PARTITIONS, Broker, FakeHost, broker, loud, seated
from tests.support.area_tally import AreaTally
from tests.support.frames import START, tick

__all__ = ["broker"]

Story = Callable[[Judging, FakeHost], Coroutine[Any, Any, None]]


def body(limit: int, name: str = "level") -> Body:
    rows = [f"{each},air,env,north,48,2,pm25,60s" for names in NAMES.values() for each in names]
    return Body(
        files={
            "sensors.csv": "\n".join(["id,kind,department,district,lat,lon,metrics,interval", *rows]),
            "rules/a.yaml": f"rules:\n- {{name: {name}, kind: threshold, metric: pm25, above: {{red: {limit}}}}}\n",
        }
    )


OLD, NEW = body(100), body(120)


def to(body: Body, serial: int) -> bytes:
    return encode(switch(body.hash, serial, START))


class City:
    """A judge over real engines; `engines` are those of the newest load, `catalogues` what they began with."""

    def __init__(self) -> None:
        self.begun: list[tuple[int, Catalogue | None]] = []
        self.said: list[dict[str, object]] = []

    def play(self, broker: Broker, folder: Path, story: Story) -> None:
        async def main() -> None:
            host = FakeHost(broker)
            settings = JudgeSettings(kafka="nowhere:1", partitions=PARTITIONS, data_dir=folder)

            def engine(partition: int, catalogue: Catalogue | None) -> Engine:
                self.begun.append((partition, catalogue))
                return Engine(catalogue, partition=partition, partitions=PARTITIONS)

            def area(partition: int, catalogue: Catalogue | None) -> AreaTally:
                return AreaTally(catalogue, partition=partition, partitions=PARTITIONS)

            judge = Judging(settings, engine, area, host, self.said.append)  # type: ignore[arg-type]
            await judge.start()
            await asyncio.wait_for(story(judge, host), 20)

        asyncio.run(main())


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch) -> City:
    monkeypatch.setattr(catalogues, "PAUSE", 0.01)
    return City()


def texts(broker: Broker) -> list[str]:
    return [f"{found.rule} {found.change} {found.limit or 0:g}" for found in map(decode, broker.findings)]


def test_each_partition_switches_at_its_own_offset(broker: Broker, tmp_path: Path, city: City) -> None:
    broker.catalogue += [body_record(OLD), body_record(NEW)]

    async def story(judge: Judging, host: FakeHost) -> None:
        await seated(judge)
        await judge.take(0, 0, loud(0))  # before the first catalogue nothing is judged
        for partition, offset in ((0, 1), (1, 0)):
            await judge.take(partition, offset, to(OLD, 1))
        await judge.take(0, 2, loud(0, 110))
        await judge.take(0, 3, to(NEW, 2))
        await judge.take(0, 4, loud(0, 130))
        await judge.take(1, 1, loud(1, 110))
        await judge.flush()
        assert texts(broker) == ["level fired 100"] * 6

    city.play(broker, tmp_path, story)
    assert [catalogue for _, catalogue in city.begun] == [None, None]


def test_the_second_stage_hears_of_every_switch_at_once(broker: Broker, tmp_path: Path, city: City) -> None:
    broker.catalogue += [body_record(OLD)]

    async def story(judge: Judging, host: FakeHost) -> None:
        await seated(judge)
        await judge.take(0, 0, to(OLD, 4))
        await judge.take(0, 1, to(OLD, 4))
        await judge.take(1, 0, to(OLD, 4))
        await judge.flush()
        for number, values in broker.summaries.items():
            told = [SummaryReader(number, PARTITIONS).read(value) for value in values]
            assert [(one.source, one.catalogue, one.serial, one.through) for one in told] == [
                (0, OLD.hash, 4, -1),
                (1, OLD.hash, 4, -1),
            ]

    city.play(broker, tmp_path, story)


def test_after_a_crash_it_begins_with_the_catalogue_that_held_at_its_position(
    broker: Broker, tmp_path: Path, city: City
) -> None:
    broker.catalogue += [body_record(OLD), body_record(NEW)]

    async def story(judge: Judging, host: FakeHost) -> None:
        await seated(judge)
        await judge.take(0, 0, to(OLD, 1))
        await judge.take(1, 0, to(OLD, 1))
        await judge.take(0, 1, loud(0, 110))
        await judge.flush()
        assert recover(broker.state[0], 0, PARTITIONS).clock.catalogue == OLD.hash
        await judge.take(0, 2, to(NEW, 2))
        assert await seated(judge) == {0: 2, 1: 1}
        await judge.take(0, 2, to(NEW, 2))
        await judge.take(0, 3, encode(tick(START + 5)))
        await judge.flush()
        assert recover(broker.state[0], 0, PARTITIONS).clock.serial == 2
        await judge.take(0, 4, loud(0, 130))
        assert texts(broker) == ["level fired 100"] * 3 + ["level cleared 0"] * 3 + ["level fired 120"] * 0

    city.play(broker, tmp_path, story)
    assert [catalogue is not None for _, catalogue in city.begun] == [False, False, True, True]


def test_an_old_switch_needs_no_catalogue(broker: Broker, tmp_path: Path, city: City) -> None:
    broker.catalogue += [body_record(NEW)]

    async def story(judge: Judging, host: FakeHost) -> None:
        await seated(judge)
        await judge.take(0, 0, to(NEW, 2))
        await judge.take(0, 1, to(OLD, 1))  # whose body is gone
        await judge.take(0, 2, loud(0, 130))

    city.play(broker, tmp_path, story)
    assert not [said for said in city.said if said["why"]]


def test_it_waits_for_a_catalogue_that_is_not_there(
    broker: Broker, tmp_path: Path, city: City, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    async def story(judge: Judging, host: FakeHost) -> None:
        await seated(judge)
        waiting = asyncio.ensure_future(judge.take(0, 0, to(OLD, 1)))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        assert judge._catalogues.waits == f"waits for catalogue {OLD.hash} in topic 'catalogue'"
        await judge.flush()
        assert recover(broker.state[0], 0, PARTITIONS).position == 0
        broker.catalogue += [(b"s000000000001", b"{}"), (OLD.hash.encode(), None), body_record(OLD)]
        await waiting
        await judge.take(0, 1, loud(0))
        assert judge._catalogues.waits == ""

    city.play(broker, tmp_path, story)
    assert len([each for each in caplog.records if "no catalogue" in each.message]) == 1
    assert "goes on" in caplog.text


def test_who_waits_lets_go_when_the_assignment_ends(broker: Broker, tmp_path: Path, city: City) -> None:
    async def story(judge: Judging, host: FakeHost) -> None:
        await seated(judge)
        waiting = asyncio.ensure_future(judge.take(0, 0, to(OLD, 1)))
        await asyncio.sleep(0.05)
        judge.drop()
        await waiting
        await judge.flush()
        assert broker.findings == []

    city.play(broker, tmp_path, story)


def test_a_load_waits_for_a_catalogue_too(broker: Broker, tmp_path: Path, city: City) -> None:
    broker.catalogue += [body_record(OLD)]

    async def first(judge: Judging, host: FakeHost) -> None:
        await seated(judge)
        await judge.take(0, 0, to(OLD, 1))
        await judge.take(1, 0, to(OLD, 1))
        await judge.flush()

    async def second(judge: Judging, host: FakeHost) -> None:
        broker.catalogue.clear()
        loading = asyncio.ensure_future(judge.load([0, 1]))
        await asyncio.sleep(0.05)
        judge.drop()
        assert await loading is None
        loading = asyncio.ensure_future(judge.load([0, 1]))
        await asyncio.sleep(0.05)
        assert not loading.done()
        broker.catalogue.append(body_record(OLD))
        assert await loading == {0: 1, 1: 1}

    city.play(broker, tmp_path, first)
    City().play(broker, tmp_path, second)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (body_record(NEW)[1], "damaged"),
        (b"nonsense", "damaged"),
        (b"", "damaged"),
    ],
)
def test_a_body_that_is_not_what_its_hash_says_ends_the_judge(
    broker: Broker, tmp_path: Path, city: City, value: bytes, words: str
) -> None:
    broker.catalogue += [(OLD.hash.encode(), value)]

    async def story(judge: Judging, host: FakeHost) -> None:
        await seated(judge)
        with pytest.raises(CatalogueError, match=words):
            await judge.take(0, 0, to(OLD, 1))

    city.play(broker, tmp_path, story)


def test_a_body_of_rules_that_this_version_does_not_know_ends_the_judge(
    broker: Broker, tmp_path: Path, city: City
) -> None:
    newer = Body(files={**OLD.files, "rules/a.yaml": "rules:\n- {name: x, kind: clairvoyance}\n"})
    broker.catalogue += [body_record(newer)]

    async def story(judge: Judging, host: FakeHost) -> None:
        await seated(judge)
        with pytest.raises(CatalogueError, match=r"(?s)rules/a.yaml:2: .*clairvoyance.* front door"):
            await judge.take(0, 0, to(newer, 1))

    city.play(broker, tmp_path, story)


def test_the_newest_catalogues_stay_at_hand(broker: Broker, tmp_path: Path, city: City) -> None:
    bodies = [body(100 + number) for number in range(catalogues.KEPT + 1)]
    broker.catalogue += map(body_record, bodies)

    async def story(judge: Judging, host: FakeHost) -> None:
        await seated(judge)
        for number, each in enumerate(bodies):
            await judge.take(0, number, to(each, number + 1))
        assert [*judge._catalogues._known] == [each.hash for each in bodies[1:]]

    city.play(broker, tmp_path, story)
