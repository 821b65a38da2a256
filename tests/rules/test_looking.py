"""What tools for authors look at: values as they were written, the lines of nested keys, what the engine keeps."""

import pytest

from rules.catalogue import Catalogue, parse_rules
from rules.engine import Engine
from rules.frame import VERSION, Columns, Frame
from rules.rule import Rule
from rules.sensor import Channel, Sensor
from rules.strict_yaml import Node, read_yaml

TEXT = """rules:
  - name: smog
    kind: threshold
    metric: pm25
    where:
      kind: air
    above:
      yellow: 75
      red: 150
"""


def field(text: str) -> tuple[Node, list[str]]:
    root, faults = read_yaml(text, "x.yaml")
    assert root is not None
    fields = root.fields(("at",))
    assert fields is not None
    return fields["at"], [str(fault) for fault in faults]


@pytest.mark.parametrize(
    "text", ["12:00", "12:00:30", "2026-01-20", "2026-01-20T12:00:00Z", "80", "80 every 1min", "true"]
)
def test_a_scalar_is_what_stands_there(text: str) -> None:
    assert field(f"at: {text}")[0].scalar() == text


@pytest.mark.parametrize(("text", "what"), [("[1]", "a list"), ("{a: 1}", "a mapping"), ("", "nothing")])
def test_what_is_no_single_value_is_a_fault(text: str, what: str) -> None:
    root, faults = read_yaml(f"at: {text}", "x.yaml")
    assert root is not None
    fields = root.fields(("at",))
    assert fields is not None
    assert fields["at"].scalar() is None
    assert f"must be a single value, not {what}" in str(faults[0])


def smog() -> Rule:
    [rule], faults = parse_rules(TEXT, "air.yaml")
    assert not faults
    return rule


def test_a_place_knows_the_line_of_each_severity() -> None:
    place = smog().place
    assert [place.line_of(key) for key in ("above", "above.yellow", "above.red", "where.kind")] == [7, 8, 9, 6]


def test_a_series_can_be_looked_at() -> None:
    sensor = Sensor("a", "air", "environment", "north", 0.0, 0.0, {"pm25": Channel("ug/m3")})
    engine = Engine(Catalogue({"a": sensor}, (smog(),)), partition=0, partitions=1)
    assert engine.series("a", "pm25") is None
    assert engine.series("a", "nothing") is None
    engine.frame(0, Frame(VERSION, 1000, 1000, {"pm25": Columns(["a"], [5], [80.0])}))
    series = engine.series("a", "pm25")
    assert series is not None
    assert series.last == 1005
