"""How tests of rules write times and values, in the fewest words that leave nothing open."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from rules.duration import HINT, parse_duration

DAY = 86_400_000
MOST = 100_000
"""Readings that one value may stand for."""
TIME_HINT = "write 12:00, 12:00:30, +1d 06:00 (a day later) or 2026-01-20T12:00:00Z"
VALUE_HINT = "write 80, 80 every 1min for 10min, or 80 to 120 every 1min for 10min"

_OF_DAY = re.compile(r"(?:\+([0-9]{1,3})d )?([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,3}))?)?")
_NUMBER = r"[-+]?[0-9]+(?:\.[0-9]+)?"
_VALUE = re.compile(rf"({_NUMBER})(?: to ({_NUMBER}))?(?: every (\S+) for (\S+))?")


def instant(text: str, start: int) -> int:
    """ms since the epoch. `start`: midnight (ms) of the day that a mere time of day is of. Raises ValueError.

    >>> instant("12:00:01.5", 0), instant("+1d 00:30", 0), instant("1970-01-01T00:00:01Z", 7)
    (43201500, 88200000, 1000)
    """
    if match := _OF_DAY.fullmatch(text):
        days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[:4])
        ms = int((match[5] or "0").ljust(3, "0"))
        if hours > 23 or minutes > 59 or seconds > 59:
            raise ValueError(f"{text!r} is no time of day")
        return start + days * DAY + ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no time") from None
    if moment.tzinfo is None:
        raise ValueError(f"{text[:40]!r} lacks its offset from UTC")
    return round(moment.timestamp() * 1000)


def midnight(text: str) -> int:
    """The date's first ms, UTC. Raises ValueError.

    >>> midnight("1970-01-02")
    86400000
    """
    try:
        return round(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no date, such as 2026-01-20") from None


def spread(text: str) -> Sequence[tuple[int, float]]:
    """The readings that a value stands for: (ms after the first, value). A stretch does not hold its own end, so that
    the next one may begin there; a ramp has its second value in its last reading. Raises ValueError.

    >>> spread("80 to 90 every 1min for 3min")
    [(0, 80.0), (60000, 85.0), (120000, 90.0)]
    """
    match = _VALUE.fullmatch(" ".join(text.split()))
    if match is None:
        raise ValueError(f"{text[:60]!r} is no value")
    first, to, every, length = match.groups()
    if every is None:
        if to is not None:
            raise ValueError("a ramp needs its readings: every how long, for how long")
        return [(0, float(first))]
    try:
        step, whole = parse_duration(every), parse_duration(length)
    except ValueError as error:
        raise ValueError(f"{error}: {HINT}") from None
    if not 0 < step <= whole:
        raise ValueError(f"every {every} for {length} is not one reading")
    count = -(-whole // step)
    if count > MOST:
        raise ValueError(f"{count} readings, {MOST} at most")
    start, end = float(first), float(first if to is None else to)
    if to is not None and count == 1:
        raise ValueError("a ramp of one reading leads nowhere")
    rise = (end - start) / (count - 1) if count > 1 else 0.0
    return [(index * step, round(start + rise * index, 9)) for index in range(count)]
