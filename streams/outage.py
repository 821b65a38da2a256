"""Kafka away and back: two lines of our own instead of a hundred a second of the client's."""

import logging
import time
from collections.abc import Callable

log = logging.getLogger("urbanpulse.streams")

EVERY = 30.0
CLIENTS = ("aiokafka", "faust", "mode")


class Outage:
    """Whether Kafka seems to answer. Both edges are logged once."""

    def __init__(self, part: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._part, self._clock = part, clock
        self._since: float | None = None

    @property
    def away(self) -> bool:
        return self._since is not None

    def trouble(self, reason: str) -> None:
        if self._since is None:
            self._since = self._clock()
            log.warning("%s: Kafka does not answer: %s", self._part, reason)

    def fine(self) -> None:
        if self._since is not None:
            log.warning("%s: Kafka answers again after %.1f s", self._part, self._clock() - self._since)
            self._since = None


class Limit(logging.Filter):
    """Lets a client's warning or error of one place through once in `EVERY` seconds, with how many were not
    shown; tells `outage` about those that mean that the broker cannot be reached."""

    _AWAY = ("unable connect", "unable to request metadata", "unable to update metadata", "connection error",
             "heartbeat failed", "coordinator dead", "error sending", "connection closed", "not connected")  # fmt: skip

    def __init__(self, outage: Outage | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._outage, self._clock = outage, clock
        self._shown: dict[tuple[str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        if self._outage is not None and any(word in str(record.msg).lower() for word in self._AWAY):
            self._outage.trouble(record.getMessage()[:200])
        place, now = (record.pathname, record.lineno), self._clock()
        last, hidden = self._shown.get(place, (-EVERY, 0))
        if now - last < EVERY:
            self._shown[place] = last, hidden + 1
            return False
        self._shown[place] = now, 0
        if hidden:
            record.msg, record.args = f"{record.getMessage()} (and {hidden} more like it)", ()
        return True


def limit_clients(outage: Outage) -> None:
    """Put a Limit on every handler of the root logger for the clients' records."""
    limit = Limit(outage)

    class ClientsOnly(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            return limit.filter(record) if record.name.split(".")[0] in CLIENTS else True

    for handler in logging.getLogger().handlers:
        handler.addFilter(ClientsOnly())
