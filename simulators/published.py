"""What a publisher knows at its end: what the broker took, and what the city should have found in it."""

import os
from pathlib import Path

import msgspec


class Expected(msgspec.Struct, frozen=True, order=True):
    """A finding that a bad day must cause. `sensor`: its id, or of a rule on areas the name of the area. `at` is event
    time (ms); `severity` is empty when cleared."""

    rule: str
    sensor: str
    metric: str
    at: int
    change: str
    severity: str


class Published(msgspec.Struct, frozen=True):
    """Counted by identity, from the broker's acknowledgements alone: `received` distinct readings, `refused`
    distinct refusals by code. `messages` counts acknowledgements, repeats included. `complete` is false when the
    publisher was stopped before its end: then `expected` need not all have come true. `late_steps` began after
    their time, by `behind` seconds at worst. `start` and `end` bound the day published (ms)."""

    received: int
    refused: dict[str, int]
    messages: int
    expected: list[Expected]
    complete: bool
    wall_seconds: float
    late_steps: int
    behind: float
    start: int
    end: int


def write(published: Published, path: Path) -> None:
    """Put it at `path` as JSON, whole or not at all."""
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(published), indent=2))
    os.replace(beside, path)  # noqa: PTH105 - the one call that replaces on every system


def read(path: Path) -> Published:
    """What `write` wrote. Raises FileNotFoundError, msgspec.DecodeError."""
    return msgspec.json.decode(path.read_bytes(), type=Published)
