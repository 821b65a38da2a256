"""Heavy-pollution warnings: how long the daily AQI, sliding over any 24 hours, stays above its limits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from rules.indices.exact import Number
from rules.indices.means import day as mean_of_day
from rules.indices.source import Source
from rules.indices.table import Table, read, source_of
from rules.indices.warning import Colour, Verdict


class Spell(NamedTuple):
    """The daily AQI stays above `above` for `hours` in a row (24 being the hours of one daily AQI)."""

    above: Fraction
    hours: int = 24

    def implies(self, other: "Spell") -> bool:
        """Wherever this one is, the other is within it."""
        return other.above <= self.above and other.hours <= self.hours


Condition = tuple[Spell, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """For each colour its conditions, any one of which is enough; a condition is spells that must all occur."""

    source: Source
    conditions: Mapping[Colour, tuple[Condition, ...]]


def _edition(row: Table) -> Edition:
    conditions = {
        Colour[colour]: tuple(
            tuple(Spell(Fraction(spell["above"]), spell["hours"]) for spell in condition) for condition in ways
        )
        for colour, ways in row["warning"].items()
    }
    return Edition(source_of(row), MappingProxyType(conditions))


EDITIONS = tuple(_edition(row) for row in read("heavy_pollution")["edition"])
"""The newest first."""
OF_2024, OF_2018 = EDITIONS


def longest(edition: Edition) -> int:
    """The hours of its longest spell."""
    return max(spell.hours for ways in edition.conditions.values() for way in ways for spell in way)


HOURS = max(longest(edition) for edition in EDITIONS)
"""The hours of the longest spell of all editions."""


def edition_at(day: date) -> Edition:
    """The edition in force on that day; before the first one's day, the first one."""
    return next((edition for edition in EDITIONS if edition.source.holds(day)), OF_2018)


def implies(conditions: tuple[Condition, ...], others: tuple[Condition, ...]) -> bool:
    """Whenever one of a colour's conditions stands, one of the other colour's does."""
    return all(any(_brings(condition, other) for other in others) for condition in conditions)


def _brings(condition: Condition, other: Condition) -> bool:
    """Of the longer condition only the longest spell is sure to reach to the present hour: its others may have been
    before the time of the shorter one."""
    longest = max(spell.hours for spell in condition)
    if max(spell.hours for spell in other) < longest:
        condition = tuple(spell for spell in condition if spell.hours == longest)
    return all(any(spell.implies(asked) for spell in condition) for asked in other)


def heavy_pollution(edition: Edition, hours: Sequence[Number | None]) -> Verdict:
    """The warning that hourly AQI call for, measured or predicted, oldest first; None for an hour without one.

    A daily AQI needs 20 of its 24 hours; one that is missing breaks a spell, and leaves the verdict unsure where any
    value in its place would have made it graver.
    """
    daily = [mean_of_day(hours[end - 24 : end]) for end in range(24, len(hours) + 1)]
    sure = True
    for colour, conditions in edition.conditions.items():
        if any(all(_occurs(daily, spell, False) for spell in condition) for condition in conditions):
            return Verdict(colour, sure)
        if any(all(_occurs(daily, spell, True) for spell in condition) for condition in conditions):
            sure = False
    return Verdict(None, sure)


def standing(edition: Edition, hours: Sequence[Number | None]) -> Verdict:
    """The warning that is called for now: as `heavy_pollution`, of spells that have not ended. The longest spell of a
    condition reaches to the last hour, its other spells lie within it. Hours before the first are not known."""
    daily: dict[int, Fraction | None] = {}

    def ending(back: int) -> Fraction | None:
        if back not in daily:
            last = len(hours) - back
            part = hours[max(last - 24, 0) : max(last, 0)]
            daily[back] = mean_of_day(part)
        return daily[back]

    sure = True
    for colour, conditions in edition.conditions.items():
        verdicts = [_stands(condition, ending) for condition in conditions]
        if True in verdicts:
            return Verdict(colour, sure)
        sure = sure and None not in verdicts
    return Verdict(None, sure)


def _stands(condition: Condition, ending: Callable[[int], Fraction | None]) -> bool | None:
    """None where it depends on what is missing."""
    longest = max(condition, key=lambda spell: spell.hours)
    sure = True
    for back in range(longest.hours - 23):
        value = ending(back)
        if value is not None and value <= longest.above:
            return False
        sure = sure and value is not None
    daily = [ending(back) for back in reversed(range(longest.hours - 23))]
    others = [spell for spell in condition if spell is not longest]
    if not all(_occurs(daily, spell, True) for spell in others):
        return False
    return True if sure and all(_occurs(daily, spell, False) for spell in others) else None


def _occurs(daily: Sequence[Fraction | None], spell: Spell, missing: bool) -> bool:
    """Is there such a spell, when a missing daily AQI counts as above the limit, or as not? So many daily AQI in a
    row, one an hour, span the spell's hours; the first of them spans 24."""
    needed = spell.hours - 23
    row = 0
    for value in daily:
        row = row + 1 if (missing if value is None else value > spell.above) else 0
        if row == needed:
            return True
    return False
