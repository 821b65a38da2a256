"""Two metrics or two sensors side by side, their difference, distance or ratio judged by levels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rules.areas.asked import DOWNSTREAM, UPSTREAM, Sided, parse_side
from rules.areas.compare_machine import CompareMachine, Comparison
from rules.areas.composite import Area, CompositeSpec
from rules.areas.fields import COMMON, WINDOW_KEYS, parse_common, values_of
from rules.areas.member import Member, Resolved, unit_of_values
from rules.areas.pairing import MEASURES as FUNCTIONS
from rules.kinds import threshold
from rules.levels import Levels
from rules.strict_yaml import Node

REQUIRED = ("left", "right", "measure")
OPTIONAL = ("age", "within", "above", "below", "clear", "hold", "keep_firing", *COMMON)
ONE_OF = ("age", "within")
"""Keys of which a rule has just one."""
METRICS = 0
MEASURES = tuple(FUNCTIONS)
TEXT = "{metric} at {area}: {value} {unit}, limit {limit}"
_HINT = "age: 10min to compare the newest values, or within: 30s to compare readings that are near in time"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareSpec(CompositeSpec):
    """Its members are left and right."""

    comparison: Comparison

    @property
    def text(self) -> str:
        left, right = (member.metric for member in self.members)
        both = left if left == right else f"{left} and {right}"
        where = f"{{area}} and {self.named}" if self.named else "{area}"
        return f"{self.comparison.measure.capitalize()} of {both} at {where}: {{value}} {{unit}}, limit {{limit}}"

    @property
    def levels(self) -> Levels:
        """What judges the measure."""
        return self.comparison.levels

    @property
    def named(self) -> str:
        """The one sensor that all others are compared with, if any."""
        return "".join(self.comparison.named)

    @property
    def tells_doubt(self) -> bool:
        return False

    def machine(self, members: Sequence[Resolved]) -> CompareMachine:
        return CompareMachine(self.comparison)

    def unit(self, members: Sequence[Resolved]) -> str:
        left, right = (member.unit for member in members)
        if self.comparison.measure != "ratio":
            return left
        return "" if left == right else f"{left} per {right}"

    def severities(self) -> tuple[str, ...]:
        return tuple(level.severity for level in self.comparison.levels.levels)


def parse(rule: Node, fields: dict[str, Node]) -> CompareSpec | None:
    """The spec in a rule's own keys; None when there is a fault among them."""
    common = parse_common(fields, Area())
    measure = fields["measure"].choice(MEASURES) if "measure" in fields else None
    age = fields["age"].duration(1) if "age" in fields else -1
    within = fields["within"].duration() if "within" in fields else -1
    own = {key: node for key, node in fields.items() if key != "within"}
    levels = threshold.parse(rule, own)
    if ("age" in fields) == ("within" in fields):
        rule.fault("give either age or within" if "age" in fields else "the key 'age' or 'within' is missing", _HINT)
        return None
    if common is None or "left" not in fields or "right" not in fields:
        return None
    area, delay, silent = common
    if area.by not in ("sensor", "neighbours"):
        fields["area"].fault("two values are compared at one sensor or between neighbours", _AREA_HINT)
        return None
    sided = (parse_side(fields["left"], area, UPSTREAM), parse_side(fields["right"], area, DOWNSTREAM))
    left, right = (_member(each) for each in sided)
    if left is not None and right is not None and left.sensor and right.sensor:
        fields["right"].fault("one of the two must be of the sensors that the rule selects", "leave out one sensor")
        return None
    if None in (measure, age, within, levels) or sided[0] is None or sided[1] is None or left is None or right is None:
        return None
    assert measure is not None and age is not None and within is not None and levels is not None
    if left == right and sided[0].side == sided[1].side:
        fields["right"].fault("is the same as 'left'", "name another metric, or another sensor")
        return None
    units = [unit_of_values(each.metric, each.spec) for each in (left, right)]
    if measure != "ratio" and units[0] != units[1]:
        fields["measure"].fault(
            f"{units[0] or 'no unit'} and {units[1] or 'no unit'} have no difference",
            "measure: ratio has no unit of its own",
        )
        return None
    comparison = Comparison(measure, levels, age, within, (sided[0].side, sided[1].side), (left.sensor, right.sensor))
    return CompareSpec(members=(left, right), area=area, delay=delay, silent=silent, comparison=comparison)


_AREA_HINT = "leave it out, or area: neighbours"


def _member(sided: Sided | None) -> Member | None:
    """The values of one side."""
    if sided is None:
        return None
    fields = sided.node.fields(("metric",), (*WINDOW_KEYS, "aggregate", "sensor"))
    if fields is None:
        return None
    sensor = fields.pop("sensor").text() if "sensor" in fields else ""
    if sided.side and sensor:
        sided.node.fault("neighbours are known already", "leave out the sensor", "sensor")
        return None
    member = values_of(sided.node, fields)
    return None if member is None or sensor is None else replace(member, sensor=sensor)
