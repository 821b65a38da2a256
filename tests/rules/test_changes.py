"""What another catalogue changes, told by name."""

from dataclasses import replace

from rules.calendar import Calendar
from rules.changes import Changes, changes
from rules.derived.settings import Indices
from rules.geography import Shape
from rules.standards_file import parse_standards
from tests.support.judging import catalogue, sensor

RULES = """
{name: same, kind: threshold, metric: pm25, above: {red: 10}}
{name: text, kind: threshold, metric: pm25, above: {red: 10}}
{name: limit, kind: threshold, metric: pm25, above: {red: 10}}
{name: gone, kind: threshold, metric: pm25, above: {red: 10}}
"""
OTHER = """
{name: new, kind: threshold, metric: pm25, above: {red: 10}}
{name: limit, kind: threshold, metric: pm25, above: {red: 11}}
{name: text, kind: threshold, metric: pm25, above: {red: 10}, text: "Look", notify: health}
{name: same, kind: threshold, metric: pm25, above: {red: 10}}
"""


def test_the_same_again_changes_nothing() -> None:
    assert changes(catalogue(RULES), catalogue(RULES)) == Changes()
    assert Changes().lines() == []


def test_each_change_is_told() -> None:
    old = catalogue(RULES, sensor("a"), sensor("b"), sensor("c"), indices=Indices())
    new = catalogue(OTHER, replace(sensor("a"), district="west"), sensor("c"), sensor("d"))
    found = changes(old, new)
    assert found == Changes(("new",), ("gone",), ("text",), ("limit",), ("d",), ("b",), ("a",), True)
    assert found.lines() == [
        "rules new: new",
        "rules gone, their episodes end: gone",
        "rules changed, their state goes on: text",
        "rules changed, they begin anew and their episodes end: limit",
        "sensors added: d",
        "sensors removed, their episodes end: b",
        "sensors changed: a",
        "bridges, time zone or indices changed",
    ]


def test_days_places_and_numbers_of_a_city_are_no_mere_words() -> None:
    days, park = Calendar("days", frozenset({0})), Shape("park", ())
    standards, faults = parse_standards("noise: {source: us, day_begins: 7}\nair: {source: us, ties: even}", "s.yaml")
    assert not faults
    old = catalogue(RULES, indices=Indices())
    new = replace(old, calendars={"days": days}, shapes={"park": park}, indices=Indices(standards=standards))
    assert changes(old, new).lines() == [
        "calendars new, gone or changed: days",
        "shapes of the map new, gone or changed: park",
        "standards that are computed otherwise: noise",
    ]
    moved = replace(new, calendars={"days": replace(days, weekdays=frozenset({1}))}, indices=None)
    assert changes(new, moved) == Changes(calendars=("days",), standards=("noise",), settings=True)


def test_of_many_names_some_are_told() -> None:
    names = [f"s{number:02}" for number in range(22)]
    found = changes(catalogue(RULES), catalogue(RULES, sensor("a"), *map(sensor, names)))
    assert found.lines() == [f"sensors added: {', '.join(names[:20])} and 2 more"]
