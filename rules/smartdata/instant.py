"""Times of the models: ISO 8601 text to ms and back."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def text_of(at: int) -> str:
    """RFC 3339 in UTC with milliseconds.

    >>> text_of(1500)
    '1970-01-01T00:00:01.500Z'
    """
    moment = _EPOCH + timedelta(milliseconds=at)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def span_of(text: str) -> tuple[int, int]:
    """From and to of one time, or of two with a stroke between (the models allow both). ms.

    A time without an offset is UTC: the models say that times are. Raises ValueError for what is no time, and for an
    end before its beginning.
    """
    parts = text.split("/")
    if len(parts) > 2:
        raise ValueError(f"not a time or two: {text[:60]!r}")
    times = [_instant(part) for part in parts]
    if times[-1] < times[0]:
        raise ValueError(f"ends before it begins: {text[:60]!r}")
    return times[0], times[-1]


def _instant(text: str) -> int:
    if "T" not in text:
        raise ValueError(f"a day is no time: {text[:60]!r}")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(milliseconds=1)
