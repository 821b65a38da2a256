"""Rules that are on at some times only: in each time the plain rule, on the readings of that time and nothing else.

Times are found minute by minute, by asking what a clock on the wall shows.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from rules.calendar import Calendar
from rules.kinds.silence import SilenceSpec
from rules.rule import Rule
from rules.when import When
from tests.support.oracle_judged import Judged, Reading, Turn
from tests.support.oracle_levels import LevelJudged
from tests.support.oracle_windows import StretchJudged, WindowJudged

MINUTE = 60_000


class Time(NamedTuple):
    """From `start` on and before `end` (ms)."""

    start: int
    end: int


def times_of(
    when: tuple[When, ...], start: int, end: int, zone: tzinfo = UTC, calendars: Mapping[str, Calendar] | None = None
) -> list[Time]:
    """The times between `start` and `end`, whole minutes."""
    found: list[Time] = []
    for at in range(start, end, MINUTE):
        local = datetime.fromtimestamp(at / 1000, zone)
        if not any(_shows(each, local, calendars or {}) for each in when):
            continue
        if found and found[-1].end == at:
            found[-1] = Time(found[-1].start, at + MINUTE)
        else:
            found.append(Time(at, at + MINUTE))
    return found


def _shows(when: When, local: datetime, calendars: Mapping[str, Calendar]) -> bool:
    minute, today = local.hour * 60 + local.minute, local.date()
    if not when.between:
        return _on(when, today, calendars)
    for begin, end in when.between:
        if begin < end and begin <= minute < end and _on(when, today, calendars):
            return True
        if begin > end and minute >= begin and _on(when, today, calendars):
            return True
        if begin > end and minute < end and _on(when, today - timedelta(days=1), calendars):
            return True
    return False


def _on(when: When, day: date, calendars: Mapping[str, Calendar]) -> bool:
    return (
        (when.first is None or when.first <= day)
        and (when.last is None or day <= when.last)
        and (not when.days or day.weekday() in when.days)
        and (not when.calendars or any(calendars[name].has(day) for name in when.calendars))
    )


class ScheduledJudged(Judged):
    """A rule that judges readings one by one: a plain one for each of its times."""

    def __init__(
        self, rule: Rule, sensor: str, metric: str, times: list[Time], plain: Callable[[Rule, str, str], Judged]
    ) -> None:
        super().__init__(rule, sensor, metric)
        self.times = times
        self.plain = {time: plain(replace(rule, when=()), sensor, metric) for time in times}
        self.ended: set[int] = set()
        self.now = 0

    def time(self, ts: int) -> Time | None:
        return next((time for time in self.times if time.start <= ts < time.end), None)

    def late(self, ts: int, newer: bool) -> bool:
        time = self.time(ts)
        if time is None:
            return False
        plain = self.plain[time]
        decided = plain.decided if isinstance(plain, LevelJudged) else 0
        ended = isinstance(plain, StretchJudged) and plain.late(ts)
        return not newer or ts < decided or ended or any(ts < end for end in self.ended)

    def read(self, reading: Reading) -> list[Turn]:
        """After a reading that is newer than all others of the series, and not late."""
        time = self.time(reading.ts)
        if time is not None:
            self.plain[time].readings.append(reading)
        self.now = max(self.now, reading.ts)
        return list(self.turns(reading.ts))

    def settle(self, newest: int, clock: int) -> list[Turn]:
        """`newest`: the time of the newest reading of the series."""
        time = self.time(newest)
        if time is not None and time.end <= clock:
            self.ended.add(time.end)
        # Before the first reading there is nothing to settle: the end of its time is told by the next tick.
        self.now = max(self.now, clock if newest >= 0 else 0)
        return list(self.turns(self.now))

    def turns(self, now: int) -> Iterator[Turn]:
        for time, plain in self.plain.items():
            if not plain.readings:
                continue
            found = self._of(plain, min(now, time.end - 1))
            yield from found
            if found and found[-1].severity and self.now >= time.end:
                yield Turn(time.end, "", None, None, (), 0, 0)

    def _of(self, plain: Judged, now: int) -> list[Turn]:
        assert isinstance(plain, LevelJudged | StretchJudged)
        return plain.turns(now)


class ScheduledSilenceJudged(Judged):
    """A silence: within each time every gap that is long enough, the one from its beginning included, or from the
    moment at which the clock began to wait for the first reading."""

    def __init__(self, rule: Rule, sensor: str, metric: str, times: list[Time]) -> None:
        super().__init__(rule, sensor, metric)
        self.times = times
        # When each silence began that was told, and the last word before it.
        self.found: dict[tuple[int, bool], int] = {}
        self.ended: set[int] = set()
        self.now, self.offset, self.record = 0, -1, -1
        self.oldest: int | None = None
        self.since: int | None = None

    def read(self, reading: Reading) -> list[Turn]:
        self.oldest = reading.ts if self.oldest is None else self.oldest
        if self.since is not None:  # what was over when the wait began does not count
            self.ended |= {time.end for time in self.times if time.end <= self.since}
        if not any(reading.ts < end for end in self.ended):
            self.readings.append(reading)
        self.now, self.record = max(self.now, reading.ts), reading.offset
        turns, self.offset = list(self.turns(reading.ts)), reading.offset
        return turns

    def settle(self, clock: int, offset: int) -> list[Turn]:
        self.now, self.record = max(self.now, clock), offset
        turns = list(self.turns(clock))
        begun = self.oldest if self.since is None else self.since
        self.ended |= {time.end for time in self.times if begun is not None and begun < time.end <= clock}
        return turns

    def turns(self, now: int) -> Iterator[Turn]:
        spec = self.rule.spec
        assert isinstance(spec, SilenceSpec)
        for time in self.times:
            inside = [each for each in self.readings if time.start <= each.ts < time.end]
            points: list[tuple[int, Reading | None]] = [(each.ts, each) for each in inside]
            known, begun = self.oldest is not None and self.oldest < time.start, time.start
            if not known and self.since is not None and self.since < time.end:
                known, begun = True, max(time.start, self.since)
            if known and (all(each.ts > begun for each in inside) or (begun + spec.after, True) in self.found):
                points.insert(0, (begun, None))
            for place, (since, heard) in enumerate(points):
                onset = since + spec.after
                key = onset, heard is None
                after = points[place + 1][1] if place + 1 < len(points) else None
                if onset >= time.end:
                    continue
                if (after is None and onset <= now) or (after is not None and onset <= after.ts):
                    self.found.setdefault(key, self.offset if self.offset >= 0 else self.record)
                if key in self.found:
                    yield Turn(onset, spec.severity, None, None, (), self.found[key], 0)
                    if after is not None:
                        yield Turn(max(onset, after.ts), "", None, None, (after,), after.offset, 1)
                    elif time.end <= self.now:
                        yield Turn(time.end, "", None, None, (), 0, 0)


class ScheduledWindowJudged(WindowJudged):
    """A window: those that lie in one of the times, each time judged afresh."""

    def __init__(self, rule: Rule, sensor: str, metric: str, interval: int, times: list[Time]) -> None:
        super().__init__(rule, sensor, metric, interval)
        self.times = times

    def _ends_of(self, ts: int) -> list[int]:  # type: ignore[override]
        return [end for end in super()._ends_of(ts) if any(self._fits(end, time) for time in self.times)]

    def _fits(self, end: int, time: Time) -> bool:
        return time.start <= end - self.length and end <= time.end

    def decide(self, first: int, before: int, clock: int, offset: int) -> None:
        every, delay = self.spec.every, self.spec.delay
        for time in self.times:
            if time.end + delay <= before:
                continue
            oldest = max(self.through(before), first // every * every) + every
            for end in range(oldest, self.through(clock) + 1, every):
                inside = sorted(each for each in self.readings if end - self.length <= each.ts < end)
                if self._fits(end, time) and (inside or self.spec.aggregate == "count" or self._thin(inside, end)):
                    self._decide(end, inside, offset)
            if time.end + delay <= clock:
                if any(self.on):
                    self.decided.append(Turn(time.end, "", None, None, (), 0, 0))
                self.on, self.doubt = [], False
