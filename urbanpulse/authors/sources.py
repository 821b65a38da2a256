"""What an author names on the command line: a city's folder, or files of rules with the city they are for."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from alerts.departments import Department, parse_departments
from rules.body import CALENDARS, DISTRICTS, STANDARDS
from rules.calendar import Calendar
from rules.calendars_file import parse_calendars
from rules.catalogue import Catalogue, check_catalogue, parse_rules
from rules.derived.settings import Indices
from rules.derived.standards import NATIONAL, Standards
from rules.faults import Fault, FaultsError
from rules.geography import Shape
from rules.rule import Rule
from rules.secret import Secret
from rules.sensor import Sensor
from rules.shapes_file import parse_shapes
from rules.standards_file import parse_standards
from urbanpulse.authors.history import known_sensors
from urbanpulse.catalogue_folder import TESTS, rule_files
from urbanpulse.folder import read_file, read_optional, read_sensors, read_settings
from urbanpulse.settings import Settings
from urbanpulse.trouble import TroubleError

REGISTRY = "sensors.csv"


@dataclass(frozen=True)
class Authored:
    """Sound rules, the city that they are for, and the files of tests that lie beside them."""

    city: Path
    sensors: Mapping[str, Sensor]
    departments: Mapping[str, Department]
    rules: tuple[Rule, ...]
    settings: Settings
    tests: tuple[Path, ...]
    shapes: Mapping[str, Shape]
    calendars: Mapping[str, Calendar]
    standards: Standards

    @property
    def indices(self) -> Indices | None:
        """How the city's indices are made."""
        return indices_of(self.settings, self.standards)

    def catalogue(self, recorded: Mapping[str, Sensor] | None = None) -> Catalogue:
        """With the sensors that recorded data bring along. Raises FaultsError."""
        catalogue = Catalogue(
            known_sensors(self.sensors, recorded or {}), self.rules, (), self.indices, self.shapes, self.calendars
        )
        if faults := check_catalogue(catalogue, self.departments):
            raise FaultsError(faults)
        return catalogue

    def secret(self) -> Secret | None:
        """The token of the city's store."""
        return self.settings.store.token


def read_authored(paths: Sequence[Path], city: Path | None = None) -> Authored:
    """Folders of cities, folders of rules, or files of rules and of tests; all of them of one city, which for rules
    alone is `city` or the folder above them. Raises FaultsError, TroubleError."""
    rules: list[Path] = []
    tests: list[Path] = []
    for path in paths:
        folder = path / "rules" if (path / REGISTRY).is_file() else path
        if folder.is_dir():
            rules += rule_files(folder)
            tests += sorted(folder.glob(f"*{TESTS}"))
        elif path.name.endswith(TESTS):
            tests.append(path)
            if not any(other.parent == path.parent for other in rules):
                rules += rule_files(path.parent)
        elif path.is_file():
            rules.append(path)
            beside = path.with_name(path.name.removesuffix(".yaml") + TESTS)
            tests += [beside] if beside.is_file() else []
        else:
            raise TroubleError(f"there is no {path}")
    if not rules:
        raise TroubleError(f"there are no rules in {', '.join(map(str, paths))}")
    home = city if city is not None else _home(paths)
    faults: list[Fault] = []
    settings = read_settings(home, os.environ, None, faults)
    sensors = read_sensors(home, faults)
    departments = read_file(home / "departments.yaml", parse_departments, dict[str, Department](), faults)
    shapes = read_optional(home / DISTRICTS, parse_shapes, dict[str, Shape](), faults)
    calendars = read_optional(home / CALENDARS, parse_calendars, dict[str, Calendar](), faults)
    standards = read_optional(home / STANDARDS, parse_standards, NATIONAL, faults)
    found = [rule for file in dict.fromkeys(rules) for rule in read_file(file, parse_rules, list[Rule](), faults)]
    if faults:
        raise FaultsError(faults)
    cases = tuple(dict.fromkeys(tests))
    return Authored(home, sensors, departments, tuple(found), settings, cases, shapes, calendars, standards)


def indices_of(settings: Settings, standards: Standards) -> Indices:
    """How a city's indices are made."""
    wanted = settings.indices
    return Indices(ZoneInfo(settings.city.timezone), wanted.exempt, float(wanted.free_flow), standards)


def _home(paths: Sequence[Path]) -> Path:
    for path in paths:
        for folder in (path, *path.absolute().parents[:2]):
            if (folder / REGISTRY).is_file():
                return folder
    raise TroubleError(f"which city are {', '.join(map(str, paths))} for? Name its folder with --city.")
