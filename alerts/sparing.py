"""A log that does not drown: while something goes on failing, it says so now and then."""

import logging
import time
from collections.abc import Callable

EVERY_SECONDS = 30.0


class Sparing:
    """At most one line about each matter in `EVERY_SECONDS`; the next one says how many were left out."""

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log, self._clock = log, clock
        self._last: dict[str, tuple[float, int]] = {}

    def warning(self, matter: str, text: str) -> None:
        now = self._clock()
        last, left_out = self._last.get(matter, (float("-inf"), 0))
        if now - last < EVERY_SECONDS:
            self._last[matter] = last, left_out + 1
            return
        self._last[matter] = now, 0
        self._log.warning("%s", text + (f" ({left_out} more like it)" if left_out else ""))


class SparingHandler(logging.Handler):
    """Passes another library's records on, the same message at most once in `EVERY_SECONDS`."""

    def __init__(self, log: logging.Logger) -> None:
        super().__init__()
        self._sparing = Sparing(log)

    def emit(self, record: logging.LogRecord) -> None:
        self._sparing.warning(f"{record.name} {record.msg}", f"{record.name}: {record.getMessage()}")
