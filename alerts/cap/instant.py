"""Times as CAP writes them: whole seconds and a numeric offset. `Z` is forbidden, UTC is -00:00."""

import re
from datetime import datetime, timedelta

_SHAPE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d", re.ASCII)


def instant_text(at: datetime) -> str:
    """The text of an aware time, in its own offset; fractions of a second are cut off.

    Raises ValueError for a naive one, or an offset that is not of whole minutes.

    >>> from datetime import UTC
    >>> instant_text(datetime(2026, 3, 1, 8, 0, tzinfo=UTC))
    '2026-03-01T08:00:00-00:00'
    """
    offset = at.utcoffset()
    if offset is None or offset % timedelta(minutes=1):
        raise ValueError(f"CAP wants a time with an offset of whole minutes, not {at!r}")
    text = at.replace(microsecond=0).isoformat()
    return text[:-6] + "-00:00" if not offset else text


def instant_of(text: str) -> datetime:
    """The aware time of a text. Raises ValueError for another shape (such as `Z`) and for days that there are not."""
    if not _SHAPE.fullmatch(text):
        raise ValueError(f"not a time as CAP writes it, such as 2002-05-24T16:49:00-07:00: {text[:40]!r}")
    return datetime.fromisoformat(text)
