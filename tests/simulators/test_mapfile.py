"""Maps are read strictly: every mistake is reported with its line and what to do."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from simulators import maps
from simulators.mapfile import load_map

GOOD = """\
layout: rows
sensor: "{name}"
kind: air
district: town
department: environment
interval: 1h
place: {lat: 1, lon: 2}
time: {column: when}
zone: Europe/Berlin
missing: ["NA", "", "-999"]
columns:
  PM: {metric: pm25, unit: ug/m3}
  wind: {metric: wind_direction, unit: deg, words: {N: 0, E: 90}}
"""


def test_a_map_says_what_it_says() -> None:
    found, faults = load_map(GOOD, "m.yaml")
    assert not faults
    assert found is not None
    assert (found.layout, found.sensor, found.kind, found.district) == ("rows", "{name}", "air", "town")
    assert found.interval == 3_600_000
    assert found.place == (1.0, 2.0)
    assert found.time.column == "when"
    assert found.zone == ZoneInfo("Europe/Berlin")
    assert found.missing == {"NA", "", "-999"}
    assert found.missing_numbers == {-999.0}
    assert found.columns["wind"].words == {"N": 0.0, "E": 90.0}
    assert [value.metric for value in found.values] == ["pm25", "wind_direction"]


@pytest.mark.parametrize("name", maps.names())
def test_every_map_that_ships_has_no_fault(name: str) -> None:
    file = maps.find(name)
    found, faults = load_map(file.read_text(encoding="utf-8"), file.name)
    assert not faults
    assert found is not None


def test_the_shipped_maps_are_found_by_name_and_others_by_path() -> None:
    assert maps.names() == ["beijing-air", "metr-la"]
    assert maps.find("metr-la").name == "metr-la.yaml"
    assert str(maps.find("some/where.yaml")) == "some/where.yaml"
    assert str(maps.find("unheard-of")) == "unheard-of"


def test_counted_rows_have_a_start() -> None:
    text = maps.find("metr-la").read_text(encoding="utf-8")
    found, _ = load_map(text, "m.yaml")
    assert found is not None
    assert found.time.start == datetime(2012, 3, 1)  # noqa: DTZ001 - local by design
    assert found.time.every == 300_000
    assert found.value is not None
    assert found.value.unit == "mph"


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("layout: rows", "layout: cols", 1, "did you mean"),
        ("layout: rows", "layout: columns", 1, "'values' is missing"),
        ("kind: air", "kinds: air", 3, "did you mean 'kind'"),
        ("kind: air", "kind: a/b", 3, "cannot stand in a topic"),
        ("interval: 1h", "interval: hourly", 6, "length of time"),
        ("lat: 1", "lat: 91", 7, "-90 and 90"),
        ("lon: 2", "lon: 200", 7, "-180 and 180"),
        ("zone: Europe/Berlin", "zone: Europe/Berlim", 9, "did you mean 'Europe/Berlin'"),
        ("zone: Europe/Berlin", "zone: Qqq", 9, "there is no time zone"),
        ("{column: when}", "{start: yesterday, every: 5min}", 8, "not a local time"),
        ("{column: when}", '{start: "2012-03-01T00:00Z", every: 5min}', 8, "not a local time"),
        ("{column: when}", "{year: y, month: m}", 8, "'day' is missing"),
        ("{column: when}", "{column: when, every: 5min}", 8, "unknown key"),
        ('sensor: "{name}"', "sensor: all", 2, "all sensors would be one"),
        ('sensor: "{name}"', 'sensor: "{name"', 2, "without its partner"),
        ("metric: pm25", "metric: pm", 12, "did you mean 'pm"),
        ("unit: ug/m3", "unit: degF", 12, "cannot be in 'degF'"),
        ("metric: wind_direction, unit: deg", "metric: pm25, unit: ug/m3", 13, "already read from the column 'PM'"),
        ("words: {N: 0", "words: {N: north", 13, "must be a number"),
        ('missing: ["NA", "", "-999"]', "missing: [NA, 0]", 10, "must be text"),
        ("kind: air", "kind: air\nlocations: {file: ../x, id: a, lat: b, lon: c}", 4, "beside the data"),
        ("kind: air", "kind: air\ndelimiter: '::'", 4, "one character"),
        ("kind: air", "kind: air\nkind: air", 4, "twice"),
        ("kind: air", "kind: air\nvalues: {metric: speed, unit: mph}", 4, "no place in layout"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(old: str, new: str, line: int, says: str) -> None:
    assert old in GOOD
    found, faults = load_map(GOOD.replace(old, new), "m.yaml")
    assert found is None
    assert any(says in str(fault) and fault.line == line for fault in faults), faults
    assert all(fault.file == "m.yaml" for fault in faults)


def test_where_columns_are_sensors_rows_are_counted_and_a_template_knows_no_column() -> None:
    wide = maps.find("metr-la").read_text(encoding="utf-8")
    _, faults = load_map(wide.replace('{start: "2012-03-01 00:00", every: 5min}', "{column: when}"), "m.yaml")
    assert any("rows are counted" in str(fault) for fault in faults)
    _, faults = load_map(wide.replace('"{column}"', '"{station}"'), "m.yaml")
    assert any("{station} has no meaning" in str(fault) for fault in faults)


@pytest.mark.parametrize("text", ["", "- a", "layout: [", "columns:\n", "a: &a [*a]"])
def test_what_is_no_map_at_all_is_said(text: str) -> None:
    found, faults = load_map(text, "m.yaml")
    assert found is None
    assert faults


def test_the_maps_in_the_documentation_have_no_fault() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "replay.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        found, faults = load_map(block, "replay.md")
        assert not faults
        assert found is not None
