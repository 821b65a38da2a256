"""Where a city's servers are and how its parts behave: city.toml under the environment."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rules.faults import Fault, nearest
from rules.indices.china_tables import POLLUTANTS
from rules.secret import Secret
from urbanpulse.addresses import EMBEDDED, alerts_url, kafka_url, mqtt_url, store_url
from urbanpulse.bridges import BridgePlan, read_bridges
from urbanpulse.schema import choice, duration, flag, key, number, read_section, secret, text, word, words
from urbanpulse.toml_lines import Lines

PREFIX = "URBANPULSE_"
OURS = frozenset({"URBANPULSE_RUNS", "URBANPULSE_PARENT"})
"""Names with our prefix that are not settings: where run folders are, and what a supervisor tells its parts."""


def _zone(value: object) -> str:
    try:
        ZoneInfo(found := word(value))
    except (ValueError, KeyError, OSError):
        raise ValueError(f'a time zone such as "Europe/Madrid" is wanted, not {value!r}') from None
    return found


@dataclass(frozen=True, slots=True)
class CitySection:
    name: str = key(word, "A city")
    timezone: str = key(_zone, "UTC")


@dataclass(frozen=True, slots=True)
class MqttSection:
    url: str = key(mqtt_url, "embedded")
    port: int = key(number(0, 65535), 0)
    username: str = key(text, "")
    password_file: str = key(text, "")
    ca_file: str = key(text, "")
    password: Secret | None = field(default=None, metadata=secret("password_file"))


@dataclass(frozen=True, slots=True)
class KafkaSection:
    url: str = key(kafka_url, "embedded")
    port: int = key(number(0, 65535), 0)
    partitions: int = key(number(1, 1024), 8)


@dataclass(frozen=True, slots=True)
class StoreSection:
    url: str = key(store_url, "embedded")
    token_file: str = key(text, "")
    token: Secret | None = field(default=None, metadata=secret("token_file"))


@dataclass(frozen=True, slots=True)
class AlertsSection:
    url: str = key(alerts_url, "embedded")
    password_file: str = key(text, "")
    allow_loopback: bool = key(flag, False)
    allow_private: bool = key(flag, False)
    password: Secret | None = field(default=None, metadata=secret("password_file"))


@dataclass(frozen=True, slots=True)
class IngestSection:
    bridges: tuple[BridgePlan, ...] = key(read_bridges, [{"id": "bridge-1", "filter": "city/#"}])
    ahead: int = key(duration("0s"), "60s")
    past: int = key(duration("1s"), "7d")
    clock: str = key(choice("bridge", "publisher"), "bridge")


@dataclass(frozen=True, slots=True)
class JudgeSection:
    flush: int = key(duration("100ms"), "5s")


def _pollutants(value: object) -> tuple[str, ...]:
    found = words(value)
    if strangers := [one for one in found if one not in POLLUTANTS]:
        raise ValueError(f"{strangers[0]!r} is none of {', '.join(POLLUTANTS)}")
    return found


@dataclass(frozen=True, slots=True)
class IndicesSection:
    free_flow: int = key(number(1, 300), 60)
    exempt: tuple[str, ...] = key(_pollutants, [])


@dataclass(frozen=True, slots=True)
class ConsoleSection:
    host: str = key(word, "127.0.0.1")
    port: int = key(number(0, 65535), 0)
    names: tuple[str, ...] = key(words, [])


@dataclass(frozen=True, slots=True)
class SimulatorSection:
    username: str = key(text, "")
    password_file: str = key(text, "")
    password: Secret | None = field(default=None, metadata=secret("password_file"))


@dataclass(frozen=True, slots=True)
class DepartmentSection:
    port: int = key(number(1, 65535), 8099)


@dataclass(frozen=True, slots=True)
class Settings:
    """All of city.toml. Durations are ms; a port of 0 means a free one."""

    city: CitySection = CitySection()
    mqtt: MqttSection = MqttSection()
    kafka: KafkaSection = KafkaSection()
    store: StoreSection = StoreSection()
    alerts: AlertsSection = AlertsSection()
    ingest: IngestSection = IngestSection()
    judge: JudgeSection = JudgeSection()
    indices: IndicesSection = IndicesSection()
    console: ConsoleSection = ConsoleSection()
    simulator: SimulatorSection = SimulatorSection()
    department: DepartmentSection = DepartmentSection()


SECTIONS: Mapping[str, type[Any]] = {one.name: type(one.default) for one in fields(Settings)}


def parse_settings(
    content: str, file: str, environ: Mapping[str, str], folder: Path, others: Collection[str] = ()
) -> tuple[Settings, list[Fault]]:
    """The settings in `content` with the overrides of `environ` over them, and every fault of both.

    Secrets come from the files that the settings name (relative to `folder`) or from the environment. `others`:
    names in the environment that mean something to somebody else.
    """
    lines, faults = Lines(content), list[Fault]()
    try:
        raw = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        return Settings(), [_syntax(file, str(error))]
    sections: dict[str, Any] = {}
    for name, value in raw.items():
        if name not in SECTIONS:
            faults.append(Fault(file, lines.of(name), name, "unknown section", nearest(name, SECTIONS)))
        elif not isinstance(value, dict):
            faults.append(Fault(file, lines.of(name), name, f"a section [{name}] is wanted, not {value!r}"))
        else:
            sections[name], found = read_section(SECTIONS[name], value, name, file, lines)
            faults += found
    mine = {name: value for name, value in environ.items() if name not in others}
    settings, found = override(replace(Settings(), **sections), mine)
    faults += found
    settings, found = _with_secrets(settings, folder, file, lines)
    return settings, faults + found


def override(settings: Settings, environ: Mapping[str, str]) -> tuple[Settings, list[Fault]]:
    """URBANPULSE_KAFKA__URL over kafka.url, and so on; a fault for every name that means nothing."""
    faults: list[Fault] = []
    possible = [f"{PREFIX}{name}__{one.name}".upper() for name, kind in SECTIONS.items() for one in fields(kind)]
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or variable in OURS:
            continue
        if variable not in possible:
            hint = nearest(variable, possible)
            hint = hint if hint.startswith("did you") else "a setting's name is URBANPULSE_SECTION__KEY"
            faults.append(Fault("environment", 0, variable, "no such setting", hint))
            continue
        name, _, option = variable.removeprefix(PREFIX).lower().partition("__")
        section = getattr(settings, name)
        how = next(one for one in fields(section) if one.name == option).metadata
        try:
            value = how["read"](environ[variable]) if "read" in how else Secret(environ[variable])
            settings = replace(settings, **{name: replace(section, **{option: value})})
        except ValueError as error:
            faults.append(Fault("environment", 0, variable, str(error)))
    return settings, faults


def _with_secrets(settings: Settings, folder: Path, file: str, lines: Lines) -> tuple[Settings, list[Fault]]:
    faults: list[Fault] = []
    for name, kind in SECTIONS.items():
        for one in fields(kind):
            section = getattr(settings, name)
            source = getattr(section, one.metadata["instead"]) if "instead" in one.metadata else ""
            if not source or getattr(section, one.name) is not None:
                continue
            where = f"{name}.{one.metadata['instead']}"
            try:
                value = Secret((folder / source).read_text(encoding="utf-8").strip())
            except (OSError, UnicodeDecodeError) as error:
                why = error.strerror if isinstance(error, OSError) else "not UTF-8"
                hint = f"or give the secret as {PREFIX}{name}__{one.name}".upper()
                faults.append(Fault(file, lines.of(where), where, f"cannot read {source!r}: {why}", hint))
                continue
            settings = replace(settings, **{name: replace(section, **{one.name: value})})
    if settings.mqtt.url == EMBEDDED and len(settings.ingest.bridges) > 1:
        hint = "name one bridge, or a broker with [mqtt] url"
        message = "the embedded MQTT broker serves one bridge"
        faults.append(Fault(file, lines.of("ingest.bridges"), "ingest.bridges", message, hint))
    ca = settings.mqtt.ca_file
    if ca and not (folder / ca).is_file():
        faults.append(Fault(file, lines.of("mqtt.ca_file"), "mqtt.ca_file", f"there is no file {ca!r}"))
    return settings, faults


def _syntax(file: str, message: str) -> Fault:
    what, _, where = message.rpartition(" (at ")
    digits = "".join(c if c.isdigit() else " " for c in where).split()
    return Fault(file, int(digits[0]) if digits else 0, "", what or message, "see https://toml.io/en/v1.0.0")
