"""Where a rule watches: which sensors, by what they are and by where they stand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rules.content import ADDED
from rules.geography import Shape, distance
from rules.metres import parse_metres
from rules.sensor import Sensor
from rules.strict_yaml import Node
from rules.word_fields import parse_words

WORDS = ("kind", "district", "department", "sensor")
"""Parts that name what a sensor is."""
_NEAR_HINT = "such as {lat: 51.05, lon: 13.74, radius: 2km} or {sensor: air-centre-01, radius: 500m}"


@dataclass(frozen=True, slots=True)
class Near:
    """At most `radius` metres from a place, in degrees, or from where `sensor` stands when it is given."""

    radius: int
    lat: float = 0.0
    lon: float = 0.0
    sensor: str = ""


@dataclass(frozen=True, slots=True)
class Where:
    """Which sensors: each part names the values allowed, an empty part allows all; all parts must match. `inside`:
    shapes of the city's map, in one of which the sensor stands."""

    kind: tuple[str, ...] = ()
    district: tuple[str, ...] = ()
    department: tuple[str, ...] = ()
    sensor: tuple[str, ...] = ()
    inside: tuple[str, ...] = field(default=(), metadata=ADDED)
    near: Near | None = field(default=None, metadata=ADDED)

    def matches(self, sensor: Sensor) -> bool:
        """By what the sensor is; where it stands is for `stands`."""
        return self.could_match(sensor) and (not self.sensor or sensor.id in self.sensor)

    def could_match(self, sensor: Sensor) -> bool:
        """Whether a sensor of its kind, district and department could be one."""
        return (
            (not self.kind or sensor.kind in self.kind)
            and (not self.district or sensor.district in self.district)
            and (not self.department or sensor.department in self.department)
        )

    def stands(self, sensor: Sensor, shapes: Mapping[str, Shape], sensors: Mapping[str, Sensor]) -> bool:
        """Whether the sensor stands where the rule watches. A shape or sensor that is not there has nothing in it."""
        if self.inside and not any(
            name in shapes and shapes[name].contains(sensor.lat, sensor.lon) for name in self.inside
        ):
            return False
        if self.near is None:
            return True
        middle = middle_of(self.near, sensors)
        return middle is not None and distance(*middle, sensor.lat, sensor.lon) <= self.near.radius


EVERYWHERE = Where()


def middle_of(near: Near, sensors: Mapping[str, Sensor]) -> tuple[float, float] | None:
    """Latitude and longitude of what is near; None for a sensor that is not there."""
    if not near.sensor:
        return near.lat, near.lon
    found = sensors.get(near.sensor)
    return None if found is None else (found.lat, found.lon)


def parse_where(node: Node) -> Where | None:
    """The value of the key `where`; None when there is a fault in it."""
    fields = node.fields((), (*WORDS, "inside", "near"))
    if fields is None:
        return None
    near = parse_near(fields["near"]) if "near" in fields else None
    parts = {name: parse_words(value) for name, value in fields.items() if name != "near"}
    if None in parts.values() or ("near" in fields and near is None):
        return None
    found = {name: tuple(sorted(words)) for name, words in parts.items() if words is not None}
    return Where(**found, near=near)


def parse_near(node: Node) -> Near | None:
    fields = node.fields(("radius",), ("lat", "lon", "sensor"))
    if fields is None:
        return None
    radius = parse_metres(fields["radius"])
    given = fields.keys() - {"radius"}
    if given not in ({"sensor"}, {"lat", "lon"}):
        node.fault("name one place", _NEAR_HINT)
        return None
    if "sensor" in fields:
        names = parse_words(fields["sensor"])
        if names is not None and len(names) > 1:
            fields["sensor"].fault("name one sensor", _NEAR_HINT)
        return None if radius is None or names is None or len(names) > 1 else Near(radius, sensor=names[0])
    lat, lon = _degrees(fields["lat"], 90), _degrees(fields["lon"], 180)
    return None if radius is None or lat is None or lon is None else Near(radius, lat, lon)


def _degrees(node: Node, most: int) -> float | None:
    number = node.number()
    if number is not None and abs(number) > most:
        node.fault(f"{number:g} is not between -{most} and {most}", "degrees, such as 51.05")
        return None
    return number
