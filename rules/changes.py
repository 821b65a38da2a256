"""What another catalogue changes, in the words of those who wrote it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from rules.catalogue import Catalogue
from rules.derived.settings import Indices
from rules.derived.standards import NATIONAL, Standards
from rules.sensor import Sensor

SHOWN = 20
"""Names of one kind that are told; of more their number."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Names of rules and ids of sensors. `kept`: rules that changed and judge as before, so that their state goes on;
    `fresh`: those that judge otherwise and begin anew. `calendars` and `shapes`: those that are new, gone or otherwise;
    `standards`: sections of standards.yaml by which something is computed otherwise. `settings`: whether bridges, time
    zone or indices changed."""

    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()
    sensors_new: tuple[str, ...] = ()
    sensors_gone: tuple[str, ...] = ()
    sensors_changed: tuple[str, ...] = ()
    settings: bool = False
    calendars: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    standards: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """A line for each kind of change that there is."""
        told = (
            ("rules new", self.new),
            ("rules gone, their episodes end", self.gone),
            ("rules changed, their state goes on", self.kept),
            ("rules changed, they begin anew and their episodes end", self.fresh),
            ("sensors added", self.sensors_new),
            ("sensors removed, their episodes end", self.sensors_gone),
            ("sensors changed", self.sensors_changed),
            ("calendars new, gone or changed", self.calendars),
            ("shapes of the map new, gone or changed", self.shapes),
            ("standards that are computed otherwise", self.standards),
        )
        found = [f"{what}: {_names(names)}" for what, names in told if names]
        return [*found, "bridges, time zone or indices changed"] if self.settings else found


def changes(old: Catalogue, new: Catalogue) -> Changes:
    """From the one to the other; rules in the order of the catalogue that has them, sensors by id."""
    before, after = {rule.name: rule for rule in old.rules}, {rule.name: rule for rule in new.rules}
    both = [(before[name], rule) for name, rule in after.items() if name in before and before[name].hash != rule.hash]
    return Changes(
        new=tuple(name for name in after if name not in before),
        gone=tuple(name for name in before if name not in after),
        kept=tuple(rule.name for was, rule in both if was.judgement_hash == rule.judgement_hash),
        fresh=tuple(rule.name for was, rule in both if was.judgement_hash != rule.judgement_hash),
        sensors_new=tuple(sorted(new.sensors.keys() - old.sensors.keys())),
        sensors_gone=tuple(sorted(old.sensors.keys() - new.sensors.keys())),
        sensors_changed=tuple(sorted(_changed(old.sensors, new.sensors))),
        settings=(old.bridges, _plain(old.indices)) != (new.bridges, _plain(new.indices)),
        calendars=_otherwise(old.calendars, new.calendars),
        shapes=_otherwise(old.shapes, new.shapes),
        standards=_otherwise(_standards(old.indices).sections, _standards(new.indices).sections),
    )


def _otherwise(old: Mapping[str, object], new: Mapping[str, object]) -> tuple[str, ...]:
    """The names of what is not as it was."""
    return tuple(sorted(name for name in {*old, *new} if old.get(name) != new.get(name)))


def _standards(indices: Indices | None) -> Standards:
    return NATIONAL if indices is None else indices.standards


def _plain(indices: Indices | None) -> Indices | None:
    return None if indices is None else replace(indices, standards=NATIONAL)


def _changed(old: Mapping[str, Sensor], new: Mapping[str, Sensor]) -> Iterator[str]:
    return (name for name, sensor in new.items() if name in old and old[name] != sensor)


def _names(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(islice(names, SHOWN)) + more
