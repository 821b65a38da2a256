"""Places on the ground: how far apart two are, and whether one lies inside a shape of the city's map."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import asin, cos, hypot, radians, sin, sqrt

EARTH = 6_371_008.8
"""Mean radius of the Earth in metres (IUGG)."""
NEAR = 1e-9
"""Degrees: a point that close to an edge, a tenth of a millimetre, is on it."""

Point = tuple[float, float]
"""Longitude and latitude in degrees (WGS 84), in the order of GeoJSON."""
Ring = tuple[Point, ...]
"""A closed line: its first point is its last."""
Polygon = tuple[Ring, ...]
"""An outer ring, and the rings of its holes."""


def distance(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Metres between two places in degrees, on a sphere of the Earth's mean radius R, by the haversine formula

        2 R asin sqrt(sin²((lat2 - lat1) / 2) + cos lat1 · cos lat2 · sin²((lon2 - lon1) / 2))

    The Earth is no sphere: 0.6 % off at most.
    """
    north, east = radians(lat2 - lat1) / 2, radians(lon2 - lon1) / 2
    half = sin(north) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(east) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(half)))


@dataclass(frozen=True)
class Shape:
    """An area by its name in the city's map. Edges are straight lines in degrees, as RFC 7946 has them. `timezone`: of
    its local time, empty for the city's."""

    name: str
    polygons: tuple[Polygon, ...]
    timezone: str = ""

    def contains(self, lat: float, lon: float) -> bool:
        """Whether a place in degrees is inside; on an edge, that of a hole included, is inside."""
        west, south, east, north = self._box
        if not (west <= lon <= east and south <= lat <= north):
            return False
        return any(_inside(polygon, lon, lat) for polygon in self.polygons)

    @cached_property
    def _box(self) -> tuple[float, float, float, float]:
        lons, lats = zip(*(point for polygon in self.polygons for point in polygon[0]), strict=True)
        return min(lons) - NEAR, min(lats) - NEAR, max(lons) + NEAR, max(lats) + NEAR


def area(ring: Ring) -> float:
    """Twice the area of a ring in square degrees, whichever way it runs."""
    lon, lat = ring[0]  # from one of its own points: small numbers keep their digits
    near = [(x - lon, y - lat) for x, y in ring]
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(near)))


def _inside(polygon: Polygon, lon: float, lat: float) -> bool:
    """A line from the place to the east crosses the rings an odd number of times, or it lies on one of them."""
    odd = False
    for ring in polygon:
        for (x1, y1), (x2, y2) in pairwise(ring):
            if _on(x1, y1, x2, y2, lon, lat):
                return True
            if (y1 > lat) != (y2 > lat) and lon < x1 + (lat - y1) / (y2 - y1) * (x2 - x1):
                odd = not odd
    return odd


def _on(x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> bool:
    if not (min(x1, x2) - NEAR <= x <= max(x1, x2) + NEAR and min(y1, y2) - NEAR <= y <= max(y1, y2) + NEAR):
        return False
    return abs((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)) <= NEAR * hypot(x2 - x1, y2 - y1)
