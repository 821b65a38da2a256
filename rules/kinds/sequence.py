"""A followed by B within a time, or A not followed by it: on one sensor, between neighbours, or within an area."""

from collections.abc import Sequence
from dataclasses import dataclass

from rules.areas.asked import DOWNSTREAM, UPSTREAM, parse_severity, parse_side
from rules.areas.composite import Area, CompositeSpec
from rules.areas.fields import COMMON, parse_common, parse_member
from rules.areas.member import Resolved
from rules.areas.sequence_machine import Order, SequenceMachine
from rules.duration import format_duration
from rules.strict_yaml import Node

REQUIRED = ("first", "within", "severity")
OPTIONAL = ("then", "missing", *COMMON)
ONE_OF = ("then", "missing")
"""Keys of which a rule has just one."""
METRICS = 0
TEXT = "{rule} at {area}"
_TEXTS = ("{{rule}} at {{area}}: one came within {} of the other", "{{rule}} at {{area}}: nothing came within {}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceSpec(CompositeSpec):
    """Its members are the first and the other."""

    order: Order

    @property
    def text(self) -> str:
        return _TEXTS[self.order.missing].format(format_duration(self.order.within))

    def machine(self, members: Sequence[Resolved]) -> SequenceMachine:
        return SequenceMachine(self.order, members)

    def unit(self, members: Sequence[Resolved]) -> str:
        """Of the condition that the rule tells of: the one that came, or the one that was not followed."""
        return members[0 if self.order.missing else 1].unit

    def severities(self) -> tuple[str, ...]:
        return (self.order.severity,)


def parse(rule: Node, fields: dict[str, Node]) -> SequenceSpec | None:
    """The spec in a rule's own keys; None when there is a fault among them."""
    common = parse_common(fields, Area())
    within = fields["within"].duration(1) if "within" in fields else None
    severity = parse_severity(fields["severity"]) if "severity" in fields else None
    ways = [way for way in ONE_OF if way in fields]
    if len(ways) != 1:
        rule.fault("give either then or missing" if ways else "the key 'then' or 'missing' is missing", _HINT)
    if common is None or len(ways) != 1 or "first" not in fields:
        return None
    area, delay, silent = common
    sides = [parse_side(fields["first"], area, UPSTREAM), parse_side(fields[ways[0]], area, DOWNSTREAM)]
    members = [parse_member(each.node) if each is not None else None for each in sides]
    first, other = members
    if sides[0] is None or sides[1] is None or first is None or other is None or within is None or severity is None:
        return None
    if first == other and sides[0].side == sides[1].side and area.by == "sensor":
        fields[ways[0]].fault("is the same condition as 'first'", "a condition cannot follow itself on one sensor")
        return None
    order = Order(severity, within, ways == ["missing"], (sides[0].side, sides[1].side))
    return SequenceSpec(members=(first, other), area=area, delay=delay, silent=silent, order=order)


_HINT = "then: what follows the first, or missing: what should have followed it"
