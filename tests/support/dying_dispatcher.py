"""A dispatcher that is killed between a department's 2xx and the outbox's mark: run as a program by a test.

Arguments: database URL, data folder, webhook URL, secret.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from alerts.channels.port import Surroundings
from alerts.channels.webhook import build
from alerts.database import Database
from alerts.delivery import Dispatcher
from alerts.endpoint import Policy
from alerts.holder import holding
from alerts.outbox import Claim, Outbox, Outcome
from tests.support.alert_findings import webhook


class DyingOutbox(Outbox):
    def claim(self, now: int, room: Mapping[str, int], outcomes: Sequence[Outcome] = ()) -> list[Claim]:
        if outcomes:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().claim(now, room)


def main(database: str, folder: str, url: str, secret: str) -> None:
    channel = build(webhook(url).config, Surroundings(Policy(allow_loopback=True), {"SECRET": secret}, Path()))
    with holding(Path(folder)) as holder:
        outbox = DyingOutbox(Database(database), holder)
        dispatcher = Dispatcher(
            outbox, {"environment/webhook": channel}, clock=lambda: time.time_ns() // 1_000_000, dice=lambda: 0.0
        )
        asyncio.run(dispatcher.run())


main(*sys.argv[1:])
