"""calendars.yaml: the calendars of a city, with every fault in the file."""

import re
from collections.abc import Collection, Iterator
from datetime import date

from rules.calendar import WEEKDAYS, Calendar, Days, EveryYear, Part
from rules.faults import Fault, nearest
from rules.strict_yaml import Node, read_yaml

KEYS = ("days", "of", "within", "except", "also")
CALENDAR_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
MOST_CALENDARS = 100
MOST_PARTS = 1000
_HINT = "write a day as 2026-05-01, days as 2026-05-01..2026-05-05, those of every year as 12-24..12-26, or a calendar"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARLY = re.compile(r"([0-9]{2})-([0-9]{2})")


def parse_calendars(text: str, file: str) -> tuple[dict[str, Calendar], list[Fault]]:
    """The calendars of a file by name and all its faults. With a fault the calendars are for looking only."""
    root, faults = read_yaml(text, file)
    fields = root.fields(("calendars",)) if root is not None else None
    entries = fields["calendars"].entries() if fields is not None else None
    if fields is not None and entries is not None and len(entries) > MOST_CALENDARS:
        fields["calendars"].fault(f"{len(entries)} calendars, {MOST_CALENDARS} at most")
        entries = {}
    reader = _Reader(entries or {})
    found = {name: calendar for name in entries or () if (calendar := reader.calendar(name)) is not None}
    return found, sorted(faults)


class _Reader:
    """Calendars name each other, in any order of the file."""

    def __init__(self, entries: dict[str, Node]) -> None:
        self._entries = entries
        self._known: dict[str, Calendar | None] = {}
        self._open: list[str] = []

    def calendar(self, name: str) -> Calendar | None:
        """The one of this name; None when it is at fault or only leads back to itself."""
        if name not in self._known:
            self._open.append(name)
            self._known[name] = self._read(name, self._entries[name])
            self._open.pop()
        return self._known[name]

    def _read(self, name: str, node: Node) -> Calendar | None:
        fields = node.fields((), KEYS)
        if not CALENDAR_NAME.fullmatch(name):
            node.fault(f"{name[:80]!r} is not a name", "use a-z, 0-9 and -, a letter first, such as working-days")
            return None
        if fields is None:
            return None
        if not fields.keys() - {"except"}:
            node.fault("a calendar without a day", "give days: [mon, tue, wed, thu, fri], or within, of or also")
            return None
        weekdays = parse_weekdays(fields["days"]) if "days" in fields else ()
        of = self._other(fields["of"]) if "of" in fields else None
        parts = {key: self._parts(fields[key]) if key in fields else () for key in ("within", "except", "also")}
        within, without, also = parts.values()
        if weekdays is None or ("of" in fields and of is None) or within is None or without is None or also is None:
            return None
        return Calendar(name, frozenset(weekdays), of, within, without, also)

    def _parts(self, node: Node) -> tuple[Part, ...] | None:
        items = node.one_or_more()
        if items is None:
            return None
        if len(items) > MOST_PARTS:
            node.fault(f"{len(items)} parts, {MOST_PARTS} at most")
            return None
        parts = [self._part(item) for item in items]
        return None if None in parts else tuple(part for part in parts if part is not None)

    def _part(self, node: Node) -> Part | None:
        word = node.scalar()
        if word is None:
            return None
        if not word[0].isdigit():
            return self._other(node)
        first, dots, last = word.partition("..")
        try:
            if _DAY.fullmatch(first):
                return _days(date.fromisoformat(first), date.fromisoformat(last if dots else first))
            return EveryYear(_yearly(first), _yearly(last if dots else first))
        except ValueError as error:
            node.fault(f"{word[:40]!r} is no day: {error}", _HINT)
            return None

    def _other(self, node: Node) -> Calendar | None:
        name = node.choice(self._entries)
        if name is None:
            return None
        if name in self._open:
            node.fault(f"{' -> '.join([*self._open[self._open.index(name) :], name])} leads back to itself")
            return None
        return self.calendar(name)


def _days(first: date, last: date) -> Days:
    if last < first:
        raise ValueError("it ends before it begins")
    return Days(first, last)


def _yearly(word: str) -> tuple[int, int]:
    match = _YEARLY.fullmatch(word)
    if match is None:
        raise ValueError(f"{word[:40]!r} has another form")
    day = date(2024, int(match[1]), int(match[2]))  # a leap year, so that 29 February is a day
    return day.month, day.day


def parse_weekdays(node: Node) -> tuple[int, ...] | None:
    """One weekday or a list, as numbers from 0 for Monday."""
    items = node.one_or_more()
    if items is None:
        return None
    words = [item.choice(WEEKDAYS) for item in items]
    for word in _twice(words):
        node.fault(f"{word!r} is there twice")
        return None
    return None if None in words else tuple(sorted(WEEKDAYS.index(word) for word in words if word is not None))


def _twice(words: Collection[str | None]) -> Iterator[str]:
    seen: set[str] = set()
    for word in words:
        if word is not None and word in seen:
            yield word
        elif word is not None:
            seen.add(word)


def unknown_calendar(name: str, known: Collection[str]) -> tuple[str, str]:
    """Message and suggestion of a fault about a calendar that the city has not."""
    hint = nearest(name, known) if known else "add it to calendars.yaml"
    return f"there is no calendar {name!r}", hint
