"""Files of a running city that changed: checked whole, brought into force whole, or refused whole and said why."""

import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from rules.body import CALENDARS, DISTRICTS, RULES, SENSORS, STANDARDS
from rules.faults import FaultsError
from rules.shelf import Shelf
from urbanpulse import snapshot
from urbanpulse.bring_folder import words
from urbanpulse.city import City, load_again
from urbanpulse.current import InForce, save
from urbanpulse.deployment import Deployment
from urbanpulse.in_force import Switched, bring_into_force
from urbanpulse.trouble import TroubleError

EVERY = 2.0
"""Seconds between two looks at the files. A change is taken up when the next look finds nothing newer: whoever writes
several files is let finish."""
AGAIN = 10.0
"""Seconds until a change is tried again that Kafka did not take."""
DEPARTMENTS = "departments.yaml"
WATCHED = (SENSORS, DEPARTMENTS, DISTRICTS, CALENDARS, STANDARDS)

Fingerprint = dict[str, tuple[int, int, int]]


def fingerprint(folder: Path) -> Fingerprint:
    """Of all files that a reload reads: by name, the time of change, size and number of each."""
    found: Fingerprint = {}
    for path in (*(folder / name for name in WATCHED), *sorted((folder / RULES).glob("*.y*ml"))):
        try:
            stat = path.stat()
        except OSError:
            continue
        found[str(path.relative_to(folder))] = stat.st_mtime_ns, stat.st_size, stat.st_ino
    return found


class Reloading:
    """Watches the files of `folder`, of which the run has a copy. One thread only, that of the supervisor.
    `more_sensors` and `receiver` are what snapshot.take adds; `departments` is called when these have changed, before
    a rule can name a new one."""

    def __init__(
        self,
        folder: Path,
        here: Deployment,
        say: Callable[[str], None],
        departments: Callable[[], None],
        more_sensors: str = "",
        receiver: tuple[int, int] | None = None,
    ) -> None:
        self._folder, self._here, self._say, self._departments = folder, here, say, departments
        self._more_sensors, self._receiver = more_sensors, receiver
        self._done = self._seen = fingerprint(folder)
        self._next = 0.0
        self._now = InForce()

    def begin(self, city: City, empty: bool) -> None:
        """Brings the copy of the city into force. `empty`: the topic was made just now. Raises TroubleError."""
        switched, shelf = self._bring(city, empty)
        if switched.before is not None and switched.fresh:
            self._told(switched, shelf, city)
        self._next = time.monotonic() + EVERY

    def ask(self) -> None:
        """Take the files up now, whether or not they have changed."""
        self._seen = fingerprint(self._folder)
        self._say("reload: asked for")
        self._take_up()

    def look(self) -> None:
        """To be called often."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY
        if self._here.run.wish.exists():
            self._here.run.wish.unlink(missing_ok=True)
            self.ask()
            return
        seen = fingerprint(self._folder)
        settled, self._seen = seen == self._seen, seen
        if settled and seen != self._done:
            self._take_up()

    def _take_up(self) -> None:
        fresh = self._here.run.folder / "city.next"
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            load_again(self._folder, self._here.settings)  # faults name the files that people edit
            snapshot.take(self._folder, fresh, self._more_sensors, self._receiver)
            city = load_again(fresh, self._here.settings)
            if _text(fresh / DEPARTMENTS) != _text(self._here.run.city / DEPARTMENTS):
                snapshot.renew(fresh, self._here.run.city, DEPARTMENTS)
                self._departments()
            switched, shelf = self._bring(city)
        except FaultsError as error:
            self._done = self._seen
            self._refuse([str(fault).removeprefix(f"{self._folder}/") for fault in error.faults])
            return
        except (TroubleError, OSError) as error:
            self._next = time.monotonic() + AGAIN
            self._refuse([str(error)])
            return
        snapshot.renew(fresh, self._here.run.city)
        shutil.rmtree(fresh, ignore_errors=True)
        self._done = self._seen
        self._told(switched, shelf, city)

    def _bring(self, city: City, empty: bool = False) -> tuple[Switched, Shelf]:
        settings, endpoints = self._here.settings, self._here.endpoints
        switched, shelf = bring_into_force(endpoints.kafka, settings.kafka.partitions, city.body, empty)
        now = switched.now
        many = len(city.catalogue.rules), len(city.sensors)
        self._now = InForce(now.serial, now.catalogue, now.wall, *many, looked=self._now.looked + 1)
        save(self._here.run, self._now)
        return switched, shelf

    def _told(self, switched: Switched, shelf: Shelf, city: City) -> None:
        head, *lines = words(switched, shelf, city.catalogue)
        self._say("\n    ".join([f"reload: {head}", *lines]))

    def _refuse(self, why: Sequence[str]) -> None:
        refused = tuple(why)
        if refused != self._now.refused:
            lines = [f"reload refused, what was in force goes on (switch {self._now.serial}):", *refused]
            self._say("\n    ".join(lines))
        self._now = msgspec.structs.replace(self._now, refused=refused, looked=self._now.looked + 1)
        save(self._here.run, self._now)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
