"""The console as an application: ports in, FastAPI out. Nothing is opened or read at import."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from console import api, live, ngsi, probes, web
from console.assets import load
from console.context import Console
from console.events import BATCH, Feed
from console.faults import install
from console.guard import Guard
from console.html import Markup
from console.pages.board import strip
from console.pages.frame import Look
from console.ports import AlertChange, CityPort, DeskPort, StorePort
from console.pulse import PulseReader

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def create_console(
    store: StorePort,
    desk: DeskPort,
    city: CityPort,
    *,
    now: Callable[[], int],
    stats_dir: Path | None = None,
    status_file: Path | None = None,
    hosts: Iterable[str] = LOOPBACK,
    look: Look | None = None,
    version: str = "0",
) -> FastAPI:
    """`now` gives wall ms; `hosts` are the names under which browsers may reach the console."""
    assets = load()
    look = replace(
        look or Look(),
        style=f"/static/console.css?v={assets['console.css'].version}",
        script=f"/static/console.js?v={assets['console.js'].version}",
        icon=f"/static/icon.svg?v={assets['icon.svg'].version}",
    )
    pulse = PulseReader(stats_dir, status_file, now)

    async def changes(since: int) -> Sequence[AlertChange]:
        return await run_in_threadpool(desk.changes, since, BATCH)

    async def last_seq() -> int:
        return await run_in_threadpool(desk.last_seq)

    async def figures() -> Markup:
        return await run_in_threadpool(lambda: strip(desk.counts(), pulse.read()))

    # FastAPI's own documentation pages load scripts from elsewhere; /openapi.json is enough for any reader of ours.
    app = FastAPI(
        title="urbanpulse console",
        version=version,
        description="The officers' board and the city's figures as JSON. Times are ms since the epoch unless said.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
    )
    app.state.console = Console(store, desk, city, pulse, look, Feed(changes, last_seq, figures), assets, now)
    app.add_middleware(Guard, hosts=hosts)
    install(app, look)
    for part in (web, live, api, ngsi, probes):
        app.include_router(part.router)
    _describe_faults(app)
    return app


def _describe_faults(app: FastAPI) -> None:
    """FastAPI would document 422 for a bad parameter; this console answers 400, in the shape of `Problem`."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        schema = make()
        for operations in schema["paths"].values():
            for operation in operations.values():
                if operation["responses"].pop("422", None) is not None:
                    operation["responses"]["400"] = {"description": "a parameter outside its limits, with the reasons"}
        for name in ("HTTPValidationError", "ValidationError"):
            schema.get("components", {}).get("schemas", {}).pop(name, None)
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
