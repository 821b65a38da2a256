"""Which sensors are judged together."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.areas.composite import Area
from rules.areas.groups import clusters
from rules.geography import Shape, distance
from rules.sensor import Sensor
from tests.support.judging import sensor

A = replace(sensor("a"), lat=48.0, lon=2.0, group="ring", downstream=("b", "x"))
B = replace(sensor("b", district="south"), lat=48.01, lon=2.0, group="ring")
C = replace(sensor("c"), lat=48.0, lon=2.02)
SQUARE = Shape("square", ((((1.99, 47.99), (2.01, 47.99), (2.01, 48.02), (1.99, 48.02), (1.99, 47.99)),),))
FAR = Shape("far", ((((9.0, 9.0), (9.1, 9.0), (9.1, 9.1), (9.0, 9.0)),),))


@pytest.mark.parametrize(
    ("area", "wanted"),
    [
        (Area(), {"a": "a", "b": "b", "c": "c"}),
        (Area("district"), {"north": "a c", "south": "b"}),
        (Area("city"), {"city": "a b c"}),
        (Area("group"), {"ring": "a b"}),
        (Area("neighbours"), {"a>b": "a b"}),
        (Area("radius", 1200), {"around a": "a b", "around b": "a b", "around c": "c"}),
        (Area("radius", 1600), {"around a": "a b c", "around b": "a b", "around c": "a c"}),
        (Area("inside", inside=("square", "nowhere", "far")), {"square": "a b"}),
    ],
)
def test_an_area_is_its_sensors(area: Area, wanted: dict[str, str]) -> None:
    found = clusters(area, [C, B, A], {"square": SQUARE, "far": FAR})
    assert {each.name: " ".join(each.sensors) for each in found} == wanted
    assert clusters(area, [], {}) == []


def test_neighbours_have_parts() -> None:
    [pair] = clusters(Area("neighbours"), [A, B], {})
    assert dict(pair.roles) == {"upstream": ("a",), "downstream": ("b",)}


def place(number: int, lat: float, lon: float) -> Sensor:
    return replace(sensor(f"s{number}"), lat=lat, lon=lon)


@given(
    st.lists(st.tuples(st.integers(-30, 30), st.integers(-30, 30)), max_size=14),
    st.sampled_from([(0.0, 0.0), (48.0, 2.0), (-17.0, 180.0), (69.0, -179.95), (88.9, 10.0), (-90.0, 0.0)]),
    st.sampled_from([1, 300, 2000, 100_000]),
)
@settings(max_examples=150, deadline=None)
def test_cells_find_whom_comparing_all_with_all_finds(
    steps: list[tuple[int, int]], centre: tuple[float, float], radius: int
) -> None:
    sensors = []
    for number, (north, east) in enumerate(steps):
        lat = max(-90.0, min(90.0, centre[0] + north / 500))
        sensors.append(place(number, lat, (centre[1] + east / 500 + 180) % 360 - 180))
    wanted = {
        f"around {a.id}": tuple(sorted(b.id for b in sensors if distance(a.lat, a.lon, b.lat, b.lon) <= radius))
        for a in sensors
    }
    assert {each.name: each.sensors for each in clusters(Area("radius", radius), sensors, {})} == wanted
