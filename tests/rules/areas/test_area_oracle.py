"""Both stages, over any number of partitions and in any order of arrival, find what the whole history says."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.areas.pair import Pair
from rules.finding import Finding
from tests.support.area_city import CITY, logs
from tests.support.area_logs import Clock, Log, Read, records, stage_one, stage_two, told
from tests.support.area_oracle import Answer, Group, History, Mean, Quorum, average, mean, median, quorum
from tests.support.examples import examples

NORTH = Group("north", ("a", "b", "c", "d"), {"d": "maintained"})
SOUTH = Group("south", ("e", "f"))
PM = Group("city", ("a", "b", "c", "d", "e", "f"), {"d": "maintained"})
NOISE = Group("city", ("a", "b", "d", "f", "g"), {"d": "maintained", "g": "quarantined"})
RING = Group("ring", ("a", "b", "e"))
PATIENCE = 5000

MANY = Quorum("many", "pm25", 10, 7, (("yellow", 2), ("red", 3)), 2, within=8000)
SLOW = Quorum("slow", "pm25", 8, 8, (("yellow", 3), ("red", 4)), 0.5, keeps=(("yellow", 1),))
SHARE = Quorum("share", "noise", 5, 5, (("yellow", 30), ("red", 60)), 0.4, percent=True)
GRAVE = Quorum("grave", "pm25", 12, 12, (("red", 2),), 1)
LEVEL = Mean("level", "pm25", 5000, 5000, average, (("yellow", 8, 6), ("red", 12, 12)), 1)
MIDDLE = Mean("middle", "pm25", 5000, 10_000, median, (("yellow", 9, 9),), 0.5, least=2)
WORST = Mean("worst", "noise", 10_000, 10_000, max, (("red", 12, 12),), 2)


def expected(log: Log) -> list[Answer]:
    found: list[Answer] = []
    for rule, silent, groups in (
        (MANY, 20_000, (NORTH, SOUTH)),
        (SLOW, 25_000, (PM,)),
        (SHARE, 15_000, (NOISE,)),
        (GRAVE, 20_000, (RING,)),
        (LEVEL, 20_000, (NORTH, SOUTH)),
        (MIDDLE, 20_000, (PM,)),
        (WORST, 15_000, (NOISE,)),
    ):
        history = History(log, rule.metric, silent, PATIENCE)
        for group in groups:
            found += quorum(rule, group, history) if isinstance(rule, Quorum) else mean(rule, group, history)
    return sorted(found, key=repr)


def answers(found: Sequence[Finding]) -> list[Answer]:
    area = [each for each in found if each.area is not None]
    return sorted(
        ((x.rule, x.area, x.change, x.severity, x.was, x.at, x.value, x.count, x.of, x.left_out) for x in told(area)),
        key=repr,
    )


@pytest.mark.parametrize("partitions", [1, 3])
@given(log=logs(), data=st.data())
@examples(60)
def test_the_stages_find_what_the_history_says(partitions: int, log: Log, data: st.DataObject) -> None:
    said = stage_one(CITY, log, partitions)
    order = data.draw(st.lists(st.integers(0, 2), min_size=1, max_size=40))
    turns = iter(order * 10_000)
    found = stage_two(CITY, said, lambda number: next(turns))
    assert answers(found) == expected(log)


@given(log=logs())
@examples(40)
def test_the_pair_finds_the_same(log: Log) -> None:
    pair = Pair(CITY)
    found: list[Finding] = []
    for record in records(log):
        found += (pair.tick if record.tick else pair.frame)(pair.position, record)
    assert answers(found) == expected(log)


def test_the_oracle_is_asked_something() -> None:
    """Such a log makes every rule say something, so that agreement is not silence."""
    log: list[Read | Clock] = []
    for at in range(0, 60_000, 1000):
        for name, metric in (
            ("a", "pm25"),
            ("b", "pm25"),
            ("e", "pm25"),
            ("f", "pm25"),
            ("a", "noise"),
            ("f", "noise"),
        ):
            log.append(Read(name, metric, at, 16.0 if 10_000 <= at < 30_000 else 1.0))
        log.append(Clock(at + 900))
    log.append(Clock(140_000))
    found = expected(log)
    assert {(each[0], each[2]) for each in found} == {
        (rule, change)
        for rule in ("many", "slow", "share", "grave", "level", "middle", "worst")
        for change in ("fired", "cleared", "undecided")
    }
    assert answers(stage_two(CITY, stage_one(CITY, log, 3))) == found
