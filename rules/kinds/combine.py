"""Conditions and other rules' states together: all of them, any of them, not this one, nested."""

from collections.abc import Sequence
from dataclasses import dataclass

from rules.areas.asked import parse_severity
from rules.areas.combine_machine import CombineMachine, Together
from rules.areas.composite import Area, CompositeSpec
from rules.areas.conditions import Condition
from rules.areas.fields import COMMON, parse_common, parse_member
from rules.areas.member import Member, Resolved
from rules.strict_yaml import Node

REQUIRED = ("severity",)
OPTIONAL = ("all", "any", "not", "hold", "keep_firing", *COMMON)
ONE_OF = ("all", "any", "not")
"""Keys of which a rule has just one."""
METRICS = 0
TEXT = "{rule} at {area}: its conditions are met"
DEEPEST = 8
MOST = 32
"""Conditions that one rule combines at most."""
MOST_SENSORS = 1000
_HINT = "such as all: [{metric: rain, above: 5}, {rule: high-water}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class CombineSpec(CompositeSpec):
    """Its members are the conditions, each once."""

    together: Together

    @property
    def tells_doubt(self) -> bool:
        return False

    def machine(self, members: Sequence[Resolved]) -> CombineMachine:
        return CombineMachine(self.together, members)

    def severities(self) -> tuple[str, ...]:
        return (self.together.severity,)


def parse(rule: Node, fields: dict[str, Node]) -> CombineSpec | None:
    """The spec in a rule's own keys; None when there is a fault among them."""
    common = parse_common(fields, Area())
    severity = parse_severity(fields["severity"]) if "severity" in fields else None
    hold = fields["hold"].duration() if "hold" in fields else 0
    keep_firing = fields["keep_firing"].duration() if "keep_firing" in fields else 0
    members: list[Member] = []
    own = {key: fields[key] for key in ONE_OF if key in fields}
    condition = _combined(rule, own, members, 1)
    if common is None or severity is None or hold is None or keep_firing is None or condition is None:
        return None
    if len(members) > MOST:
        rule.fault(f"{len(members)} conditions, {MOST} at most", "make rules of some of them, and combine those")
        return None
    area, delay, silent = common
    together = Together(condition, severity, hold, keep_firing)
    return CombineSpec(members=tuple(members), area=area, delay=delay, silent=silent, together=together)


def _combined(node: Node, own: dict[str, Node], members: list[Member], depth: int) -> Condition | None:
    """What one of the keys all, any and not says, of those in `own`."""
    if len(own) != 1:
        node.fault(f"give one of {', '.join(own or ONE_OF)}", _HINT)
        return None
    [(op, value)] = own.items()
    if depth > DEEPEST:
        value.fault(f"is nested deeper than {DEEPEST}", "make a rule of a part, and combine that")
        return None
    items = [value] if op == "not" else value.items()
    if items is None:
        return None
    if not items:
        value.fault("an empty list", _HINT)
        return None
    parts = [_condition(item, members, depth + 1) for item in items]
    if None in parts:
        return None
    sound = tuple(part for part in parts if part is not None)
    return Condition("all" if op == "all" else "any" if op == "any" else "not", sound)


def _condition(node: Node, members: list[Member], depth: int) -> Condition | None:
    entries = node.entries()
    if entries is None:
        return None
    own = {key: value for key, value in entries.items() if key in ONE_OF}
    if own:
        for key in entries.keys() - own.keys():
            entries[key].fault(
                f"does not go with {next(iter(own))!r}", "a condition is combined or asked for, not both"
            )
        return _combined(node, own, members, depth) if len(own) == len(entries) else None
    need = _need(entries["sensors"]) if "sensors" in entries else 1
    member = parse_member(node.without("sensors"))
    if need is None or member is None:
        return None
    if member not in members:
        members.append(member)
    return Condition("is", (), members.index(member), need)


def _need(node: Node) -> int | None:
    """How many sensors of the area must have the condition on: 0 for all."""
    if node.is_number():
        return node.whole(1, MOST_SENSORS)
    word = node.choice(("any", "all"))
    return None if word is None else int(word == "any")
