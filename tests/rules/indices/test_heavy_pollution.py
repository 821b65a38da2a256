"""Heavy-pollution warnings on the sliding daily AQI, and the tables' own account of themselves."""

from datetime import date
from fractions import Fraction
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rules.indices
from rules.indices.heavy_pollution import (
    EDITIONS,
    OF_2018,
    OF_2024,
    Condition,
    Edition,
    Spell,
    edition_at,
    heavy_pollution,
    implies,
    standing,
)
from rules.indices.source import Certainty, Source
from rules.indices.warning import Colour

Hours = list[int | None]


@pytest.mark.parametrize(
    ("edition", "hours", "colour"),
    [
        (OF_2018, [200] * 96, None),
        (OF_2018, [201] * 24, Colour.blue),
        (OF_2018, [201] * 47, Colour.blue),
        (OF_2018, [201] * 48, Colour.yellow),
        (OF_2018, [201] * 96, Colour.yellow),  # orange wants a day above 300 in it
        (OF_2018, [250] * 48 + [310] * 24, Colour.orange),
        (OF_2018, [250] * 48 + [310] * 48, Colour.red),
        (OF_2018, [500] * 24, Colour.red),
        (OF_2018, [499] + [500] * 23, Colour.blue),
        (OF_2024, [201] * 24, Colour.yellow),
        (OF_2024, [151] * 47, None),
        (OF_2024, [151] * 48, Colour.yellow),
        (OF_2024, [151] * 72, Colour.orange),
        (OF_2024, [201] * 48, Colour.orange),
        (OF_2024, [250] * 48 + [301] * 24, Colour.red),
        (OF_2024, [201] * 72, Colour.orange),
    ],
)
def test_how_long_and_how_bad(edition: Edition, hours: Hours, colour: Colour | None) -> None:
    assert heavy_pollution(edition, hours) == (colour, True)


def test_a_day_need_not_begin_at_midnight() -> None:
    assert heavy_pollution(OF_2018, [100] * 7 + [240] * 24 + [100] * 9).colour is Colour.blue


def test_four_missing_hours_of_a_day_are_allowed() -> None:
    assert heavy_pollution(OF_2018, [240] * 20 + [None] * 4) == (Colour.blue, True)
    assert heavy_pollution(OF_2018, [240] * 19 + [None] * 5) == (None, False)


def test_a_gap_makes_unsure_only_what_it_could_change() -> None:
    told = heavy_pollution(OF_2024, [100] * 24 + [None] * 5 + [100] * 40)
    assert told == (None, False)
    assert heavy_pollution(OF_2018, [500] * 24 + [None] * 30).colour is Colour.red


def test_less_than_a_day_calls_for_nothing() -> None:
    assert heavy_pollution(OF_2024, [400] * 23).colour is None


@settings(deadline=None)
@given(st.lists(st.sampled_from([100, 160, 220, 320]), min_size=24, max_size=120), st.sampled_from(EDITIONS))
def test_worse_air_never_lowers_a_warning(hours: list[int], edition: Edition) -> None:
    told = heavy_pollution(edition, hours)
    worse = heavy_pollution(edition, [hour + 60 for hour in hours])
    assert told.sure
    assert (worse.colour or 0) >= (told.colour or 0)


@pytest.mark.parametrize(
    ("day", "edition"), [(date(2015, 1, 1), OF_2018), (date(2023, 12, 31), OF_2018), (date(2024, 1, 1), OF_2024)]
)
def test_the_edition_in_force(day: date, edition: Edition) -> None:
    assert edition_at(day) is edition


def sources() -> list[tuple[str, Source]]:
    """Every source that a module of rules.indices names, by itself or in an edition."""
    found = []
    for file in sorted(Path(rules.indices.__path__[0]).glob("*.py")):
        module = import_module(f"rules.indices.{file.stem}") if file.stem != "__init__" else rules.indices
        for name, value in vars(module).items():
            source = value if isinstance(value, Source) else getattr(value, "source", None)
            if isinstance(source, Source):
                found.append((f"{file.stem}.{name}", source))
    return found


def test_what_is_not_confirmed_says_what() -> None:
    assert len(sources()) > 20
    for where, source in sources():
        assert source.title, where
        assert source.since is None or source.until is None or source.since < source.until, where


def test_a_source_without_dates_always_holds() -> None:
    always = Source("custom", "", Certainty.unconfirmed)
    assert always.holds(date.min)
    assert always.holds(date.max)


@pytest.mark.parametrize(
    ("edition", "hours", "colour", "sure"),
    [
        (OF_2018, [201] * 24, Colour.blue, False),  # before it, all may have been as bad
        (OF_2018, [100] * 96 + [201] * 24, Colour.blue, True),
        (OF_2018, [100] * 96 + [250] * 24 + [310] * 24 + [250] * 24, Colour.orange, True),
        (OF_2018, [310] * 96, Colour.red, True),
        (OF_2018, [400] * 96 + [0] * 24, None, True),  # what has ended stands no more
        (OF_2018, [100] * 96 + [None] * 4 + [500] * 20, Colour.red, True),
        (OF_2024, [100] * 72 + [201] * 48, Colour.orange, True),
        (OF_2024, [100] * 72 + [250] * 48 + [301] * 24, Colour.red, True),
        (OF_2024, [100] * 72 + [201] * 72, Colour.orange, True),  # red wants a day above 300 in it
        (OF_2024, [100] * 72 + [160] * 24 + [None] * 24 + [160] * 24, None, False),
        (OF_2024, [None] * 96, None, False),
    ],
)
def test_what_stands_now(edition: Edition, hours: Hours, colour: Colour | None, sure: bool) -> None:
    assert standing(edition, hours) == (colour, sure)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 40), st.sampled_from([90, 160, 210, 310, 500])), max_size=8))
def test_what_stands_was_called_for(spells: list[tuple[int, int]]) -> None:
    hours: Hours = [90] * 96 + [aqi for length, aqi in spells for _ in range(length)]
    for edition in EDITIONS:
        now, ever = standing(edition, hours), heavy_pollution(edition, hours)
        assert (now.colour or 0) <= (ever.colour or 0) and now.sure
        assert standing(edition, hours[-96:]) == now, "older hours do not matter"


SPELLS = st.builds(Spell, st.sampled_from([Fraction(150), Fraction(200), Fraction(300)]), st.sampled_from([24, 36, 48]))
CONDITION = st.lists(SPELLS, min_size=1, max_size=2).map(tuple)
DAYS = st.lists(st.tuples(st.integers(1, 40), st.sampled_from([90, 160, 210, 310])), min_size=1, max_size=6)


@settings(max_examples=300, deadline=None)
@given(CONDITION, CONDITION, DAYS)
def test_what_a_condition_implies_stands_whenever_it_stands(
    one: Condition, other: Condition, days: list[tuple[int, int]]
) -> None:
    hours: Hours = [90] * 48 + [aqi for length, aqi in days for _ in range(length)]
    if implies((one,), (other,)) and calls(one, hours):
        assert calls(other, hours)


def calls(condition: Condition, hours: Hours) -> bool:
    source = Source("ours", "", Certainty.read)
    return standing(Edition(source, {Colour.red: (condition,)}), hours).colour is Colour.red


def test_of_a_longer_condition_a_shorter_spell_may_be_over() -> None:
    day, three_days = Spell(Fraction(300)), Spell(Fraction(200), 72)
    ended: Hours = [100] * 24 + [310] * 24 + [250] * 48
    assert calls((three_days, day), ended) and not calls((day,), ended)
    assert not implies(((three_days, day),), ((day,),))
    assert implies(((three_days, day),), ((three_days, day),))
