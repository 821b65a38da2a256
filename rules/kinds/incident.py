"""An incident between a detector and the next one downstream: the California algorithm on their mean occupancies."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from dataclasses import fields as fields_of

from rules.areas.asked import parse_severity
from rules.areas.composite import Area, CompositeSpec
from rules.areas.fields import COMMON, parse_common
from rules.areas.incident_machine import IncidentMachine, Scale
from rules.areas.member import Member, Resolved, WindowValues
from rules.indices.incident_california import California
from rules.kinds.window_file import SHORTEST, parse_at_least
from rules.kinds.window_spec import WindowSpec
from rules.levels import Levels
from rules.strict_yaml import Node

REQUIRED = ("every", "severity")
OPTIONAL = ("tentative", "limits", "at_least", *COMMON)
METRIC = "occupancy"
METRICS = 0
LIMITS = tuple(field.name for field in fields_of(California))
TEXT = "Incident between {area}: occupancy {value} higher upstream than downstream"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSpec(CompositeSpec):
    """Its one member is the mean occupancy of an interval."""

    scale: Scale

    @property
    def tells_doubt(self) -> bool:
        return False

    def machine(self, members: Sequence[Resolved]) -> IncidentMachine:
        return IncidentMachine(self.scale)

    def unit(self, members: Sequence[Resolved]) -> str:
        return members[0].unit

    def severities(self) -> tuple[str, ...]:
        return (self.scale.tentative, self.scale.severity) if self.scale.tentative else (self.scale.severity,)


def parse(rule: Node, fields: dict[str, Node]) -> IncidentSpec | None:
    """The spec in a rule's own keys; None when there is a fault among them."""
    common = parse_common(fields, Area("neighbours"))
    every = fields["every"].duration(SHORTEST) if "every" in fields else None
    severity = parse_severity(fields["severity"]) if "severity" in fields else None
    tentative = parse_severity(fields["tentative"]) if "tentative" in fields else ""
    limits = _limits(fields["limits"]) if "limits" in fields else California()
    least = parse_at_least(fields["at_least"], every) if "at_least" in fields else (0, 0)
    if common is not None and common[0].by != "neighbours":
        fields["area"].fault("an incident lies between neighbours", "leave it out")
        return None
    if tentative and tentative == severity:
        fields["tentative"].fault("is the severity of a confirmed incident too", "give it a lower one, or leave it out")
        return None
    if common is None or None in (every, severity, tentative, limits, least):
        return None
    assert every is not None and severity is not None and tentative is not None and limits and least
    area, delay, silent = common
    window = WindowSpec("mean", every, delay, Levels(True, ()), least_count=least[0], least_time=least[1])
    scale = Scale(every, severity, tentative, limits)
    return IncidentSpec(
        members=(Member(METRIC, WindowValues(window)),), area=area, delay=delay, silent=silent, scale=scale
    )


def _limits(node: Node) -> California | None:
    """The thresholds that are given, the others as the algorithm has them."""
    entries = node.fields((), LIMITS)
    if entries is None:
        return None
    sound: dict[str, float] = {}
    for name, value in entries.items():
        number = value.number()
        lowest, highest = (-10.0, 0.0) if name == "surge" else (0.0, 1.0)
        if number is not None and not lowest <= number <= highest:
            value.fault(f"must be from {lowest:g} to {highest:g}", "occupancies are parts of 1")
        elif number is not None:
            sound[name] = number
    return replace(California(), **sound) if len(sound) == len(entries) else None
