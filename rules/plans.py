"""Which plan each series has; the same plan for all series that the same rules watch and the same windows are cut
of."""

from collections.abc import Iterator
from contextlib import suppress

from rules.attributes import AttributeFaultError
from rules.catalogue import Catalogue
from rules.derived.collector import Collector
from rules.rule import Rule
from rules.sensor import Sensor
from rules.watch import Plan, Watch


class Plans:
    """The plans of a catalogue, made when they are asked for."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        # Of one rule several, where sensors have values or a time zone of their own.
        self._watches: dict[tuple[str, int, int], Watch] = {}
        self._plans: dict[tuple[tuple[Watch, ...], Collector | None], Plan] = {}
        self._chosen: dict[tuple[str, str], Plan | None] = {}
        # By metric, kind, district and department: a rule where more must be known of a sensor, else its watch.
        self._alike: dict[tuple[str, str, str, str], tuple[Watch | Rule, ...]] = {}

    def of(self, sensor: str, metric: str) -> Plan | None:
        """None for a series that nobody watches and nothing is made of."""
        if sensor not in self._catalogue.sensors:
            return None
        key = sensor, metric
        if key not in self._chosen:
            self._chosen[key] = self._choose(sensor, metric)
        return self._chosen[key]

    def _choose(self, sensor: str, metric: str) -> Plan | None:
        known = self._catalogue.sensors[sensor]
        watches = (*self._watches_of(known, metric), *self._hidden_of(known, metric))
        collector = self._catalogue.choice(sensor).collectors.get(metric)
        if not watches and collector is None:
            return None
        key = watches, collector
        if key not in self._plans:
            self._plans[key] = Plan(watches, collector)
        return self._plans[key]

    def _watches_of(self, sensor: Sensor, metric: str) -> Iterator[Watch]:
        """Of the rules that select the sensor, as Catalogue.rules_for, which a thousand rules would make slow to ask
        for each of ten thousand sensors."""
        if not self._catalogue.has(sensor, metric):
            return
        key = metric, sensor.kind, sensor.district, sensor.department
        if key not in self._alike:
            rules = (rule for rule in self._catalogue.rules_on(metric) if rule.where.could_match(sensor))
            self._alike[key] = tuple(rule if _depends(rule) else self._watch(rule, sensor) for rule in rules)
        for each in self._alike[key]:
            if isinstance(each, Watch):
                yield each
            elif self._catalogue.selects(each, sensor):
                with suppress(AttributeFaultError):  # a fault that `check` tells; no reason for the judge to stop
                    yield self._watch(each, sensor)

    def _hidden_of(self, sensor: Sensor, metric: str) -> Iterator[Watch]:
        for rule in self._catalogue.areas.feeds.hidden(sensor.id, metric):
            yield self._watch(rule, sensor)

    def _watch(self, rule: Rule, sensor: Sensor) -> Watch:
        """Raises AttributeFaultError."""
        own, hours = self._catalogue.own(rule, sensor), self._catalogue.hours(rule, sensor)
        # The catalogue gives the same object for the same answer, and keeps it.
        key = rule.name, 0 if rule.hidden else id(own), id(hours)
        if key not in self._watches:
            self._watches[key] = Watch(own, hours, rule.hash)
        return self._watches[key]


def _depends(rule: Rule) -> bool:
    """Whether it takes more than kind, district and department to know a sensor's watch."""
    where = rule.where
    return bool(where.sensor or where.inside or where.near is not None or rule.attributes)
