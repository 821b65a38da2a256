"""A map: how the columns of a recorded file become sensors, metrics and times. YAML, read strictly."""

import math
import re
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from rules.faults import Fault, nearest
from rules.sensor import ID
from rules.strict_yaml import Node, read_yaml
from rules.units import METRICS, units_of

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_REQUIRED = ("layout", "sensor", "kind", "district", "department", "interval", "place", "time", "zone")
_OPTIONAL = ("places", "locations", "missing", "columns", "values", "delimiter")
_PARTS = ("year", "month", "day", "hour", "minute", "second")


@dataclass(frozen=True)
class Value:
    """A column of values: its metric, the unit it is in, and numbers for words (a wind's name)."""

    metric: str
    unit: str
    words: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Time:
    """Of a row: from columns that hold its parts (by part), from one column, or by counting from `start` (naive)
    by `every` ms."""

    parts: dict[str, str] = field(default_factory=dict)
    column: str = ""
    start: datetime | None = None
    every: int = 0


@dataclass(frozen=True)
class Locations:
    """A CSV file beside the data with the place of each sensor: its name and its columns."""

    file: str
    id: str
    lat: str
    lon: str


@dataclass(frozen=True)
class Map:
    """Layout "rows": a row is one sensor at one instant, `columns` by their names. "columns": a column is one sensor,
    all of them measuring `value`. `missing` lists what stands for no value, as text and, where it is one, as number.
    """

    layout: Literal["rows", "columns"]
    sensor: str
    kind: str
    district: str
    department: str
    interval: int
    place: tuple[float, float]
    time: Time
    zone: tzinfo
    places: dict[str, tuple[float, float]] = field(default_factory=dict)
    locations: Locations | None = None
    missing: frozenset[str] = frozenset()
    missing_numbers: frozenset[float] = frozenset()
    columns: dict[str, Value] = field(default_factory=dict)
    value: Value | None = None
    delimiter: str = ","

    @property
    def values(self) -> list[Value]:
        return list(self.columns.values()) or ([self.value] if self.value else [])


def load_map(text: str, file: str) -> tuple[Map | None, list[Fault]]:
    """The map in `text`, or None and every fault of it."""
    root, faults = read_yaml(text, file)
    if root is None:
        return None, faults
    fields = root.fields(_REQUIRED, _OPTIONAL)
    if fields is None:
        return None, faults
    layout = fields["layout"].choice(("rows", "columns"))
    names = {name: _word(fields[name]) for name in ("kind", "district", "department")}
    sensor = fields["sensor"].text()
    interval = fields["interval"].duration(1000)
    place, time, zone = _place(fields["place"]), _time(fields["time"]), _zone(fields["zone"])
    places = _places(fields["places"]) if "places" in fields else {}
    locations = _locations(fields["locations"]) if "locations" in fields else None
    missing = _missing(fields["missing"]) if "missing" in fields else frozenset[str]()
    delimiter = fields["delimiter"].text() if "delimiter" in fields else ","
    if delimiter is not None and len(delimiter) != 1:
        fields["delimiter"].fault("must be one character")
    wanted, other = ("columns", "values") if layout == "rows" else ("values", "columns")
    columns: dict[str, Value] = {}
    value: Value | None = None
    if layout and wanted not in fields:
        root.fault(f"the key {wanted!r} is missing, which layout: {layout} asks for")
    elif layout and other in fields:
        fields[other].fault(f"has no place in layout: {layout}", f"remove it, or name the other layout; use {wanted!r}")
    elif layout == "rows":
        columns = _columns(fields["columns"])
    elif layout == "columns":
        value = _value(fields["values"])
    if layout == "columns" and time is not None and (time.parts or time.column):
        fields["time"].fault("where every column is a sensor, rows are counted", "give start and every")
    if sensor is not None:
        _check_template(fields["sensor"], sensor, layout)
    if faults or layout is None or sensor is None or interval is None or place is None or time is None or zone is None:
        return None, faults
    return Map(
        "rows" if layout == "rows" else "columns",
        sensor, names["kind"], names["district"], names["department"], interval, place, time, zone, places, locations,
        missing, frozenset(_numbers(missing)), columns, value, delimiter or ",",
    ), faults  # fmt: skip


def _word(node: Node) -> str:
    text = node.text() or ""
    if text and not ID.fullmatch(text):
        node.fault(f"{text[:64]!r} cannot stand in a topic", "use letters, digits and . _ : -, 64 at most")
    return text


