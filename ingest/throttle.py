"""A library that logs a hundred errors a second, held to one line in half a minute."""

import logging
import time

_SECONDS = 30.0


class Throttle(logging.Handler):
    """Takes over the logger `name` (and those below it), from WARNING on, and passes what it says to `log`:
    one record in 30 s, and how many were left out since."""

    def __init__(self, name: str, log: logging.Logger) -> None:
        super().__init__(logging.WARNING)
        self._logger, self._log = logging.getLogger(name), log
        self._next = 0.0
        self._left_out = 0
        self._logger.addHandler(self)
        self._logger.propagate = False
        if self._logger.level == logging.NOTSET:
            self._logger.setLevel(logging.WARNING)  # the library then does not even format what is below

    def emit(self, record: logging.LogRecord) -> None:
        now = time.monotonic()
        if now < self._next:
            self._left_out += 1
            return
        self._next = now + _SECONDS
        self._log.warning("%s: %s", record.name, record.getMessage()[:500])

    def tell(self) -> None:
        """Say how many were left out, when it is time."""
        if self._left_out and time.monotonic() >= self._next:
            self._log.warning("%s: %d more in the last %.0f s", self._logger.name, self._left_out, _SECONDS)
            self._left_out = 0

    def remove(self) -> None:
        self._logger.removeHandler(self)
        self._logger.propagate = True
