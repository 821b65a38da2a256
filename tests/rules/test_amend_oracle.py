"""Random logs in any order: with `amend` what was said in the end is what would have been said had all come in order."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    TIMES,
    WINDOWS,
    cut,
    sizes,
    values,
)
from tests.support.judging import T, catalogue, sensor
from tests.support.oracle import Reading
from tests.support.oracle_amended import said, truth

AMEND = 20


def amending(rules: str) -> str:
    lines = [line for line in rules.splitlines() if line]
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
}
CITIES = {name: catalogue(amending(rules), *SENSORS) for name, rules in KINDS.items()}
PLAIN = LEVELS + WINDOWS + STRETCHES + SILENCES
MIXED = catalogue(
    PLAIN + amending((TIMES + HOPS + CHANGES).replace("name: ", "name: late-")),
    *SENSORS,
)
ALL = catalogue(
    amending(LEVELS + TIMES + WINDOWS + SILENCES + STRETCHES.replace("name: ", "name: s-"))
    + amending(THIN.replace("name: ", "name: thin-")),
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


def check(city: Catalogue, engine: Engine, findings: list[Finding], events: list[Event]) -> None:
    lives = said(findings)
    for (name, metric), readings in first_of_each(events).items():
        for rule in city.rules_for(name, metric):
            known = [Reading(T + at, value, 0) for at, value in readings.items()]
            expected = truth(city, rule, name, metric, known, engine.clock.now)
            assert lives.pop((rule.name, name, metric), []) == expected, rule.name
    assert not lives


@pytest.mark.parametrize("city", CITIES.values(), ids=CITIES.keys())
@given(events=logs(), sizes=sizes)
@settings(max_examples=40, deadline=None)
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
            check(city, engine, findings, events[:seen])
    assert engine.counts().late == 0
    assert engine.counts().findings == len(findings)
