"""A city's folder, read whole and checked whole, offline: settings, sensors, rules and departments."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from alerts.departments import Department, parse_departments
from rules.body import Body
from rules.catalogue import Catalogue, check_catalogue
from rules.faults import Fault, FaultsError
from rules.sensor import Sensor
from urbanpulse.catalogue_folder import read_catalogue
from urbanpulse.folder import is_folder, read_file, read_settings
from urbanpulse.settings import Settings


@dataclass(frozen=True, slots=True)
class City:
    """All that a city's folder says, without a fault. `body`: the text of the catalogue."""

    folder: Path
    settings: Settings
    body: Body
    catalogue: Catalogue
    departments: dict[str, Department]

    @property
    def sensors(self) -> Mapping[str, Sensor]:
        return self.catalogue.sensors


def load(folder: Path, environ: Mapping[str, str], origin: Path | None = None) -> City:
    """The city in `folder` with the overrides of `environ`. Opens no connection. `origin`: where the folder's secret
    files are, when it is a copy. Raises FaultsError with every fault of every file."""
    is_folder(folder)
    faults: list[Fault] = []
    settings = read_settings(folder, environ, origin, faults)
    return _load(folder, settings, faults)


def load_again(folder: Path, settings: Settings) -> City:
    """The city in `folder` under settings that are in force already: its city.toml is not read. Raises FaultsError
    with every fault of every other file."""
    is_folder(folder)
    return _load(folder, settings, [])


def _load(folder: Path, settings: Settings, faults: list[Fault]) -> City:
    body, catalogue = read_catalogue(folder, settings, faults)
    departments = read_file(folder / "departments.yaml", parse_departments, dict[str, Department](), faults)
    if not faults:  # a cross check against half a registry would only repeat the first faults in other words
        faults += check_catalogue(catalogue, departments)
        faults += _sensors_of_nobody(catalogue.sensors, departments, str(folder / "sensors.csv"))
    if faults:
        raise FaultsError(faults)
    return City(folder, settings, body, catalogue, departments)


def _sensors_of_nobody(sensors: Mapping[str, Sensor], departments: Mapping[str, Department], file: str) -> list[Fault]:
    """Departments that sensors have and departments.yaml has not, each once: nobody would be told of their alerts."""
    strange: dict[str, str] = {}
    for sensor in sensors.values():
        strange.setdefault(sensor.department, sensor.id)
    return [
        Fault(file, 0, "department", f"there is no department {name!r} (sensor {sensor})", "add it to departments.yaml")
        for name, sensor in sorted(strange.items())
        if name not in departments
    ]
