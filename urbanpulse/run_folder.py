"""The folder of one `up`: what runs where, its logs, its figures, its data. Earlier ones stay readable."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from urbanpulse.files import write_whole
from urbanpulse.trouble import TroubleError

Clock = Literal["bridge", "publisher"]


class NoRunError(TroubleError):
    """There is no run to look at. The text says what to do."""


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """Where everything of a run is, decided before its parts start. Ports of 0 have become real ones here.

    `embedded` holds the names of the servers that this run starts itself, `mqtt_plain` the port of the embedded
    broker for MQTT 3.1.1 (0 without one), `department` the receiver's address (empty without one), `city` the
    folder the parts read: a copy, made at the start, of `origin`, which alone has the secret files.
    """

    city: str
    origin: str
    mqtt_host: str
    mqtt_port: int
    kafka: str
    store: str
    alerts: str
    console_host: str
    console_port: int
    clock: Clock
    mqtt_plain: int = 0
    mqtt_tls: bool = False
    department: str = ""
    embedded: tuple[str, ...] = ()

    @property
    def console(self) -> str:
        return f"http://{self.console_host}:{self.console_port}/"


@dataclass(frozen=True, slots=True)
class Run:
    """One run folder, of a city that runs or ran."""

    folder: Path

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def stats(self) -> Path:
        return self.folder / "stats"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    @property
    def city(self) -> Path:
        return self.folder / "city"

    @property
    def status(self) -> Path:
        return self.folder / "status.json"

    @property
    def catalogue(self) -> Path:
        return self.folder / "catalogue.json"

    def endpoints(self) -> Endpoints:
        """Raises NoRunError when the folder holds none."""
        try:
            return msgspec.json.decode((self.folder / "run.json").read_bytes(), type=Endpoints)
        except (OSError, msgspec.DecodeError) as error:
            raise NoRunError(f"{self.folder} is not the folder of a run: {error}") from None

    def save(self, endpoints: Endpoints) -> None:
        write_whole(self.folder / "run.json", msgspec.json.format(msgspec.json.encode(endpoints)))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Marks the run as running, until the end of this process however it comes."""
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield

    def running(self) -> bool:
        """Whether its supervisor lives."""
        try:
            with (self.folder / "lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False


def base(environ: Mapping[str, str]) -> Path:
    """Where run folders are: URBANPULSE_RUNS, else `runs` in the working directory."""
    return Path(environ.get("URBANPULSE_RUNS") or "runs")


def create(parent: Path) -> Run:
    """A new run folder, named for the time (UTC), with `latest` pointing at it."""
    name = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(1, 1000):
        folder = parent / (name if attempt == 1 else f"{name}-{attempt}")
        try:
            folder.mkdir()
            break
        except FileExistsError:
            continue
    run = Run(folder.resolve())
    for inside in (run.logs, run.stats, run.data):
        inside.mkdir()
    run.secrets.mkdir(mode=0o700)
    link = parent / f".latest.{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name)
    link.replace(parent / "latest")
    return run


def find(given: Path | None, environ: Mapping[str, str]) -> Run:
    """The run in the folder `given`, or the latest. Raises NoRunError."""
    folder = given or base(environ) / "latest"
    if not (folder / "run.json").is_file():
        where = "no city has been started here" if given is None else f"{folder} is not the folder of a run"
        raise NoRunError(f"{where}. Start one with `urbanpulse up`, or name a run's folder with --run.")
    return Run(folder.resolve())
