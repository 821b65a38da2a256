"""What runs: the supervisor's word about its parts, for `urbanpulse status` and the page."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from urbanpulse import stats
from urbanpulse.files import write_whole
from urbanpulse.run_folder import Run

State = Literal["running", "restarting", "finished", "failed", "stopped"]


class PartStatus(msgspec.Struct, frozen=True):
    """`pid` is null unless it runs. `finished` is a part that did its work and is gone, `failed` one that is not
    started again. `note`: what a part that runs says of itself, in words."""

    name: str
    pid: int | None
    state: State
    restarts: int
    note: str = ""


class Status(msgspec.Struct, frozen=True):
    parts: tuple[PartStatus, ...]


def save(run: Run, status: Status) -> None:
    write_whole(run.status, msgspec.json.encode(status))


def load(run: Run) -> Status:
    """The last word of the run's supervisor, with what each part says. When that one is gone, so are its parts,
    whatever it said last."""
    try:
        status = msgspec.json.decode(run.status.read_bytes(), type=Status)
    except OSError:
        return Status(())
    if run.running():
        return Status(tuple(_with_note(run, part) for part in status.parts))
    return Status(tuple(PartStatus(part.name, None, _after(part.state), part.restarts) for part in status.parts))


def _after(state: State) -> State:
    return state if state in ("finished", "failed") else "stopped"


def _with_note(run: Run, part: PartStatus) -> PartStatus:
    return msgspec.structs.replace(part, note=note(stats.read(run.stats, part.name))) if part.pid is not None else part


def note(figures: Mapping[str, object]) -> str:
    """What a part's figures say in one line: what is wrong with it, and of the judge how far its stages are behind."""
    why, waits = figures.get("why"), figures.get("area_lag")
    words = [str(why)] if why else []
    if isinstance(waits, int):
        words.append(f"{figures.get('lag', 0)} records to judge")
        behind = figures.get("area_behind_ms")
        if isinstance(behind, int) and (waits or behind):
            words.append(f"rules on areas {behind / 1000:g} s behind, {waits} summaries to judge")
    return "; ".join(words)
