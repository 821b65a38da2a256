"""The thread that asks the watchdog, and ends the process for it."""

import logging
import threading
import time

from streams.exits import die
from streams.watchdog import Watchdog

log = logging.getLogger("urbanpulse.streams")


def watch(part: str, watchdog: Watchdog) -> None:
    """End the process when the watchdog says so, from a thread: it must see a blocked event loop too."""

    def look() -> None:
        red = ""
        while True:
            time.sleep(1.0)
            now = time.monotonic()
            if why := watchdog.fatal(now):
                die(part, f"standstill: {why}")
            if bool(why := watchdog.why(now)) != bool(red):
                log.warning("%s: %s", part, f"red: {why}" if why else "green again")
            red = why

    threading.Thread(target=look, name=f"{part}-watchdog", daemon=True).start()
