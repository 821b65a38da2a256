"""A console over the twins, and a client inside the same process."""

from collections.abc import Iterable
from pathlib import Path

import httpx
from fastapi import FastAPI

from console.app import LOOPBACK, create_console
from console.pages.frame import Look
from console.ports import Limit, RuleView
from tests.support.console_twins import NOON, MemoryCity, MemoryDesk, MemoryStore, sensor

HOST = "http://127.0.0.1:8080"
SMOG = RuleView(
    name="smog-pm25",
    hash="5d41402abc4b2a76",
    kind="threshold",
    metrics=("pm25",),
    condition="pm25 above a limit for 10 min.",
    where="air sensors",
    levels=(("yellow", "above 115 µg/m³"), ("orange", "above 150 µg/m³")),
    limits=(Limit("yellow", 115.0), Limit("orange", 150.0)),
    text="Fine particles {value} {unit} at {sensor}",
)


def city() -> MemoryCity:
    known = [sensor(f"air-north-{n}", metrics="pm25 no2") for n in range(1, 4)]
    known.append(sensor("noise-west-1", "noise", "west", "noise"))
    return MemoryCity({one.id: one for one in known}, (SMOG,))


def console(
    desk: MemoryDesk | None = None,
    store: MemoryStore | None = None,
    *,
    stats_dir: Path | None = None,
    status_file: Path | None = None,
    hosts: Iterable[str] = LOOPBACK,
    now: int = NOON,
    of: MemoryCity | None = None,
) -> FastAPI:
    return create_console(
        store or MemoryStore(),
        desk or MemoryDesk(),
        of or city(),
        now=lambda: now,
        stats_dir=stats_dir,
        status_file=status_file,
        hosts=hosts,
        look=Look("Testburg"),
    )


def client(app: FastAPI, **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=HOST, headers=headers)
