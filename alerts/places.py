"""Where an alert is, as CAP has it: the outline of its district, or a circle about its sensor."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from alerts.cap import Area, Circle, Point, polygon
from rules.finding import Finding
from rules.geography import Shape, distance
from rules.sensor import Sensor

MOST_POINTS = 200
"""Of an outline; a finer one is told as a circle about all of it, so that a message stays short."""

MOST_CIRCLES = 20
METRES = 1000.0


@dataclass(frozen=True)
class Places:
    """`sensors` and `shapes` (the areas of the city's map) by name; both may be empty."""

    sensors: Mapping[str, Sensor] = field(default_factory=dict)
    shapes: Mapping[str, Shape] = field(default_factory=dict)

    def area_of(self, finding: Finding, radius: float) -> Area:
        """The outline of the area or district where the map has it; else `radius` km about the sensor, or those of the
        area, where the registry has them; else only its name. Holes of an outline are not told: CAP has none."""
        area = finding.area.name if finding.area is not None else ""
        name = area or finding.district or finding.sensor or "the city"
        shape = self.shapes.get(area) or self.shapes.get(finding.district)
        if shape is not None:
            return _outlined(name, shape)
        members = [] if finding.area is None else [member[0] for member in finding.area.members]
        known = [self.sensors[each] for each in dict.fromkeys([finding.sensor, *members]) if each in self.sensors]
        circles = tuple(Circle(Point(one.lat, one.lon), radius) for one in known[:MOST_CIRCLES])
        return Area(description=name, circles=circles)


def _outlined(name: str, shape: Shape) -> Area:
    outer = [rings[0] for rings in shape.polygons]
    if sum(map(len, outer)) <= MOST_POINTS:
        return Area(description=name, polygons=tuple(polygon(ring) for ring in outer))
    points = [point for ring in outer for point in ring]
    lons, lats = zip(*points, strict=True)
    lat, lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    furthest = max(distance(lat, lon, each[1], each[0]) for each in points)
    return Area(description=name, circles=(Circle(Point(lat, lon), round(furthest / METRES + 0.001, 3)),))
