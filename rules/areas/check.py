"""What each file alone cannot show of area rules: whom they refer to, and whether there is anybody to ask."""

from collections.abc import Iterator

from rules.areas.areas import Areas, metric_of, severities_of
from rules.areas.compiled import City
from rules.areas.composite import Area, CompositeSpec
from rules.areas.family import circles
from rules.areas.member import Member
from rules.areas.part import Part
from rules.derived.names import DERIVED
from rules.duration import format_duration
from rules.faults import Fault, nearest
from rules.rule import Rule

KEYS = ("of", "rule", "all", "any", "not", "first")
"""Keys of rules that hold members."""
_LACKS = {"group": "has a group", "neighbours": "has another one downstream"}
_HINTS = {
    "group": "fill the registry's column group",
    "neighbours": "fill the registry's column downstream",
    "inside": "is the shape on the right side of the map? GeoJSON has lon, lat",
}


def area_faults(city: City, areas: Areas) -> Iterator[Fault]:
    """Each fault with file, line, key and what to do."""
    specs = {rule.name: rule.spec for rule in city.rules if isinstance(rule.spec, CompositeSpec)}
    loops = circles({name: [each.rule for each in spec.members if each.rule] for name, spec in specs.items()})
    for rule in city.rules:
        if not isinstance(rule.spec, CompositeSpec):
            continue
        before = [
            *(fault for member in rule.spec.members if member.rule for fault in _reference(rule, member, city)),
            *(fault for member in rule.spec.members if member.sensor for fault in _named(rule, member, city)),
            *_shapes(rule, rule.spec.area, city),
            *(fault for member in rule.spec.members if rule.amend for fault in _surer(rule, member, city)),
        ]
        if rule.name in loops:
            message = f"it refers to itself: {' → '.join(loops[rule.name])}"
            before.append(_fault(rule, "name", message, "one of them must do without the other"))
        yield from before or _nobody(rule, areas)


def _fault(rule: Rule, key: str, message: str, suggestion: str = "") -> Fault:
    place = rule.place
    return Fault(place.file, place.line_of(key), f"{place.key}.{key}", message, suggestion)


def _reference(rule: Rule, member: Member, city: City) -> Iterator[Fault]:
    by_name = {each.name: each for each in city.rules}
    key = next((each for each in KEYS if each in rule.place.lines), "name")
    other = by_name.get(member.rule)
    if other is None:
        yield _fault(rule, key, f"there is no rule {member.rule!r}", nearest(member.rule, by_name))
        return
    area = isinstance(other.spec, CompositeSpec)
    known = other.spec.severities() if isinstance(other.spec, CompositeSpec) else severities_of(other.spec)
    if member.severity and member.severity not in known:
        message = f"{other.name} has no severity {member.severity!r}"
        yield _fault(rule, key, message, nearest(member.severity, known))
    if not area and metric_of(member, other) is None:
        names = ", ".join(other.metrics)
        message = f"{other.name} is about {names}" + (f", not {member.metric}" if member.metric else "")
        yield _fault(rule, key, message, f"say which: {{rule: {other.name}, metric: {other.metrics[0]}}}")
    counts = hasattr(rule.spec, "healthy")
    if counts and isinstance(other.spec, CompositeSpec) and other.spec.area.by != "sensor":
        message = f"it counts sensors, and {other.name} is about groups of them"
        yield _fault(rule, key, message, "refer to a rule on single sensors")


def _surer(rule: Rule, member: Member, city: City) -> Iterator[Fault]:
    """A rule that it refers to and that takes back less than it does itself."""
    other = next((each for each in city.rules if each.name == member.rule), None)
    if other is None or other.amend >= rule.amend:
        return
    if not isinstance(other.spec, CompositeSpec) and metric_of(member, other) in DERIVED:
        return
    longest = format_duration(rule.amend)
    only = f"takes back what it said for {format_duration(other.amend)} only" if other.amend else "takes nothing back"
    message = f"{other.name}, which it refers to, {only}"
    yield _fault(rule, "amend", message, f"give {other.name} amend: {longest} too")


def _named(rule: Rule, member: Member, city: City) -> Iterator[Fault]:
    """The one sensor that a member names."""
    assert isinstance(rule.spec, CompositeSpec)
    key = ("left.sensor", "right.sensor")[rule.spec.members.index(member)]
    sensor = city.sensors.get(member.sensor)
    if sensor is None:
        yield _fault(rule, key, f"there is no sensor {member.sensor!r}", nearest(member.sensor, city.sensors))
    elif not city.has(sensor, member.metric):
        yield _fault(rule, key, f"{sensor.id} does not measure {member.metric}", "name one that does")


def _shapes(rule: Rule, area: Area, city: City) -> Iterator[Fault]:
    for name in area.inside:
        if name not in city.shapes:
            hint = nearest(name, city.shapes) if city.shapes else "there is no districts.geojson"
            yield _fault(rule, "area", f"the map has no shape {name!r}", hint)


def _nobody(rule: Rule, areas: Areas) -> Iterator[Fault]:
    """Groups in which there is nobody, or never enough, to ask. That nobody measures a metric is said elsewhere."""
    found = areas.rules.get(rule.name)
    if found is None:
        return
    spec = found.spec
    names = {group.name for group in found.groups.values()}
    for shape in spec.area.inside:
        if shape not in names:
            yield _fault(rule, "area", f"no sensor that it selects is inside {shape!r}", _HINTS["inside"])
    if not names and not spec.area.inside:
        lacks = _LACKS.get(spec.area.by, "can be asked")
        message = f"there is no group: no sensor that it selects {lacks}"
        yield _fault(rule, "area", message, _HINTS.get(spec.area.by, ""))
    healthy = getattr(spec, "healthy", None)
    sizes = [len(group.sensors) for group in found.groups.values()]
    if isinstance(healthy, Part) and sizes and healthy.least(max(sizes)) > max(sizes):
        message = f"{healthy} sensors must be answerable, and the largest group has {max(sizes)}"
        yield _fault(rule, "healthy", message, "it would never decide anything")
