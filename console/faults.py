"""Requests that cannot be answered: a page for people, JSON under /api, the reason in both and no traceback in
either."""

from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from console.guard import HEADERS
from console.ngsi import problem
from console.pages.fault import fault_page
from console.pages.frame import Look
from streams.stores.port import StoreError

_TITLES = {
    400: "This cannot be done as it was asked",
    404: "Nothing is here",
    409: "Too late",
    500: "The console could not answer",
    503: "Not now",
}


def install(app: FastAPI, look: Look) -> None:
    def answer(request: Request, status: int, reasons: list[str], headers: dict[str, str] | None = None) -> Response:
        path = request.url.path
        title = _TITLES.get(status, HTTPStatus(status).phrase)
        if (told := problem(path, status, title, reasons, headers or {})) is not None:
            return told
        if path.startswith("/api/") or path == "/events":
            return JSONResponse({"error": title, "reasons": reasons}, status, headers=headers)
        return HTMLResponse(fault_page(look, status, title, reasons), status, headers=headers)

    async def invalid(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, RequestValidationError)
        reasons = [f"{_place(one['loc'])}: {one['msg']}" for one in fault.errors()[:10]]
        return answer(request, 400, reasons)

    async def refused(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, HTTPException)
        detail = fault.detail if fault.detail != HTTPStatus(fault.status_code).phrase else ""
        return answer(request, fault.status_code, [detail] if detail else [], dict(fault.headers or {}))

    async def away(request: Request, fault: Exception) -> Response:
        return answer(request, 503, ["The time-series store does not answer. Alerts go on."], {"retry-after": "5"})

    async def broken(request: Request, fault: Exception) -> Response:
        # Made outside the guard, so it brings the guard's headers itself. The server logs the traceback.
        return answer(request, 500, ["The store or the alert desk did not answer as expected."], HEADERS)

    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(StoreError, away)
    app.add_exception_handler(Exception, broken)


def _place(loc: tuple[int | str, ...]) -> str:
    """`("query", "page")` as `page`; the parts after the first, which only says where it stood."""
    return ".".join(str(part) for part in loc[1:]) or str(loc[0])
