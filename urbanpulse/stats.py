"""What a part says about itself, as a file that the page, the metrics and the supervisor read."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from urbanpulse.files import write_whole

Report = Callable[[Mapping[str, object]], None]


def writer(folder: Path, part: str) -> Report:
    """A `report` that keeps the last figures in `folder`/<part>.json, with the time (wall ms) and our pid."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{part}.json"

    def report(figures: Mapping[str, object]) -> None:
        own = {"wall": time.time_ns() // 1_000_000, "pid": os.getpid()}
        write_whole(path, msgspec.json.encode({**figures, **own}))

    return report


def read(folder: Path, part: str) -> dict[str, object]:
    """The last figures of a part; empty when it has given none."""
    try:
        return msgspec.json.decode((folder / f"{part}.json").read_bytes(), type=dict[str, object])
    except (OSError, msgspec.DecodeError):
        return {}
