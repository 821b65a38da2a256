"""Sensors that a test of rules brings along instead of the city's."""

from typing import cast, get_args

from rules.attributes import parse_attributes
from rules.sensor import ID, Channel, Sensor, Status
from rules.strict_yaml import Node
from rules.units import METRICS

WORDS = ("id", "kind", "district", "department")
INTERVAL = 60_000
STATUSES: tuple[str, ...] = get_args(Status)


def parse_sensors(node: Node) -> dict[str, Sensor] | None:
    """A list of sensors by id; they measure in canonical units. None, with its faults, when any is not sound."""
    found: dict[str, Sensor] = {}
    items = node.items()
    sound = bool(items)
    if items is not None and not items:
        node.fault("no sensor", "leave the key out to have the city's")
    for item in items or ():
        sensor = _sensor(item)
        if sensor is not None and sensor.id in found:
            item.fault(f"a sensor {sensor.id!r} is there already")
            sensor = None
        if sensor is None:
            sound = False
        else:
            found[sensor.id] = sensor
    return found if sound else None


def _sensor(item: Node) -> Sensor | None:
    fields = item.fields((*WORDS, "metrics"), ("interval", "attributes", "group", "downstream", "status"))
    if fields is None:
        return None
    words = {name: _word(fields[name]) for name in WORDS}
    metrics = [each.choice(METRICS) for each in fields["metrics"].one_or_more() or ()]
    interval = fields["interval"].duration(1) if "interval" in fields else INTERVAL
    attributes = _attributes(fields["attributes"]) if "attributes" in fields else {}
    group = _word(fields["group"]) if "group" in fields else ""
    downstream = [_word(each) for each in fields["downstream"].one_or_more() or ()] if "downstream" in fields else []
    status = fields["status"].choice(STATUSES) if "status" in fields else "active"
    if None in words.values() or None in metrics or not metrics or interval is None or attributes is None:
        return None
    if group is None or None in downstream or status is None:
        return None
    channels = {metric: Channel(METRICS[metric].unit) for metric in metrics if metric is not None}
    name, kind, district, department = (word or "" for word in words.values())
    below = tuple(each for each in downstream if each is not None)
    return Sensor(
        name,
        kind,
        department,
        district,
        0.0,
        0.0,
        channels,
        interval,
        group=group,
        downstream=below,
        status=cast(Status, status),
        attributes=attributes,
    )


def _attributes(node: Node) -> dict[str, str] | None:
    """As the registry has them."""
    entries = node.entries()
    if entries is None:
        return None
    cells = {name: value.scalar() for name, value in entries.items()}
    if None in cells.values():
        return None
    cell = " ".join(f"{name}={value}" for name, value in cells.items())
    return parse_attributes(cell, lambda _, message, hint: node.fault(message, hint))


def _word(node: Node) -> str | None:
    text = node.text()
    if text is not None and not ID.fullmatch(text):
        node.fault(f"{text[:64]!r} is not a name", "use letters, digits and . _ : -, 64 at most")
        return None
    return text
