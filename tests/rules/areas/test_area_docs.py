"""The examples of area rules that the page shows: they are sound, and do what it says."""

import re
from dataclasses import replace
from pathlib import Path

from rules.areas.pair import Pair
from rules.catalogue import Catalogue, check_catalogue, parse_rules
from rules.finding import Finding
from rules.sensor import Sensor
from tests.support.judging import T, frame, sensor, tick

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "rules.md").read_text()


def page_city(kind: str, *sensors: Sensor) -> Catalogue:
    [section] = re.findall(rf"^## {kind}: .*?```yaml\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE)
    rules, faults = parse_rules(section, "rules.md")
    assert rules and not faults
    return Catalogue({each.id: each for each in sensors}, tuple(rules))


def play(city: Catalogue, readings: list[tuple[str, str, float, float]], until: int) -> list[Finding]:
    pair, found = Pair(city), []
    left = sorted(readings, key=lambda each: each[2])
    for second in range(0, until, 30):
        while left and left[0][2] <= second:
            found += pair.frame(pair.position, frame(left.pop(0)))
        found += pair.tick(pair.position, tick(second))
    return found


def short(found: Finding) -> str:
    assert found.area is not None
    return f"{found.rule} {found.change} {found.severity or found.was} @{(found.at - T) / 60_000:g}min {found.text}"


def every_minute(
    name: str, metric: str, value: float, since: int = 0, until: int = 40
) -> list[tuple[str, str, float, float]]:
    return [(name, metric, minute * 60.0, value) for minute in range(since, until)]


def test_the_quorums() -> None:
    air = [sensor(name) for name in ("a", "b", "c")]
    water = [replace(sensor(name, "water_level"), kind="water", department="w") for name in ("u", "v")]
    city = page_city("quorum", *air, *water)
    assert [each.message for each in check_catalogue(city, ["water"])] == []
    readings = every_minute("a", "pm25", 120) + every_minute("b", "pm25", 50) + every_minute("c", "pm25", 50)
    readings += every_minute("u", "water_level", 4, 10, 11) + every_minute("u", "water_level", 1, 11)
    readings += every_minute("v", "water_level", 1, 0, 20) + every_minute("v", "water_level", 4, 20, 21)
    readings += every_minute("v", "water_level", 1, 21)
    assert [short(each) for each in play(city, readings, 2400)] == [
        "smog-widespread fired yellow @5min pm25 in north: 1 of 3 sensors, limit 30 %",
        "water-rising fired yellow @20min 2 of 2 gauges around u are high",
        "water-rising fired yellow @20min 2 of 2 gauges around v are high",
        "water-rising cleared yellow @36min Cleared: 0 of 2 gauges around u are high",
        "water-rising cleared yellow @36min Cleared: 0 of 2 gauges around v are high",
    ]


def test_the_aggregates() -> None:
    city = page_city("area", *[sensor(name, "noise", "temperature") for name in ("a", "b", "c")])
    assert check_catalogue(city, []) == []
    readings = every_minute("a", "noise", 70, 0, 16) + every_minute("b", "noise", 60, 0, 16)
    readings += every_minute("c", "temperature", 36) + every_minute("b", "temperature", 37)
    readings += every_minute("a", "temperature", 20)
    assert [short(each) for each in play(city, readings, 3900)] == [
        "district-noise fired yellow @15min noise: 67.404 dB(A) in north (2 sensors), limit 65",
        "district-noise undecided yellow @30min Cannot decide about district-noise in north: "
        "0 of 3 sensors can be asked, 2 needed",
        "heat-of-the-city fired orange @60min temperature: 36 degC in city (3 sensors), limit 35",
    ]
