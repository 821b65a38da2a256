"""What may happen to the topic `summaries` on the way changes no finding: other cuts, repeats, restarts."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.areas.engine import AreaEngine
from rules.areas.event import group_chunk
from rules.areas.summary import Summary
from rules.catalogue import Catalogue
from rules.clock import ClockState
from rules.finding import Finding
from tests.support.area_amend import AMENDING, late_logs
from tests.support.area_city import CITY, logs
from tests.support.area_logs import Clock, Log, Read, merged, of_partition, stage_one, told
from tests.support.examples import examples
from tests.support.kinds_city import KINDS_CITY, PLAIN_CITY

SOURCES = 3
turns = st.lists(st.integers(0, 2), min_size=1, max_size=30)
cities = pytest.mark.parametrize("city", [CITY, KINDS_CITY, AMENDING], ids=["counts", "kinds", "amending"])
any_logs = st.one_of(logs(), late_logs())
partitions = pytest.mark.parametrize("partition", range(SOURCES))


def streams(city: Catalogue, log: Log, partition: int) -> list[list[Summary]]:
    """What each source says in one partition."""
    return [of_partition(own, partition, SOURCES) for own in stage_one(city, log, SOURCES)]


def mixed(said: list[list[Summary]], order: list[int]) -> list[Summary]:
    choice = iter(order * 10_000)
    return merged(said, lambda number: next(choice))


def engine(city: Catalogue, partition: int) -> AreaEngine:
    return AreaEngine(city, partition=partition, partitions=SOURCES)


def run(judge: AreaEngine, summaries: list[Summary]) -> list[Finding]:
    return [found for each in summaries for found in judge.summary(judge.position, each)]


@cities
@partitions
@given(log=any_logs, one=turns, data=st.data())
@examples(25)
def test_the_cut_into_records_changes_nothing(
    city: Catalogue, partition: int, log: Log, one: list[int], data: st.DataObject
) -> None:
    said = streams(city, log, partition)
    first = engine(city, partition)
    found = told(run(first, mixed(said, one)))
    pieces: list[list[Summary]] = []
    for own in said:
        cut: list[Summary] = []
        for each in own:
            at = data.draw(st.integers(0, len(each.events)))
            if each.through < 0 and cut and data.draw(st.booleans()) and cut[-1].through < 0:
                cut[-1] = msgspec.structs.replace(each, events=cut[-1].events + each.events)
            else:
                cut.append(msgspec.structs.replace(each, events=each.events[:at], through=-1))
                cut.append(msgspec.structs.replace(each, events=each.events[at:]))
        pieces.append(cut)
    second = engine(city, partition)
    assert told(run(second, mixed(pieces, one[::-1]))) == found
    assert (second.counts(), second.clock.now) == (first.counts(), first.clock.now)


@cities
@partitions
@given(log=any_logs, order=turns, data=st.data())
@examples(25)
def test_what_a_source_says_again_after_a_crash_changes_nothing(
    city: Catalogue, partition: int, log: Log, order: list[int], data: st.DataObject
) -> None:
    said = streams(city, log, partition)
    first = engine(city, partition)
    found = told(run(first, mixed(said, order)))
    again: list[list[Summary]] = []
    repeats = 0
    for own in said:
        end = data.draw(st.integers(0, len(own)))
        begin = data.draw(st.integers(0, end))
        again.append([*own[:end], *own[begin:]])
        repeats += sum(len(each.events) for each in own[begin:end])
    second = engine(city, partition)
    assert told(run(second, mixed(again, order))) == found
    assert second.pack().keys() == first.pack().keys()
    assert second.counts().repeats == first.counts().repeats + repeats
    assert second.counts().late == first.counts().late


@cities
@partitions
@given(log=any_logs, order=turns, data=st.data())
@examples(25)
def test_a_restart_from_any_mixture_of_facts_changes_nothing(
    city: Catalogue, partition: int, log: Log, order: list[int], data: st.DataObject
) -> None:
    summaries = mixed(streams(city, log, partition), order)
    whole = engine(city, partition)
    facts: list[tuple[dict[int, bytes], ClockState]] = []
    found: list[list[Finding]] = []
    for each in summaries:
        facts.append((whole.pack(), whole.clock))
        found.append(whole.summary(whole.position, each))
    facts.append((whole.pack(), whole.clock))
    own = sorted({group_chunk(key) for key in city.areas.groups if group_chunk(key) % SOURCES == partition})
    ages = {number: data.draw(st.integers(0, len(summaries))) for number in own}
    position = min(ages.values(), default=len(summaries))
    again = engine(city, partition)
    again.start(
        position, facts[position][1], {number: (age, facts[age][0].get(number, b"")) for number, age in ages.items()}
    )
    chunk_of = {(each.rule, each.name): group_chunk(key) for key, (_, each) in city.areas.groups.items()}
    for offset in range(position, len(summaries)):
        assert again.ready == (offset >= max(ages.values()))
        news = again.summary(offset, summaries[offset])
        mine = [f for f in found[offset] if f.area is not None and ages[chunk_of[f.rule, f.area.name]] <= offset]
        assert news == mine
    assert again.ready
    assert again.pack() == facts[-1][0]
    assert (again.counts(), again.clock, again.position) == (whole.counts(), whole.clock, whole.position)


@cities
@partitions
@given(log=any_logs, order=turns)
@examples(25)
def test_what_is_restored_packs_into_the_same_bytes(
    city: Catalogue, partition: int, log: Log, order: list[int]
) -> None:
    judge = engine(city, partition)
    for each in mixed(streams(city, log, partition), order):
        judge.summary(judge.position, each)
        packed = judge.pack()
        again = engine(city, partition)
        again.start(judge.position, judge.clock, {number: (judge.position, data) for number, data in packed.items()})
        assert again.pack() == packed


@cities
@partitions
@given(log=any_logs, one=turns, other=turns)
@examples(25)
def test_which_source_comes_first_changes_nothing(
    city: Catalogue, partition: int, log: Log, one: list[int], other: list[int]
) -> None:
    said = streams(city, log, partition)
    first, second = engine(city, partition), engine(city, partition)
    assert told(run(first, mixed(said, one))) == told(run(second, mixed(said, other)))
    assert first.counts() == second.counts()


@given(log=logs(), order=turns)
@examples(60)
def test_who_is_late_within_the_delay_is_as_good_as_punctual(log: Log, order: list[int]) -> None:
    """Where nothing but the values decides, and nobody is called silent meanwhile."""
    punctual = sorted(log, key=lambda each: (each.at, isinstance(each, Clock)))
    found = []
    for each in (log, punctual):
        findings = [
            finding
            for partition in range(SOURCES)
            for finding in run(engine(PLAIN_CITY, partition), mixed(streams(PLAIN_CITY, each, partition), order))
        ]
        found.append(sorted(told(findings), key=repr))
    assert found[0] == found[1]
    assert all(isinstance(each, Read | Clock) for each in log)
