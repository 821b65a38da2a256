"""Whether the console can do its work: store and desk answer in time and the parts are alive."""

import asyncio
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool

from console.ports import DeskPort, StorePort
from console.pulse import PulseReader

PATIENCE = 3.0
# No sensor has this name: the store must answer, and has nothing to fetch.
_NOBODY = "console-health"


async def faults(store: StorePort, desk: DeskPort, pulse: PulseReader, patience: float = PATIENCE) -> list[str]:
    """What is wrong, in words; empty when all is well. Never takes longer than `patience` seconds a question."""
    found = await asyncio.gather(
        _answers("store", lambda: store.latest(_NOBODY), patience),
        _answers("alert desk", desk.counts, patience),
    )
    reasons = [reason for reason in found if reason is not None]
    return reasons + (await run_in_threadpool(pulse.read)).faults()


async def _answers(name: str, ask: Callable[[], object], patience: float) -> str | None:
    try:
        await asyncio.wait_for(run_in_threadpool(ask), patience)
    except TimeoutError:
        return f"the {name} did not answer within {patience:g} s"
    except Exception as fault:
        # Only the kind of fault: its text may hold an address or a file's place.
        return f"the {name} does not answer ({type(fault).__name__})"
    return None
