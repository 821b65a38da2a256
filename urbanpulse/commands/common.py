"""What several commands share: which city, which run, which span of time."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from urbanpulse import run_folder
from urbanpulse.run_folder import Run
from urbanpulse.trouble import TroubleError

RunOption = Annotated[
    Path | None, typer.Option("--run", help="A run's folder; the latest one when left out.", show_default=False)
]
CityArgument = Annotated[
    Path | None,
    typer.Argument(help="A city's folder on servers of its own; left out: the run of --run.", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]
FromOption = Annotated[
    str, typer.Option("--from", help="The first instant: RFC 3339, a date (UTC) or epoch ms.", show_default=False)
]
ToOption = Annotated[str, typer.Option("--to", help="The end, itself left out.", show_default=False)]

SCENARIO_NAMES = "ordinary, smog, dead-gateway, flash-flood, jam, noisy-night or heat-wave"

SAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "sample-city"


def default_city() -> Path:
    """The folder that a command means when it names none: this one if it is a city, else the sample city."""
    if Path("city.toml").is_file():
        return Path()
    if SAMPLE.is_dir():
        return Path(os.path.relpath(SAMPLE)) if SAMPLE.is_relative_to(Path.cwd()) else SAMPLE
    raise TroubleError("name a city's folder: the sample city is not here")


def find_run(given: Path | None) -> Run:
    return run_folder.find(given, os.environ)


def parts_folder(given: Path | None) -> Run:
    """Where parts that nobody supervises keep data and figures."""
    return Run((given or run_folder.base(os.environ) / "parts").resolve())


def parse_instant(text: str, otherwise: int) -> int:
    """ms since the epoch. Raises TroubleError.

    >>> parse_instant("2026-01-20", 0), parse_instant("2026-01-20T00:00:01.5Z", 0), parse_instant("", 7)
    (1768867200000, 1768867201500, 7)
    """
    if not text:
        return otherwise
    if text.isdigit() and len(text) > 8:
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise TroubleError(f"{text!r} is no instant: write 2026-01-20, 2026-01-20T08:30:00Z or epoch ms") from None
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def optional_instant(text: str) -> int | None:
    return parse_instant(text, 0) if text else None


def show_instant(ts: int) -> str:
    """RFC 3339, UTC, ms.

    >>> show_instant(1768867201500)
    '2026-01-20T00:00:01.500Z'
    """
    return datetime.fromtimestamp(ts / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
