"""Random rules on random logs: for each kind, the engine says what the slow and obvious oracle says. `make check-long`
tries ten thousand of each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.engine import Engine
from tests.rules.test_engine_oracle import SENSORS, Event, cut, logs, sizes, step
from tests.support.examples import examples
from tests.support.judging import catalogue
from tests.support.oracle import Answer, Oracle
from tests.support.random_rules import KINDS, rules_of


@pytest.mark.parametrize("kind", [*KINDS, "mixed"])
@given(data=st.data(), events=logs(), sizes=sizes)
@examples(40)
def test_whatever_the_rules_the_engine_finds_what_the_oracle_finds(
    kind: str, data: st.DataObject, events: list[Event], sizes: list[int]
) -> None:
    city = catalogue(data.draw(rules_of(kind)), *SENSORS, bridges=("one", "two"))
    engine, oracle = Engine(city, partition=0, partitions=1), Oracle(city)
    for offset, record in enumerate(cut(events, sizes)):
        assert step(engine, offset, record) == step(oracle, offset, record), offset
    counts = engine.counts()
    assert (counts.late, counts.repeats, counts.findings) == (oracle.late, oracle.repeats, oracle.findings)


@given(rules=rules_of("mixed"), events=logs(), sizes=sizes)
@examples(40)
def test_whatever_the_rules_a_judge_that_dies_after_every_record_finds_the_same(
    rules: str, events: list[Event], sizes: list[int]
) -> None:
    city = catalogue(rules, *SENSORS, bridges=("one", "two"))
    engine, dying = Engine(city, partition=0, partitions=1), Engine(city, partition=0, partitions=1)
    for offset, record in enumerate(cut(events, sizes)):
        found: list[list[Answer]] = [step(each, offset, record) for each in (engine, dying)]
        assert found[0] == found[1], offset
        facts = {number: (dying.position, data) for number, data in dying.pack().items()}
        clock, dying = dying.clock, Engine(city, partition=0, partitions=1)
        dying.start(offset + 1, clock, facts)
    assert dying.pack() == engine.pack()
    assert dying.counts() == engine.counts()
