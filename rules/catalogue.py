"""All rules and sensors of a city together: who is watched by what, and what does not fit."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from functools import cached_property
from hashlib import blake2b
from math import gcd
from zoneinfo import ZoneInfo

import msgspec

from rules.amend.cost import too_much_anew
from rules.areas.areas import Areas
from rules.areas.check import area_faults
from rules.areas.composite import CompositeSpec
from rules.attributes import resolved, words_of
from rules.calendar import Calendar
from rules.catalogue_checks import strange_attributes, strange_places, strange_times
from rules.derived.choice import Choice, choose
from rules.derived.names import DERIVED
from rules.derived.settings import Indices
from rules.duration import format_duration
from rules.faults import Fault, nearest
from rules.geography import Shape
from rules.hours import Hours
from rules.kinds.change import ChangeSpec
from rules.kinds.stretch import StretchSpec
from rules.kinds.window import WindowSpec
from rules.levels import Levels
from rules.rule import Place, Rule, Where
from rules.rule_file import parse_rules
from rules.sensor import Sensor
from rules.site import NOWHERE

__all__ = ["MOST_PANES", "Catalogue", "Rule", "check_catalogue", "parse_rules"]

NOTHING = Choice((), {})

MOST_PANES = 1500
"""Panes that the longest window of a series may consist of: a day in minutes fits, a day in seconds does not."""


@dataclass(frozen=True)
class Catalogue:
    """`sensors` by id; `rules` in the order in which they answer; `bridges`: the ids of the bridges whose ticks
    the clock waits for at the start; `indices`: how the city's indices are made, None for a city without any;
    `shapes`: the areas of the city's map, and `calendars`, by name."""

    sensors: Mapping[str, Sensor]
    rules: tuple[Rule, ...]
    bridges: tuple[str, ...] = ()
    indices: Indices | None = None
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    _by_metric: dict[str, tuple[Rule, ...]] = field(init=False, repr=False, compare=False)
    _choices: dict[tuple[object, ...], Choice] = field(default_factory=dict, init=False, repr=False, compare=False)
    _grounds: dict[Where, frozenset[str]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _hours: dict[tuple[object, ...], Hours] = field(default_factory=dict, init=False, repr=False, compare=False)
    _own: dict[tuple[object, ...], Rule] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Area rules watch no series themselves: what they ask of one is asked by hidden rules.
        rules = [rule for rule in self.rules if not isinstance(rule.spec, CompositeSpec)]
        metrics = {metric for rule in rules for metric in rule.metrics}
        by_metric = {metric: tuple(rule for rule in rules if metric in rule.metrics) for metric in metrics}
        object.__setattr__(self, "_by_metric", by_metric)

    @cached_property
    def hash(self) -> str:
        """Names all that can change an answer or an address: rules, and where each sensor belongs."""
        places = [_place_of(each) for each in sorted(self.sensors.values(), key=lambda each: each.id)]
        rules, bridges = [rule.hash for rule in self.rules], sorted(self.bridges)
        # What came later is named only where it is there, so that a city without it keeps its hash.
        later = [
            [repr(self.shapes[name]) for name in sorted(self.shapes)],
            [repr(self.calendars[name]) for name in sorted(self.calendars)],
            [(name, each.attributes) for name, each in sorted(self.sensors.items()) if each.attributes],
        ]
        says = (rules, places, bridges, repr(self.indices), *([later] if any(later) else []))
        content = msgspec.json.encode(says, order="deterministic")
        return blake2b(content, digest_size=16).hexdigest()

    @property
    def metrics(self) -> Collection[str]:
        """The metrics that some rule watches or something is made of."""
        made_of = {metric for sensor in self.sensors for metric in self.choice(sensor).collectors}
        return self._by_metric.keys() | self.areas.feeds.metrics | made_of

    @cached_property
    def areas(self) -> Areas:
        """The area rules with their groups, and what they ask of each series."""
        return Areas(self)

    def choice(self, sensor: str) -> Choice:
        """What is derived for a sensor of the registry (KeyError for another). Alike sensors share it."""
        known = self.sensors[sensor]
        if self.indices is None:
            return NOTHING
        key = tuple(known.channels), known.interval, known.free_flow, known.site
        if key not in self._choices:
            self._choices[key] = choose(known, self.indices)
        return self._choices[key]

    def has(self, sensor: Sensor, metric: str) -> bool:
        """Whether a sensor measures it, or it is derived for the sensor."""
        return metric in sensor.channels or (metric in DERIVED and metric in self.choice(sensor.id).metrics)

    def rules_for(self, sensor: str, metric: str) -> tuple[Rule, ...]:
        """The rules that watch this metric of this sensor; none for a sensor or metric that is not there."""
        known = self.sensors.get(sensor)
        if known is None or not self.has(known, metric):
            return ()
        return tuple(rule for rule in self._by_metric.get(metric, ()) if self.selects(rule, known))

    def rules_on(self, metric: str) -> tuple[Rule, ...]:
        """The rules that watch this metric of some sensor, in order."""
        return tuple(self._by_metric.get(metric, ()))

    def selects(self, rule: Rule, sensor: Sensor) -> bool:
        """Whether the sensor is one of those that the rule is about, whatever it measures."""
        where = rule.where
        if not where.matches(sensor):
            return False
        if not where.inside and where.near is None:
            return True
        ground = Where(inside=where.inside, near=where.near)
        if ground not in self._grounds:
            found = (each.id for each in self.sensors.values() if ground.stands(each, self.shapes, self.sensors))
            self._grounds[ground] = frozenset(found)
        return sensor.id in self._grounds[ground]

    def own(self, rule: Rule, sensor: Sensor) -> Rule:
        """The rule as it is for one sensor, with the values that its attributes give. Raises AttributeFaultError."""
        if not rule.attributes:
            return rule
        key = rule.name, words_of(rule.attributes, sensor)
        if key not in self._own:
            spec = rule.spec
            if isinstance(spec, Levels):
                spec = resolved(spec, rule.attributes, sensor)
            else:
                assert isinstance(spec, WindowSpec | StretchSpec | ChangeSpec)
                spec = replace(spec, levels=resolved(spec.levels, rule.attributes, sensor))
            self._own[key] = replace(rule, spec=spec, attributes=())
        return self._own[key]

    def zone(self, district: str) -> tzinfo:
        """The time zone of a district: that of the shape of its name, or else the city's."""
        shape = self.shapes.get(district)
        if shape is not None and shape.timezone:
            return ZoneInfo(shape.timezone)
        return self.indices.zone if self.indices is not None else UTC

    def hours(self, rule: Rule, sensor: Sensor) -> Hours | None:
        """When the rule is on for the sensor; None for always."""
        return self.hours_in(rule, sensor.district)

    def hours_in(self, rule: Rule, district: str) -> Hours | None:
        """When the rule is on in a district; None for always."""
        if not rule.when:
            return None
        zone = self.zone(district)
        key = rule.when, str(zone)
        if key not in self._hours:
            self._hours[key] = Hours(rule.when, zone, self.calendars)
        return self._hours[key]


def _place_of(each: Sensor) -> tuple[object, ...]:
    basic = each.id, each.kind, each.department, each.district, sorted(each.channels), each.interval, each.free_flow
    site = (repr(each.site),) if each.site != NOWHERE else ()
    return basic, each.lat, each.lon, each.group, each.downstream, each.status, *site


def check_catalogue(catalogue: Catalogue, departments: Collection[str]) -> list[Fault]:
    """What each file alone cannot show: names used twice, rules that watch nothing or refer to nothing, departments
    nobody knows."""
    return sorted(
        [
            *_names_twice(catalogue.rules),
            *(fault for rule in catalogue.rules for fault in _selects_nothing(rule, catalogue)),
            *(fault for rule in catalogue.rules for fault in _too_short(rule, catalogue)),
            *(fault for rule in catalogue.rules for fault in _strange_departments(rule, departments)),
            *(fault for rule in catalogue.rules for fault in strange_places(rule, catalogue)),
            *(fault for rule in catalogue.rules for fault in strange_times(rule, catalogue)),
            *(fault for rule in catalogue.rules for fault in strange_attributes(rule, catalogue)),
            *_panes_too_many(catalogue),
            *too_much_anew(catalogue.rules),
            *area_faults(catalogue, catalogue.areas),
        ]
    )


def _names_twice(rules: tuple[Rule, ...]) -> Iterator[Fault]:
    first: dict[str, Place] = {}
    for rule in rules:
        place = rule.place
        if (earlier := first.setdefault(rule.name, place)) is not place:
            message = f"a rule named {rule.name!r} is already in {earlier.file}:{earlier.line}"
            yield Fault(place.file, place.line_of("name"), f"{place.key}.name", message, "name one of them anew")


def _selects_nothing(rule: Rule, catalogue: Catalogue) -> Iterator[Fault]:
    place, sensors = rule.place, list(catalogue.sensors.values())
    known = {
        "kind": {each.kind for each in sensors},
        "district": {each.district for each in sensors},
        "department": {each.department for each in sensors},
        "sensor": {each.id for each in sensors},
    }
    strange = False
    for part, names in known.items():
        for word in getattr(rule.where, part):
            if word not in names:
                strange = True
                line, key = place.line_of(f"where.{part}"), f"{place.key}.where.{part}"
                what = f"there is no sensor {word!r}" if part == "sensor" else f"no sensor has the {part} {word!r}"
                yield Fault(place.file, line, key, what, nearest(word, names) if names else "")
    for metric in rule.metrics if not strange else ():
        if not any(catalogue.has(each, metric) and catalogue.selects(rule, each) for each in sensors):
            line, key = place.line_of("where" if rule.where != Where() else "metric"), place.key
            what = f"has what {metric} is made of" if metric in DERIVED else f"measures {metric}"
            yield Fault(place.file, line, key, f"no sensor that it selects {what}")


def _too_short(rule: Rule, catalogue: Catalogue) -> Iterator[Fault]:
    """A window that is over before the derived metric it wants is known."""
    if not isinstance(rule.spec, WindowSpec):
        return
    [metric], place = rule.metrics, rule.place
    for sensor in catalogue.sensors.values() if metric in DERIVED else ():
        if catalogue.selects(rule, sensor) and catalogue.has(sensor, metric):
            programs = catalogue.choice(sensor.id).programs
            every = next(program.every for program in programs if program.metric == metric)
            if rule.spec.every < every:
                message = f"{metric} of {sensor.id} comes every {format_duration(every)}: no window may be shorter"
                yield Fault(place.file, place.line_of("every"), f"{place.key}.every", message)
                return


def _strange_departments(rule: Rule, departments: Collection[str]) -> Iterator[Fault]:
    place = rule.place
    named = [("notify", word) for word in rule.notify]
    named += [(f"notify.{severity}", word) for severity, words in rule.routes for word in words]
    for where, word in named:
        if word not in departments:
            hint = nearest(word, departments) if departments else ""
            line, key = place.line_of(where), f"{place.key}.{where}"
            yield Fault(place.file, line, key, f"there is no department {word!r}", hint)


def _panes_too_many(catalogue: Catalogue) -> Iterator[Fault]:
    """One fault for each rule whose window, cut to the measure of its neighbours on some series, falls into too
    many panes: state and every decision grow with them."""
    told: set[str] = set()
    for sensor in catalogue.sensors.values():
        for metric in sensor.channels:
            windows = [
                (rule, rule.spec.length, rule.spec.grain)
                for rule in catalogue.rules_for(sensor.id, metric)
                if isinstance(rule.spec, WindowSpec)
            ]
            collector = catalogue.choice(sensor.id).collectors.get(metric)
            cut = (collector.every, collector.origin) if collector is not None else ()
            size = gcd(*(grain for _, _, grain in windows), *cut)
            for rule, length, grain in windows:
                if length // size > MOST_PANES and rule.name not in told:
                    told.add(rule.name)
                    names = ", ".join(each.name for each, other, _ in windows if other != length)
                    with_names = f"with {names} " if size < grain else ""
                    place = rule.place
                    message = f"{with_names}it is cut into {length // size} panes, {MOST_PANES} at most"
                    yield Fault(
                        place.file,
                        place.line_of("every"),
                        f"{place.key}.every",
                        message,
                        "make one length a multiple of the other, or the shorter one longer",
                    )
