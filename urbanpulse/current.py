"""What the front door of a run brought into force, as a file that `status`, `reload` and the page read."""

import msgspec

from urbanpulse.files import write_whole
from urbanpulse.run_folder import Run


class InForce(msgspec.Struct, frozen=True):
    """Switch number, hash, when (wall ms), how much. `refused`: why the files as they are now are not in force, each
    reason with file, line and key; empty when they are. `looked`: how often the files were taken up."""

    serial: int = 0
    catalogue: str = ""
    wall: int = 0
    rules: int = 0
    sensors: int = 0
    refused: tuple[str, ...] = ()
    looked: int = 0


def save(run: Run, now: InForce) -> None:
    write_whole(run.catalogue, msgspec.json.encode(now))


def load(run: Run) -> InForce | None:
    """None where no front door has brought anything into force."""
    try:
        return msgspec.json.decode(run.catalogue.read_bytes(), type=InForce)
    except (OSError, msgspec.DecodeError):
        return None
