"""What the part `alerts` says about itself while it runs."""

import time
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from alerts.database import is_away
from alerts.delivery_thread import DeliveryThread
from alerts.desk import Desk
from alerts.taking import Taker

Report = Callable[[dict[str, object]], None]

REPORT_SECONDS, COUNT_SECONDS = 1.0, 5.0


class Reporter:
    """Tells, about once a second, how far we are. The database is counted when something has changed, and otherwise
    now and then, for what other processes did."""

    def __init__(self, desk: Desk, taker: Taker, delivery: DeliveryThread, report: Report | None) -> None:
        self._desk, self._taker, self._delivery, self._report = desk, taker, delivery, report
        self._reported = self._counted = float("-inf")
        self._counts: dict[str, object] = {}
        self._stamp: tuple[int, ...] = ()

    def report(self, last: bool = False) -> None:
        now = time.monotonic()
        if self._report is None or (now - self._reported < REPORT_SECONDS and not last):
            return
        self._reported = now
        taker = self._taker
        stamp = (taker.changed, taker.messages, self._delivery.sent)
        if stamp != self._stamp or now - self._counted >= COUNT_SECONDS:
            try:
                self._counts = self._count()
                self._stamp, self._counted = stamp, now
            except DBAPIError as error:
                if not is_away(error):
                    raise
        self._report(
            {
                **self._counts,
                "findings": {"changed": taker.changed, "seen": taker.seen, "poison": taker.poison},
                "expired": taker.expired,
                "position": {str(partition): following for partition, following in taker.positions.items()},
                "latency_ms": self._delivery.latency.summary(),
            }
        )

    def _count(self) -> dict[str, object]:
        deliveries = self._desk.deliveries()
        return {
            "alerts": self._desk.counts(),
            "deliveries": deliveries,
            "channels": self._desk.deliveries_by_channel(),
            "waiting": deliveries["waiting"],
            "disabled": self._desk.disabled(),
        }
