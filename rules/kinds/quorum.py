"""So many of the sensors of an area, of those that can be asked, say so within a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rules.areas.composite import Area, CompositeSpec
from rules.areas.fields import COMMON, parse_common, parse_member
from rules.areas.member import Resolved
from rules.areas.part import HALF, Part, parse_part
from rules.areas.quorum_machine import QuorumMachine, Step
from rules.level_fields import SEVERITY
from rules.strict_yaml import Node

REQUIRED = ("of", "at_least")
OPTIONAL = ("within", "clear", "healthy", *COMMON)
METRICS = 0
TEXT = "{metric} in {area}: {k} of {n} sensors, limit {limit} {unit}"
_HINT = "name the numbers in order of gravity, such as at_least: {yellow: 2, red: 4} or {yellow: 30%}"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuorumSpec(CompositeSpec):
    """A sensor counts while the one member is on for it and `within` ms afterwards. `steps`: severities in order of
    gravity. With fewer than `healthy` that can be asked nothing is decided."""

    steps: tuple[Step, ...]
    within: int = 0
    healthy: Part = HALF

    def machine(self, members: Sequence[Resolved]) -> QuorumMachine:
        return QuorumMachine(self.steps, self.within, self.healthy, members[0].health)

    def unit(self, members: Sequence[Resolved]) -> str:
        return "%" if self.steps[0].least.percent else "sensors"

    def severities(self) -> tuple[str, ...]:
        return tuple(step.severity for step in self.steps)


def parse(rule: Node, fields: dict[str, Node]) -> QuorumSpec | None:
    """The spec in a rule's own keys; None when there is a fault among them."""
    member = parse_member(fields["of"]) if "of" in fields else None
    steps = _steps(fields) if "at_least" in fields else None
    within = fields["within"].duration() if "within" in fields else 0
    healthy = parse_part(fields["healthy"]) if "healthy" in fields else HALF
    common = parse_common(fields, Area("district"))
    if member is None or steps is None or within is None or healthy is None or common is None:
        return None
    area, delay, silent = common
    if area.by in ("sensor", "neighbours"):
        fields["area"].fault("a quorum is of more sensors than that", "such as area: district")
        return None
    return QuorumSpec(
        members=(member,), area=area, delay=delay, silent=silent, steps=steps, within=within, healthy=healthy
    )


def _steps(fields: dict[str, Node]) -> tuple[Step, ...] | None:
    node = fields["at_least"]
    least = _parts(node)
    clear = _parts(fields["clear"], 0) if "clear" in fields else {}
    if least is None or clear is None:
        return None
    sound = bool(least)
    if not least:
        node.fault("no severity", _HINT)
    parts = list(least.values())
    if len({part.percent for part in (*parts, *clear.values())}) > 1:
        node.fault("numbers and per cent in one rule", "give all of them as the one or all as the other")
        sound = False
    elif any(one.number >= two.number for one, two in pairwise(parts)):
        node.fault("each must be greater than the one before it", _HINT)
        sound = False
    for severity, part in clear.items():
        if severity not in least:
            fields["clear"].fault(f"no such severity: {severity}", f"one of: {', '.join(least)}")
            sound = False
        elif part.number >= least[severity].number:
            fields["clear"].fault(
                f"must be less than the {least[severity]} of {severity}", "it ends at so many or fewer"
            )
            sound = False
    return tuple(Step(name, part, clear.get(name)) for name, part in least.items()) if sound else None


def _parts(node: Node, lowest: int = 1) -> dict[str, Part] | None:
    entries = node.entries()
    if entries is None:
        return None
    found: dict[str, Part] = {}
    for severity, value in entries.items():
        part = parse_part(value, lowest)
        if not SEVERITY.fullmatch(severity):
            value.fault(f"{severity[:64]!r} is not a severity", "use a-z, 0-9, - and _, 32 at most, a letter first")
        elif part is not None:
            found[severity] = part
    return found if len(found) == len(entries) else None
