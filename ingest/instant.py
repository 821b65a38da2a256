"""The `ts` field to ms since the epoch, one function for each format that a registry may declare.

Each raises ValueError, with a sentence for the sensor's vendor, for whatever is not an instant in its format.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from rules.sensor import TimeFormat

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_SECONDS = 86_400
_BEYOND = 1e15  # ms; some 30,000 years, and exact in a float

# `datetime.fromisoformat` reads week dates, basic format, naive times and commas too; RFC 3339 has none of them.
_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
_matches = _RFC3339.fullmatch
_parse = datetime.fromisoformat


def from_rfc3339(ts: object) -> int:
    """A date and time with offset; a fraction finer than a millisecond is cut off.

    >>> from_rfc3339("1970-01-01T08:00:01.5+08:00")
    1500
    """
    if type(ts) is not str:
        raise ValueError(f"an RFC 3339 text was declared, this is {_kind(ts)}")
    if not _matches(ts):
        raise ValueError("not an RFC 3339 time with an offset, such as 2026-01-31T12:00:00Z")
    try:
        since = _parse(ts) - _EPOCH
    except (ValueError, OverflowError) as error:
        raise ValueError(f"no such time: {error}") from error
    return (since.days * _DAY_SECONDS + since.seconds) * 1000 + since.microseconds // 1000


def from_seconds(ts: object) -> int:
    """Seconds since the epoch, whole or with a fraction, rounded to the nearest ms."""
    return round(_number(ts, _BEYOND / 1000) * 1000)


def from_millis(ts: object) -> int:
    """Milliseconds since the epoch, rounded when they have a fraction."""
    return round(_number(ts, _BEYOND))


def _number(ts: object, beyond: float) -> float | int:
    if type(ts) is not int and type(ts) is not float:
        raise ValueError(f"a number of the epoch was declared, this is {_kind(ts)}")
    if not -beyond < ts < beyond:
        raise ValueError("no instant of this age of the world")
    return ts


def _kind(value: object) -> str:
    """A JSON value's type, as its sender would call it."""
    if value is None:
        return "null"
    return {str: "a text", bool: "a boolean", int: "a number", float: "a number", list: "an array"}.get(
        type(value), "an object"
    )


READERS: dict[TimeFormat, Callable[[object], int]] = {
    "rfc3339": from_rfc3339,
    "s": from_seconds,
    "ms": from_millis,
}
