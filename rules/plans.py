"""Which plan each series has; the same plan for all series that the same rules watch and the same windows are cut
of."""

from collections.abc import Iterator

from rules.attributes import AttributeFaultError
from rules.catalogue import Catalogue
from rules.derived.collector import Collector
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
        watches = tuple(self._watches_of(known, metric))
        collector = self._catalogue.choice(sensor).collectors.get(metric)
        if not watches and collector is None:
            return None
        key = watches, collector
        if key not in self._plans:
            self._plans[key] = Plan(watches, collector)
        return self._plans[key]

    def _watches_of(self, sensor: Sensor, metric: str) -> Iterator[Watch]:
        hidden = self._catalogue.areas.hidden(sensor.id, metric)
        for rule in (*self._catalogue.rules_for(sensor.id, metric), *hidden):
            try:
                own, hours = self._catalogue.own(rule, sensor), self._catalogue.hours(rule, sensor)
            except AttributeFaultError:
                continue  # a fault of the catalogue, which `check` tells; no reason for the judge to stop
            # The catalogue gives the same object for the same answer, and keeps it.
            key = rule.name, 0 if rule.hidden else id(own), id(hours)
            if key not in self._watches:
                self._watches[key] = Watch(own, hours, rule.hash)
            yield self._watches[key]
