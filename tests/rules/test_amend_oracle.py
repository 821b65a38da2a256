"""Random logs in any order: with `amend` the end is what it would have been, had all come in the right order."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.amend import amends
from rules.catalogue import Catalogue
from rules.clock import ClockState
from rules.engine import Engine
from rules.finding import Finding
from rules.frame import Frame
from rules.identity import chunk_of
from tests.rules.test_engine_oracle import (
    AGGREGATES,
    CHANGES,
    HOPS,
    LEVELS,
    SILENCES,
    STRETCHES,
    THIN,
    TIMED,
    TIMED_SILENCES,
    TIMED_WINDOWS,
    TIMES,
    WINDOWS,
    cut,
    sizes,
    timed,
    values,
)
from tests.support.examples import examples
from tests.support.judging import T, catalogue, sensor
from tests.support.oracle import Reading
from tests.support.oracle_amended import said, truth

AMEND = 20


def amending(rules: str) -> str:
    lines = [line for line in timed(rules).splitlines() if line]
    return "\n".join(f"{line[:-1]}, amend: {AMEND}s}}" for line in lines) + "\n"


SENSORS = [
    replace(sensor("a", "pm25", "noise"), interval=3000),
    sensor("b", "pm25", district="south"),
    sensor("c", "pm25", "noise", district="south"),
]
KINDS = {
    "levels": LEVELS,
    "times": TIMES,
    "windows": WINDOWS,
    "hops": HOPS,
    "aggregates": AGGREGATES,
    "thin": THIN,
    "changes": CHANGES,
    "stretches": STRETCHES,
    "silences": SILENCES,
    "timed": TIMED,
    "timed windows": TIMED_WINDOWS,
    "timed silences": TIMED_SILENCES,
}
CITIES = {name: catalogue(amending(rules), *SENSORS) for name, rules in KINDS.items()}
PLAIN = LEVELS + WINDOWS + STRETCHES + SILENCES
MIXED = catalogue(
    PLAIN + amending((TIMES + HOPS + CHANGES).replace("name: ", "name: late-")),
    *SENSORS,
)
ALL = catalogue(
    amending(LEVELS + TIMES + WINDOWS + SILENCES + STRETCHES.replace("name: ", "name: s-"))
    + amending(THIN.replace("name: ", "name: thin-"))
    + amending((TIMED + TIMED_WINDOWS + TIMED_SILENCES).replace("name: ", "name: at-")),
    *SENSORS,
)
series = st.sampled_from([("a", "pm25")] * 4 + [("a", "noise")] * 2 + [("b", "pm25"), ("c", "noise")])
Event = tuple[str, str, int, float] | tuple[str, int]


@st.composite
def logs(draw: st.DrawFn, within: int = AMEND * 1000, most: int = 32) -> list[Event]:
    """Readings that come up to `within` ms behind the clock or somewhat ahead of it, some of them twice, and ticks."""
    events: list[Event] = []
    now = 0
    for _ in range(draw(st.integers(1, most))):
        now += draw(st.sampled_from([0, 0, 500, 1000, 2000, 5000, 12_000]))
        what = draw(st.integers(0, 9))
        if what < 3:
            events.append(("one", now))
        elif what == 3 and any(len(each) == 4 for each in events):
            again = draw(st.sampled_from([each for each in events if len(each) == 4]))
            if again[2] >= now - within:
                events.append(again)
        else:
            late = draw(st.sampled_from([0, 0, 0, 500, 1000, 3000, 4500, 8000, 13_000, 19_500, 20_000, -1000, -7000]))
            name, metric = draw(series)
            events.append((name, metric, max(0, now - min(late, within)), draw(values)))
    return [*events, ("one", now), ("one", now + 60_000)]


def first_of_each(events: list[Event]) -> dict[tuple[str, str], dict[int, float]]:
    """The readings by series and time; of two with one identity, the first."""
    found: dict[tuple[str, str], dict[int, float]] = {}
    for event in events:
        if len(event) == 4:
            found.setdefault((event[0], event[1]), {}).setdefault(event[2], event[3])
    return found


def judge(engine: Engine, offset: int, record: Frame) -> list[Finding]:
    return engine.tick(offset, record) if record.tick else engine.frame(offset, record)


def check(city: Catalogue, clock: int, findings: list[Finding], events: list[Event]) -> None:
    lives, read = said(findings), first_of_each(events)
    start = next(place for place, event in enumerate(events) if len(event) == 2)
    early = first_of_each(events[:start])
    for name, metric in sorted((each.id, metric) for each in SENSORS for metric in each.channels):
        for rule in city.rules_for(name, metric):
            known = [Reading(T + at, value, 0) for at, value in read.get((name, metric), {}).items()]
            since = None if (name, metric) in early else T + events[start][1]
            expected = truth(city, rule, name, metric, known, clock, since)
            assert lives.pop((rule.name, name, metric), []) == expected, rule.name
    assert not lives


AHEAD: list[Event] = [
    ("one", 10_000),
    ("a", "noise", 29_000, -1.0),
    ("a", "noise", 9000, -1.0),
    ("one", 22_000),
    ("one", 27_000),
    ("one", 87_000),
]
"""The oldest reading comes behind one that is ahead of the clock: from it on empty windows count."""


@pytest.mark.parametrize("city", CITIES.values(), ids=CITIES.keys())
@given(events=logs(), sizes=sizes)
@example(events=AHEAD, sizes=[1])
@examples(40)
def test_whatever_the_order_the_end_is_that_of_the_right_order(
    city: Catalogue, events: list[Event], sizes: list[int]
) -> None:
    engine = Engine(city, partition=0, partitions=1)
    findings: list[Finding] = []
    seen = 0
    for offset, record in enumerate(cut(events, sizes)):
        findings += judge(engine, offset, record)
        seen += 1 if record.tick else sum(len(columns.ts) for columns in record.metric.values())
        if record.tick:
            check(city, engine.clock.now, findings, events[:seen])
    assert engine.counts().late == 0
    assert engine.counts().findings == len(findings)


def run(city: Catalogue, events: list[Event], sizes: list[int]) -> tuple[Engine, list[list[Finding]]]:
    engine = Engine(city, partition=0, partitions=1)
    return engine, [judge(engine, offset, record) for offset, record in enumerate(cut(events, sizes))]


@given(events=logs(within=60_000), sizes=sizes)
@examples(40)
def test_rules_that_take_nothing_back_do_not_notice_their_neighbours(events: list[Event], sizes: list[int]) -> None:
    """Whatever comes, later than `amend` too: their findings are to the byte as without."""
    _, found = run(MIXED, events, sizes)
    _, expected = run(catalogue(PLAIN, *SENSORS), events, sizes)
    mine = [[each for each in findings if not each.rule.startswith("late-")] for findings in found]
    assert mine == expected


@given(events=logs(within=60_000), one=sizes, other=sizes)
@examples(40)
def test_the_cut_into_frames_changes_no_book(events: list[Event], one: list[int], other: list[int]) -> None:
    outcomes = []
    for each in (one, other):
        engine, found = run(ALL, events, each)
        told = [(x.rule, x.episode, x.revision, x.change, x.severity, x.at, x.onset) for y in found for x in y]
        outcomes.append((sorted(told), engine.counts()))
    assert outcomes[0] == outcomes[1]


@given(events=logs(), data=st.data(), sizes=sizes)
@examples(40)
def test_a_second_delivery_is_only_counted(events: list[Event], data: st.DataObject, sizes: list[int]) -> None:
    """Of what may still be amended every reading is known, so that none is taken twice, whatever it says."""
    engine, _ = run(CITIES["levels"], events, sizes)
    before = engine.pack()
    known = [each for each in events if len(each) == 4]
    counts = engine.counts()
    for event in data.draw(st.lists(st.sampled_from(known), max_size=5)) if known else []:
        again = (event[0], event[1], event[2], event[3] + 1.0)
        [record] = cut([again], [1])
        assert judge(engine, engine.position, record) == []
    after = engine.counts()
    assert after.amending == counts.amending
    assert len(engine.pack()) == len(before)


@pytest.mark.parametrize("city", [MIXED, ALL], ids=["mixed", "all"])
@given(data=st.data(), events=logs(within=30_000), sizes=sizes)
@examples(40)
def test_a_restart_from_any_mixture_of_facts_changes_no_book(
    city: Catalogue, data: st.DataObject, events: list[Event], sizes: list[int]
) -> None:
    records = cut(events, sizes)
    whole = Engine(city, partition=0, partitions=1)
    facts: list[tuple[dict[int, bytes], ClockState]] = []
    found: list[list[Finding]] = []
    # Now and then somebody packs, which must change nothing either.
    asked = set(data.draw(st.lists(st.integers(0, len(records)), max_size=6)))
    packing = Engine(city, partition=0, partitions=1)
    for offset, record in enumerate(records):
        facts.append((packing.pack(), packing.clock))
        if offset in asked:
            assert whole.pack() == facts[-1][0]
        found.append(judge(whole, offset, record))
        assert judge(packing, offset, record) == found[-1]
    facts.append((packing.pack(), packing.clock))
    assert whole.pack() == facts[-1][0]

    ages = {chunk_of(each.id): data.draw(st.integers(0, len(records))) for each in SENSORS}
    position = min(ages.values())
    chunks: Mapping[int, tuple[int, bytes]] = {n: (age, facts[age][0].get(n, b"")) for n, age in ages.items()}
    again = Engine(city, partition=0, partitions=1)
    again.start(position, facts[position][1], chunks)
    for offset in range(position, len(records)):
        news = judge(again, offset, records[offset])
        assert news == [each for each in found[offset] if ages[chunk_of(each.sensor)] <= offset]
    assert again.pack() == facts[-1][0]
    assert (again.counts(), again.clock) == (whole.counts(), whole.clock)
    third = Engine(city, partition=0, partitions=1)
    third.start(again.position, again.clock, {n: (again.position, each) for n, each in again.pack().items()})
    assert third.pack() == facts[-1][0]


@given(events=logs(within=30_000), sizes=sizes, at=st.integers(0, 40))
@examples(60)
def test_what_is_too_much_to_keep_is_judged_for_good(events: list[Event], sizes: list[int], at: int) -> None:
    """With room for few readings much is late, but the story is told without a gap, and a restart changes nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(amends, "MOST", 3)
        engine, found = run(ALL, events, sizes)
        for lives in said(each for findings in found for each in findings).values():
            assert all(one.steps[-1][1] == "" and one.steps[-1][0] <= two.steps[0][0] for one, two in pairwise(lives))
        records = cut(events, sizes)
        at = min(at, len(records))
        again = Engine(ALL, partition=0, partitions=1)
        for offset, record in enumerate(records[:at]):
            judge(again, offset, record)
        chunks = {number: (at, data) for number, data in again.pack().items()}
        third = Engine(ALL, partition=0, partitions=1)
        third.start(at, again.clock, chunks)
        for offset in range(at, len(records)):
            assert judge(third, offset, records[offset]) == found[offset]
        assert third.pack() == engine.pack()
