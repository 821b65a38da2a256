"""districts.geojson: the areas of the city by name, with every fault in the file (RFC 7946)."""

import math
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from rules.faults import Fault, nearest
from rules.geography import Point, Polygon, Ring, Shape, area
from rules.sensor import ID
from rules.strict_json import Path, line_of, read_json, shown

MOST_CHARACTERS = 8_000_000
MOST_SHAPES = 1000
MOST_POINTS = 200_000
MOST_FAULTS = 20
_LIKE = 'such as {"type": "FeatureCollection", "features": [...]}'
_ORDER = "GeoJSON has longitude first, then latitude, in degrees"


class _Faults:
    def __init__(self, text: str, file: str) -> None:
        self._text, self._file = text, file
        self.found: list[Fault] = []

    def add(self, path: Path, message: str, suggestion: str = "") -> None:
        self.found.append(Fault(self._file, line_of(self._text, path), shown(path), message, suggestion))


def parse_shapes(text: str, file: str) -> tuple[dict[str, Shape], list[Fault]]:
    """The sound shapes of a file by name and all its faults, `MOST_FAULTS` at most; of a shape's geometry the first
    alone. With a fault the shapes are for looking only."""
    text = text.removeprefix("\ufeff")
    if len(text) > MOST_CHARACTERS:
        return {}, [Fault(file, 0, "", f"longer than {MOST_CHARACTERS} characters", "simplify the outlines")]
    root, wrong = read_json(text, file)
    if wrong:
        return {}, wrong
    faults = _Faults(text, file)
    shapes: dict[str, Shape] = {}
    for path, feature in _features(root, faults):
        if len(faults.found) >= MOST_FAULTS:
            break
        shape = _shape(feature, path, faults)
        if shape is not None and shape.name in shapes:
            faults.add((*path, "properties", "name"), f"a shape named {shape.name!r} is already there")
        elif shape is not None:
            shapes[shape.name] = shape
    points = sum(len(ring) for shape in shapes.values() for polygon in shape.polygons for ring in polygon)
    if points > MOST_POINTS:
        faults.add(("features",), f"{points} points, {MOST_POINTS} at most", "simplify the outlines")
    return shapes, sorted(faults.found)


def _features(root: Any, faults: _Faults) -> Iterator[tuple[Path, Any]]:
    if not isinstance(root, dict) or root.get("type") != "FeatureCollection":
        faults.add((), "must be a FeatureCollection", _LIKE)
        return
    features = root.get("features")
    if not isinstance(features, list):
        faults.add(("features",), "must be a list of features", _LIKE)
    elif len(features) > MOST_SHAPES:
        faults.add(("features",), f"{len(features)} features, {MOST_SHAPES} at most")
    else:
        yield from ((("features", number), feature) for number, feature in enumerate(features))


def _shape(feature: Any, path: Path, faults: _Faults) -> Shape | None:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        faults.add(path, "must be a Feature", 'such as {"type": "Feature", "properties": {...}, "geometry": {...}}')
        return None
    properties = feature.get("properties")
    if not isinstance(properties, dict):
        faults.add((*path, "properties"), "must be an object with the shape's name", 'such as {"name": "north"}')
        return None
    name, timezone = properties.get("name"), properties.get("timezone", "")
    where: Path = (*path, "properties", "name")
    if name is None:
        faults.add(where, "the name is missing", "name the shape as the registry names its district")
    elif not isinstance(name, str) or not ID.fullmatch(name):
        faults.add(where, f"{str(name)[:80]!r} is not a name", "use letters, digits and . _ : -, 64 at most")
        name = None
    known = timezone == "" or is_zone(timezone)
    if not known:
        hint = 'name one as "Europe/Madrid", or leave it out for the city\'s'
        faults.add((*path, "properties", "timezone"), f"{str(timezone)[:40]!r} is not a time zone", hint)
    polygons = _geometry(feature.get("geometry"), (*path, "geometry"), faults)
    return None if name is None or not known or polygons is None else Shape(name, polygons, timezone)


def is_zone(name: object) -> bool:
    """Whether it is a time zone's name in the IANA database."""
    try:
        return isinstance(name, str) and ZoneInfo(name) is not None
    except (ValueError, KeyError, OSError):
        return False


class _UnsoundError(Exception):
    """Where a geometry is at fault, and what to do."""

    def __init__(self, path: Path, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.path, self.suggestion = path, suggestion


def _geometry(geometry: Any, path: Path, faults: _Faults) -> tuple[Polygon, ...] | None:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        hint = nearest(kind, ("Polygon", "MultiPolygon")) if isinstance(kind, str) else ""
        faults.add(path, "must be a Polygon or a MultiPolygon", hint)
        return None
    where, found = (*path, "coordinates"), geometry.get("coordinates")
    try:
        if kind == "Polygon":
            return (_polygon(found, where),)
        return tuple(_polygon(item, (*where, i)) for i, item in enumerate(_list(found, where, 1, "polygons")))
    except _UnsoundError as error:
        faults.add(error.path, str(error), error.suggestion)
        return None


def _polygon(value: Any, path: Path) -> Polygon:
    return tuple(_ring(item, (*path, i)) for i, item in enumerate(_list(value, path, 1, "rings")))


def _ring(value: Any, path: Path) -> Ring:
    ring = tuple(_point(item, (*path, i)) for i, item in enumerate(_list(value, path, 4, "points")))
    if ring[0] != ring[-1]:
        raise _UnsoundError(path, "the ring is not closed", "repeat its first point at the end")
    if area(ring) == 0:
        raise _UnsoundError(path, "the ring encloses nothing")
    return ring


def _list(value: Any, path: Path, least: int, what: str) -> list[Any]:
    if not isinstance(value, list) or len(value) < least:
        raise _UnsoundError(path, f"must be a list of {least} {what} at least")
    return value


def _point(value: Any, path: Path) -> Point:
    """Longitude and latitude; a height is left out."""
    if not isinstance(value, list) or not 2 <= len(value) <= 3 or not all(map(_finite, value)):
        raise _UnsoundError(path, "a point is a list of two numbers", _ORDER)
    lon, lat = float(value[0]), float(value[1])
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise _UnsoundError(path, f"[{lon:g}, {lat:g}] is nowhere on Earth", _ORDER)
    return lon, lat


def _finite(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False
