"""When a delivery is tried again. Pure: the clock and the dice are arguments."""

from email.utils import parsedate_to_datetime

SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000

DELAYS = (0, 5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
"""Wait before each attempt, ms: the schedule that Standard Webhooks 1.0.0 recommends, 75 h 35 min 5 s in all."""

SPREAD = 0.1
"""A wait is lengthened by up to this part of itself, so that a department that comes back is not met by all at once."""

LONGEST = DELAYS[-1]
"""No `Retry-After` makes us wait longer: a receiver must not be able to switch its alerts off by a header."""


def next_due(attempts: int, now: int, chance: float, asked: int | None = None) -> int | None:
    """When to try again after `attempts` failed ones, ms; None when that was the last.

    `chance` is a random number in [0, 1). `asked` is the wait a receiver asked for, ms: it may lengthen ours up to
    `LONGEST`, and never shortens it.
    """
    if attempts >= len(DELAYS):
        return None
    wait = DELAYS[attempts]
    wait += int(wait * SPREAD * chance)
    if asked is not None:
        wait = max(wait, min(asked, LONGEST))
    return now + wait


def retry_after(header: str | None, now: int) -> int | None:
    """The wait that a `Retry-After` header asks for, ms; None when it asks for none or makes no sense.

    It holds whole seconds or an HTTP date. A negative number and a date in the past ask for nothing.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        # longer than eighteen digits is longer than anything we honour, and int() has a limit of its own
        return LONGEST if len(text) > 18 else int(text) * SECOND
    try:
        until = parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    wait = int(until * SECOND) - now
    return wait if wait > 0 else None
