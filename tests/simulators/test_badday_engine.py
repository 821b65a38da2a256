"""Each scenario through the contract and the real engine: the findings are exactly those that the day expects."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import pytest

from ingest.contract import Contract
from ingest.reading import Reading
from rules.areas.engine import AreaEngine
from rules.areas.event import group_partition
from rules.areas.summary import VERSION, Summary
from rules.engine import Engine
from rules.finding import Finding
from rules.frame import Columns, Frame
from rules.identity import partition_of
from rules.sensor import Sensor
from simulators.badday import SCENARIOS, scenario
from simulators.city import City
from simulators.place import DAY, HOUR
from simulators.published import Expected
from simulators.scenario import Setting
from simulators.schedule import Schedule
from simulators.settings import FIRST_DAY
from simulators.simulate import steps
from tests.support.sample_city import CONCERNED, catalogue, heard, heard_sensors, played, sensors
from urbanpulse.report import come

PARTITIONS = 2


class Log:
    """A log of two partitions that is judged as it grows, with its area stage; the city has these sensors and no
    others, for one that nobody plays would be silent."""

    def __init__(self, those: Mapping[str, Sensor]) -> None:
        city = replace(catalogue(), sensors=those)
        self._engines = [Engine(city, partition=p, partitions=PARTITIONS) for p in range(PARTITIONS)]
        self._areas = [AreaEngine(city, partition=p, partitions=PARTITIONS) for p in range(PARTITIONS)]
        self.findings: list[Finding] = []

    def frame(self, readings: list[Reading], now: int) -> None:
        frames = [defaultdict[str, Columns](lambda: Columns([], [], [])) for _ in range(PARTITIONS)]
        for reading in readings:
            columns = frames[partition_of(reading.sensor, PARTITIONS)][reading.metric]
            columns.sensor.append(reading.sensor)
            columns.ts.append(reading.ts - now)
            columns.value.append(reading.value)
        for engine, metrics in zip(self._engines, frames, strict=True):
            self.findings += engine.frame(engine.position, Frame(1, now, now, dict(metrics)))
        self._pass_on(now)

    def tick(self, now: int) -> None:
        for engine in self._engines:
            self.findings += engine.tick(engine.position, Frame(1, now, now, tick="b1"))
        self._pass_on(now)

    def late(self) -> int:
        return sum(engine.counts().late for engine in (*self._engines, *self._areas))

    def _pass_on(self, now: int) -> None:
        """What each partition has to say to each partition of groups."""
        for source, engine in enumerate(self._engines):
            for partition, areas in enumerate(self._areas):
                events = tuple(e for e in engine.events if group_partition(e.group, PARTITIONS) == partition)
                summary = Summary(VERSION, source, now, engine.through, events=events)
                self.findings += areas.summary(areas.position, summary)


def found(log: Log) -> list[Expected]:
    return sorted(come(each) for each in log.findings)


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_the_engine_finds_what_the_day_expects_and_nothing_else(name: str) -> None:
    log = Log(heard_sensors(name))
    log.tick(FIRST_DAY)
    for step in heard(name):
        log.frame(step.readings, step.end)
        log.tick(step.end)
    assert found(log) == played(name)[0].expected()
    assert log.late() == 0


def test_a_district_most_of_whose_stations_are_behind_the_dead_gateway_cannot_be_judged() -> None:
    few = {f"air-harbour-{n:02d}": sensors()[f"air-harbour-{n:02d}"] for n in range(1, 6)}
    day = scenario("dead-gateway", Setting(few, Schedule(1), 1, FIRST_DAY))
    contract, log, now = Contract(few), Log(few), FIRST_DAY
    for step in steps(City(day), FIRST_DAY, 300_000):
        readings: list[Reading] = []
        for message in step.messages:
            readings += contract.read(message.topic, message.payload, now - 7 * DAY, step.end + 60_000).readings
        log.frame(readings, now := step.end)
        log.tick(now)
    assert found(log) == day.expected()
    [undecided] = [each for each in day.expected() if each.rule == "smog-district"]
    assert (undecided.sensor, undecided.change) == ("harbour", "undecided")


@pytest.mark.parametrize("name", list(CONCERNED))
@pytest.mark.parametrize(("seed", "begins"), [(2, 7), (3, 16)])
def test_another_seed_and_another_hour_are_as_exact(name: str, seed: int, begins: int) -> None:
    """A summer day that begins at some other hour, with the sensors that it happens to."""
    concerned = {id_: sensor for id_, sensor in sensors().items() if sensor.kind in CONCERNED[name]}
    begin = FIRST_DAY + 180 * DAY + begins * HOUR
    day = scenario(name, Setting(concerned, Schedule(seed), seed, begin))
    contract, log, now = Contract(sensors()), Log(concerned), begin
    log.tick(begin)
    for step in steps(City(day), begin, 900_000):
        readings: list[Reading] = []
        for message in step.messages:
            readings += contract.read(message.topic, message.payload, now - 7 * DAY, step.end + 60_000).readings
        log.frame(readings, now := step.end)
        log.tick(now)
    assert day.expected()
    assert found(log) == day.expected()
