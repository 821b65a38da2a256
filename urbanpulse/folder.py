"""The files of a city's folder, each read by itself, so that a part reads and carries only what it needs. Offline."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from rules.faults import Fault, FaultsError
from rules.registry import parse_registry
from rules.sensor import Sensor
from urbanpulse.settings import Settings, parse_settings

T = TypeVar("T")

_SECRET_NAME = re.compile(r"\benv:\s*[\"']?([A-Za-z_][A-Za-z0-9_]*)")


def read_text(path: Path, faults: list[Fault]) -> str | None:
    """A file's text, or None with a fault added."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        faults.append(Fault(str(path), 0, "", f"not UTF-8 (byte {error.start})", "save it as UTF-8"))
    except OSError as error:
        faults.append(Fault(str(path), 0, "", f"cannot be read: {error.strerror}", "a city's folder holds it"))
    return None


def read_file(path: Path, parse: Callable[[str, str], tuple[T, list[Fault]]], empty: T, faults: list[Fault]) -> T:
    """What `parse` makes of a file; its faults are added to `faults`."""
    text = read_text(path, faults)
    if text is None:
        return empty
    found, wrong = parse(text, str(path))
    faults.extend(wrong)
    return found


def read_optional(path: Path, parse: Callable[[str, str], tuple[T, list[Fault]]], without: T, faults: list[Fault]) -> T:
    """The same of a file that a city may do without."""
    return read_file(path, parse, without, faults) if path.exists() else without


def read_settings(folder: Path, environ: Mapping[str, str], origin: Path | None, faults: list[Fault]) -> Settings:
    """city.toml under the environment; a folder without one is a city of defaults. `origin`: where the folder's
    secret files are, when it is a copy."""
    file, departments = folder / "city.toml", folder / "departments.yaml"
    text = read_text(file, faults) if file.exists() else ""
    named = _SECRET_NAME.findall(departments.read_text(errors="replace")) if departments.is_file() else []
    settings, wrong = parse_settings(text or "", str(file), environ, origin or folder, named)
    faults.extend(wrong)
    return settings


def read_sensors(folder: Path, faults: list[Fault]) -> dict[str, Sensor]:
    return read_file(folder / "sensors.csv", parse_registry, dict[str, Sensor](), faults)


def is_folder(folder: Path) -> None:
    """Raises FaultsError when it is none."""
    if not folder.is_dir():
        raise FaultsError([Fault(str(folder), 0, "", "there is no such folder", "name a city's folder")])


def load_settings(folder: Path, environ: Mapping[str, str], origin: Path | None = None) -> Settings:
    """The settings alone. Raises FaultsError."""
    faults: list[Fault] = []
    is_folder(folder)
    return sound_only(read_settings(folder, environ, origin, faults), faults)


def load_sensors(folder: Path) -> dict[str, Sensor]:
    """The registry alone. Raises FaultsError."""
    faults: list[Fault] = []
    return sound_only(read_sensors(folder, faults), faults)


def sound_only(found: T, faults: list[Fault]) -> T:
    if faults:
        raise FaultsError(faults)
    return found
