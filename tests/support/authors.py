"""A little registry, and rules for it, for the tests of the authors' tools."""

from rules.catalogue import Catalogue, parse_rules
from rules.rule import Rule
from rules.sensor import Channel, Sensor

MIN = 60_000
NOON = 1_767_268_800_000
"""2026-01-01T12:00:00Z"""


def sensor(name: str, kind: str = "air", metrics: str = "pm25", interval: int = MIN, district: str = "north") -> Sensor:
    channels = {metric: Channel("") for metric in metrics.split()}
    return Sensor(name, kind, "environment", district, 0.0, 0.0, channels, interval)


def rules_of(text: str) -> tuple[Rule, ...]:
    """Rules as lines of YAML flow, such as `name: a, kind: ...`; each becomes a rule."""
    whole = "rules:\n" + "".join(f"  - {{{line.strip()}}}\n" for line in text.strip().splitlines())
    found, faults = parse_rules(whole, "rules.yaml")
    assert not faults, faults
    return tuple(found)


def catalogue_of(text: str, *sensors: Sensor) -> Catalogue:
    return Catalogue({each.id: each for each in sensors or (sensor("a"),)}, rules_of(text))
