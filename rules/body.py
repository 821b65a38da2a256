"""The text of a catalogue: all files and settings that make it, as one record with a name that its bytes give it."""

from collections.abc import Mapping
from hashlib import blake2b
from zoneinfo import ZoneInfo

import msgspec

from rules.catalogue import Catalogue
from rules.derived.settings import FREE_FLOW, Indices
from rules.faults import Fault, FaultsError
from rules.registry import parse_registry
from rules.rule import Rule
from rules.rule_file import parse_rules
from rules.sensor import Sensor

VERSION = 1
SENSORS = "sensors.csv"
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
    return Catalogue(sensors, rules, body.bridges, _indices(body, faults)), sorted(faults)


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


def _indices(body: Body, faults: list[Fault]) -> Indices | None:
    if not body.timezone:
        return None
    try:
        return Indices(ZoneInfo(body.timezone), body.exempt, body.free_flow)
    except (ValueError, KeyError, OSError):
        faults.append(Fault("city.toml", 0, "city.timezone", f"there is no time zone {body.timezone!r}"))
        return None
