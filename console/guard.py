"""The door of the console: which hosts and origins may speak to it, how much they may send, and the headers that
every answer carries. Plain ASGI, so that an endless answer (/events) passes through untouched.

Host is checked so that a foreign name pointed at 127.0.0.1 (DNS rebinding) reads nothing; Origin and Sec-Fetch-Site
so that a foreign page cannot press a button here. A client that sends neither, such as curl, is no browser and
carries no officer's cookie.
"""

from collections.abc import Iterable
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 4096
URL_LIMIT = 2048

HEADERS = {
    "content-security-policy": "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not `no-referrer`: that makes browsers send `Origin: null` with our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(), camera=(), microphone=()",
}
_SAFE = frozenset({"GET", "HEAD"})


def host_name(host: str) -> str:
    """The name in a Host header, without the port, in lower case: `[::1]:80` gives `[::1]`."""
    name = host.strip().lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.partition(":")[0].rstrip(".")


def refusal(method: str, headers: Headers, hosts: frozenset[str]) -> tuple[HTTPStatus, str] | None:
    """Why a request is turned away at the door, or None."""
    host = headers.get("host", "")
    if host_name(host) not in hosts:
        return HTTPStatus.MISDIRECTED_REQUEST, f"this console does not answer to the name {host_name(host)[:80]!r}"
    if method in _SAFE:
        return None
    if method != "POST":
        return HTTPStatus.METHOD_NOT_ALLOWED, "only GET, HEAD and POST are answered"
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return HTTPStatus.FORBIDDEN, "the request comes from another site"
    origin = headers.get("origin")
    if origin is not None and origin.partition("://")[2].lower() != host.strip().lower():
        return HTTPStatus.FORBIDDEN, "the request comes from another origin"
    length = headers.get("content-length")
    if length is None or not length.isascii() or not length.isdigit():
        return HTTPStatus.LENGTH_REQUIRED, "a POST states its length"
    if len(length) > 6 or int(length) > BODY_LIMIT:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is longer than {BODY_LIMIT} bytes"
    return None


class Guard:
    """Wraps the application; `hosts` are the names under which it may be reached."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        method = scope["method"]

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("cache-control", "no-cache")
            elif method == "HEAD" and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        answer: ASGIApp = self._app
        if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > URL_LIMIT:
            answer = _plain(HTTPStatus.REQUEST_URI_TOO_LONG, f"the address is longer than {URL_LIMIT} bytes")
        elif (turned := refusal(method, Headers(scope=scope), self._hosts)) is not None:
            answer = _plain(*turned)
        elif method == "HEAD" and scope["path"] != "/events":
            scope = {**scope, "method": "GET"}
        await answer(scope, receive, dressed)


def _plain(status: HTTPStatus, why: str) -> Response:
    return PlainTextResponse(f"{status.value} {status.phrase}: {why}\n", status.value)
