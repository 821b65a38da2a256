"""Maps that ship with the project, for well-known recorded data; docs/replay.md says how to write another."""

from pathlib import Path

HERE = Path(__file__).parent


def names() -> list[str]:
    """The maps that ship, by name."""
    return sorted(file.stem for file in HERE.glob("*.yaml"))


def find(name: str) -> Path:
    """The file of a map: `name` may be a path, or the name of one that ships (`beijing-air`)."""
    path = Path(name)
    shipped = HERE / f"{name}.yaml"
    return shipped if not path.exists() and "/" not in name and shipped.exists() else path
