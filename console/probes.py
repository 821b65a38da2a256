"""/healthz and /metrics: what an operator's machines ask."""

from collections.abc import Callable
from typing import TypeVar

from fastapi import APIRouter
from starlette.responses import JSONResponse, PlainTextResponse

from console.context import Shared
from console.health import faults
from console.metrics import TYPE, exposition, families

router = APIRouter()
T = TypeVar("T")


@router.get("/healthz", responses={503: {"description": "with the reasons"}})
async def healthz(console: Shared) -> JSONResponse:
    """200 when store and desk answer and every part is alive; 503 with the reasons otherwise."""
    reasons = await faults(console.store, console.desk, console.pulse)
    return JSONResponse(
        {"status": "faulty" if reasons else "ok", "reasons": reasons},
        503 if reasons else 200,
        headers={"cache-control": "no-store"},
    )


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(console: Shared) -> PlainTextResponse:
    """Prometheus text format. A store or desk that does not answer is a figure too."""
    alerts = _answer(console.desk.counts)
    deliveries = _answer(console.desk.deliveries)
    silences = _answer(lambda: len(console.desk.silences(console.now())))
    progress = _answer(console.store.positions)
    up = {"store": progress is not None, "desk": alerts is not None and deliveries is not None}
    found = families(
        console.pulse.stats(),
        console.pulse.status(),
        alerts or {},
        deliveries or {},
        silences,
        [one.counts for one in (progress or {}).values()],
        up,
        console.now(),
    )
    return PlainTextResponse(exposition(found), media_type=TYPE, headers={"cache-control": "no-store"})


def _answer(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except Exception:
        return None  # /healthz says what kind of fault it is
