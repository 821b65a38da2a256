"""Random logs with switches between random sets of rules: a switch is a restart, and recovery knows of it."""

from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from rules.catalogue import Catalogue
from rules.clock import ClockState
from rules.engine import Engine
from rules.finding import Finding
from rules.frame import Frame, switch
from rules.identity import chunk_of
from tests.rules.test_engine_oracle import MIXED, SENSORS, Event, cut, logs, sizes
from tests.support.examples import examples
from tests.support.judging import T
from tests.support.oracle import Oracle, answer

RULES = {rule.name: rule for city in MIXED for rule in city.rules}
NAMES = sorted(RULES)
BRIDGES = ("one", "two")
Record = Frame | Catalogue


class Fact(NamedTuple):
    """All that is known before one record."""

    chunks: dict[int, bytes]
    clock: ClockState
    catalogue: Catalogue | None


@st.composite
def cities(draw: st.DrawFn) -> Catalogue:
    """Some of the rules, over most of the sensors."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=9, unique=True))
    gone = draw(st.sampled_from([None, None, None, *SENSORS]))
    sensors = {each.id: each for each in SENSORS if each is not gone}
    return Catalogue(sensors, tuple(RULES[name] for name in names), BRIDGES)


def step(engine: Engine, offset: int, record: Record) -> list[Finding]:
    if isinstance(record, Catalogue):
        engine.switch(offset, switch(record.hash, offset + 1, T), record)
        return []
    return engine.tick(offset, record) if record.tick else engine.frame(offset, record)


def with_switches(records: Sequence[Frame], places: Sequence[int], catalogues: Sequence[Catalogue]) -> list[Record]:
    found: list[Record] = list(records)
    for place, catalogue in zip(sorted(places, reverse=True), catalogues, strict=True):
        found.insert(place % (len(records) + 1), catalogue)
    return found


@given(events=logs(), sizes=sizes, one=cities(), other=cities(), place=st.integers(0, 100))
@examples(80)
def test_a_switch_is_a_restart_with_the_other_catalogue(
    events: list[Event], sizes: list[int], one: Catalogue, other: Catalogue, place: int
) -> None:
    records = cut(events, sizes)
    place %= len(records) + 1
    switched, before = Engine(one, partition=0, partitions=1), Engine(one, partition=0, partitions=1)
    for offset, record in enumerate(records[:place]):
        assert step(switched, offset, record) == step(before, offset, record)
    step(switched, place, other)
    before.skip(place)
    restarted = Engine(other, partition=0, partitions=1)
    facts = {number: (place + 1, data) for number, data in before.pack().items()}
    restarted.start(place + 1, before.clock, facts)
    for offset, record in enumerate(records[place:], place + 1):
        assert step(switched, offset, record) == step(restarted, offset, record)
    assert (switched.pack(), switched.counts()) == (restarted.pack(), restarted.counts())


@given(events=logs(), sizes=sizes, city=cities(), place=st.integers(0, 100))
@examples(60)
def test_a_switch_to_the_same_rules_changes_nothing(
    events: list[Event], sizes: list[int], city: Catalogue, place: int
) -> None:
    records = with_switches(cut(events, sizes), [place], [city])
    switched, plain, oracle = (
        Engine(city, partition=0, partitions=1),
        Engine(city, partition=0, partitions=1),
        Oracle(city),
    )
    for offset, record in enumerate(records):
        found = step(switched, offset, record)
        if isinstance(record, Catalogue):
            plain.skip(offset)
            continue
        assert found == step(plain, offset, record)
        told = oracle.tick(offset, record) if record.tick else oracle.frame(offset, record)
        assert [answer(each) for each in found] == told
    assert (switched.pack(), switched.counts()) == (plain.pack(), plain.counts())


@given(events=logs(), sizes=sizes, kept=cities(), more=cities(), place=st.integers(0, 100))
@examples(60)
def test_what_stays_goes_on_as_if_nothing_had_come(
    events: list[Event], sizes: list[int], kept: Catalogue, more: Catalogue, place: int
) -> None:
    """The oracle knows of no switch: the rules that stay say what they would have said without it. Levels alone, for
    how long a repeat is remembered depends on the windows beside."""
    stay = tuple(rule for rule in kept.rules if rule.kind == "threshold")
    fresh = tuple(rule for rule in more.rules if rule.kind == "threshold" and rule not in stay)
    sensors = {each.id: each for each in SENSORS}
    before, after = Catalogue(sensors, stay, BRIDGES), Catalogue(sensors, (*fresh, *stay), BRIDGES)
    engine, oracle = Engine(before, partition=0, partitions=1), Oracle(before)
    names = {rule.name for rule in stay}
    for offset, record in enumerate(with_switches(cut(events, sizes), [place], [after])):
        found = step(engine, offset, record)
        if isinstance(record, Frame):
            told = oracle.tick(offset, record) if record.tick else oracle.frame(offset, record)
            assert [answer(each) for each in found if each.rule in names] == told


@given(
    data=st.data(),
    events=logs(),
    sizes=sizes,
    catalogues=st.lists(cities(), min_size=1, max_size=3),
)
@examples(80)
def test_a_restart_from_any_mixture_of_facts_across_switches_changes_nothing(
    data: st.DataObject, events: list[Event], sizes: list[int], catalogues: list[Catalogue]
) -> None:
    places = [data.draw(st.integers(0, 100)) for _ in catalogues]
    records = with_switches(cut(events, sizes), places, catalogues)
    whole = Engine(partition=0, partitions=1)
    facts: list[Fact] = []
    found: list[list[Finding]] = []
    in_force: Catalogue | None = None
    for offset, record in enumerate(records):
        facts.append(Fact(whole.pack(), whole.clock, in_force))
        found.append(step(whole, offset, record))
        in_force = record if isinstance(record, Catalogue) else in_force
    facts.append(Fact(whole.pack(), whole.clock, in_force))

    ages = {chunk_of(each.id): data.draw(st.integers(0, len(records))) for each in SENSORS}
    position = min(ages.values())
    chunks = {number: (age, facts[age].chunks.get(number, b"")) for number, age in ages.items()}
    again = Engine(facts[position].catalogue, partition=0, partitions=1)
    again.start(position, facts[position].clock, chunks)
    for offset in range(position, len(records)):
        news = step(again, offset, records[offset])
        assert news == [each for each in found[offset] if ages[chunk_of(each.sensor)] <= offset]
    assert again.pack() == facts[-1].chunks
    assert (again.counts(), again.clock, again.position) == (whole.counts(), whole.clock, whole.position)
