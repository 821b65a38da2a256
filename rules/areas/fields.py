"""The keys that composite rules have in common: members, the area, patience."""

from rules.areas.composite import Area
from rules.areas.member import Condition, Member, PlainValues, WindowValues
from rules.derived.names import UNITS
from rules.kinds import change, threshold, window
from rules.kinds.silence import SHORTEST, SilenceSpec
from rules.kinds.window_file import parse_window_values
from rules.level_fields import SEVERITY
from rules.rule import RULE_NAME
from rules.strict_yaml import Node

PATIENCE = 5_000
"""How long (ms) events are waited for where a rule does not say: readings are some seconds old when they come, and
those of two sensors are not equally old."""

COMMON = ("area", "delay", "silent")
"""Keys that every composite kind takes beside its own."""

ON = "on"
"""The severity of a condition that names none: `above: 115`."""

WORDS = ("sensor", "district", "city", "group", "neighbours")
_AREA_HINT = f"one of: {', '.join(WORDS)}, or {{radius: 2km}}, or {{inside: [names of shapes]}}"
_MEMBER_HINT = "such as {metric: pm25, above: 115} or {rule: smog-pm25}"
_SMALLEST, _LARGEST = 1, 100_000
_METRES = {"m": 1, "km": 1000}


def parse_area(node: Node) -> Area | None:
    """The value of the key `area`; None when there is a fault in it."""
    word = node.one_word()
    if word:
        chosen = node.choice(WORDS)
        return None if chosen is None else Area(by=chosen)  # type: ignore[arg-type]
    fields = node.fields((), ("radius", "inside"))
    if fields is None:
        return None
    if len(fields) != 1:
        node.fault("give one area", _AREA_HINT)
        return None
    if "radius" in fields:
        metres = _metres(fields["radius"])
        return None if metres is None else Area("radius", metres)
    items = fields["inside"].one_or_more() or []
    names = [item.text() for item in items]
    if not names or None in names or len(set(names)) < len(names):
        if names and None not in names:
            fields["inside"].fault("a shape is there twice")
        return None
    return Area("inside", inside=tuple(str(name) for name in names))


def parse_common(fields: dict[str, Node], area: Area) -> tuple[Area, int, int] | None:
    """`area` (the one given stands for none), `delay` and `silent`, each in ms."""
    found = parse_area(fields["area"]) if "area" in fields else area
    delay = fields["delay"].duration() if "delay" in fields else PATIENCE
    silent = fields["silent"].duration(SHORTEST) if "silent" in fields else 0
    return None if found is None or delay is None or silent is None else (found, delay, silent)


def parse_member(node: Node) -> Member | None:
    """A condition on each sensor, or another rule's state."""
    entries = node.entries()
    if entries is None:
        return None
    if "rule" in entries:
        return _of_rule(node)
    if "metric" not in entries:
        node.fault("neither a metric nor a rule", _MEMBER_HINT)
        return None
    if "silent" in entries:
        fields = node.fields(("metric", "silent"))
        metric = parse_metric(fields["metric"]) if fields is not None else None
        after = fields["silent"].duration(SHORTEST) if fields is not None else None
        return None if metric is None or after is None else Member(metric, SilenceSpec(after, "silent"))
    module = change if "measure" in entries else window if "aggregate" in entries else threshold
    fields = node.fields(module.REQUIRED, module.OPTIONAL)
    assert fields is not None  # for what is required led to the kind
    for key in ("above", "below", "clear"):
        if key in fields and fields[key].is_number():
            fields[key] = fields[key].as_entry(ON)
    metric = parse_metric(fields["metric"])
    spec: Condition | None = module.parse(node, fields)
    return None if metric is None or spec is None else Member(metric, spec)


def parse_values(node: Node) -> Member | None:
    """The values of a metric of each sensor: every reading, or with `aggregate` and `every` those of its windows."""
    fields = node.fields(("metric",), (*WINDOW_KEYS, "aggregate"))
    return None if fields is None else values_of(node, fields)


WINDOW_KEYS = ("every", "over", "delay", "percentile", "mark", "at_least")
"""Keys of windows whose values are asked for, beside `aggregate`."""
_OF_WINDOWS = ("metric", "aggregate", *WINDOW_KEYS)


def values_of(node: Node, fields: dict[str, Node]) -> Member | None:
    """As `parse_values`, of keys that stand among others."""
    metric = parse_metric(fields["metric"]) if "metric" in fields else None
    if "aggregate" not in fields:
        strange = [key for key in WINDOW_KEYS if key in fields]
        for key in strange:
            fields[key].fault("belongs to windows", "add aggregate, such as aggregate: mean")
        return None if metric is None or strange else Member(metric, PlainValues())
    if "every" not in fields:
        node.fault("the key 'every' is missing", "such as every: 5min")
        return None
    spec = parse_window_values(node, {key: fields[key] for key in fields if key in _OF_WINDOWS})
    return None if metric is None or spec is None else Member(metric, WindowValues(spec))


def parse_metric(node: Node) -> str | None:
    return node.choice(UNITS)


def _of_rule(node: Node) -> Member | None:
    fields = node.fields(("rule",), ("severity", "metric"))
    assert fields is not None  # for there is the key `rule`
    name = fields["rule"].text()
    severity = fields["severity"].text() if "severity" in fields else ""
    metric = parse_metric(fields["metric"]) if "metric" in fields else ""
    if name is not None and not RULE_NAME.fullmatch(name):
        fields["rule"].fault(f"{name[:80]!r} is not the name of a rule")
        return None
    if severity and not SEVERITY.fullmatch(severity):
        fields["severity"].fault(f"{severity[:64]!r} is not a severity")
        return None
    return None if name is None or severity is None or metric is None else Member(metric, None, name, severity)


def _metres(node: Node) -> int | None:
    text = node.text()
    if text is None:
        return None
    for unit in ("km", "m"):
        number = text.removesuffix(unit)
        if number != text and number.isdecimal() and number.isascii():
            metres = int(number) * _METRES[unit] if len(number) < 7 else _LARGEST + 1
            if _SMALLEST <= metres <= _LARGEST:
                return metres
            break
    node.fault(f"{text[:40]!r} is not a distance", "write a whole number and m or km, 1m to 100km, such as 500m, 2km")
    return None
