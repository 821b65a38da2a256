"""The sample city's map: an outline around the devices of each district, written as districts.geojson.

`python -m simulators.outlines FILE` writes it again; a test holds the committed file to it.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from simulators.registry import DISTRICTS, rows

MARGIN = 1.04
"""How much larger than the devices need it an outline is."""

Point = tuple[float, float]
"""Longitude and latitude."""


def hull(points: Iterable[Point]) -> list[Point]:
    """The corners of the smallest convex outline around points, anticlockwise (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    return [*_half(ordered)[:-1], *_half(ordered[::-1])[:-1]]


def _half(points: Sequence[Point]) -> list[Point]:
    found: list[Point] = []
    for point in points:
        while len(found) > 1 and _turn(found[-2], found[-1], point) <= 0:
            found.pop()
        found.append(point)
    return found


def _turn(a: Point, b: Point, c: Point) -> float:
    """Above 0 for a turn to the left."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def outline(points: Iterable[Point]) -> list[Point]:
    """A closed ring around all of them with a margin, to five decimals (a metre)."""
    corners = hull(points)
    lon, lat = (sum(values) / len(corners) for values in zip(*corners, strict=True))
    ring = [(round(lon + MARGIN * (x - lon), 5), round(lat + MARGIN * (y - lat), 5)) for x, y in corners]
    return [*ring, ring[0]]


def text() -> str:
    """The sample city's districts.geojson."""
    devices = rows()
    features = [
        {
            "type": "Feature",
            "properties": {"name": district.name},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    outline((float(row.lon), float(row.lat)) for row in devices if row.district == district.name)
                ],
            },
        }
        for district in DISTRICTS
    ]
    lines = ",\n".join(json.dumps(feature) for feature in features)
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")
