"""A value beyond a limit: several severities, hysteresis, a hold before it fires, a delay before it clears."""

from rules.level_fields import parse_levels
from rules.levels import LevelMachine, Levels
from rules.strict_yaml import Node

REQUIRED = ("metric",)
OPTIONAL = ("above", "below", "clear", "hold", "keep_firing")
METRICS = 1
TEXT = "{metric} {value} {unit} at {sensor} ({district}), limit {limit}"

ThresholdSpec = Levels
ThresholdMachine = LevelMachine


def parse(rule: Node, fields: dict[str, Node]) -> ThresholdSpec | None:
    """The spec in a rule's own keys; None when there is a fault among them."""
    hold = fields["hold"].duration() if "hold" in fields else 0
    keep_firing = fields["keep_firing"].duration() if "keep_firing" in fields else 0
    levels = parse_levels(rule, fields, hold or 0, keep_firing or 0)
    return None if hold is None or keep_firing is None else levels
