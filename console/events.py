"""Alerts as they change, to every open board: server-sent events.

One poller asks the desk once a second, and only while somebody listens. A listener that joins gets what it missed
since the number it names (Last-Event-ID after a cut connection), read from the desk, then what the poller brings; a
change carries its number, so that none is sent twice. A listener too slow for its queue is let go: its browser comes
back and says where it was.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from console.html import Markup
from console.ports import AlertChange

_T = TypeVar("_T")

Changes = Callable[[int], Awaitable[Sequence[AlertChange]]]
"""Changes after a number, at most `BATCH`, oldest first."""

POLL = 1.0
HEARTBEAT = 15.0
BATCH = 200
LISTENERS = 200
_QUEUE = 20


class CrowdedError(RuntimeError):
    """More boards are open than one console serves."""


@dataclass(eq=False, slots=True)
class _Listener:
    queue: asyncio.Queue[Sequence[AlertChange] | Markup | None] = field(default_factory=lambda: asyncio.Queue(_QUEUE))
    gone: bool = False

    def put(self, item: Sequence[AlertChange] | Markup | None) -> None:
        try:
            self.queue.put_nowait(item)
        except asyncio.QueueFull:
            self.gone = True


class Feed:
    """`changes` and `last_seq` read the desk, `strip` renders the figures of the moment; each may fail and is then
    asked again."""

    def __init__(
        self,
        changes: Changes,
        last_seq: Callable[[], Awaitable[int]],
        strip: Callable[[], Awaitable[Markup]],
        *,
        poll: float = POLL,
        heartbeat: float = HEARTBEAT,
    ) -> None:
        self._changes = changes
        self._last_seq = last_seq
        self._strip = strip
        self._poll = poll
        self._heartbeat = heartbeat
        self._listeners: set[_Listener] = set()
        self._poller: asyncio.Task[None] | None = None
        self._nudged = asyncio.Event()
        self._closed = False
        self.failures = 0

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    async def listen(self, since: int) -> AsyncIterator[Sequence[AlertChange] | Markup | None]:
        """Batches of changes after `since`, new figures, and None when nothing happened for a heartbeat. Ends when
        the feed is closed or the listener is too slow. Raises CrowdedError."""
        if len(self._listeners) >= LISTENERS:
            raise CrowdedError
        listener = _Listener()
        self._listeners.add(listener)
        try:
            await self._start()
            while missed := await self._patiently(partial(self._changes, since)):
                since = missed[-1].seq
                yield missed
                if self._closed:
                    return
            while not (self._closed or listener.gone):
                try:
                    item = await asyncio.wait_for(listener.queue.get(), self._heartbeat)
                except TimeoutError:
                    yield None
                    continue
                if isinstance(item, Markup):
                    yield item
                elif item is not None:
                    fresh = [change for change in item if change.seq > since]
                    if fresh:
                        since = fresh[-1].seq
                        yield fresh
        finally:
            self._listeners.discard(listener)
            if not self._listeners and self._poller is not None:
                self._poller.cancel()
                self._poller = None

    def nudge(self) -> None:
        """Asks for a poll now: an officer has just pressed a button and waits for the answer."""
        self._nudged.set()

    def close(self) -> None:
        """Ends every stream, so that the server can stop."""
        self._closed = True
        self._tell(None)
        if self._poller is not None:
            self._poller.cancel()
            self._poller = None

    async def _start(self) -> None:
        """The poller begins at a number read before the first listener looks for what it missed: a change can be in
        both, never in neither."""
        if self._poller is None:
            cursor = await self._patiently(self._last_seq)
            if self._poller is None and not self._closed:
                self._poller = asyncio.get_running_loop().create_task(self._run(cursor))

    async def _patiently(self, ask: Callable[[], Awaitable[_T]]) -> _T:
        """The desk's answer, asked for until it comes: its file may be locked or away for a moment. Health tells of
        it meanwhile."""
        while True:
            try:
                return await ask()
            except Exception:
                self.failures += 1
                await asyncio.sleep(self._poll)

    def _tell(self, item: Sequence[AlertChange] | Markup | None) -> None:
        for listener in self._listeners:
            listener.put(item)

    async def _run(self, cursor: int) -> None:
        shown = Markup("")
        while True:
            while found := await self._patiently(partial(self._changes, cursor)):
                cursor = found[-1].seq
                self._tell(found)
            strip = await self._patiently(self._strip)
            if strip != shown:
                shown = strip
                self._tell(strip)
            self._nudged.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._nudged.wait(), self._poll)


def event(name: str, data: object, number: int | None = None) -> bytes:
    """One event on the wire. JSON keeps it on one line whatever the data hold."""
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


RETRY = b"retry: 2000\n\n"
COMMENT = b": still here\n\n"
