"""A city's folder, read whole and checked whole, offline: settings, sensors, rules and departments."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from alerts.departments import Department, parse_departments
from rules.catalogue import Catalogue, Rule, check_catalogue, parse_rules
from rules.faults import Fault, FaultsError
from rules.registry import parse_registry
from rules.sensor import Sensor
from urbanpulse.settings import Settings, parse_settings

T = TypeVar("T")

_SECRET_NAME = re.compile(r"\benv:\s*[\"']?([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class City:
    """All that a city's folder says, without a fault."""

    folder: Path
    settings: Settings
    sensors: dict[str, Sensor]
    catalogue: Catalogue
    departments: dict[str, Department]


def load(folder: Path, environ: Mapping[str, str], origin: Path | None = None) -> City:
    """The city in `folder` with the overrides of `environ`. Opens no connection. `origin`: where the folder's secret
    files are, when it is a copy. Raises FaultsError with every fault of every file."""
    faults: list[Fault] = []
    if not folder.is_dir():
        raise FaultsError([Fault(str(folder), 0, "", "there is no such folder", "name a city's folder")])

    def take(name: str, parse: Callable[[str, str], tuple[T, list[Fault]]], empty: T) -> T:
        text = _read(folder / name, faults)
        if text is None:
            return empty
        found, wrong = parse(text, str(folder / name))
        faults.extend(wrong)
        return found

    settings = settings_of(folder, environ, faults, origin)
    sensors = take("sensors.csv", parse_registry, dict[str, Sensor]())
    departments = take("departments.yaml", parse_departments, dict[str, Department]())
    rules: list[tuple[str, list[Rule]]] = []
    for path in _rule_files(folder, faults):
        rules.append((str(path), take(f"rules/{path.name}", parse_rules, list[Rule]())))
    every = tuple(rule for _, found in rules for rule in found)
    bridges = tuple(plan.id for plan in settings.ingest.bridges)
    catalogue = Catalogue(sensors, every, bridges)
    if not faults:  # a cross check against half a registry would only repeat the first faults in other words
        faults += check_catalogue(catalogue, departments)
    if faults:
        raise FaultsError(faults)
    return City(folder, settings, sensors, catalogue, departments)


def settings_of(folder: Path, environ: Mapping[str, str], faults: list[Fault], origin: Path | None = None) -> Settings:
    """The settings alone, for those who need no more. Adds to `faults`."""
    file = folder / "city.toml"
    text = _read(file, faults) if file.exists() else ""
    departments = folder / "departments.yaml"
    named = _SECRET_NAME.findall(departments.read_text(errors="replace")) if departments.is_file() else []
    settings, found = parse_settings(text or "", str(file), environ, origin or folder, named)
    faults.extend(found)
    return settings


def load_settings(folder: Path, environ: Mapping[str, str], origin: Path | None = None) -> Settings:
    """The settings of a city that somebody has checked, `origin` as for `load`. Raises FaultsError."""
    faults: list[Fault] = []
    if not folder.is_dir():
        raise FaultsError([Fault(str(folder), 0, "", "there is no such folder", "name a city's folder")])
    settings = settings_of(folder, environ, faults, origin)
    if faults:
        raise FaultsError(faults)
    return settings


def load_sensors(folder: Path) -> dict[str, Sensor]:
    """The registry alone. Raises FaultsError."""
    faults: list[Fault] = []
    text = _read(folder / "sensors.csv", faults)
    sensors, found = parse_registry(text or "", str(folder / "sensors.csv"))
    if faults + found:
        raise FaultsError(faults + found)
    return sensors


def _rule_files(folder: Path, faults: list[Fault]) -> list[Path]:
    rules = folder / "rules"
    for stray in sorted(rules.glob("*.yml")):
        faults.append(Fault(str(stray), 0, "", "not read: a file of rules ends in .yaml", "rename it"))
    files = sorted(rules.glob("*.yaml"))
    if not files:
        faults.append(Fault(str(rules), 0, "", "there are no files of rules", "add rules/*.yaml"))
    return files


def _read(path: Path, faults: list[Fault]) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        faults.append(Fault(str(path), 0, "", f"not UTF-8 (byte {error.start})", "save it as UTF-8"))
    except OSError as error:
        faults.append(Fault(str(path), 0, "", f"cannot be read: {error.strerror}", "a city's folder holds it"))
    return None
