"""What the registry says of single sensors for rules: limits and holds of their own."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isfinite

from rules.duration import parse_duration
from rules.levels import Level, Levels
from rules.sensor import Sensor

ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]{0,31}")
MOST = 32
LIKE = "such as limit_noise=55 hold_noise=10min, with spaces between them"
_NUMBER = re.compile(r"[-+]?([0-9]{1,15}(\.[0-9]{0,15})?|\.[0-9]{1,15})([eE][-+]?[0-9]{1,2})?")
WAITS = ("hold", "keep_firing")


class AttributeFaultError(ValueError):
    """A sensor's attributes that a rule can do nothing with. `key`: of the rule, such as above.red."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True, slots=True)
class Reference:
    """The value of a rule's key, such as above.red, clear.red or hold, is that of the sensor's attribute. `default`:
    a sensor without it has the one that stands in the rule."""

    key: str
    attribute: str
    default: bool


def parse_attributes(cell: str, fault: Callable[[str, str, str], None]) -> dict[str, str] | None:
    """The attributes in a cell of the registry: numbers and lengths of time by name, as they are written."""
    found: dict[str, str] = {}
    for word in cell.split():
        name, equals, value = word.partition("=")
        if not equals or not ATTRIBUTE.fullmatch(name):
            fault("attributes", f"{word[:80]!r} is not an attribute", LIKE)
            return None
        if name in found:
            fault("attributes", f"{name!r} is there twice", "")
            return None
        if number_of(value) is None and length_of(value) is None:
            fault("attributes", f"{name}: {value[:40]!r} is neither a number nor a length of time", LIKE)
            return None
        found[name] = value
    if len(found) > MOST:
        fault("attributes", f"{len(found)} attributes, {MOST} at most", "")
        return None
    return found


def number_of(word: str) -> float | None:
    """
    >>> number_of("55"), number_of("10min"), number_of("nan")
    (55.0, None, None)
    """
    found = float(word) if _NUMBER.fullmatch(word) else None
    return found if found is not None and isfinite(found) else None


def length_of(word: str) -> int | None:
    """The ms of a length of time; None for anything else."""
    try:
        return parse_duration(word)
    except ValueError:
        return None


def words_of(references: tuple[Reference, ...], sensor: Sensor) -> tuple[str | None, ...]:
    """What the sensor has for each of them. Sensors with the same words are under the same rule."""
    return tuple(sensor.attributes.get(each.attribute) for each in references)


def resolved(levels: Levels, references: tuple[Reference, ...], sensor: Sensor) -> Levels:
    """The levels as they are for one sensor. Raises AttributeFaultError."""
    numbers: dict[str, float] = {}
    waits: dict[str, int] = {}
    for reference, word in zip(references, words_of(references, sensor), strict=True):
        key, name = reference.key, reference.attribute
        if word is None:
            if not reference.default:
                raise AttributeFaultError(key, f"{sensor.id} has no attribute {name!r}, and there is no default")
        elif key in WAITS:
            length = length_of(word)
            if length is None:
                raise AttributeFaultError(key, f"{name} of {sensor.id} is {word}, which is not a length of time")
            waits[key] = length
        else:
            number = number_of(word)
            if number is None:
                raise AttributeFaultError(key, f"{name} of {sensor.id} is {word}, which is not a number")
            numbers[key] = number
    side = "above" if levels.above else "below"
    found = [
        Level(
            level.severity,
            numbers.get(f"{side}.{level.severity}", level.limit),
            numbers.get(f"clear.{level.severity}", level.clear),
        )
        for level in levels.levels
    ]
    _ordered(found, levels.above, side, sensor)
    hold, keep_firing = waits.get("hold", levels.hold), waits.get("keep_firing", levels.keep_firing)
    return replace(levels, levels=tuple(found), hold=hold, keep_firing=keep_firing)


def _ordered(levels: list[Level], above: bool, side: str, sensor: Sensor) -> None:
    sign = 1 if above else -1
    way = "greater" if above else "less"
    for level in levels:
        if sign * level.clear > sign * level.limit:
            limit = f"its limit {level.limit:g}"
            message = f"for {sensor.id} {level.severity} clears at {level.clear:g}, which is {side} {limit}"
            raise AttributeFaultError(f"clear.{level.severity}", message)
    for lower, graver in pairwise(levels):
        if sign * graver.limit <= sign * lower.limit:
            limits = f"{graver.limit:g}, which is not {way} than that of {lower.severity}, {lower.limit:g}"
            message = f"for {sensor.id} the limit of {graver.severity} is {limits}"
            raise AttributeFaultError(f"{side}.{graver.severity}", message)
        if sign * graver.clear < sign * lower.clear:
            clears = f"{graver.clear:g}, later than {lower.severity} at {lower.clear:g}"
            raise AttributeFaultError(
                f"clear.{graver.severity}", f"for {sensor.id} {graver.severity} clears at {clears}"
            )
