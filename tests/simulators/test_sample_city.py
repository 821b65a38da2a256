"""The committed sample city: made by its generator, sound, and big enough to be believed."""

from collections import Counter
from itertools import pairwise

from alerts.departments import parse_departments
from rules.catalogue import check_catalogue
from simulators import outlines, registry
from simulators.dead_gateway import GATEWAY
from tests.support.sample_city import FOLDER, catalogue, city_rules, sensors


def test_the_committed_registry_is_what_its_generator_makes() -> None:
    assert (FOLDER / "sensors.csv").read_text(encoding="utf-8") == registry.text()


def test_the_committed_map_is_what_its_generator_makes() -> None:
    assert (FOLDER / "districts.geojson").read_text(encoding="utf-8") == outlines.text()


def test_every_device_stands_in_its_own_district_and_in_no_other() -> None:
    shapes = catalogue().shapes
    for sensor in sensors().values():
        assert [name for name, shape in shapes.items() if shape.contains(sensor.lat, sensor.lon)] == [sensor.district]


def test_it_is_a_city_of_632_devices_in_six_districts_of_eight_kinds() -> None:
    assert len(sensors()) == 632
    assert set(Counter(sensor.district for sensor in sensors().values())) == {
        "centre", "north", "west", "east", "south", "harbour",
    }  # fmt: skip
    kinds = Counter(sensor.kind for sensor in sensors().values())
    assert kinds == {
        "air": 54, "weather": 36, "noise": 190, "water": 100, "traffic": 220,
        "underpass": 12, "railside": 8, "ringroad": 12,
    }  # fmt: skip


def test_it_has_what_a_real_registry_has() -> None:
    everyone = sensors().values()
    assert sum(sensor.gateway == GATEWAY for sensor in everyone) == 20
    assert {sensor.time for sensor in everyone} == {"rfc3339", "s", "ms"}
    units = {channel.unit for sensor in everyone for channel in sensor.channels.values()}
    assert {"ppm", "ppb", "degF", "mph", "%", "Pa", "cm"} <= units
    assert any(channel.calibrations for sensor in everyone for channel in sensor.channels.values())
    assert len({(sensor.lat, sensor.lon) for sensor in everyone}) > 590


def test_its_rules_and_departments_have_no_fault() -> None:
    text = (FOLDER / "departments.yaml").read_text(encoding="utf-8")
    departments, faults = parse_departments(text, "departments.yaml")
    assert not faults
    assert len(city_rules()) >= 15
    assert not check_catalogue(catalogue(), departments)
    assert {sensor.department for sensor in sensors().values()} <= set(departments)


def test_every_sensor_is_watched_for_silence() -> None:
    for sensor in sensors().values():
        kinds = {rule.kind for metric in sensor.channels for rule in catalogue().rules_for(sensor.id, metric)}
        assert "silence" in kinds, sensor.id


def test_gateways_speak_for_sensors_of_one_district_only() -> None:
    behind = sorted((sensor.gateway, sensor.district) for sensor in sensors().values() if sensor.gateway)
    assert not [pair for pair in pairwise(sorted(set(behind))) if pair[0][0] == pair[1][0]]
