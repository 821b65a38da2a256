"""The times of a rule in words."""

from rules.calendar import WEEKDAYS
from rules.rule import Rule
from rules.when import When


def times(rule: Rule) -> str:
    """When it is on, as a sentence with a space before it; nothing for always."""
    return f" Only {'; or '.join(map(_alternative, rule.when))}." if rule.when else ""


def _alternative(when: When) -> str:
    words = [f"on days of {' or '.join(when.calendars)}"] if when.calendars else []
    if when.days:
        words.append(f"on {', '.join(WEEKDAYS[day] for day in when.days)}")
    if when.between:
        words.append(" and ".join(f"{_clock(begin)} to {_clock(end)}" for begin, end in when.between))
    words += [f"from {when.first}"] if when.first else []
    words += [f"until {when.last}"] if when.last else []
    return ", ".join(words)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