def _check_template(node: Node, template: str, layout: str | None) -> None:
    names = PLACEHOLDER.findall(template)
    if "{" in PLACEHOLDER.sub("", template) or "}" in PLACEHOLDER.sub("", template):
        node.fault("a brace without its partner", "write {file}, {column} or {name of a column}")
    elif not names:
        node.fault("names nothing in braces: all sensors would be one", "write {file}, {column} or {name of a column}")
    elif layout == "columns" and (strange := sorted(set(names) - {"file", "column"})):
        node.fault(f"{{{strange[0]}}} has no meaning where a column is a sensor", "use {column} and {file}")


def _place(node: Node) -> tuple[float, float] | None:
    fields = node.fields(("lat", "lon"))
    if fields is None:
        return None
    lat, lon = fields["lat"].number(), fields["lon"].number()
    if lat is not None and not -90.0 <= lat <= 90.0:
        fields["lat"].fault("must lie between -90 and 90 degrees")
    if lon is not None and not -180.0 <= lon <= 180.0:
        fields["lon"].fault("must lie between -180 and 180 degrees")
    return None if lat is None or lon is None else (lat, lon)


def _places(node: Node) -> dict[str, tuple[float, float]]:
    found = {name: _place(entry) for name, entry in (node.entries() or {}).items()}
    return {name: place for name, place in found.items() if place is not None}


def _locations(node: Node) -> Locations | None:
    fields = node.fields(("file", "id", "lat", "lon"))
    if fields is None:
        return None
    file, *columns = (fields[name].text() for name in ("file", "id", "lat", "lon"))
    if file is not None and ("/" in file or "\\" in file):
        fields["file"].fault("must be the name of a file beside the data, not a path")
    return Locations(file or "", columns[0] or "", columns[1] or "", columns[2] or "")


def _zone(node: Node) -> tzinfo | None:
    name = node.text()
    if name is None:
        return None
    zones = available_timezones()
    if name not in zones:
        node.fault(f"there is no time zone {name[:64]!r}", _nearest_zone(name, zones))
        return None
    return ZoneInfo(name)


def _nearest_zone(name: str, zones: set[str]) -> str:
    near = nearest(name, zones)
    return near if near.startswith("did") else "use a name such as Europe/Berlin"


def _time(node: Node) -> Time | None:
    entries = node.entries()
    if entries is None:
        return None
    if "start" in entries:
        fields = node.fields(("start", "every"))
        if fields is None:
            return None
        start, every = fields["start"].text(), fields["every"].duration(1)
        try:
            moment = datetime.fromisoformat(start) if start is not None else None
        except ValueError:
            moment = None
        if start is not None and (moment is None or moment.tzinfo is not None):
            fields["start"].fault(f"{start[:40]!r} is not a local time", 'write it as "2012-03-01 00:00"')
            return None
        return None if moment is None or every is None else Time(start=moment, every=every)
    if "column" in entries:
        fields = node.fields(("column",))
        column = fields["column"].text() if fields else None
        return Time(column=column) if column else None
    fields = node.fields(_PARTS[:3], _PARTS[3:])
    if fields is None:
        return None
    return Time(parts={part: fields[part].text() or "" for part in _PARTS if part in fields})


def _missing(node: Node) -> frozenset[str]:
    return frozenset(text for item in node.one_or_more() or [] if (text := item.text()) is not None)


def _numbers(texts: frozenset[str]) -> list[float]:
    found = []
    for text in texts:
        try:
            found.append(float(text))
        except ValueError:
            continue
    return [number for number in found if not math.isnan(number)]


def _columns(node: Node) -> dict[str, Value]:
    columns: dict[str, Value] = {}
    metrics: dict[str, str] = {}
    for name, entry in (node.entries() or {}).items():
        if (value := _value(entry)) is None:
            continue
        if (earlier := metrics.setdefault(value.metric, name)) != name:
            entry.fault(f"{value.metric} is already read from the column {earlier!r}")
        columns[name] = value
    if not columns:
        node.fault("names no column")
    return columns


def _value(node: Node) -> Value | None:
    fields = node.fields(("metric", "unit"), ("words",))
    if fields is None:
        return None
    metric, unit = fields["metric"].choice(METRICS), fields["unit"].text()
    if metric is None or unit is None:
        return None
    if unit not in units_of(metric):
        fields["unit"].fault(f"{metric} cannot be in {unit[:32]!r}", nearest(unit, units_of(metric)))
        return None
    words: dict[str, float] = {}
    if "words" in fields:
        for word, number in (fields["words"].entries() or {}).items():
            if (meant := number.number()) is not None:
                words[word] = meant
    return Value(metric, unit, words)
