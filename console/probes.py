"""/healthz and /metrics: what an operator's machines ask."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, PlainTextResponse

from console.context import Shared
from console.health import faults
from console.metrics import TYPE, exposition, families

router = APIRouter()


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
    """Prometheus text format."""
    found = families(
        console.pulse.stats(),
        console.pulse.status(),
        console.desk.counts(),
        console.desk.deliveries(),
        [progress.counts for progress in console.store.positions().values()],
        console.now(),
    )
    return PlainTextResponse(exposition(found), media_type=TYPE, headers={"cache-control": "no-store"})
