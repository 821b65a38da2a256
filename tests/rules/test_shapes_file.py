"""districts.geojson: every fault names its place."""

import json
from typing import Any

import pytest

from rules import shapes_file
from rules.shapes_file import parse_shapes

RING: list[Any] = [[13.7, 51.0], [13.8, 51.0], [13.8, 51.1], [13.7, 51.0]]


def feature(name: Any = "north", geometry: Any = None, **properties: Any) -> dict[str, Any]:
    geometry = geometry or {"type": "Polygon", "coordinates": [RING]}
    return {"type": "Feature", "properties": {"name": name, **properties}, "geometry": geometry}


def file(*features: Any, **more: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}, indent=1)


def faults(text: str) -> list[str]:
    return [str(fault) for fault in parse_shapes(text, "d.geojson")[1]]


def test_polygons_and_multipolygons_with_all_that_tools_add() -> None:
    islands = {"type": "MultiPolygon", "coordinates": [[RING], [[[lon + 1, lat, 120.5] for lon, lat in RING]]]}
    text = file(feature(), feature("isles", islands, timezone="Atlantic/Canary", people=5), name="districts", bbox=[])
    found, wrong = parse_shapes("\ufeff" + text, "d.geojson")
    assert not wrong
    assert list(found) == ["north", "isles"]
    assert found["isles"].timezone == "Atlantic/Canary"
    assert found["isles"].contains(51.01, 14.75)
    assert not found["north"].contains(51.01, 14.75)
    assert found["north"].timezone == ""


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "d.geojson:1: not JSON: Expecting property name enclosed in double quotes"),
        ("[" * 100_000, "d.geojson: not JSON: too deep"),
        ('{"type": NaN}', "d.geojson: not JSON: NaN is no number"),
        ('{"type": 1, "type": 2}', "d.geojson: the key 'type' is there twice in one object"),
        ("[]", "d.geojson:1: must be a FeatureCollection"),
        ('{"type": "FeatureCollection"}', "d.geojson:1: features: must be a list of features"),
        (file(1), "d.geojson:4: features[0]: must be a Feature"),
        (file({"type": "Feature"}), "features[0].properties: must be an object"),
        (file(feature(None)), "d.geojson:7: features[0].properties.name: the name is missing"),
        (file(feature("a b")), "d.geojson:7: features[0].properties.name: 'a b' is not a name"),
        (file(feature(5)), "features[0].properties.name: '5' is not a name"),
        (file(feature(), feature()), "d.geojson:36: features[1].properties.name: a shape named 'north' is already"),
        (file(feature(timezone="Mars/Base")), "features[0].properties.timezone: 'Mars/Base' is not a time zone"),
        (file(feature(timezone="../x")), "features[0].properties.timezone: '../x' is not a time zone"),
        (file(feature(timezone=3)), "features[0].properties.timezone: '3' is not a time zone"),
        (file(feature(geometry={"type": "Point"})), "features[0].geometry: must be a Polygon or a MultiPolygon"),
        (file(feature(geometry={"type": "polygon"})), "did you mean 'Polygon'?"),
        (file(feature(geometry=[1])), "features[0].geometry: must be a Polygon"),
        (
            file(feature(geometry={"type": "Polygon", "coordinates": []})),
            "features[0].geometry.coordinates: must be a list of 1 rings at least",
        ),
        (
            file(feature(geometry={"type": "MultiPolygon", "coordinates": 5})),
            "features[0].geometry.coordinates: must be a list of 1 polygons at least",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, fault: str) -> None:
    [told] = faults(text)
    assert fault in told


@pytest.mark.parametrize(
    ("ring", "fault"),
    [
        (RING[:3], "coordinates[0]: must be a list of 4 points at least"),
        ([*RING[:3], [13.71, 51.0]], "coordinates[0]: the ring is not closed. repeat its first point"),
        ([RING[0], RING[1], RING[0], RING[0]], "coordinates[0]: the ring encloses nothing"),
        ([*RING[:2], [51.1], RING[0]], "coordinates[0][2]: a point is a list of two numbers"),
        ([*RING[:2], ["13", 51], RING[0]], "coordinates[0][2]: a point is"),
        ([*RING[:2], [True, 51], RING[0]], "coordinates[0][2]: a point is"),
        ([*RING[:2], [10**400, 51], RING[0]], "coordinates[0][2]: a point is"),
        ([*RING[:2], [1, 2, 3, 4], RING[0]], "coordinates[0][2]: a point is"),
        ([*RING[:2], {}, RING[0]], "coordinates[0][2]: a point is"),
        ([*RING[:2], [51.1, 113.8], RING[0]], "coordinates[0][2]: [51.1, 113.8] is nowhere on Earth. GeoJSON has lon"),
        ([*RING[:2], [451.1, 13.8], RING[0]], "is nowhere on Earth"),
    ],
)
def test_what_is_wrong_with_an_outline_is_told_with_its_place(ring: list[Any], fault: str) -> None:
    [told] = faults(file(feature(geometry={"type": "Polygon", "coordinates": [ring]})))
    assert fault in told


def test_every_shape_at_fault_is_told_up_to_a_bound() -> None:
    assert len(faults(file(*["x"] * 50))) == shapes_file.MOST_FAULTS
    assert len(faults(file(feature("a b"), feature("ok"), feature("c", {"type": "Point"})))) == 2


def test_the_line_is_that_of_the_value() -> None:
    text = (
        '{"type": "FeatureCollection", "x": {"features": [7]}, "features": [\n{"type": "Feature", "properties":\n'
        + (
            ' {"a\\"b": [[1], {"c": 2}], "name": "north"}, "geometry": {"type": "Polygon", "coordinates": [[\n'
            "[13.7, 51.0],\n[13.8, 51.0],\n[13.8, 951.1],\n[13.7, 51.0]]]}}]}"
        )
    )
    assert faults(text)[0].startswith("d.geojson:6: features[0].geometry.coordinates[0][2]: [13.8, 951.1]")


def test_a_file_has_its_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "longer than" in faults(" " * (shapes_file.MOST_CHARACTERS + 1))[0]
    assert "1001 features, 1000 at most" in faults(file(*range(1001)))[0]
    monkeypatch.setattr(shapes_file, "MOST_POINTS", 3)
    assert "4 points, 3 at most" in faults(file(feature()))[0]
