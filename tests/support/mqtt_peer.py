"""The broker's end of one MQTT 5 connection, with which a test can do what no well-behaved broker does."""

import contextlib
import select
import socket
import ssl
import struct
import time


def length(size: int) -> bytes:
    out = bytearray()
    while True:
        size, digit = size >> 7, size & 127
        out.append(digit | (128 if size else 0))
        if not size:
            return bytes(out)


def publish_packet(topic: bytes, payload: bytes, mid: int = 0, qos: int = 1, properties: bytes = b"") -> bytes:
    """A PUBLISH of MQTT 5; `properties` are encoded already."""
    body = struct.pack("!H", len(topic)) + topic + (struct.pack("!H", mid) if qos else b"")
    body += length(len(properties)) + properties + payload
    return bytes([0x30 | qos << 1]) + length(len(body)) + body


class Peer:
    """Listens; `accept` takes the client's connection through CONNECT and SUBSCRIBE."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._tls = tls
        self._socket: socket.socket | None = None
        self._data = b""
        self.packets: list[tuple[int, bytes]] = []  # first byte and body of each packet since the connection
        self.connections = 0

    def accept(self, seconds: float = 5.0, connack: int = 0, suback: int = 1) -> None:
        """Answer CONNECT with reason `connack`, and each subscription with `suback` (-1: not yet)."""
        self._listener.settimeout(seconds)
        connection, _ = self._listener.accept()
        if self._tls is not None:
            connection = self._tls.wrap_socket(connection, server_side=True)
        self._socket, self._data, self.packets = connection, b"", []
        self.connections += 1
        self.wait(0x10)
        self.send(bytes([0x20, 3, 0, connack, 0]))
        if connack == 0 and suback >= 0:
            self.answer_subscription(suback)

    def answer_subscription(self, suback: int = 1) -> None:
        subscribe = self.wait(0x80)
        filters = subscribe.count(b"city/") + subscribe.count(b"urbanpulse/")
        self.send(bytes([0x90, 3 + filters]) + subscribe[:2] + b"\0" + bytes([suback] * filters))

    def send(self, data: bytes) -> None:
        assert self._socket is not None
        self._socket.sendall(data)

    def publish(self, topic: bytes, payload: bytes, mid: int = 0, qos: int = 1) -> None:
        self.send(publish_packet(topic, payload, mid, qos))

    def read(self, seconds: float = 0.05) -> bool:
        """Take in what has come; False at the end of the connection."""
        assert self._socket is not None
        tls = self._socket if isinstance(self._socket, ssl.SSLSocket) else None
        if not (tls is not None and tls.pending()) and not select.select([self._socket], [], [], seconds)[0]:
            return True
        data = b""
        with contextlib.suppress(OSError):
            data = self._socket.recv(65_536)
        self._data += data
        while (end := _end_of_packet(self._data)) is not None:
            head, body_at = self._data[0], 1 + _length_bytes(self._data)
            self.packets.append((head, self._data[body_at:end]))
            self._data = self._data[end:]
        return bool(data)

    def wait(self, kind: int, seconds: float = 5.0) -> bytes:
        """The body of the first packet of this kind."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for head, body in self.packets:
                if head & 0xF0 == kind:
                    return body
            self.read()
        raise AssertionError(f"no packet {kind:#x}, got {self.packets}")

    def acked(self, count: int, seconds: float = 5.0) -> list[int]:
        """Message ids acknowledged on this connection, in order; waits for `count` of them."""
        deadline = time.monotonic() + seconds
        while True:
            mids = [body[0] << 8 | body[1] for head, body in self.packets if head & 0xF0 == 0x40]
            if len(mids) >= count or time.monotonic() > deadline:
                return mids
            self.read()

    def drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def close(self) -> None:
        self.drop()
        self._listener.close()


def _length_bytes(data: bytes) -> int:
    count = 1
    while data[count] & 128:
        count += 1
    return count


def _end_of_packet(data: bytes) -> int | None:
    size = shift = 0
    for at in range(1, min(len(data), 5)):
        size |= (data[at] & 127) << shift
        shift += 7
        if data[at] < 128:
            return at + 1 + size if len(data) >= at + 1 + size else None
    return None
