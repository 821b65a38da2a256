"""Rules on groups with `amend`: in whatever order readings come, the end is that of the right order."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.areas.pair import Pair
from rules.catalogue import Catalogue
from rules.finding import Finding
from tests.support.area_amend import AMENDING, amending, late_logs, switch_both
from tests.support.area_city import RULES, SENSORS
from tests.support.area_logs import Clock, Log, Read, records
from tests.support.examples import examples
from tests.support.judging import catalogue
from tests.support.kinds_city import PLAIN, ROAD, TIMED, WAITS
from tests.support.oracle_amended import said

CITIES = {
    "counts": (catalogue(amending(RULES), *SENSORS), catalogue(RULES, *SENSORS)),
    "plain": (catalogue(amending(PLAIN), *ROAD), catalogue(PLAIN, *ROAD)),
    "kinds": (catalogue(amending(PLAIN + WAITS), *ROAD), catalogue(PLAIN + WAITS, *ROAD)),
    "timed": (catalogue(amending(PLAIN + WAITS + TIMED), *ROAD), catalogue(PLAIN + WAITS + TIMED, *ROAD)),
}


def in_order(log: Log, clock: int) -> Log:
    """The readings of a log in the order of time, the clock going with them."""
    reads = sorted((each for each in log if isinstance(each, Read)), key=lambda each: each.at)
    times = sorted({each.at for each in log if each.at <= clock} | {clock})
    ordered: list[Read | Clock] = []
    for time in times:
        ordered += [each for each in reads if each.at == time]
        ordered.append(Clock(time))
    return ordered


def judged(city: Catalogue, log: Log) -> list[Finding]:
    pair = Pair(city)
    found: list[Finding] = []
    for record in records(log):
        found += (pair.tick if record.tick else pair.frame)(pair.position, record)
    return [each for each in found if each.area is not None]


@pytest.mark.parametrize("cities", CITIES.values(), ids=CITIES.keys())
@given(log=late_logs())
@examples(40)
def test_whatever_the_order_the_end_is_that_of_the_right_order(cities: tuple[Catalogue, Catalogue], log: Log) -> None:
    city, plain = cities
    pair = Pair(city)
    found: list[Finding] = []
    clock = -1
    for place, record in enumerate(records(log)):
        found += [f for f in (pair.tick if record.tick else pair.frame)(pair.position, record) if f.area is not None]
        each = log[place]
        if isinstance(each, Clock) and each.at > clock:  # what came late counts with the next instant
            clock = each.at
            expected = said(judged(plain, in_order(log[: place + 1], each.at)))
            assert said(found) == expected


OTHER_WORDS = replace(AMENDING, rules=tuple(replace(each, text="{rule} in other words") for each in AMENDING.rules))


@given(log=late_logs(), place=st.integers(0, 60))
@examples(25)
def test_a_switch_that_changes_words_alone_changes_no_episode(log: Log, place: int) -> None:
    """Bases, journals and what is under way go on."""
    lives = []
    for after in (None, OTHER_WORDS):
        pair, found = Pair(AMENDING), list[Finding]()
        for offset, record in enumerate(records(log)):
            if after is not None and offset == place:
                switch_both(after, pair)
            found += (pair.tick if record.tick else pair.frame)(pair.position, record)
        lives.append(said(each for each in found if each.area is not None))
    assert lives[0] == lives[1]
