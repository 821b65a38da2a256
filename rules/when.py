"""When a rule is on: what its author writes, and the keys of it."""

import re
from dataclasses import dataclass
from datetime import date

from rules.calendars_file import CALENDAR_NAME, parse_weekdays
from rules.strict_yaml import Node

KEYS = ("calendar", "days", "between", "from", "until")
DAY = 1440
"""Minutes of a day."""
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BETWEEN = re.compile(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})")
_BETWEEN_HINT = 'write local times as "22:00-06:00"'


@dataclass(frozen=True, slots=True)
class When:
    """One alternative; all that is given must be so. `calendars`: the day is in one of them. `days`: weekdays, 0 for
    Monday. `between`: (begin, end) in minutes of the day, the end being outside; an end that is not after its begin is
    on the next day. `first` and `last`: the days from and until which it is in force, both included. What begins on a
    day belongs to that day, also where it goes on after midnight. All of it is local time."""

    calendars: tuple[str, ...] = ()
    days: tuple[int, ...] = ()
    between: tuple[tuple[int, int], ...] = ()
    first: date | None = None
    last: date | None = None


def parse_when(node: Node) -> tuple[When, ...] | None:
    """The value of the key `when`: one alternative or a list of them."""
    items = node.one_or_more()
    if items is None:
        return None
    found = [_alternative(item) for item in items]
    return None if None in found else tuple(when for when in found if when is not None)


def _alternative(node: Node) -> When | None:
    fields = node.fields((), KEYS)
    if fields is None:
        return None
    if not fields:
        node.fault("says nothing", f"one of: {', '.join(KEYS)}")
        return None
    calendars = _calendars(fields["calendar"]) if "calendar" in fields else ()
    days = parse_weekdays(fields["days"]) if "days" in fields else ()
    between = _between(fields["between"]) if "between" in fields else ()
    dates = {key: _date(fields[key]) if key in fields else None for key in ("from", "until")}
    first, last = dates.values()
    if calendars is None or days is None or between is None or any(dates[key] is None for key in dates & fields.keys()):
        return None
    if first is not None and last is not None and last < first:
        fields["until"].fault("is before 'from'")
        return None
    return When(calendars, days, between, first, last)


def _calendars(node: Node) -> tuple[str, ...] | None:
    names = [(item, item.text()) for item in node.one_or_more() or ()]
    sound = bool(names)
    for item, name in names:
        if name is not None and not CALENDAR_NAME.fullmatch(name):
            item.fault(f"{name[:80]!r} is not the name of a calendar", "use a-z, 0-9 and -, a letter first")
        sound = sound and name is not None and CALENDAR_NAME.fullmatch(name) is not None
    return tuple(dict.fromkeys(name for _, name in names if name is not None)) if sound else None


def _between(node: Node) -> tuple[tuple[int, int], ...] | None:
    found = [_times(item) for item in node.one_or_more() or ()]
    return None if not found or None in found else tuple(times for times in found if times is not None)


def _times(node: Node) -> tuple[int, int] | None:
    text = node.scalar()
    match = _BETWEEN.fullmatch(text) if text is not None else None
    if match is None:
        if text is not None:
            node.fault(f"{text[:40]!r} is no time of the day", _BETWEEN_HINT)
        return None
    begin, end = (int(match[1]) * 60 + int(match[2])), (int(match[3]) * 60 + int(match[4]))
    if int(match[2]) > 59 or int(match[4]) > 59 or begin >= DAY or end > DAY:
        node.fault(f"{text!r}: a day has 00:00 to 24:00", _BETWEEN_HINT)
        return None
    if begin == end:
        node.fault("begins and ends at the same time", "leave 'between' out for the whole day")
        return None
    return begin, end or DAY


def _date(node: Node) -> date | None:
    text = node.scalar()
    try:
        if text is None:
            return None
        if not _DATE.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        node.fault(f"{text[:40] if text else ''!r} is no day", "write it as 2026-03-01")
        return None
