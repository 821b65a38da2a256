"""What the parts say about themselves: one small JSON file a part, rewritten about once a second, and the
supervisor's status file. A missing or half-written file is no fault of the reader's: that part is then unknown."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

SIZE_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class PartStats:
    """The figures of one part and when they were written (wall ms)."""

    name: str
    at: int
    values: Mapping[str, object]

    def is_a(self, kind: str) -> bool:
        """Whether this is the part `kind`, or one of several of them: `ingest`, `ingest-north`."""
        return self.name == kind or self.name.startswith(f"{kind}-")

    def number(self, *names: str) -> float | None:
        """The figure at the path `names`, when it is one."""
        value: object = self.values
        for name in names:
            value = value.get(name) if isinstance(value, Mapping) else None
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def table(self, name: str) -> dict[str, float]:
        """The figures below `name`, those that are numbers."""
        value = self.values.get(name)
        if not isinstance(value, Mapping):
            return {}
        found = {str(key): self.number(name, key) for key in value}
        return {key: figure for key, figure in found.items() if figure is not None}


@dataclass(frozen=True, slots=True)
class PartStatus:
    """A part as the supervisor sees it."""

    name: str
    state: str
    restarts: int


def read_stats(folder: Path | None) -> dict[str, PartStats]:
    """The figures of every part that wrote some, by name."""
    if folder is None or not folder.is_dir():
        return {}
    found = {}
    for path in sorted(folder.glob("*.json")):
        values = _object(path)
        if values is not None:
            found[path.stem] = PartStats(path.stem, _written(path), values)
    return found


def read_status(file: Path | None) -> list[PartStatus]:
    """The parts in the supervisor's order; empty when nobody supervises."""
    values = _object(file) if file is not None else None
    return list(_parts(values or {}))


def _parts(values: Mapping[str, object]) -> Iterator[PartStatus]:
    parts = values.get("parts")
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, dict) and isinstance(part.get("name"), str):
            restarts = part.get("restarts")
            yield PartStatus(
                part["name"], str(part.get("state", "unknown")), restarts if isinstance(restarts, int) else 0
            )


def _object(path: Path) -> dict[str, object] | None:
    try:
        with path.open("rb") as file:
            values = json.loads(file.read(SIZE_LIMIT))
    except (OSError, ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def _written(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns // 1_000_000
    except OSError:
        return 0
