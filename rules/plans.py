"""Which plan each series has; the same plan for all series that the same rules watch and the same windows are cut
of."""

from rules.areas.composite import CompositeSpec
from rules.catalogue import Catalogue
from rules.derived.collector import Collector
from rules.watch import Plan, Watch


class Plans:
    """The plans of a catalogue, made when they are asked for."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._watches = {rule.name: Watch(rule) for rule in catalogue.rules if not isinstance(rule.spec, CompositeSpec)}
        self._plans: dict[tuple[tuple[str, ...], Collector | None], Plan] = {}
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
        hidden = self._catalogue.areas.hidden(sensor, metric)
        for rule in hidden:
            if rule.name not in self._watches:
                self._watches[rule.name] = Watch(rule)
        names = tuple(rule.name for rule in (*self._catalogue.rules_for(sensor, metric), *hidden))
        collector = self._catalogue.choice(sensor).collectors.get(metric)
        if not names and collector is None:
            return None
        key = names, collector
        if key not in self._plans:
            self._plans[key] = Plan(tuple(self._watches[name] for name in names), collector)
        return self._plans[key]
