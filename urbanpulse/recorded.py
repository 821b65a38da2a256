"""Recorded files and the maps that make sensors of them."""

from collections.abc import Sequence
from pathlib import Path

from rules.faults import FaultsError, nearest
from urbanpulse.trouble import TroubleError


def find_map(name: str) -> Path:
    """The file of a shipped map, or the file so named. Raises TroubleError."""
    import simulators.maps

    shipped = {file.stem: file for folder in simulators.maps.__path__ for file in Path(folder).glob("*.yaml")}
    if name in shipped:
        return shipped[name]
    if Path(name).is_file():
        return Path(name).resolve()
    raise TroubleError(f"there is no map {name!r}, shipped or as a file: {nearest(name, shipped)}")


def registry_of(files: Sequence[Path], map_file: Path) -> str:
    """The rows of sensors.csv, with their header, that `files` need. Raises FaultsError."""
    from simulators.mapfile import load_map
    from simulators.recorded import registry_rows

    found, faults = load_map(map_file.read_text(encoding="utf-8"), str(map_file))
    if faults or found is None:
        raise FaultsError(faults)
    return registry_rows(found, files)
