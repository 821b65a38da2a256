"""A test of rules: given these sensors and rules, when these readings come, then just these findings follow."""

from collections.abc import Mapping
from dataclasses import dataclass

from rules.sensor import Sensor
from urbanpulse.authors.memory_log import Reading

CHANGES = ("fired", "changed", "cleared", "undecided", "amended", "withdrawn")


@dataclass(frozen=True, slots=True)
class Expected:
    """A finding that must come at `at` (ms). `severity` is the new one, and of one that is over or never was the one it
    had. An empty `metric`, and None, ask for nothing. `area`: the name of the group that it is about, instead of a
    sensor."""

    at: int
    rule: str
    sensor: str
    change: str
    severity: str
    line: int
    metric: str = ""
    value: float | None = None
    notify: tuple[str, ...] | None = None
    area: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One test. `rules`: those that judge; `arrivals`: (when it arrives, reading), both ms, in the order of arrival;
    findings after `until` are not looked at."""

    name: str
    file: str
    line: int
    rules: tuple[str, ...]
    sensors: Mapping[str, Sensor]
    start: int
    tick: int
    until: int
    arrivals: tuple[tuple[int, Reading], ...]
    expected: tuple[Expected, ...]

    @property
    def named(self) -> frozenset[str]:
        """The sensors that it speaks of."""
        return frozenset([*(each[1][1] for each in self.arrivals), *(each.sensor for each in self.expected)])
