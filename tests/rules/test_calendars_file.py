"""calendars.yaml: which day is one, and every fault in the file."""

from datetime import date

import pytest

from rules import calendars_file
from rules.calendar import Calendar
from rules.calendars_file import parse_calendars, unknown_calendar

CITY = """
calendars:
  school-days:
    of: working-days
    within: terms
    also: 2026-02-21
  working-days:
    days: [mon, tue, wed, thu, fri]
    except: [holidays, 12-24..01-01]
    also: [2026-02-14, 2026-02-28]   # make-up days, both Saturdays
  holidays:
    within: [2026-02-16..2026-02-22, 2026-05-01, 10-03]
  terms:
    within: [2026-01-07..2026-02-13, 2026-02-23..2026-07-10]
  leap:
    within: 02-29
  only-also: {also: 2026-03-07}
"""


def calendars(text: str = CITY) -> dict[str, Calendar]:
    found, faults = parse_calendars(text, "c.yaml")
    assert not faults, faults
    return found


@pytest.mark.parametrize(
    ("name", "day", "has"),
    [
        ("working-days", "2026-01-05", True),
        ("working-days", "2026-01-04", False),  # a Sunday
        ("working-days", "2026-02-18", False),  # a holiday
        ("working-days", "2026-02-14", True),  # a Saturday that is worked
        ("working-days", "2026-05-01", False),
        ("working-days", "2025-12-23", True),
        ("working-days", "2025-12-24", False),
        ("working-days", "2026-01-01", False),
        ("working-days", "2026-01-02", True),
        ("holidays", "2027-10-03", True),
        ("school-days", "2026-02-13", True),
        ("school-days", "2026-02-14", False),  # worked, but there is no school
        ("school-days", "2026-02-21", True),
        ("school-days", "2026-02-28", True),
        ("school-days", "2026-07-13", False),
        ("leap", "2028-02-29", True),
        ("leap", "2028-03-01", False),
        ("only-also", "2026-03-07", True),
        ("only-also", "2026-03-08", False),
    ],
)
def test_the_days_of_a_calendar(name: str, day: str, has: bool) -> None:
    calendar = calendars()[name]
    assert calendar.has(date.fromisoformat(day)) is has
    assert calendar.has(date.fromisoformat(day)) is has, "asked again"


def test_between_which_days_a_calendar_lies() -> None:
    found = calendars(
        CITY
        + """
  nothing: {of: terms, within: 2020-01-01..2020-02-01}
  still-nothing: {of: nothing, within: 2026-01-07}
"""
    )
    assert found["terms"].bounds == (date(2026, 1, 7), date(2026, 7, 10))
    assert found["school-days"].bounds == (date(2026, 1, 7), date(2026, 7, 10))
    assert found["only-also"].bounds == (date(2026, 3, 7), date(2026, 3, 7))
    assert found["working-days"].bounds == (date.min, date.max)
    assert found["nothing"].bounds is None
    assert found["still-nothing"].bounds is None


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("", "c.yaml: the file is empty"),
        ("{calendars: {}, x: 1}", "c.yaml:1: x: unknown key. one of: calendars"),
        ("calendars: 5", "calendars: must be a mapping"),
        ("calendars: {a: 5}", "calendars.a: must be a mapping"),
        ("calendars: {a: {}}", "calendars.a: a calendar without a day"),
        ("calendars: {a: {except: 05-01}}", "calendars.a: a calendar without a day"),
        ("calendars: {A: {days: mon}}", "calendars.A: 'A' is not a name"),
        ("calendars: {a: {days: mon, day: mon}}", "calendars.a.day: unknown key. did you mean 'days'?"),
        ("calendars: {a: {days: [mon, mo]}}", "calendars.a.days[1]: unknown: 'mo'. did you mean 'mon'?"),
        ("calendars: {a: {days: [mon, mon]}}", "calendars.a.days: 'mon' is there twice"),
        ("calendars: {a: {days: []}}", "calendars.a.days: an empty list"),
        ("calendars: {a: {within: []}}", "calendars.a.within: an empty list"),
        ("calendars: {a: {within: [[x]]}}", "calendars.a.within[0]: must be a single value"),
        ("calendars: {a: {within: 2026-02-30}}", "calendars.a.within: '2026-02-30' is no day"),
        ("calendars: {a: {within: 2026-2-3}}", "calendars.a.within: '2026-2-3' is no day"),
        ("calendars: {a: {within: 13-01}}", "calendars.a.within: '13-01' is no day"),
        ("calendars: {a: {within: 2026-05-03..2026-05-01}}", "it ends before it begins"),
        ("calendars: {a: {within: 2026-05-03..05-04}}", "is no day"),
        ("calendars: {holidays: {days: mon}, b: {within: holiday}}", "unknown: 'holiday'. did you mean 'holidays'?"),
        ("calendars: {aa: {days: mon}, b: {of: ab}}", "calendars.b.of: unknown: 'ab'"),
        ("calendars: {a: {of: b}, b: {of: a}}", "calendars.b.of: a -> b -> a leads back to itself"),
        ("calendars: {a: {of: a}}", "calendars.a.of: a -> a leads back to itself"),
        ("calendars: {a: {also: b}, b: {days: x}}", "calendars.b.days: unknown: 'x'"),
        ("calendars: {a: {days: [[1]]}}", "calendars.a.days[0]: must be text"),
    ],
)
def test_what_is_wrong_is_told(body: str, fault: str) -> None:
    _, faults = parse_calendars(body, "c.yaml")
    assert len(faults) == 1
    assert fault in str(faults[0])


def test_the_file_has_its_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendars_file, "MOST_CALENDARS", 1)
    assert "2 calendars, 1 at most" in str(parse_calendars("calendars: {a: {days: mon}, b: {days: mon}}", "c")[1][0])
    monkeypatch.setattr(calendars_file, "MOST_PARTS", 1)
    assert "2 parts, 1 at most" in str(parse_calendars("calendars: {a: {within: [05-01, 05-02]}}", "c")[1][0])


def test_an_unknown_calendar_has_a_nearest_one() -> None:
    assert unknown_calendar("workdays", ["working-days"]) == (
        "there is no calendar 'workdays'",
        "did you mean 'working-days'?",
    )
    assert unknown_calendar("x", [])[1] == "add it to calendars.yaml"
