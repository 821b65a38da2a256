"""When a rule is on, as instants: its calendars and local times in one time zone.

Where clocks are set forward, a time that the clock skips is the instant of the change. Where they are set back, a time
that comes twice begins at its first and ends at its last. So the rule's time is never cut in two by it, and nothing
that a clock on the wall would call inside is left out. Days begin at the first midnight.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from rules.calendar import EVER, Bounds, Calendar, around, both
from rules.machine import FOREVER
from rules.when import DAY, When

REACH = 3660
"""Days that are looked through at a time: a spell of more than ten years is cut into several."""
MOST_KNOWN = 4000
LATEST = 1 << 44
"""The ms after which no rule is on: year 2527, centuries beyond what a frame may bring."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_ONE = timedelta(days=1)


class Spell(NamedTuple):
    """From `start` on and before `end` (ms) the rule is on, or off, all the time."""

    start: int
    end: int
    on: bool


class Hours:
    """The time of one rule in one time zone. Everything is found when it is asked for, and kept."""

    def __init__(self, when: Sequence[When], zone: tzinfo, calendars: Mapping[str, Calendar]) -> None:
        self._zone = zone
        self._always: list[tuple[int, int]] = []
        self._when: list[tuple[When, list[Calendar]]] = []
        self._bounds: list[Bounds] = []
        for each in when:
            if each.calendars or each.days or each.between:
                known = [calendars[name] for name in each.calendars if name in calendars]
                limits = both(
                    (each.first or date.min, each.last or date.max),
                    around(calendar.bounds for calendar in known) if each.calendars else EVER,
                )
                if limits is not None:
                    self._when.append((each, known))
                    self._bounds.append(limits)
            else:  # no day of it differs from the next: it is found whole
                start = 0 if each.first is None else self._instants(each.first, 0)[0]
                end = FOREVER if each.last is None else self._instants(each.last + _ONE, 0)[0]
                self._always.append((start, end))
        self._starts: list[int] = []
        self._known: list[Spell] = []

    def at(self, at: int) -> Spell:
        """The spell that holds the time `at` (ms)."""
        at = min(max(at, 0), LATEST)
        place = bisect_right(self._starts, at) - 1
        if place >= 0 and at < self._known[place].end:
            return self._known[place]
        if len(self._known) >= MOST_KNOWN:
            self._starts.clear()
            self._known.clear()
            place = -1
        found = self._find(at)
        self._starts.insert(place + 1, found.start)
        self._known.insert(place + 1, found)
        return found

    def on(self, at: int) -> bool:
        return self.at(at).on

    def after(self, at: int) -> Spell | None:
        """The first spell in which the rule is on and that ends after `at` (ms); None when there is none."""
        spell = self.at(at)
        while not spell.on:
            if spell.end >= FOREVER:
                return None
            spell = self.at(spell.end)
        return spell

    def _find(self, at: int) -> Spell:
        if at >= LATEST:
            return Spell(LATEST, FOREVER, False)
        today = self._local(at)
        near = sorted(span for days in range(-2, 2) for span in self._spans(today + days * _ONE))
        inside = [span for span in near if span[0] <= at < span[1]]
        if not inside:
            before = max((end for _, end in near if end <= at), default=None)
            behind = min((start for start, _ in near if start > at), default=None)
            start = self._last_end(today) if before is None else before
            end = self._next_start(today) if behind is None else behind
            return Spell(start, end if end < LATEST else FOREVER, False)
        start = self._backwards(min(start for start, _ in inside))
        return Spell(start, self._onwards(max(end for _, end in inside)), True)

    def _onwards(self, end: int) -> int:
        """How far a spell that lasts until `end` goes on."""
        for _ in range(REACH):
            if end >= LATEST:
                break
            day = self._local(end)
            reached = max((e for d in (-1, 0) for s, e in self._spans(day + d * _ONE) if s <= end), default=end)
            if reached <= end:
                return end
            end = reached
        return end

    def _backwards(self, start: int) -> int:
        """Since when a spell that was on at `start` has been on."""
        for _ in range(REACH):
            if start <= 0:
                break
            day = self._local(start)
            reached = min((s for d in (-1, 0) for s, e in self._spans(day + d * _ONE) if e >= start), default=start)
            if reached >= start:
                return start
            start = reached
        return max(start, 0)

    def _next_start(self, today: date) -> int:
        """Where the next spell begins after the days about `today`, or as far as was looked."""
        soon = today + 2 * _ONE
        days = [max(first, soon) for first, last in self._bounds if last >= soon]
        starts = [start for start, _ in self._always if start > self._instants(soon, 0)[0]]
        if not days:
            return min(starts, default=FOREVER)
        day = min(days)
        for _ in range(REACH):
            for start, _ in self._spans(day):
                return min([start, *starts])
            day += _ONE
        return min([self._instants(day, 0)[0], *starts])

    def _last_end(self, today: date) -> int:
        """Where the last spell ended before the days about `today`, or as far as was looked."""
        past = today - 3 * _ONE
        days = [min(last, past) for first, last in self._bounds if first <= past]
        ends = [end for _, end in self._always if end <= self._instants(past, 0)[0]]
        day = max(days, default=date.min)
        for _ in range(REACH):
            if day.year < 1970:
                return max(ends, default=0)
            found = [end for beside in (-1, 0) for _, end in self._spans(day + beside * _ONE)]
            if found:
                return max([*found, *ends])
            day -= _ONE
        return max([self._instants(day + _ONE, 0)[0], *ends])

    def _spans(self, day: date) -> list[tuple[int, int]]:
        """What begins on a local day, and what is on all day, as (start, end) in ms, by start."""
        midnight = self._instants(day, 0)[0] if self._always else 0
        found = [span for span in self._always if span[0] <= midnight + 86_400_000 and span[1] > midnight]
        for when, calendars in self._when:
            if self._has(when, calendars, day):
                found += self._times(when, day)
        return sorted(found)

    def _has(self, when: When, calendars: Sequence[Calendar], day: date) -> bool:
        return (
            (when.first is None or day >= when.first)
            and (when.last is None or day <= when.last)
            and (not when.days or day.weekday() in when.days)
            and (not when.calendars or any(calendar.has(day) for calendar in calendars))
        )

    def _times(self, when: When, day: date) -> Iterator[tuple[int, int]]:
        for begin, end in when.between or ((0, DAY),):
            start = self._instants(day, begin)[0]
            tomorrow = day + _ONE
            if end == DAY:
                stop = self._instants(tomorrow, 0)[0]
            else:
                stop = self._instants(day if end > begin else tomorrow, end)[1]
            if start < stop:
                yield start, stop

    def _instants(self, day: date, minute: int) -> tuple[int, int]:
        """The first and the last instant (ms) at which a local clock shows this time, or comes to be past it."""
        wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=self._zone)
        first, last = (_since(wall.replace(fold=fold)) for fold in (0, 1))
        if first <= last:
            return first, last
        # The clock never shows it: the change lies between the two.
        low, high = last, first
        after = self._offset(first)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._offset(middle) == after else (middle, high)
        return high, high

    def _offset(self, at: int) -> timedelta | None:
        return (_EPOCH + at * _MS).astimezone(self._zone).utcoffset()

    def _local(self, at: int) -> date:
        return (_EPOCH + at * _MS).astimezone(self._zone).date()


def _since(moment: datetime) -> int:
    return (moment - _EPOCH) // _MS
