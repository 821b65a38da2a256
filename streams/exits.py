"""Ending the process when a fresh start is the repair, and never without a word."""

import logging
import os
from typing import NoReturn

log = logging.getLogger("urbanpulse.streams")

FAILED = 3
"""Exit status of a part that ended itself."""


def die(part: str, why: BaseException | str) -> NoReturn:
    """Log the cause, then end at once: state that is not durable must not be tidied up, it is read again."""
    cause = why if isinstance(why, BaseException) else None
    text = why if isinstance(why, str) else f"{type(why).__name__}: {why}"
    log.critical("%s ends itself: %s", part, text, exc_info=cause)
    for handler in logging.getLogger().handlers:
        handler.flush()
    os._exit(FAILED)
