"""/events: the board's live stream. Answers with the same rows that the page was made of."""

from collections.abc import AsyncIterator, Sequence

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import StreamingResponse

from console.context import Console, Shared
from console.events import BATCH, COMMENT, LISTENERS, RETRY, event
from console.html import Markup
from console.pages.board import VIEWS
from console.pages.rows import alert_row
from console.ports import AlertChange, AlertFilter
from console.query import Since, Word
from console.web import View

router = APIRouter()


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}, 503: {"description": "too many open streams"}},
)
async def events(
    console: Shared, request: Request, since: Since = 0, state: View = "", severity: Word = "", department: Word = ""
) -> StreamingResponse:
    """Server-sent events: `alert` ({"id", "state", "show", "row"}; `row` is HTML, `show` whether it passes the
    filter), `strip` (HTML of the figures), `refresh` (too much changed: load the page again). Resumes after
    Last-Event-ID, or after `since`."""
    if console.feed.listeners >= LISTENERS:
        raise HTTPException(503, "too many boards are open", headers={"retry-after": "10"})
    last = request.headers.get("last-event-id", "")
    if last.isascii() and last.isdigit() and len(last) < 19:
        since = int(last)
    wanted = AlertFilter(VIEWS[state], severity, department)
    return StreamingResponse(
        _stream(console, wanted, since),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _stream(console: Console, wanted: AlertFilter, since: int) -> AsyncIterator[bytes]:
    yield RETRY
    async for item in console.feed.listen(since):
        if item is None:
            yield COMMENT
        elif isinstance(item, Markup):
            yield event("strip", item)
        elif len(item) >= BATCH:
            yield event("refresh", {"changes": len(item)}, item[-1].seq)
        else:
            yield b"".join(_alerts(console, wanted, item))


def _alerts(console: Console, wanted: AlertFilter, changes: Sequence[AlertChange]) -> list[bytes]:
    return [
        event(
            "alert",
            {
                "id": change.alert.id,
                "state": change.alert.state,
                "show": wanted.holds(change.alert),
                "row": alert_row(console.look, change.alert),
            },
            change.seq,
        )
        for change in changes
    ]
