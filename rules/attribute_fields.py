"""Values of a rule that the registry gives: `{attribute: limit_noise, default: 60}` instead of a number or a time."""

from rules.attributes import ATTRIBUTE, WAITS, Reference
from rules.strict_yaml import Node

LIMITS = ("above", "below", "clear")
KEYS = (*LIMITS, *WAITS)
_LIKE = "such as {attribute: limit_noise, default: 60}"


def take_references(fields: dict[str, Node]) -> tuple[Reference, ...] | None:
    """The references among a rule's keys. In `fields` their defaults take their place, or a value that says nothing,
    so that what is read next sees numbers and times only."""
    found: list[Reference | None] = []
    for key in WAITS:
        if key in fields and fields[key].is_mapping():
            fields[key] = _taken(key, fields[key], found)
    for key in LIMITS:
        inner = fields[key].children() if key in fields else {}
        taken = {name: _taken(f"{key}.{name}", node, found) for name, node in inner.items() if node.is_mapping()}
        if taken:
            fields[key] = fields[key].with_entries(taken)
    sound = [each for each in found if each is not None]
    if len(sound) < len(found):
        return None
    cleared = fields["clear"].children() if "clear" in fields else {}
    # Without a clear value of its own a level clears at its limit, whatever that is for a sensor.
    sound += [
        Reference(f"clear.{severity}", each.attribute, each.default)
        for each in sound
        for side, _, severity in [each.key.partition(".")]
        if side in ("above", "below") and severity not in cleared
    ]
    return tuple(sound)


def _taken(key: str, node: Node, found: list[Reference | None]) -> Node:
    fields = node.fields(("attribute",), ("default",))
    name = fields["attribute"].text() if fields is not None else None
    if fields is None or name is None:
        found.append(None)
        return node.without_value()
    if not ATTRIBUTE.fullmatch(name):
        fields["attribute"].fault(f"{name[:80]!r} is not the name of an attribute", f"use a-z, 0-9 and _, {_LIKE}")
        found.append(None)
        return node.without_value()
    found.append(Reference(key, name, "default" in fields))
    return fields.get("default", node.without_value())
