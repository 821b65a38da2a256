"""The area rules of a catalogue: their groups, and what must be asked of which series for them."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from typing import Any

import msgspec

from rules.areas.compiled import City, Composite
from rules.areas.composite import CompositeSpec
from rules.areas.event import group_key
from rules.areas.family import families, ranks
from rules.areas.feeds import Feeds
from rules.areas.group import Group
from rules.areas.groups import clusters
from rules.areas.member import Member, Resolved, unit_of_values
from rules.derived.names import DERIVED
from rules.hours import Hours
from rules.kinds.silence import SilenceSpec
from rules.kinds.window import WindowSpec
from rules.levels import Levels
from rules.rule import Rule
from rules.sensor import Sensor


class Areas:
    """All area rules of a city. Rules that refer to what is not there, or in a circle, have no groups: `check` refuses
    them."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._simple = {rule.name: rule for rule in city.rules if not isinstance(rule.spec, CompositeSpec)}
        specs = {rule.name: rule.spec for rule in city.rules if isinstance(rule.spec, CompositeSpec)}
        wanted = {name: [member.rule for member in spec.members if member.rule] for name, spec in specs.items()}
        self.rules: dict[str, Composite] = {}
        self._families = families(wanted)
        self._wanted = wanted
        by_name = {rule.name: rule for rule in city.rules}
        for name, rank in ranks(wanted).items():
            found = self._compile(by_name[name], specs[name], rank)
            if found is not None:
                self.rules[name] = found
        self.rules = {rule.name: self.rules[rule.name] for rule in city.rules if rule.name in self.rules}
        self.feeds = Feeds(city, self.rules.values(), self._applies)
        self._above: dict[str, tuple[tuple[str, int], ...]] = {}
        self.groups: dict[str, tuple[Composite, Group]] = {
            key: (each, group) for each in self.rules.values() for key, group in each.groups.items()
        }

    def above(self, key: str) -> tuple[tuple[str, int], ...]:
        """The groups, with the number of the member, that hear of the state of a group: those of the same name, and
        those that all its sensors are in."""
        if key not in self._above:
            self._above[key] = tuple(self._hearers(*self.groups[key]))
        return self._above[key]

    def _hearers(self, composite: Composite, group: Group) -> Iterator[tuple[str, int]]:
        own = frozenset(group.sensors)
        for parent, member in composite.parents:
            if (upper := self.rules.get(parent)) is None:
                continue
            same = upper.spec.area == composite.spec.area
            for each in sorted({*upper.by_sensor.get(group.sensors[0], ()), *upper.named(group.name)}):
                other = upper.groups[each]
                if (same and other.name == group.name) or own <= frozenset(other.sensors):
                    yield each, member

    def _compile(self, rule: Rule, spec: CompositeSpec, rank: int) -> Composite | None:
        members = [self._resolve(member) for member in spec.members]
        if any(member is None for member in members):
            return None
        resolved = tuple(
            replace(found, sensors=self._askable(member))
            for member, found in zip(spec.members, members, strict=True)
            if found is not None
        )
        family = self._families.get(rule.name, "")
        mark = self._mark(rule, spec)
        metric = next((each.metric for each in resolved if each.metric), "")
        groups = self._groups(rule, spec, mark, family)
        kin = [name for name, own in self._families.items() if own == family] if family else [rule.name]
        specs = {each.name: each.spec for each in self._city.rules}
        delay = max(self._delay(other) for name in kin if isinstance(other := specs[name], CompositeSpec))
        parents = tuple(
            (name, number)
            for name in self._wanted
            if isinstance(other := specs[name], CompositeSpec)
            for number, member in enumerate(other.members)
            if member.rule == rule.name
        )
        hours = partial(self._hours, rule) if rule.when else None
        return Composite(rule, spec, resolved, mark, metric, rank, delay, groups, parents, hours)

    def _hours(self, rule: Rule, group: Group) -> Hours:
        """In the time zone of the group's district, or of the shape that it is."""
        hours = self._city.hours_in(rule, group.district or group.name)
        assert hours is not None
        return hours

    def _resolve(self, member: Member) -> Resolved | None:
        if not member.rule:
            unit = unit_of_values(member.metric, member.spec)
            silence = isinstance(member.spec, SilenceSpec)
            return Resolved(member.metric, unit, severities_of(member.spec), health=not silence)
        if (area := self.rules.get(member.rule)) is not None:
            unit = area.spec.unit(area.members)
            return Resolved(area.metric, unit, area.spec.severities(), area=True, health=False)
        rule = self._simple.get(member.rule)
        if rule is None or (metric := metric_of(member, rule)) is None:
            return None
        silence = isinstance(rule.spec, SilenceSpec)
        return Resolved(metric, unit_of_values(metric, rule.spec), severities_of(rule.spec), health=not silence)

    def _askable(self, member: Member) -> frozenset[str]:
        if member.sensor:
            return frozenset((member.sensor,))
        return frozenset(name for name, sensor in self._city.sensors.items() if self._applies(member, sensor))

    def _mark(self, rule: Rule, spec: CompositeSpec) -> str:
        """What an event is meant for: the rule with all that it asks. Where any of it judges otherwise, what was
        known of it is of no use."""
        asked = [
            self.rules[member.rule].mark if member.rule in self.rules else self._simple[member.rule].judgement_hash
            for member in spec.members
            if member.rule
        ]
        return blake2b(msgspec.json.encode([rule.judgement_hash, asked]), digest_size=4).hexdigest()

    def _delay(self, spec: CompositeSpec) -> int:
        delays = [spec.delay]
        for member in spec.members:
            rule = self._simple.get(member.rule)
            asked = member.spec if rule is None else rule.spec
            window = getattr(asked, "window", asked)
            if isinstance(window, WindowSpec):
                delays.append(window.delay)
            metric = member.metric if rule is None else metric_of(member, rule)
            if metric in DERIVED:
                delays += [
                    collector.delay
                    for sensor in self._city.sensors
                    for collector in self._city.choice(sensor).collectors.values()
                ]
        return max(delays)

    def _applies(self, member: Member, sensor: Sensor) -> bool:
        """Whether the member can be asked of the sensor, or of the one that it names beside it."""
        if member.sensor:
            named = self._city.sensors.get(member.sensor)
            return named is not None and named is not sensor and self._city.has(named, member.metric)
        if not member.rule:
            return self._city.has(sensor, member.metric)
        if (area := self.rules.get(member.rule)) is not None:
            return sensor.id in area.by_sensor
        rule = self._simple[member.rule]
        metric = metric_of(member, rule)
        assert metric is not None
        return rule in self._city.rules_for(sensor.id, metric)

    def _groups(self, rule: Rule, spec: CompositeSpec, mark: str, family: str) -> dict[str, Group]:
        enough = all if spec.everyone else any
        asked = [
            sensor
            for sensor in self._city.sensors.values()
            if self._city.selects(rule, sensor) and enough(self._applies(member, sensor) for member in spec.members)
        ]
        known = self._city.sensors
        groups = {}
        for name, ids, roles in clusters(spec.area, asked, self._city.shapes):
            districts = {known[each].district for each in ids}
            away = {each: known[each].status for each in ids if known[each].status != "active"}
            district = districts.pop() if len(districts) == 1 else ""
            key = group_key(rule.name, mark, name, family)
            groups[key] = Group(key, rule.name, name, ids, district, dict(roles), away)
        return groups


def metric_of(member: Member, rule: Rule) -> str | None:
    """The metric of another rule that a member means; None when it has to say and does not, or says another."""
    if member.metric:
        return member.metric if member.metric in rule.metrics else None
    return rule.metrics[0] if len(rule.metrics) == 1 else None


def severities_of(spec: Any) -> tuple[str, ...]:
    """The severities that a condition on one series may have, in order of gravity."""
    levels = spec if isinstance(spec, Levels) else getattr(spec, "levels", None)
    if isinstance(levels, Levels):
        return tuple(level.severity for level in levels.levels)
    return (spec.severity,) if isinstance(spec, SilenceSpec) else ()
