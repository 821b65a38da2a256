"""The dispatcher: sends what the outbox holds. Each endpoint has places of its own, so a slow department delays
nobody but itself."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from alerts.channels.port import Channel, DeliveryError, Reason
from alerts.database import is_away
from alerts.outbox import Claim, Outbox, Outcome
from alerts.sparing import Sparing

T = TypeVar("T")

log = logging.getLogger("alerts.delivery")

PLACES = 4
"""Messages on their way to one endpoint at the same time."""

POLL_SECONDS = 1.0
"""How often the outbox is looked at for messages whose time has come, when nobody calls."""

AWAY_SECONDS = 1.0
"""Wait before the database is asked again after it was away."""

SETTLE_SECONDS = 5.0
"""How long messages on their way may take to arrive when the dispatcher stops. One cut off is sent again later."""


class Dispatcher:
    """`clock` gives wall ms, `dice` a number in [0, 1). `on_sent` is called with each message delivered and when."""

    def __init__(
        self,
        outbox: Outbox,
        channels: Mapping[str, Channel],
        *,
        clock: Callable[[], int],
        dice: Callable[[], float],
        on_sent: Callable[[Claim, int], None] = lambda claim, at: None,
        settle: float = SETTLE_SECONDS,
    ) -> None:
        self._outbox, self._channels = outbox, channels
        self._clock, self._dice, self._on_sent, self._settle = clock, dice, on_sent, settle
        self._on_their_way: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._outcomes: list[Outcome] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._call = asyncio.Event()
        self._stopping = False
        self._sparing = Sparing(log)
        # the database blocks, and is asked by few: its answers must not hold up the clocks of the connections
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="outbox")

    def wake(self) -> None:
        """There may be something to send. Callable from any thread, also before `run` and after it."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._call.set)

    def stop(self) -> None:
        """`run` is to end. Callable from any thread."""
        self._stopping = True
        self.wake()

    async def run(self) -> None:
        """Sends until `stop`, then lets what is on its way arrive, and gives its leases back."""
        self._loop = asyncio.get_running_loop()
        await self._database(self._outbox.release)
        try:
            while not self._stopping:
                self._call.clear()
                await self._start_what_is_due()
                try:
                    await asyncio.wait_for(self._call.wait(), POLL_SECONDS)
                except TimeoutError:
                    continue
        finally:
            await self._end()

    async def _start_what_is_due(self) -> None:
        """Hands in what came of earlier messages and takes the next ones: many outcomes, one transaction."""
        outcomes, self._outcomes = self._outcomes, []
        room = {endpoint: PLACES - self._on_their_way[endpoint] for endpoint in self._channels}
        claims = await self._database(lambda: self._outbox.claim(self._clock(), room, outcomes))
        if claims is None:
            self._outcomes = [*outcomes, *self._outcomes]
            return
        self._tell(outcomes)
        for claim in claims:
            self._on_their_way[claim.message.endpoint] += 1
            task = asyncio.create_task(self._attempt(claim))
            self._tasks.add(task)
            task.add_done_callback(partial(self._done, claim))

    def _tell(self, kept: Sequence[Outcome]) -> None:
        for outcome in kept:
            if outcome.error is None:
                self._on_sent(outcome.claim, outcome.at)

    def _done(self, claim: Claim, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._on_their_way[claim.message.endpoint] -= 1
        self._call.set()
        if not task.cancelled() and task.exception() is not None:
            log.error("a delivery ended badly", exc_info=task.exception())

    async def _attempt(self, claim: Claim) -> None:
        error = None
        try:
            await self._channels[claim.message.endpoint].send(claim.message, self._clock())
        except DeliveryError as failed:
            error = failed
        except Exception as fault:  # a channel's own mistake must not end the dispatcher; it counts as an attempt
            log.exception("the channel of %s raised", claim.message.endpoint)
            error = DeliveryError(Reason.FAULT, type(fault).__name__)
        if error is not None:
            said = f"{claim.message.endpoint} was not told ({error}), attempt {claim.attempts + 1}"
            self._sparing.warning(claim.message.endpoint, said)
        self._outcomes.append(Outcome(claim, self._clock(), error, self._dice()))

    async def _database(self, action: Callable[[], T]) -> T | None:
        """The action's result, however long the database is away; None when told to stop meanwhile."""
        while True:
            try:
                return await asyncio.get_running_loop().run_in_executor(self._threads, action)
            except DBAPIError as error:
                if not is_away(error):
                    raise
                self._sparing.warning("database", f"the database of alerts is away: {error.orig}")
                if self._stopping:
                    return None
            await asyncio.sleep(AWAY_SECONDS)

    async def _end(self) -> None:
        self._stopping = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._settle)
        cut_off = [*self._tasks]
        for task in cut_off:
            task.cancel()
        await asyncio.gather(*cut_off, return_exceptions=True)
        await self._database(lambda: self._outbox.settle(self._outcomes))
        self._tell(self._outcomes)
        await self._database(self._outbox.release)
        for channel in self._channels.values():
            await channel.close()
        self._threads.shutdown()
