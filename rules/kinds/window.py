"""An aggregate of a tumbling window beyond a limit. Windows are aligned to the epoch, their start is inside, their
end outside; a window is decided at the first tick `delay` after its end, as of its end."""

from dataclasses import dataclass

from rules.level_fields import parse_levels
from rules.levels import Levels
from rules.strict_yaml import Node

REQUIRED = ("metric", "aggregate", "every")
OPTIONAL = ("delay", "above", "below", "clear")
METRICS = 1
TEXT = "{metric}: {value} {unit} at {sensor} ({district}) over the window, limit {limit}"
AGGREGATES = ("mean", "max", "min", "count")
SHORTEST = 1000


@dataclass(frozen=True, slots=True)
class WindowSpec:
    """`every`: the window's length, `delay`: how long stragglers are waited for (both ms)."""

    aggregate: str
    every: int
    delay: int
    levels: Levels


def parse(rule: Node, fields: dict[str, Node]) -> WindowSpec | None:
    """The spec in a rule's own keys; None when there is a fault among them."""
    aggregate = fields["aggregate"].choice(AGGREGATES) if "aggregate" in fields else None
    every = fields["every"].duration(SHORTEST) if "every" in fields else None
    delay = fields["delay"].duration() if "delay" in fields else 0
    levels = parse_levels(rule, fields)
    if aggregate is None or every is None or delay is None or levels is None:
        return None
    return WindowSpec(aggregate, every, delay, levels)
