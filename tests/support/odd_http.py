"""An HTTP server that does one odd thing, byte for byte as told, and counts what reached it."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Behaviour = Callable[[socket.socket], None]


@dataclass
class Odd:
    port: int
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    sent: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


def answers(status: str, *headers: str, body: bytes = b"{}") -> Behaviour:
    """An ordinary answer such as `302 Found`."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close", *headers, "", ""]
    return lambda connection: connection.sendall("\r\n".join(lines).encode() + body)


def trickles(text: bytes, every: float) -> Behaviour:
    """One byte at a time, for ever polite to a time-out between two bytes."""

    def behave(connection: socket.socket) -> None:
        for number in text:
            connection.sendall(bytes([number]))
            time.sleep(every)

    return behave


def endless(head: bytes, block: bytes) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(block)

    return behave


@contextlib.contextmanager
def odd_server(*behaviours: Behaviour) -> Iterator[Odd]:
    """Request n gets behaviour n, the last one for all that follow. A behaviour that is cut off ends quietly."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    odd = Odd(listener.getsockname()[1])
    lock = threading.Lock()

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            request = read_request(connection)
            with lock:
                odd.requests.append(request)
                behave = behaviours[min(len(odd.requests), len(behaviours)) - 1]
            behave(connection)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield odd
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def read_request(connection: socket.socket) -> tuple[dict[str, str], bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)} | {"": first}
    while len(body) < int(headers.get("content-length", "0")):
        body += _more(connection)
    return headers, body


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise OSError("cut off")
    return data
