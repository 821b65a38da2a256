"""Running the console: store and desk opened, a port bound, a server that stops when told, open streams or not."""

import asyncio
import contextlib
import errno
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn
from starlette.concurrency import run_in_threadpool

from alerts.desk import Desk
from console.app import LOOPBACK, create_console
from console.context import Console
from console.desk import DeskView
from console.pages.frame import Look
from console.ports import CityPort
from rules.secret import Secret
from streams.stores import open_store

Report = Callable[[dict[str, object]], None]
_REPORT_SECONDS = 1.0
# Answers under way when the signal comes get this long; streams are ended at once.
_GRACE_SECONDS = 3


class PortInUseError(OSError):
    """Somebody else listens where the console should. The text says what to do."""


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """`port` 0 takes a free one. `names` are further names under which browsers reach this console, such as that of
    a proxy in front of it; loopback names and `host` are always among them. `alerts_url` is the desk's database,
    `stats_dir` and `status_file` are where the parts and the supervisor leave their figures."""

    store_url: str
    alerts_url: str
    host: str = "127.0.0.1"
    port: int = 8080
    store_secret: Secret | None = None
    stats_dir: Path | None = None
    status_file: Path | None = None
    names: tuple[str, ...] = ()
    city: str = "urbanpulse"
    timezone: str = "UTC"
    version: str = "0"


class _Server(uvicorn.Server):
    """Ends the open streams before it waits for connections to close: they would never end by themselves."""

    console: Console

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.console.feed.close()
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises PortInUseError, and OSError for an address that is not of this machine."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(128)
    except OSError as fault:
        taken.close()
        if fault.errno != errno.EADDRINUSE:
            raise
        raise PortInUseError(
            fault.errno,
            f"the console cannot listen on {host}:{port} ({fault.strerror}); set console.port to another port, or to 0 "
            "for any free one",
        ) from fault
    return taken


def run_console(settings: ConsoleSettings, city: CityPort, report: Report | None = None) -> None:
    """Serves until SIGTERM or SIGINT. `city` may become another between two pages. `report` gets the console's own
    figures once a second.

    Raises PortInUseError, ValueError for a store or database URL that means nothing, and what the desk raises when
    its database cannot be opened.
    """
    with contextlib.ExitStack() as undo:
        taken = undo.enter_context(contextlib.closing(listen(settings.host, settings.port)))
        store = undo.enter_context(contextlib.closing(open_store(settings.store_url, settings.store_secret)))
        desk = undo.enter_context(contextlib.closing(Desk(settings.alerts_url)))
        app = create_console(
            store,
            DeskView(desk),
            city,
            now=lambda: time.time_ns() // 1_000_000,
            stats_dir=settings.stats_dir,
            status_file=settings.status_file,
            hosts=_hosts(settings),
            look=Look(settings.city, ZoneInfo(settings.timezone)),
            version=settings.version,
        )
        server = _Server(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                lifespan="off",
                timeout_graceful_shutdown=_GRACE_SECONDS,
                limit_concurrency=500,
                h11_max_incomplete_event_size=16_384,
            )
        )
        server.console = app.state.console
        asyncio.run(_serve(server, taken, report))


def _hosts(settings: ConsoleSettings) -> Sequence[str]:
    own = f"[{settings.host}]" if ":" in settings.host else settings.host
    return (*LOOPBACK, own, *settings.names)


async def _serve(server: _Server, taken: socket.socket, report: Report | None) -> None:
    task = asyncio.create_task(_every_second(server, report))
    try:
        with _signals_end_here():
            await server.serve(sockets=[taken])
    finally:
        task.cancel()


async def _every_second(server: _Server, report: Report | None) -> None:
    while True:
        await run_in_threadpool(server.console.pulse.sample)
        if report is not None:
            feed, requests = server.console.feed, server.server_state.total_requests
            report({"streams": feed.listeners, "poll_failures": feed.failures, "requests": requests})
        await asyncio.sleep(_REPORT_SECONDS)


@contextlib.contextmanager
def _signals_end_here() -> Iterator[None]:
    """uvicorn raises the signal again once it has stopped, which would end the process before store and desk are
    closed. To be asked to stop, and to stop, is no failure."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
