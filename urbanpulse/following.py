"""Following the topic `catalogue` from a thread: what comes into force is handed on as soon as it is there."""

import logging
import threading
import time
from collections.abc import Callable

from rules.body import Body, BodyError, decode
from rules.faults import FaultsError
from rules.shelf import Claim, Shelf
from urbanpulse.account import READINGS
from urbanpulse.in_force import CATALOGUE, repeat, sending
from urbanpulse.kafka import Reader
from urbanpulse.trouble import TroubleError

log = logging.getLogger("urbanpulse")

AGAIN = 2.0
"""Seconds until Kafka is asked again after it gave no answer."""
REPEAT = 3600.0
"""Seconds after which the switch in force is said again: retention takes the old ones, and no log may be without."""


class Following:
    """Calls `take` with each body that comes into force, in a thread of its own. `partitions`: repeat the switch in
    force every hour in so many; 0 leaves that to others."""

    def __init__(self, servers: str, take: Callable[[Body], None], partitions: int = 0) -> None:
        self._servers, self._take, self._partitions = servers, take, partitions
        self._shelf = Shelf()
        self._taken: Claim | None = None
        self._next = 0
        self._due = time.monotonic() + REPEAT
        self._first = threading.Event()

    def start(self) -> "Following":
        threading.Thread(target=self._run, name="catalogue", daemon=True).start()
        return self

    def wait(self, seconds: float) -> bool:
        """Until something is in force; False when nothing is after so many seconds."""
        return self._first.wait(seconds)

    def _run(self) -> None:
        troubled = False
        while True:
            try:
                self._follow()
            except Exception as error:  # a thread that ended would leave its part with old rules, unnoticed
                if not troubled:
                    expected = isinstance(error, TroubleError)
                    log.warning("the catalogue in force cannot be followed: %s", error, exc_info=not expected)
                troubled = True
                time.sleep(AGAIN)

    def _follow(self) -> None:
        with Reader(self._servers) as reader:
            for record in reader.follow(CATALOGUE, {0: self._next}):
                if record is None:
                    self._look()
                    continue
                self._next = record.offset + 1
                self._shelf.take(record.key, record.value)
                self._look()

    def _look(self) -> None:
        """Claims come behind their bodies, so what is in force can be read at once, or was forgotten since."""
        claim = self._shelf.current
        if claim is None:
            return
        data = self._shelf.body(claim.catalogue)
        if claim != self._taken and data is not None:
            self._taken = claim
            try:
                self._take(decode(data, claim.catalogue))
            except (BodyError, FaultsError) as error:
                log.error("switch %d is not followed, what was before goes on: %s", claim.serial, error)
            else:
                log.warning("catalogue %s is in force, switch %d", claim.catalogue, claim.serial)
                self._first.set()
        if self._partitions and time.monotonic() >= self._due:
            self._due = time.monotonic() + REPEAT
            with sending(self._servers) as send:
                send(READINGS, repeat(claim, self._partitions, time.time_ns() // 1_000_000))
