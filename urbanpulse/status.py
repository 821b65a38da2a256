"""What runs: the supervisor's word about its parts, for `urbanpulse status` and the page."""

from typing import Literal

import msgspec

from urbanpulse.files import write_whole
from urbanpulse.run_folder import Run

State = Literal["running", "restarting", "finished", "failed", "stopped"]


class PartStatus(msgspec.Struct, frozen=True):
    """`pid` is null unless it runs. `finished` is a part that did its work and is gone, `failed` one that is not
    started again."""

    name: str
    pid: int | None
    state: State
    restarts: int


class Status(msgspec.Struct, frozen=True):
    parts: tuple[PartStatus, ...]


def save(run: Run, status: Status) -> None:
    write_whole(run.status, msgspec.json.encode(status))


def load(run: Run) -> Status:
    """The last word of the run's supervisor. When that one is gone, so are its parts, whatever it said last."""
    try:
        status = msgspec.json.decode(run.status.read_bytes(), type=Status)
    except OSError:
        return Status(())
    if run.running():
        return status
    return Status(tuple(PartStatus(part.name, None, _after(part.state), part.restarts) for part in status.parts))


def _after(state: State) -> State:
    return state if state in ("finished", "failed") else "stopped"
