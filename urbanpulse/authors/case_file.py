"""A file of tests: from YAML to cases, with every fault in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rules.derived.names import UNITS
from rules.faults import Fault, nearest
from rules.rule import Rule
from rules.sensor import Sensor
from rules.strict_yaml import Node, read_yaml
from rules.units import METRICS
from urbanpulse.authors.case import CHANGES, Case, Expected
from urbanpulse.authors.case_sensors import parse_sensors
from urbanpulse.authors.memory_log import Reading
from urbanpulse.authors.notation import TIME_HINT, VALUE_HINT, instant, midnight, spread

START = "2026-01-01"
TICK = 1000


@dataclass(frozen=True, slots=True)
class _Scene:
    """What a test's lines speak of."""

    sensors: Mapping[str, Sensor]
    rules: tuple[str, ...]
    start: int
    tick: int


def parse_cases(
    text: str, file: str, rules: Sequence[Rule], sensors: Mapping[str, Sensor]
) -> tuple[list[Case], list[Fault]]:
    """The sound tests of a file and all its faults. `rules` and `sensors` are the city's; a file or a test may bring
    sensors of its own instead."""
    root, faults = read_yaml(text, file)
    fields = root.fields(("tests",), ("sensors",)) if root is not None else None
    if fields is None:
        return [], faults
    known = parse_sensors(fields["sensors"]) if "sensors" in fields else dict(sensors)
    cases: dict[str, Case] = {}
    for item in fields["tests"].items() or ():
        case = _case(item, file, [rule.name for rule in rules], known or {})
        if case is not None and case.name in cases:
            item.fault(f"a test named {case.name!r} is already in line {cases[case.name].line}", "", "name")
        elif case is not None:
            cases[case.name] = case
    return list(cases.values()), sorted(faults)


def _case(item: Node, file: str, names: Sequence[str], sensors: Mapping[str, Sensor]) -> Case | None:
    fields = item.fields(("name", "when", "then"), ("given", "until"))
    if fields is None:
        return None
    name = fields["name"].text()
    scene = _given(fields.get("given"), names, sensors)
    if name is None or scene is None:
        return None
    lines = [_when(node, scene) for node in fields["when"].items() or ()]
    arrivals = sorted((each for line in lines for each in line or ()), key=lambda each: each[0])
    # Who spoke is not known when a line is at fault; that is fault enough.
    spoken = None if None in lines else {reading[1] for _, reading in arrivals}
    expected = [_then(node, scene, spoken) for node in fields["then"].items() or ()]
    until = _time(fields["until"], scene.start) if "until" in fields else None
    if not arrivals and all(line is not None for line in lines):
        fields["when"].fault("without a reading nothing can happen")
    if not arrivals or None in lines or None in expected or ("until" in fields and until is None):
        return None
    sound = [each for each in expected if each is not None]
    if until is None:
        until = max([at for at, _ in arrivals] + [each.at for each in sound])
    for each in sound:
        if each.at > until:
            fields["until"].fault(f"the finding of line {each.line} is expected later")
    return Case(
        name, file, item.line, scene.rules, scene.sensors, scene.start, scene.tick, until, tuple(arrivals), tuple(sound)
    )


def _given(node: Node | None, names: Sequence[str], sensors: Mapping[str, Sensor]) -> _Scene | None:
    fields = node.fields((), ("rules", "start", "tick", "sensors")) if node is not None else {}
    if fields is None:
        return None
    rules: list[str | None] = list(names)
    if "rules" in fields:
        rules = [each.choice(names) for each in fields["rules"].one_or_more() or ()]
    start: int | None = midnight(START)
    if "start" in fields:
        start = _date(fields["start"])
    tick = fields["tick"].duration(1) if "tick" in fields else TICK
    own = parse_sensors(fields["sensors"]) if "sensors" in fields else sensors
    if not rules or None in rules or start is None or tick is None or own is None:
        return None
    return _Scene(own, tuple(rule for rule in rules if rule is not None), start, tick)


