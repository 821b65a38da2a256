"""How it is said that something was decided otherwise before."""

from datetime import UTC, datetime, timedelta

from rules.finding import Course

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_STEPS = 6
"""Severities of one course that a sentence names: the first and the newest."""


def retold(sentence: str, before: Course, after: Course | None) -> str:
    """The text of a finding about an episode that went as `after` and not as `before`; None: that never was."""
    if after is None:
        return f"Withdrawn: {sentence}. Told before: {words(before)}. With the readings that came late it never was"
    return f"Amended: {sentence}. Told before: {words(before)}. With the readings that came late: {words(after)}"


def words(course: Course) -> str:
    """The course in one line, times in UTC.

    >>> words(Course(0, ((0, "yellow"), (60_000, "red"), (90_500, ""))))
    'yellow from 1970-01-01 00:00:00 UTC, red from 00:01:00, over at 00:01:30.500'
    """
    steps = course.steps
    said: list[str] = []
    day = ""
    for place, (at, severity) in enumerate(steps):
        if 1 <= place <= len(steps) - MOST_STEPS:
            continue
        if place and place == len(steps) - MOST_STEPS + 1:
            said.append("…")
        moment = (_EPOCH + timedelta(milliseconds=at)).replace(tzinfo=None)
        clock = moment.isoformat(sep=" ", timespec="milliseconds" if at % 1000 else "seconds")
        date, _, time = clock.partition(" ")
        told = time if date == day else f"{clock} UTC"
        said.append(f"{severity} from {told}" if severity else f"over at {told}")
        day = date
    return ", ".join(said)
