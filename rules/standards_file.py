"""standards.yaml: the numbers of standards that a city sets for itself, with every fault in the file."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import TypeVar

from rules.derived.standards import MINUTE, NATIONAL, SECTIONS, Air, Noise, Standards, Traffic
from rules.faults import Fault
from rules.indices.exact import Ties
from rules.indices.heavy_pollution import Condition, Edition, Spell, implies
from rules.indices.high_temperature import Step as HeatStep
from rules.indices.noise_areas import AREAS, Area
from rules.indices.rainstorm import Step as RainStep
from rules.indices.source import Certainty, Source
from rules.indices.warning import Colour
from rules.indices.waterlogging import DEFAULT, Depths
from rules.strict_yaml import Node, read_yaml

T = TypeVar("T")
Fields = dict[str, Node]

COLOURS = tuple(colour.name for colour in Colour)
SOURCE = "source"
LONGEST_SOURCE = 200
MOST_DAYS, MOST_HOURS, MOST_SPELL = 7, 24, 240
"""Days in a row of heat, hours of rain (of which a day is kept), hours of a spell of bad air."""
_SOURCE_HINT = "name the decree or standard that sets these numbers, such as source: order 12/2026 of the city council"
_DEEPEST, _HOTTEST, _WETTEST = 10.0, 60.0, 1000.0


def parse_standards(text: str, file: str) -> tuple[Standards, list[Fault]]:
    """What the file sets, and all its faults. What it leaves out is national. With a fault it is for looking only."""
    root, faults = read_yaml(text, file)
    sections = root.fields((), SECTIONS) if root is not None else None
    if sections is None:
        return NATIONAL, sorted(faults)
    sources: dict[str, str] = {}
    found = Standards(
        noise=_section(sections, "noise", ("day_begins", "night_begins", "limits"), sources, _noise, Noise()),
        depths=_section(sections, "waterlogging", ("depths", "ahead"), sources, _depths, DEFAULT),
        heat=_section(sections, "high_temperature", COLOURS, sources, _heat, NATIONAL.heat),
        rain=_section(sections, "rainstorm", COLOURS, sources, _rain, NATIONAL.rain),
        pollution=_section(sections, "heavy_pollution", ("since", *COLOURS), sources, _pollution, None),
        air=_section(sections, "air", ("ties", "ozone_from", "ozone_needed"), sources, _air, Air()),
        traffic=_section(sections, "traffic", tuple(_TRAFFIC), sources, _traffic, Traffic()),
        sources=MappingProxyType(sources),
    )
    return found, sorted(faults)


def _section(
    sections: Fields,
    name: str,
    keys: tuple[str, ...],
    sources: dict[str, str],
    read: Callable[[Node, Fields], T],
    default: T,
) -> T:
    """What `read` makes of a section, with who says so; the default for one that is not there or at fault."""
    if name not in sections:
        return default
    node = sections[name]
    fields = node.fields((), (SOURCE, *keys))
    if fields is None:
        return default
    if not fields.keys() - {SOURCE}:
        node.fault("it sets nothing", f"give one of {', '.join(keys)}, or leave the section out")
        return default
    if SOURCE not in fields:
        node.fault(f"the key {SOURCE!r} is missing", _SOURCE_HINT)
        return default
    source = fields[SOURCE].text()
    if source is not None and not 0 < len(source.strip()) <= LONGEST_SOURCE:
        fields[SOURCE].fault(f"must be 1 to {LONGEST_SOURCE} characters", _SOURCE_HINT)
        return default
    if source is None:
        return default
    sources[name] = source.strip()
    return read(node, fields)


def _noise(node: Node, fields: Fields) -> Noise:
    day = _whole(fields, "day_begins", 0, 23, NATIONAL.noise.day_begins)
    night = _whole(fields, "night_begins", 0, 23, NATIONAL.noise.night_begins)
    if day >= night:
        node.fault(f"the day from {day}:00 to {night}:00 is none", "the hours are those of one local day")
    limits = fields["limits"].fields((), AREAS) if "limits" in fields else {}
    areas = dict(AREAS)
    for name, entry in (limits or {}).items():
        if (pair := entry.fields(("day", "night"))) is not None:
            by_day, by_night = (_between(pair[part], 0.0, 150.0, "dB") for part in ("day", "night"))
            areas[name] = Area(name, by_day or 0.0, by_night or 0.0, AREAS[name].use)
    return Noise(day, night, MappingProxyType(areas))


def _depths(node: Node, fields: Fields) -> Depths:
    ahead = DEFAULT.ahead
    if "ahead" in fields and (length := fields["ahead"].duration(MINUTE)) is not None:
        ahead = length / MINUTE
        if ahead > 60:
            fields["ahead"].fault("must be an hour at most", "a straight line says little of later")
    if "depths" not in fields or (entries := fields["depths"].fields(COLOURS)) is None:
        return DEFAULT._replace(ahead=ahead)
    depths = {colour: _between(entry, 0.0, _DEEPEST, "m") for colour, entry in _colours(entries)}
    _each_shows(entries, depths, lambda lower, graver: graver <= lower)
    blue, yellow, orange, red = (depths[colour] or 0.0 for colour in Colour)
    return Depths(blue, yellow, orange, red, ahead)


def _heat(node: Node, fields: Fields) -> tuple[HeatStep, ...]:
    steps = {colour: _heat_step(colour, entry) for colour, entry in _colours(fields)}
    _each_shows(fields, steps, HeatStep.implies)
    return tuple(step for step in steps.values() if step is not None) or NATIONAL.heat


def _heat_step(colour: Colour, node: Node) -> HeatStep | None:
    if (parts := node.fields(("at",), ("days",))) is None:
        return None
    at = _between(parts["at"], -_HOTTEST, _HOTTEST, "°C")
    days = parts["days"].whole(1, MOST_DAYS) if "days" in parts else 1
    return None if at is None or days is None else HeatStep(colour, at, days)


def _rain(node: Node, fields: Fields) -> tuple[RainStep, ...]:
    steps = {colour: _rain_step(colour, entry) for colour, entry in _colours(fields)}
    _each_shows(fields, steps, RainStep.implies)
    return tuple(step for step in steps.values() if step is not None) or NATIONAL.rain


def _rain_step(colour: Colour, node: Node) -> RainStep | None:
    if (parts := node.fields(("mm", "hours"))) is None:
        return None
    mm, hours = _between(parts["mm"], 0.0, _WETTEST, "mm"), parts["hours"].whole(1, MOST_HOURS)
    return None if mm is None or hours is None else RainStep(colour, mm, hours)


def _pollution(node: Node, fields: Fields) -> Edition | None:
    """Each colour has ways, any of which is enough; a way is one spell, or a list of spells that must all occur."""
    if not (graver := dict(_colours(fields))):
        node.fault("it names no colour", f"give one of {', '.join(COLOURS)}")
        return None
    if "since" not in fields:
        node.fault("the key 'since' is missing", "from which local day these warnings are in force: since: 2024-01-01")
        return None
    conditions = {colour: tuple(_ways(entry)) for colour, entry in graver.items()}
    whole = {colour: ways if ways and all(ways) else None for colour, ways in conditions.items()}
    _each_shows(fields, whole, implies)
    since = _day(fields["since"])
    if since is None or None in whole.values():
        return None
    source = Source(str(fields[SOURCE].text()), "the city's", Certainty.read, since)
    return Edition(source, MappingProxyType(conditions))


def _ways(node: Node) -> Iterator[Condition]:
    """Empty is one with a fault."""
    for way in node.one_or_more() or ():
        spells = [_spell(each) for each in way.one_or_more() or ()]
        known = tuple(spell for spell in spells if spell is not None)
        yield known if len(known) == len(spells) else ()


def _spell(node: Node) -> Spell | None:
    parts = node.fields(("above",), ("hours",))
    if parts is None:
        return None
    above = _between(parts["above"], 0.0, 500.0, "of the index")
    hours = parts["hours"].whole(24, MOST_SPELL) if "hours" in parts else 24
    return None if above is None or hours is None else Spell(Fraction(above), hours)


def _air(node: Node, fields: Fields) -> Air:
    first = _whole(fields, "ozone_from", 8, 24, NATIONAL.air.ozone_from)
    needed = _whole(fields, "ozone_needed", 1, 17, NATIONAL.air.ozone_needed)
    if needed > 25 - first:
        node.fault(f"{needed} windows are needed, but only {25 - first} end from {first}:00 on")
    ties: Ties = "up" if "ties" in fields and fields["ties"].choice(("even", "up")) == "up" else "even"
    return Air(ties, first, needed)


_TRAFFIC = ("vehicle", "loop", "base", "critical", "relearn")


def _traffic(node: Node, fields: Fields) -> Traffic:
    usual = NATIONAL.traffic
    lengths = {key: _between(fields[key], 0.0, 50.0, "m") for key in ("vehicle", "loop") if key in fields}
    critical = _between(fields["critical"], 0.0, 100.0, "standard deviations") if "critical" in fields else None
    relearn = fields["relearn"].duration(10 * MINUTE) if "relearn" in fields else None
    if relearn is not None and relearn > 7 * 1440 * MINUTE:
        fields["relearn"].fault("must be a week at most")
    return Traffic(
        lengths.get("vehicle") or usual.vehicle,
        lengths.get("loop") or usual.loop,
        _whole(fields, "base", 2, 50, usual.base),
        critical or usual.critical,
        relearn or usual.relearn,
    )


def _colours(fields: Fields) -> Iterator[tuple[Colour, Node]]:
    """Those of a section, the gravest first."""
    for colour in sorted(Colour, reverse=True):
        if colour.name in fields:
            yield colour, fields[colour.name]


def _each_shows(entries: Fields, steps: Mapping[Colour, T | None], implies: Callable[[T, T], bool]) -> None:
    """A colour is never seen if a graver one is called for whenever it is. `steps`: None for one at fault, of which
    nothing is said."""
    known = {colour: step for colour, step in sorted(steps.items()) if step is not None}
    for colour, step in known.items():
        over = next((graver for graver in known if graver > colour and implies(step, known[graver])), None)
        if over is not None:
            entries[colour.name].fault(
                f"is never seen, since whatever calls for it calls for {over.name} too",
                f"ask more for {over.name}, or less for {colour.name}",
            )


def _whole(fields: Fields, key: str, least: int, most: int, default: int) -> int:
    found = fields[key].whole(least, most) if key in fields else default
    return default if found is None else found


def _between(node: Node, least: float, most: float, unit: str) -> float | None:
    """A number above `least` and up to `most`."""
    number = node.number()
    if number is not None and not least < number <= most:
        node.fault(f"must be above {least:g} and at most {most:g} {unit}")
        return None
    return number


def _day(node: Node) -> date | None:
    word = node.scalar()
    if word is None:
        return None
    try:
        return date.fromisoformat(word)
    except ValueError as error:
        node.fault(f"{word[:40]!r} is no day: {error}", "write it as 2024-01-01")
        return None
