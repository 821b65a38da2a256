"""Logs of several sensors and what the two stages make of them, over any number of partitions, in any order of arrival
that the topics allow."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from rules.areas.engine import AreaEngine
from rules.areas.event import group_partition
from rules.areas.summary import VERSION as SUMMARY
from rules.areas.summary import Summary
from rules.catalogue import Catalogue
from rules.engine import Engine
from rules.finding import Finding
from rules.frame import VERSION, Columns, Frame
from rules.identity import partition_of
from tests.support.judging import T


class Read(NamedTuple):
    """A reading, at ms after T."""

    sensor: str
    metric: str
    at: int
    value: float


class Clock(NamedTuple):
    """A tick, which comes to every partition."""

    at: int


Log = Sequence[Read | Clock]


def stage_one(catalogue: Catalogue, log: Log, partitions: int) -> list[list[Summary]]:
    """What each source partition has to say, in its order: after each of its records that leads to anything."""
    said: list[list[Summary]] = []
    for source in range(partitions):
        engine = Engine(catalogue, partition=source, partitions=partitions)
        own: list[Summary] = []
        for record in records(log, source, partitions):
            (engine.tick if record.tick else engine.frame)(engine.position, record)
            if engine.events or engine.through >= 0:
                own.append(Summary(SUMMARY, source, record.wall, engine.through, events=tuple(engine.events)))
        said.append(own)
    return said


def records(log: Log, partition: int = 0, partitions: int = 1) -> Iterable[Frame]:
    """The log as one partition has it, each reading a record of its own."""
    for each in log:
        if isinstance(each, Clock):
            yield Frame(VERSION, T + each.at, T + each.at, tick="bridge-1")
        elif partition_of(each.sensor, partitions) == partition:
            columns = Columns([each.sensor], [each.at], [each.value])
            yield Frame(VERSION, T, T + each.at, {each.metric: columns})


def of_partition(summaries: Iterable[Summary], partition: int, partitions: int) -> list[Summary]:
    """What of them goes to one partition of `summaries`: its own events, and each time that has passed."""
    found = []
    for each in summaries:
        events = tuple(event for event in each.events if group_partition(event.group, partitions) == partition)
        if events or each.through >= 0:
            found.append(Summary(each.v, each.source, each.wall, each.through, each.catalogue, each.serial, events))
    return found


def merged(streams: Sequence[Sequence[Summary]], choose: Callable[[int], int]) -> list[Summary]:
    """One order of many in which the records of all sources may stand. `choose`: one of so many streams."""
    left = [list(stream) for stream in streams if stream]
    found = []
    while left:
        stream = left[choose(len(left)) % len(left)]
        found.append(stream.pop(0))
        left = [each for each in left if each]
    return found


def stage_two(
    catalogue: Catalogue, said: Sequence[Sequence[Summary]], choose: Callable[[int], int] = lambda number: 0
) -> list[Finding]:
    """The findings of all partitions of the second stage."""
    partitions = len(said)
    found: list[Finding] = []
    for partition in range(partitions):
        engine = AreaEngine(catalogue, partition=partition, partitions=partitions)
        streams = [of_partition(own, partition, partitions) for own in said]
        for offset, summary in enumerate(merged(streams, choose)):
            found += engine.summary(offset, summary)
    return found


class Told(NamedTuple):
    """A finding without its places in the log."""

    rule: str
    area: str
    change: str
    severity: str
    was: str
    at: int
    onset: int
    revision: int
    value: float | None
    limit: float | None
    count: int
    of: int
    left_out: tuple[tuple[str, str], ...]
    episode: str
    text: str


def told(found: Iterable[Finding]) -> list[Told]:
    """In an order that is that of no partition."""
    return sorted((_told(each) for each in found), key=repr)


def _told(each: Finding) -> Told:
    assert each.area is not None
    return Told(
        each.rule,
        each.area.name,
        each.change,
        each.severity,
        each.was,
        each.at - T,
        each.onset - T,
        each.revision,
        each.value,
        each.limit,
        each.area.count,
        each.area.of,
        each.area.left_out,
        each.episode,
        each.text,
    )
