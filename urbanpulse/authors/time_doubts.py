"""What is hardly meant about a rule's times, and about the values that the registry should give it."""

from collections.abc import Iterator, Sequence

from rules.catalogue import Catalogue
from rules.duration import format_duration
from rules.faults import nearest
from rules.hours import Hours
from rules.rule import Rule
from rules.sensor import Sensor

LOOKED_AT = 200
"""Times of a rule that are looked at for the longest."""

Doubt = tuple[str, str, str]
"""Key, message and what to do."""


def strange_hours(rule: Rule, catalogue: Catalogue, selected: Sequence[Sensor], now: int) -> Iterator[Doubt]:
    """A rule that is never on from `now` (ms) on, or never for long enough to decide."""
    if not rule.when or not selected:
        return
    hours = catalogue.hours(rule, selected[0])
    assert hours is not None
    over = [when.last for when in rule.when if when.last is not None]
    if hours.after(now) is None:
        if len(over) == len(rule.when):
            yield (
                "when",
                f"was in force until {max(over)}: it is never on again",
                "remove the rule, or give it new days",
            )
        else:
            yield "when", "is never on: no day of the next ten years is one of its days", "look at its calendars"
        return
    wait, key = _wait(rule)
    longest = _longest(hours, now)
    if wait > longest:
        message = f"is on for {format_duration(longest)} at a time at most, and {key} wants {format_duration(wait)}"
        yield "when", message, "make its times longer, or what it waits for shorter"


def _longest(hours: Hours, now: int) -> int:
    """The ms of the longest of the next times."""
    longest, spell = 0, hours.after(now)
    for _ in range(LOOKED_AT):
        if spell is None:
            break
        longest = max(longest, spell.end - spell.start)
        spell = hours.after(spell.end)
    return longest


def _wait(rule: Rule) -> tuple[int, str]:
    """How long (ms) it takes the rule to decide, and by which of its keys."""
    spec = rule.spec
    levels = getattr(spec, "levels", None)
    found = [
        (getattr(spec, "length", 0), "its window"),
        (getattr(spec, "after", 0), "after"),
        (getattr(spec, "hold", getattr(levels, "hold", 0)), "hold"),
    ]
    return max(found)


def idle_attributes(rule: Rule, catalogue: Catalogue) -> Iterator[Doubt]:
    """Attributes that no sensor has, so that the default is all there ever is."""
    given = {name for sensor in catalogue.sensors.values() for name in sensor.attributes}
    for reference in rule.attributes:
        standing = reference.key in rule.place.lines
        if reference.attribute not in given and reference.default and standing:
            hint = nearest(reference.attribute, given) if given else "add the column attributes to sensors.csv"
            yield reference.key, f"no sensor has the attribute {reference.attribute!r}: the default is for all", hint
