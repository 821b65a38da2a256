"""The examples and drawings of sequence, compare, combine and incident that the page shows: they do what it says."""

import re
from dataclasses import replace

import pytest

from rules.areas.combine_machine import CombineMachine, Together
from rules.areas.conditions import Condition
from rules.areas.sequence_machine import Order, SequenceMachine
from rules.finding import Finding
from tests.rules.areas.test_area_docs import PAGE, page_city, play
from tests.support.group_play import MINUTE, alone, asked, draw
from tests.support.judging import T, sensor

Reading = tuple[str, str, float, float]


def row(name: str, metric: str, values: str, scale: float = 1.0, every: int = 1) -> list[Reading]:
    """Readings a place each, `every` so many minutes: a digit times `scale`, nothing for "."."""
    return [(name, metric, place * 60.0 * every, int(sign) * scale) for place, sign in enumerate(values) if sign != "."]


def short(found: Finding) -> str:
    severity = found.severity or found.was
    return f"{found.rule} {found.entity.partition('/')[0]} {found.change} {severity} @{(found.at - T) / 60_000:g}"


def told(kind: str, sensors: list[object], readings: list[Reading], until: int = 60) -> list[str]:
    city = page_city(kind, *sensors)  # type: ignore[arg-type]
    return [short(each) for each in play(city, readings, until * 60)]


def test_the_queue_grows_upstream() -> None:
    road = [
        replace(sensor("r1", "speed"), downstream=("r2",)),
        replace(sensor("r2", "speed"), downstream=("r3",)),
        sensor("r3", "speed"),
    ]
    readings = [*row("r3", "speed", "6111111666", 10), *row("r2", "speed", "6666111666", 10)]
    readings += row("r1", "speed", "6166666666", 10)
    found = told("sequence", road, readings, 10)
    assert found == ["queue-grows r2>r3 fired orange @4", "queue-grows r2>r3 cleared orange @7"]


def test_the_pump_does_not_start() -> None:
    station = [
        replace(sensor("gauge", "water_level"), group="north-pump"),
        replace(sensor("pump", "flow"), group="north-pump"),
    ]
    readings = [*row("gauge", "water_level", "2" * 5 + "4" * 25), *row("pump", "flow", "0" * 20 + "9" * 10)]
    assert told("sequence", station, readings, 30) == [
        "pump-idle north-pump fired red @17",
        "pump-idle north-pump cleared red @20",
    ]


def test_comparisons() -> None:
    gauges = [sensor(name, "water_level") for name in ("gauge-ref", "gauge-1")]
    readings = [
        *row("gauge-ref", "water_level", "1" * 15, every=10),
        *row("gauge-1", "water_level", "1" + "2" * 14, every=10),
    ]
    assert told("compare", gauges, readings, 150) == ["twin-gauges gauge-1 fired red @70"]
    air = [sensor("air", "pm25", "pm10")]
    both = [
        ("air", "pm25", 0.0, 30.0),
        ("air", "pm10", 20.0, 25.0),
        ("air", "pm25", 60.0, 10.0),
        ("air", "pm10", 100.0, 2.0),
    ]
    # ten seconds more apart than thirty: not compared
    assert told("compare", air, both, 5) == ["fine-share air fired yellow @0.333333"]
    road = [replace(sensor("r1", "flow"), downstream=("r2",)), sensor("r2", "flow")]
    flows = [*row("r1", "flow", "9" * 40, 100), *row("r2", "flow", "9" * 15 + "2" * 25, 100)]
    assert told("compare", road, flows, 40) == ["vehicles-vanish r1>r2 fired yellow @30"]


def test_a_combination_of_a_district() -> None:
    district = [sensor("air", "pm10", "no2"), sensor("weather", "wind_speed", "humidity")]
    readings = [*row("air", "pm10", "2" * 90, 100), *row("weather", "wind_speed", "4" + "1" * 59 + "4" * 30)]
    readings += row("weather", "humidity", "9" * 90, 0.1)
    found = told("combine", district, readings, 90)
    assert [each for each in found if not each.startswith("smog-pm10")] == [
        "smog-without-wind north fired orange @31",
        "smog-without-wind north cleared orange @75",
    ]


def test_an_incident() -> None:
    road = [
        replace(sensor("r1", "occupancy", kind="ringroad"), downstream=("r2",)),
        sensor("r2", "occupancy", kind="ringroad"),
    ]
    readings = [*row("r1", "occupancy", "22266666222", 0.1), *row("r2", "occupancy", "22211111222", 0.1)]
    assert told("incident", road, readings, 11) == [
        "crash r1>r2 fired yellow @4",
        "crash r1>r2 changed red @5",
        "crash r1>r2 cleared red @9",
    ]
    city = page_city("incident", *road)
    assert play(city, readings, 660)[0].text == "Incident between r1>r2: occupancy 0.5 higher upstream"


def lines(heading: str) -> list[str]:
    """The drawings of a section: its indented lines."""
    [section] = re.findall(rf"^## {heading}: .*?\n(.*?)^## ", PAGE, re.DOTALL | re.MULTILINE)
    return [
        line.strip() for line in re.sub(r"```.*?```", "", section, flags=re.DOTALL).splitlines() if line[:4] == "    "
    ]


@pytest.mark.parametrize(
    ("missing", "first", "then", "so"),
    [
        (False, "__#________#____", "____##_______##_", "----##-------##-"),
        (True, "__########__", "________#___", "------##----"),
    ],
)
def test_the_drawings_of_a_sequence(missing: bool, first: str, then: str, so: str) -> None:
    shown = " ".join(lines("sequence"))
    assert first in shown and then in shown and so in shown
    machine = SequenceMachine(Order("red", 4 * MINUTE, missing), asked("flow", "speed"))
    assert draw(machine, alone("a"), f"0 a {first}", f"1 a {then}") == so.replace("-", "_")


def test_the_drawing_of_a_combination() -> None:
    one, two, so = (re.findall(r"[_#.?]{12}", line)[0] for line in lines("combine"))
    both = Condition("all", (Condition("is", (), 0), Condition("is", (), 1)))
    assert (
        draw(CombineMachine(Together(both, "red"), asked("flow", "speed")), alone("a"), f"0 a {one}", f"1 a {two}")
        == so
    )


def test_where_nothing_is_on_only_a_sequence_says_that_nobody_knows() -> None:
    air = [sensor("air", "pm25", "pm10")]
    assert told("compare", air, [*row("air", "pm25", "1"), *row("air", "pm10", "2")], 60) == []
    road = [
        replace(sensor("r1", "occupancy", kind="ringroad"), downstream=("r2",)),
        sensor("r2", "occupancy", kind="ringroad"),
    ]
    readings = [*row("r1", "occupancy", "2222.2222", 0.1), *row("r2", "occupancy", "222222222", 0.1)]
    assert told("incident", road, readings, 9) == []
    gauges = [sensor("gauge-ref", "water_level"), sensor("gauge-1", "water_level")]
    levels = [*row("gauge-ref", "water_level", "11", every=10), *row("gauge-1", "water_level", "11", every=10)]
    assert told("compare", gauges, levels, 120) == []
    station = [replace(sensor("gauge", "water_level"), group="p"), replace(sensor("pump", "flow"), group="p")]
    found = told("sequence", station, row("gauge", "water_level", "2" * 5 + "4" * 25), 30)
    assert found == ["pump-idle p undecided  @17"]
