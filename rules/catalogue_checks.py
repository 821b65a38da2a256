"""Faults between rules and the city's map, its calendars and the attributes of its sensors."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rules.attributes import AttributeFaultError
from rules.calendars_file import unknown_calendar
from rules.faults import Fault, nearest
from rules.rule import Rule

if TYPE_CHECKING:
    from rules.catalogue import Catalogue


def _fault(rule: Rule, key: str, message: str, suggestion: str = "") -> Fault:
    place = rule.place
    line = place.lines.get(key) or place.line_of(key.split(".")[0])
    return Fault(place.file, line, f"{place.key}.{key}", message, suggestion)


def strange_places(rule: Rule, catalogue: "Catalogue") -> Iterator[Fault]:
    """Shapes that are not on the map, and a sensor that is not in the registry."""
    for name in rule.where.inside:
        if name not in catalogue.shapes:
            hint = nearest(name, catalogue.shapes) if catalogue.shapes else "add it to districts.geojson"
            yield _fault(rule, "where.inside", f"there is no shape {name!r}", hint)
    near = rule.where.near
    if near is not None and near.sensor and near.sensor not in catalogue.sensors:
        hint = nearest(near.sensor, catalogue.sensors) if catalogue.sensors else ""
        yield _fault(rule, "where.near", f"there is no sensor {near.sensor!r}", hint)


def strange_times(rule: Rule, catalogue: "Catalogue") -> Iterator[Fault]:
    """Calendars that the city has not, each once."""
    for name in sorted({name for when in rule.when for name in when.calendars} - catalogue.calendars.keys()):
        message, hint = unknown_calendar(name, catalogue.calendars)
        yield _fault(rule, "when", message, hint)


def strange_attributes(rule: Rule, catalogue: "Catalogue") -> Iterator[Fault]:
    """The first sensor whose attributes the rule can do nothing with, for each key, and how many there are of them."""
    wrong: dict[str, list[str]] = {}
    selected = 0
    for sensor in catalogue.sensors.values() if rule.attributes else ():
        if not catalogue.selects(rule, sensor) or not any(catalogue.has(sensor, metric) for metric in rule.metrics):
            continue
        selected += 1
        try:
            catalogue.own(rule, sensor)
        except AttributeFaultError as error:
            wrong.setdefault(error.key, []).append(str(error))
    for key, messages in wrong.items():
        count = "" if len(messages) == 1 else f" ({len(messages)} of {selected} sensors have something amiss)"
        hint = "give the sensor another value in sensors.csv, give a default, or narrow `where`"
        yield _fault(rule, key, messages[0] + count, hint)
