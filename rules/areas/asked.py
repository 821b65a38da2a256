"""What is asked of a part of a group: a member, and which of two neighbours it is asked of."""

from typing import NamedTuple

from rules.areas.composite import Area
from rules.level_fields import SEVERITY
from rules.strict_yaml import Node

UPSTREAM, DOWNSTREAM = "upstream", "downstream"
SIDES = (UPSTREAM, DOWNSTREAM)


class Sided(NamedTuple):
    """A member to be read, and its side, "" where there are none."""

    node: Node
    side: str


def parse_side(node: Node, area: Area, usual: str) -> Sided | None:
    """Takes the key `at` out of a member. `usual`: the side of one that does not say, between neighbours."""
    entries = node.entries()
    if entries is None:
        return None
    rest = node.without("at")
    if "at" not in entries:
        return Sided(rest, usual if area.by == "neighbours" else "")
    if area.by != "neighbours":
        entries["at"].fault(
            "only neighbours have an upstream and a downstream", "leave it out, or add area: neighbours"
        )
        return None
    side = entries["at"].choice(SIDES)
    return None if side is None else Sided(rest, side)


def parse_severity(node: Node) -> str | None:
    """The one severity of a rule."""
    severity = node.text()
    if severity is not None and not SEVERITY.fullmatch(severity):
        node.fault(f"{severity[:64]!r} is not a severity", "use a-z, 0-9, - and _, a letter first")
        return None
    return severity