def _when(node: Node, scene: _Scene) -> list[tuple[int, Reading]] | None:
    fields = node.fields(("sensor", "at", "value"), ("metric", "late"))
    if fields is None:
        return None
    sensor = fields["sensor"].choice(scene.sensors)
    at = _time(fields["at"], scene.start)
    late = fields["late"].duration() if "late" in fields else 0
    metric = _metric(node, fields.get("metric"), scene.sensors[sensor]) if sensor is not None else None
    text = fields["value"].scalar()
    if sensor is None or at is None or late is None or metric is None or text is None:
        return None
    try:
        values = spread(text)
    except ValueError as error:
        fields["value"].fault(str(error), VALUE_HINT)
        return None
    known = METRICS.get(metric)
    for _, value in values if known is not None else ():
        assert known is not None
        if not known.lowest <= value <= known.highest:
            limits = f"{known.lowest:g} to {known.highest:g} {known.unit}"
            fields["value"].fault(f"{value:g} is refused on the way in: {metric} can be {limits}")
            return None
    return [(at + after + late, (at + after, sensor, metric, value)) for after, value in values]


def _metric(line: Node, node: Node | None, sensor: Sensor) -> str | None:
    if node is not None:
        return node.choice(sensor.channels)
    if len(sensor.channels) != 1:
        line.fault(f"{sensor.id} measures several: name the metric", f"one of: {', '.join(sorted(sensor.channels))}")
        return None
    return next(iter(sensor.channels))


def _then(node: Node, scene: _Scene, spoken: set[str] | None) -> Expected | None:
    fields = node.fields(("at",), ("rule", "sensor", "area", "metric", "value", "notify", *CHANGES))
    if fields is None:
        return None
    changes = [change for change in CHANGES if change in fields]
    if len(changes) != 1:
        node.fault("say which one change is expected", "such as fired: yellow; one of: " + ", ".join(CHANGES))
        return None
    at, severity = _time(fields["at"], scene.start), fields[changes[0]].text()
    rule = _the_only(node, "rule", fields, scene.rules, scene.rules)
    area: str | None = ""
    sensor: str | None = ""
    if "area" in fields:
        area = fields["area"].text()
        if "sensor" in fields:
            fields["area"].fault("a finding is about a sensor or about an area", "leave out one of the two")
            return None
    else:
        sensor = _the_only(node, "sensor", fields, scene.sensors, None if spoken is None else sorted(spoken))
    metric = fields["metric"].choice(UNITS) if "metric" in fields else ""
    value = fields["value"].number() if "value" in fields else None
    notify = [each.text() for each in fields["notify"].one_or_more() or ()] if "notify" in fields else None
    if at is None or severity is None or rule is None or sensor is None or metric is None or area is None:
        return None
    if ("value" in fields and value is None) or (notify is not None and None in notify):
        return None
    names = None if notify is None else tuple(sorted(name for name in notify if name is not None))
    return Expected(at, rule, sensor, changes[0], severity, node.line, metric, value, names, area)


def _the_only(
    line: Node,
    key: str,
    fields: Mapping[str, Node],
    known: Mapping[str, Sensor] | Sequence[str],
    meant: Sequence[str] | None,
) -> str | None:
    """What is named, or else the only one that can be meant."""
    if key in fields:
        return fields[key].choice(known)
    if meant is None:
        return None
    if len(meant) != 1:
        line.fault(f"the key {key!r} is missing: {len(meant)} can be meant", nearest("", meant) if meant else "")
        return None
    return meant[0]


def _time(node: Node, start: int) -> int | None:
    text = node.scalar()
    try:
        return None if text is None else instant(text, start)
    except ValueError as error:
        node.fault(str(error), TIME_HINT)
        return None


def _date(node: Node) -> int | None:
    text = node.scalar()
    try:
        return None if text is None else midnight(text)
    except ValueError as error:
        node.fault(str(error))
        return None
