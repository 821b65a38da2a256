"""An area rule as a catalogue has it: with its groups, and with what its members turn out to be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from rules.areas.composite import CompositeSpec
from rules.areas.event import Event
from rules.areas.group import Group
from rules.areas.machine import GroupMachine
from rules.areas.member import Resolved
from rules.areas.timed_machine import TimedMachine
from rules.derived.choice import Choice
from rules.geography import Shape
from rules.hours import Hours
from rules.rule import Rule
from rules.sensor import Sensor


class City(Protocol):
    """What is asked of a catalogue."""

    @property
    def sensors(self) -> Mapping[str, Sensor]: ...
    @property
    def rules(self) -> tuple[Rule, ...]: ...
    @property
    def shapes(self) -> Mapping[str, Shape]: ...
    def has(self, sensor: Sensor, metric: str) -> bool: ...
    def choice(self, sensor: str) -> Choice: ...
    def rules_for(self, sensor: str, metric: str) -> tuple[Rule, ...]: ...
    def selects(self, rule: Rule, sensor: Sensor) -> bool: ...
    def hours_in(self, rule: Rule, district: str) -> Hours | None: ...


@dataclass(frozen=True)
class Composite:
    """An area rule as the catalogue has it. `mark` names how it and all that it asks judge; `metric`: what its findings
    are about; `rank`: behind all rules that it refers to; `delay` of its whole family (ms); `parents`: the
    rules that refer to it, with the number of the member; `hours`: when it is on for a group, None for always."""

    rule: Rule
    spec: CompositeSpec
    members: tuple[Resolved, ...]
    mark: str
    metric: str
    rank: int
    delay: int
    groups: Mapping[str, Group]
    parents: tuple[tuple[str, int], ...]
    hours: Callable[[Group], Hours] | None = None

    @cached_property
    def machine(self) -> GroupMachine[Any]:
        plain = self.spec.machine(self.members)
        return plain if self.hours is None else TimedMachine(plain, self.hours)

    def asks(self, key: str, member: int, sensor: str) -> bool:
        """Whether the group hears of this sensor as this member."""
        return self.spec.members[member].sensor == sensor or key in self.by_sensor.get(sensor, ())

    def order(self, event: Event) -> tuple[int, str, str, int]:
        """The place of an event among all of a group. Those of one watch at one time stay in the order in which they
        came."""
        number = event.member if event.member >= 0 else -1 - event.member
        return event.at, self.members[number].metric, event.sensor, event.member

    @cached_property
    def by_sensor(self) -> Mapping[str, tuple[str, ...]]:
        """The keys of the groups that a sensor is in."""
        found: dict[str, list[str]] = {}
        for key in self.groups:
            for sensor in self.groups[key].sensors:
                found.setdefault(sensor, []).append(key)
        return {sensor: tuple(keys) for sensor, keys in found.items()}

    def named(self, name: str) -> tuple[str, ...]:
        """The key of the group with this name, if there is one."""
        return self._names.get(name, ())

    @cached_property
    def _names(self) -> Mapping[str, tuple[str, ...]]:
        return {group.name: (key,) for key, group in self.groups.items()}
