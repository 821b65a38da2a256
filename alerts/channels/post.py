"""One signed POST by Standard Webhooks 1.0.0 to one checked address, in bounded time."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address

import httpx

from alerts.channels.port import DeliveryError, Message, Reason
from alerts.channels.signature import sign
from alerts.endpoint import Endpoint, EndpointError, Policy, admit
from alerts.plain import plain
from alerts.schedule import retry_after

DEADLINE = 20.0
"""Seconds for one attempt, from asking the name server to the end: bytes that trickle in do not lengthen it."""

BODY_SECONDS, BODY_BYTES = 2.0, 65_536
"""How long, and how far, an answer's body is read. The status has decided by then; the body is only quoted."""

ADDRESSES = 4
"""The most addresses of one name that are tried in one attempt."""

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def ask_name_server(host: str, port: int) -> list[str]:
    """Every address of a name. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(info[4][0]) for info in found]


class Webhook:
    """`endpoint` is checked already; the addresses behind it are checked at each attempt."""

    def __init__(
        self,
        endpoint: Endpoint,
        keys: Sequence[bytes],
        policy: Policy,
        *,
        verify: ssl.SSLContext | bool,
        deadline: float = DEADLINE,
        resolve: Resolve = ask_name_server,
        content_type: str = "application/json",
    ) -> None:
        self._endpoint, self._keys, self._policy = endpoint, tuple(keys), policy
        self._content_type = content_type
        self._deadline, self._resolve = deadline, resolve
        self._client = httpx.AsyncClient(
            verify=verify,
            trust_env=False,  # no proxy and no .netrc from the environment
            follow_redirects=False,
            timeout=deadline,
            # every connection is to an address checked for this attempt, so none is kept for the next
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def __repr__(self) -> str:
        return f"Webhook({self._endpoint.scheme}://{self._endpoint.authority})"

    async def send(self, message: Message, now: int) -> None:
        try:
            async with asyncio.timeout(self._deadline):
                await self._deliver(await self._addresses(), message, now)
        except (TimeoutError, httpx.TimeoutException):
            raise DeliveryError(Reason.TIMEOUT, f"no answer within {self._deadline:g} s") from None
        except httpx.ConnectError as error:
            reason = Reason.TLS if _is_tls(error) else Reason.CONNECT
            raise DeliveryError(reason, plain(str(error), 200)) from None
        except httpx.HTTPError as error:
            raise DeliveryError(Reason.PROTOCOL, plain(f"{type(error).__name__}: {error}", 200)) from None

    async def close(self) -> None:
        await self._client.aclose()

    async def _addresses(self) -> list[str]:
        host = self._endpoint.host
        try:
            addresses = [str(ip_address(host))]
        except ValueError:
            try:
                addresses = list(await self._resolve(host, self._endpoint.port))
            except OSError as error:
                raise DeliveryError(Reason.NAME, f"{host}: {error.strerror or error}") from None
        try:
            return admit(addresses, self._endpoint.scheme, self._policy)[:ADDRESSES]
        except EndpointError as error:
            raise DeliveryError(Reason.ADDRESS, f"{host}: {error}") from None

    async def _deliver(self, addresses: Sequence[str], message: Message, now: int) -> None:
        """To the first address that takes the connection; nothing was sent to those before it."""
        for address in addresses[:-1]:
            try:
                return await self._post(address, message, now)
            except httpx.ConnectError as error:
                if _is_tls(error):
                    raise
        return await self._post(addresses[-1], message, now)

    async def _post(self, address: str, message: Message, now: int) -> None:
        endpoint = self._endpoint
        where = f"[{address}]" if ":" in address else address
        seconds = now // 1000
        request = self._client.build_request(
            "POST",
            f"{endpoint.scheme}://{where}:{endpoint.port}{endpoint.target}",
            content=message.body,
            headers={
                "host": endpoint.authority,
                "content-type": self._content_type,
                "user-agent": "urbanpulse",
                "accept-encoding": "identity",
                "connection": "close",
                "webhook-id": message.id,
                "webhook-timestamp": str(seconds),
                "webhook-signature": sign(self._keys, message.id, seconds, message.body),
            },
            # the certificate is asked for, and checked, by name, although the connection is to an address
            extensions={"sni_hostname": endpoint.host},
        )
        response = await self._client.send(request, stream=True)
        try:
            quoted = await _head(response)
        finally:
            await response.aclose()
        _judge(response, quoted, now)


def _is_tls(error: BaseException) -> bool:
    """The connection was made and the certificate or the handshake was wrong."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


async def _head(response: httpx.Response) -> str:
    """The first part of the body, as far as it comes in good time."""
    head = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in response.aiter_raw():
                head += chunk
                if len(head) >= BODY_BYTES:
                    break
    except (TimeoutError, httpx.HTTPError):
        pass  # the status is known, and that is the answer
    return plain(bytes(head[:200]).decode("utf-8", "replace"), 200)


def _judge(response: httpx.Response, quoted: str, now: int) -> None:
    status = response.status_code
    if 200 <= status < 300:
        return
    detail = f"answered {status}" + (f": {quoted}" if quoted else "")
    if status == 410:
        raise DeliveryError(Reason.GONE, detail)
    if status < 400:
        raise DeliveryError(Reason.REDIRECT, f"answered {status}, which is not followed")
    asked = retry_after(response.headers.get("retry-after"), now)
    reason = Reason.THROTTLED if status == 429 else Reason.SERVER if status >= 500 else Reason.REFUSED
    raise DeliveryError(reason, detail, retry_after=asked)
