"""What may happen to the topic `summaries` on the way changes no finding: other cuts, repeats, restarts."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.areas.engine import AreaEngine
from rules.areas.event import group_chunk
from rules.areas.summary import Summary
from rules.clock import ClockState
from rules.finding import Finding
from tests.support.area_city import CITY, logs
from tests.support.area_logs import Log, merged, of_partition, stage_one, told

SOURCES = 3
turns = st.lists(st.integers(0, 2), min_size=1, max_size=30)
partitions = pytest.mark.parametrize("partition", range(SOURCES))


def streams(log: Log, partition: int) -> list[list[Summary]]:
    """What each source says in one partition."""
    return [of_partition(own, partition, SOURCES) for own in stage_one(CITY, log, SOURCES)]


def mixed(said: list[list[Summary]], order: list[int]) -> list[Summary]:
    choice = iter(order * 10_000)
    return merged(said, lambda number: next(choice))


def engine(partition: int) -> AreaEngine:
    return AreaEngine(CITY, partition=partition, partitions=SOURCES)


def run(judge: AreaEngine, summaries: list[Summary]) -> list[Finding]:
    return [found for each in summaries for found in judge.summary(judge.position, each)]


@partitions
@given(log=logs(), one=turns, data=st.data())
@settings(max_examples=25, deadline=None)
def test_the_cut_into_records_changes_nothing(partition: int, log: Log, one: list[int], data: st.DataObject) -> None:
    said = streams(log, partition)
    first = engine(partition)
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
    second = engine(partition)
    assert told(run(second, mixed(pieces, one[::-1]))) == found
    assert (second.counts(), second.clock.now) == (first.counts(), first.clock.now)


@partitions
@given(log=logs(), order=turns, data=st.data())
@settings(max_examples=25, deadline=None)
def test_what_a_source_says_again_after_a_crash_changes_nothing(
    partition: int, log: Log, order: list[int], data: st.DataObject
) -> None:
    said = streams(log, partition)
    first = engine(partition)
    found = told(run(first, mixed(said, order)))
    again: list[list[Summary]] = []
    repeats = 0
    for own in said:
        end = data.draw(st.integers(0, len(own)))
        begin = data.draw(st.integers(0, end))
        again.append([*own[:end], *own[begin:]])
        repeats += sum(len(each.events) for each in own[begin:end])
    second = engine(partition)
    assert told(run(second, mixed(again, order))) == found
    assert second.pack().keys() == first.pack().keys()
    assert second.counts().repeats == first.counts().repeats + repeats
    assert second.counts().late == first.counts().late


@partitions
@given(log=logs(), order=turns, data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_restart_from_any_mixture_of_facts_changes_nothing(
    partition: int, log: Log, order: list[int], data: st.DataObject
) -> None:
    summaries = mixed(streams(log, partition), order)
    whole = engine(partition)
    facts: list[tuple[dict[int, bytes], ClockState]] = []
    found: list[list[Finding]] = []
    for each in summaries:
        facts.append((whole.pack(), whole.clock))
        found.append(whole.summary(whole.position, each))
    facts.append((whole.pack(), whole.clock))
    own = sorted({group_chunk(key) for key in CITY.areas.groups if group_chunk(key) % SOURCES == partition})
    ages = {number: data.draw(st.integers(0, len(summaries))) for number in own}
    position = min(ages.values(), default=len(summaries))
    again = engine(partition)
    again.start(
        position, facts[position][1], {number: (age, facts[age][0].get(number, b"")) for number, age in ages.items()}
    )
    chunk_of = {(each.rule, each.name): group_chunk(key) for key, (_, each) in CITY.areas.groups.items()}
    for offset in range(position, len(summaries)):
        assert again.ready == (offset >= max(ages.values()))
        news = again.summary(offset, summaries[offset])
        mine = [f for f in found[offset] if f.area is not None and ages[chunk_of[f.rule, f.area.name]] <= offset]
        assert news == mine
    assert again.ready
    assert again.pack() == facts[-1][0]
    assert (again.counts(), again.clock, again.position) == (whole.counts(), whole.clock, whole.position)


@partitions
@given(log=logs(), order=turns)
@settings(max_examples=25, deadline=None)
def test_what_is_restored_packs_into_the_same_bytes(partition: int, log: Log, order: list[int]) -> None:
    judge = engine(partition)
    for each in mixed(streams(log, partition), order):
        judge.summary(judge.position, each)
        packed = judge.pack()
        again = engine(partition)
        again.start(judge.position, judge.clock, {number: (judge.position, data) for number, data in packed.items()})
        assert again.pack() == packed
