"""Style, script and icon: read once, served from memory under an address that changes with their content."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    type: str
    version: str


def load(folder: Path = FOLDER) -> dict[str, Asset]:
    """The files of the folder by name. Nothing else is ever served from it, so no path can climb out."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.suffix in _TYPES:
            body = path.read_bytes()
            found[path.name] = Asset(body, _TYPES[path.suffix], sha256(body).hexdigest()[:12])
    return found
