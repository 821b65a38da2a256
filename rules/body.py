"""The text of a catalogue: all files and settings that make it, as one record with a name that its bytes give it."""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from rules.calendar import Calendar
from rules.calendars_file import parse_calendars
from rules.catalogue import Catalogue
from rules.derived.settings import FREE_FLOW, Indices
from rules.derived.standards import NATIONAL, Standards
from rules.faults import Fault, FaultsError
from rules.geography import Shape
from rules.registry import parse_registry
from rules.rule import Rule
from rules.rule_file import parse_rules
from rules.sensor import Sensor
from rules.shapes_file import parse_shapes
from rules.standards_file import parse_standards

T = TypeVar("T")

VERSION = 1
SENSORS, DISTRICTS, CALENDARS = "sensors.csv", "districts.geojson", "calendars.yaml"
STANDARDS = "standards.yaml"
RULES, YAML = "rules/", ".yaml"
"""Every file whose name begins and ends so is one of rules."""


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """`files`: their texts by their names in a city's folder, such as rules/air.yaml. `bridges`: the ids of those
    whose ticks the clock waits for. `timezone`, `exempt` and `free_flow`: as in rules.derived.settings.Indices; a city
    without a time zone has no indices."""

    v: int = VERSION
    files: Mapping[str, str] = {}
    bridges: tuple[str, ...] = ()
    timezone: str = ""
    exempt: tuple[str, ...] = ()
    free_flow: float = FREE_FLOW

    @property
    def hash(self) -> str:
        """Names it: 32 hexadecimal digits of its bytes."""
        return hash_of(encode(self))


class BodyError(ValueError):
    """Bytes that are no body, or not the one that was asked for. The text says which and why."""


_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Body).decode


def encode(body: Body) -> bytes:
    """Equal bodies give equal bytes."""
    return _encode(body)


def hash_of(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def decode(data: bytes, wanted: str) -> Body:
    """The body in `data`, whose hash must be `wanted`. Raises BodyError."""
    if (found := hash_of(data)) != wanted:
        raise BodyError(f"catalogue {wanted} is damaged: its bytes give {found}")
    try:
        body = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BodyError(f"catalogue {wanted} cannot be read: {error}") from error
    if body.v != VERSION:
        raise BodyError(f"catalogue {wanted} is of version {body.v}, this reader knows {VERSION}")
    return body


def read_body(body: Body, root: str = "") -> tuple[Catalogue, list[Fault]]:
    """The catalogue that the files say, and every fault in them. With a fault it is for looking only. `root` stands
    before the files' names in faults, such as "my-city/"."""
    faults: list[Fault] = []
    sensors = _sensors(body, root, faults)
    rules = _rules(body, root, faults)
    shapes = _optional(body, root, DISTRICTS, parse_shapes, dict[str, Shape](), faults)
    calendars = _optional(body, root, CALENDARS, parse_calendars, dict[str, Calendar](), faults)
    indices = _indices(body, root, faults)
    return Catalogue(sensors, rules, body.bridges, indices, shapes, calendars), sorted(faults)


def sound(body: Body, root: str = "") -> Catalogue:
    """The catalogue of a body without a fault. Raises FaultsError."""
    catalogue, faults = read_body(body, root)
    if faults:
        raise FaultsError(faults)
    return catalogue


def sensors_of(body: Body) -> dict[str, Sensor]:
    """The registry alone, for who needs no rule. Raises FaultsError."""
    faults: list[Fault] = []
    sensors = _sensors(body, "", faults)
    if faults:
        raise FaultsError(faults)
    return sensors


def _sensors(body: Body, root: str, faults: list[Fault]) -> dict[str, Sensor]:
    if SENSORS not in body.files:
        faults.append(Fault(root + SENSORS, 0, "", "the file is missing", "a city's folder holds it"))
        return {}
    sensors, wrong = parse_registry(body.files[SENSORS], root + SENSORS)
    faults += wrong
    return sensors


def _optional(
    body: Body,
    root: str,
    name: str,
    parse: Callable[[str, str], tuple[T, list[Fault]]],
    without: T,
    faults: list[Fault],
) -> T:
    """What is in a file that a city may do without."""
    if name not in body.files:
        return without
    found, wrong = parse(body.files[name], root + name)
    faults += wrong
    return found


def _rules(body: Body, root: str, faults: list[Fault]) -> tuple[Rule, ...]:
    """In the order of the files' names."""
    names = sorted(name for name in body.files if name.startswith(RULES) and name.endswith(YAML))
    if not names:
        faults.append(Fault(root + RULES.rstrip("/"), 0, "", "there are no files of rules", "add rules/*.yaml"))
    rules: list[Rule] = []
    for name in names:
        found, wrong = parse_rules(body.files[name], root + name)
        rules += found
        faults += wrong
    return tuple(rules)


def _indices(body: Body, root: str, faults: list[Fault]) -> Indices | None:
    standards: Standards = _optional(body, root, STANDARDS, parse_standards, NATIONAL, faults)
    if not body.timezone:
        return None
    try:
        return Indices(ZoneInfo(body.timezone), body.exempt, body.free_flow, standards)
    except (ValueError, KeyError, OSError):
        faults.append(Fault("city.toml", 0, "city.timezone", f"there is no time zone {body.timezone!r}"))
        return None
