"""The keys `above`, `below` and `clear` of a rule: severities with their limits."""

import math
import re

from rules.levels import Level, Levels
from rules.strict_yaml import Node

SEVERITY = re.compile(r"[a-z][a-z0-9_-]{0,31}")
HINT = "name the limits in order of gravity, such as above: {yellow: 115, red: 250}"


def parse_levels(rule: Node, fields: dict[str, Node]) -> Levels | None:
    """The levels of one rule; None when any part of them is at fault."""
    sides = [side for side in ("above", "below") if side in fields]
    if len(sides) != 1:
        rule.fault("give either above or below" if sides else "the key 'above' or 'below' is missing", HINT)
        return None
    above = sides[0] == "above"
    limits = _limits(fields[sides[0]], above)
    clears = _clears(fields["clear"], limits, above) if "clear" in fields and limits is not None else {}
    if limits is None or clears is None:
        return None
    levels = tuple(Level(severity, limit, clears.get(severity, limit)) for severity, limit in limits.items())
    ordered = sorted((level.clear for level in levels), reverse=not above)
    if [level.clear for level in levels] != ordered:
        fields["clear"].fault("the values must follow the order of the limits", "a graver level clears no later")
        return None
    return Levels(above, levels)


def _limits(node: Node, above: bool) -> dict[str, float] | None:
    entries = node.entries()
    if entries is None:
        return None
    if not entries:
        node.fault("no severity", HINT)
        return None
    limits: dict[str, float] = {}
    last = -math.inf if above else math.inf
    sound = True
    for severity, value in entries.items():
        limit = value.number()
        if not SEVERITY.fullmatch(severity):
            value.fault(f"{severity[:64]!r} is not a severity", "use a-z, 0-9, - and _, 32 at most, a letter first")
            sound = False
        elif limit is None:
            sound = False
        elif not (limit > last if above else limit < last):
            way = "greater" if above else "less"
            value.fault(f"must be {way} than the limit before it, {last:g}", HINT)
            sound = False
        else:
            limits[severity] = last = limit
    return limits if sound else None


def _clears(node: Node, limits: dict[str, float], above: bool) -> dict[str, float] | None:
    entries = node.entries()
    if entries is None:
        return None
    clears: dict[str, float] = {}
    sound = True
    for severity, value in entries.items():
        clear = value.number()
        if severity not in limits:
            value.fault("no such severity among the limits", f"one of: {', '.join(limits)}")
            sound = False
        elif clear is None:
            sound = False
        elif clear > limits[severity] if above else clear < limits[severity]:
            way = "above" if above else "below"
            value.fault(f"must not be {way} the limit {limits[severity]:g}", "a level clears on the harmless side")
            sound = False
        else:
            clears[severity] = clear
    return clears if sound else None
