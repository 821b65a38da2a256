"""The store in a thread of its own, so that its slowness holds up no heartbeat; and never given up."""

import asyncio
import logging
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from streams.stores.port import StoreAwayError, StoreRefusesError, TimeSeriesStore
from streams.watchdog import Watchdog

log = logging.getLogger("urbanpulse.streams")

_T = TypeVar("_T")

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0


class StoreThread:
    """Runs work on the store, in order. `held` says why nothing is stored just now, or is empty."""

    def __init__(self, open_store: Callable[[], TimeSeriesStore], watchdog: Watchdog) -> None:
        self._open_store, self._watchdog = open_store, watchdog
        self._thread = ThreadPoolExecutor(1, "store")
        self._turned = asyncio.Event()
        self._store: TimeSeriesStore | None = None
        self.held = ""

    def wake(self) -> None:
        """Whoever waits for the store looks again whether to go on."""
        self._turned.set()

    async def persist(self, work: Callable[[TimeSeriesStore], _T], wanted: Callable[[], bool]) -> _T | None:
        """Do `work` again and again while the store is away; None when it is not `wanted` any more. Raises
        StaleBatchError."""
        pause = FIRST_PAUSE
        while wanted():
            try:
                done = await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work)
            except (StoreAwayError, StoreRefusesError) as error:
                self._hold(error)
                self._turned.clear()
                try:
                    await asyncio.wait_for(self._turned.wait(), pause * random.uniform(0.8, 1.2))
                except TimeoutError:
                    pause = min(LONGEST_PAUSE, pause * 2)
                continue
            if self.held:
                log.warning("record: the store takes readings again")
                self.held = ""
                self._watchdog.holding("")
            return done
        return None

    def _run(self, work: Callable[[TimeSeriesStore], _T]) -> _T:
        if self._store is None:
            self._store = self._open_store()
        return work(self._store)

    def _hold(self, error: Exception) -> None:
        if isinstance(error, StoreRefusesError):  # somebody has to act: say it every time
            log.error("record: the store refuses everything, readings are held until it is put right: %s", error)
        elif not self.held:
            log.warning("record: the store is away, readings are held: %s", error)
        self.held = f"{type(error).__name__}: {error}"
        self._watchdog.holding(self.held)

    async def close(self) -> None:
        if self._store is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._store.close)
        self._thread.shutdown(wait=False)
