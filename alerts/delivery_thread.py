"""The dispatcher in a thread of its own, beside the one that takes findings."""

import asyncio
import logging
import random
import threading
from collections.abc import Mapping

from alerts.channels.port import Channel
from alerts.delivery import Dispatcher
from alerts.desk import wall_clock
from alerts.histogram import Histogram
from alerts.outbox import Claim, Outbox

log = logging.getLogger("alerts.delivery")


class DeliveryThread:
    """From entering to leaving. `stop` is set when the dispatcher ends by itself, and `failed` then.

    `sent` counts messages delivered since the start, `latency` the ms from receiving the record that decided to the
    department's answer, of webhooks.
    """

    def __init__(self, outbox: Outbox, channels: Mapping[str, Channel], stop: threading.Event) -> None:
        self.latency = Histogram()
        self.sent = 0
        self.failed = False
        self._end = stop
        self._dispatcher = Dispatcher(outbox, channels, clock=wall_clock, dice=random.random, on_sent=self._count)
        self._thread = threading.Thread(target=self._run, name="delivery")

    def __enter__(self) -> "DeliveryThread":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wake(self) -> None:
        self._dispatcher.wake()

    def stop(self) -> None:
        """Ends it and waits until what was on its way has arrived or was cut off."""
        self._dispatcher.stop()
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._dispatcher.run())
        except Exception:
            log.exception("delivery ended")
            self.failed = True
        finally:
            self._end.set()

    def _count(self, claim: Claim, at: int) -> None:
        self.sent += 1
        if claim.channel == "webhook":
            self.latency.add(at - claim.finding_wall)
