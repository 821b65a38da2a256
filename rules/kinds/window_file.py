"""The keys of a window rule."""

from rules.aggregates import AGGREGATES
from rules.kinds.window_spec import WindowSpec
from rules.level_fields import parse_levels
from rules.strict_yaml import Node
from rules.units import METRICS

SHORTEST = 1000
MOST_READINGS = 1_000_000
_OWN = {"percentile": "percentile", "mark": "share_above"}
"""Keys that belong to one aggregate."""
_SOUND = "dB(A)"


def parse_window(rule: Node, fields: dict[str, Node]) -> WindowSpec | None:
    """The spec in a rule's own keys; None when there is a fault among them."""
    aggregate = fields["aggregate"].choice(AGGREGATES) if "aggregate" in fields else None
    every = fields["every"].duration(SHORTEST) if "every" in fields else None
    over = fields["over"].duration(SHORTEST) if "over" in fields else 0
    delay = fields["delay"].duration() if "delay" in fields else 0
    percent = fields["percentile"].whole(1, 99) if "percentile" in fields else 50
    mark = fields["mark"].number() if "mark" in fields else 0.0
    least = _at_least(fields["at_least"], over or every) if "at_least" in fields else (0, 0)
    levels = parse_levels(rule, fields)
    sound = aggregate is None or _fits(rule, fields, aggregate)
    if over and every is not None and over <= every:
        fields["over"].fault("must be longer than 'every'", "leave it out for windows that stand one after the other")
        return None
    if aggregate is None or every is None or over is None or delay is None or percent is None or mark is None:
        return None
    if least is None or levels is None or not sound:
        return None
    return WindowSpec(aggregate, every, delay, levels, over, percent, mark, *least)


def _fits(rule: Node, fields: dict[str, Node], aggregate: str) -> bool:
    """Whether the aggregate has the keys that it needs, and no others."""
    sound = True
    for key, owner in _OWN.items():
        if key in fields and aggregate != owner:
            fields[key].fault(f"belongs to the aggregate {owner!r}", f"leave it out for {aggregate!r}")
            sound = False
        if key not in fields and aggregate == owner:
            rule.fault(f"the key {key!r} is missing", f"such as {key}: {95 if key == 'percentile' else 50}")
            sound = False
    if aggregate == "leq" and "metric" in fields:
        metric = fields["metric"].one_word()
        if metric in METRICS and METRICS[metric].unit != _SOUND:
            fields["aggregate"].fault("'leq' is of sound levels", "for other metrics take 'mean'")
            sound = False
    return sound


def _at_least(node: Node, length: int | None) -> tuple[int, int] | None:
    """A number of readings, or a length of time (ms) of which there must be some; the other is 0."""
    if node.is_number():
        count = node.whole(1, MOST_READINGS)
        return None if count is None else (count, 0)
    time = node.duration(1)
    if time is not None and length is not None and time > length:
        node.fault("is longer than the window", "such as 45min of 1h")
        return None
    return None if time is None else (0, time)
