"""Which sensors are a group, by the words of the key `area`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import cos, degrees, floor, radians
from typing import NamedTuple

from rules.areas.composite import Area
from rules.geography import EARTH, Shape, distance
from rules.sensor import Sensor

CITY = "city"


class Cluster(NamedTuple):
    """A group to be: its name, its sensors and the parts they play."""

    name: str
    sensors: tuple[str, ...]
    roles: tuple[tuple[str, tuple[str, ...]], ...] = ()


def clusters(area: Area, sensors: Sequence[Sensor], shapes: Mapping[str, Shape]) -> list[Cluster]:
    """The groups that these sensors form, by name. Shapes that the map has not are none, nor is one without sensors."""
    if area.by == "sensor":
        found: Iterable[Cluster] = (Cluster(each.id, (each.id,)) for each in sensors)
    elif area.by == "district":
        found = _by_name((each.district, each.id) for each in sensors)
    elif area.by == "group":
        found = _by_name((each.group, each.id) for each in sensors if each.group)
    elif area.by == "city":
        found = _by_name((CITY, each.id) for each in sensors)
    elif area.by == "inside":
        known = [shapes[name] for name in area.inside if name in shapes]
        found = _by_name(
            (shape.name, each.id) for shape in known for each in sensors if shape.contains(each.lat, each.lon)
        )
    elif area.by == "neighbours":
        found = _neighbours(sensors)
    else:
        found = _around(sensors, area.radius)
    return sorted(found)


def _by_name(pairs: Iterable[tuple[str, str]]) -> Iterator[Cluster]:
    found: dict[str, list[str]] = {}
    for name, sensor in pairs:
        found.setdefault(name, []).append(sensor)
    return (Cluster(name, tuple(sorted(ids))) for name, ids in found.items())


def _neighbours(sensors: Sequence[Sensor]) -> Iterator[Cluster]:
    known = {each.id for each in sensors}
    for upper in sensors:
        for lower in upper.downstream:
            if lower in known:
                roles = (("upstream", (upper.id,)), ("downstream", (lower,)))
                yield Cluster(f"{upper.id}>{lower}", tuple(sorted((upper.id, lower))), roles)


def _around(sensors: Sequence[Sensor], radius: int) -> Iterator[Cluster]:
    """Each sensor with those at most `radius` metres away. Cells as wide as the radius keep a large city from being
    compared with itself whole."""
    if not sensors:
        return
    north = degrees(radius / EARTH) * 1.001
    highest = max(abs(each.lat) for each in sensors) + north
    east = north / cos(radians(highest)) if highest < 89 else 360.0
    around = max(1, floor(360.0 / east))  # cells that go once round the Earth, each as wide as `east` or wider
    cells: dict[tuple[int, int], list[Sensor]] = {}

    def cell(each: Sensor) -> tuple[int, int]:
        return floor(each.lat / north), floor((each.lon + 180.0) / 360.0 * around) % around

    for each in sensors:
        cells.setdefault(cell(each), []).append(each)
    for each in sensors:
        row, column = cell(each)
        nearby = {(r, c % around) for r in (row - 1, row, row + 1) for c in (column - 1, column, column + 1)}
        near = sorted(
            other.id
            for place in nearby
            for other in cells.get(place, ())
            if distance(each.lat, each.lon, other.lat, other.lon) <= radius
        )
        yield Cluster(f"around {each.id}", tuple(near))
