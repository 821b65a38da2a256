"""Rules on places of the map: shapes, and what is near."""

from dataclasses import replace

from rules.catalogue import Catalogue, check_catalogue, parse_rules
from rules.geography import Shape
from rules.sensor import Sensor
from tests.support.judging import frame, judge, sensor

RING = ((13.0, 51.0), (14.0, 51.0), (14.0, 52.0), (13.0, 52.0), (13.0, 51.0))
SHAPES = {"park": Shape("park", ((RING,),)), "lake": Shape("lake", ((tuple((x + 5, y) for x, y in RING),),))}


def at(name: str, lat: float, lon: float) -> Sensor:
    return replace(sensor(name), lat=lat, lon=lon)


SENSORS = [at("a", 51.5, 13.5), at("b", 51.5, 18.5), at("c", 51.5, 30.0), at("d", 51.509, 30.0)]


def city(where: str, shapes: dict[str, Shape] | None = None) -> Catalogue:
    text = f"rules:\n  - {{name: r, kind: threshold, metric: pm25, above: {{red: 1}}, where: {where}}}"
    found, faults = parse_rules(text, "rules.yaml")
    assert not faults, faults
    return Catalogue({each.id: each for each in SENSORS}, tuple(found), shapes=SHAPES if shapes is None else shapes)


def watched(where: str) -> list[str]:
    readings = [(each.id, "pm25", 0.0, 9.0) for each in SENSORS]
    return [each.sensor for each in judge(city(where), [frame(*readings)])]


def test_inside_one_of_the_shapes() -> None:
    assert watched("{inside: park}") == ["a"]
    assert watched("{inside: [park, lake]}") == ["a", "b"]
    assert watched("{inside: [park, lake], sensor: [b, c]}") == ["b"]


def test_near_a_place_or_a_sensor() -> None:
    assert watched("{near: {lat: 51.5, lon: 30, radius: 1km}}") == ["c"]  # the other is 1,001 m away
    assert watched("{near: {sensor: c, radius: 1001m}}") == ["c", "d"]
    assert watched("{near: {sensor: c, radius: 1001m}, inside: park}") == []


def test_what_is_not_there_has_nothing_in_it() -> None:
    assert watched("{near: {sensor: x, radius: 1km}}") == []
    assert watched("{inside: forest}") == []


def test_unknown_places_are_faults() -> None:
    def told(where: str, shapes: dict[str, Shape] | None = None) -> list[str]:
        found = [str(fault) for fault in check_catalogue(city(where, shapes), ["env"])]
        return [each for each in found if "no sensor that it selects" not in each]

    assert told("{inside: [park, lak]}") == [
        "rules.yaml:2: rules[0].where.inside: there is no shape 'lak'. did you mean 'lake'?"
    ]
    assert told("{inside: park}", {})[0].endswith("there is no shape 'park'. add it to districts.geojson")
    assert told("{near: {sensor: aa, radius: 1km}}") == [
        "rules.yaml:2: rules[0].where.near: there is no sensor 'aa'. did you mean 'a'?"
    ]
    assert told("{near: {sensor: c, radius: 1km}}") == []


def test_a_rule_that_selects_nothing_is_a_fault() -> None:
    faults = check_catalogue(city("{inside: park, sensor: b}"), ["env"])
    assert [fault.message for fault in faults] == ["no sensor that it selects measures pm25"]
