"""An MQTT 5 broker of a few lines that does what a test asks: it acknowledges, refuses, forgets and hangs up."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from typing import NamedTuple


class Got(NamedTuple):
    """A PUBLISH as it came: on which connection (from 0), its topic and payload, and whether it was answered."""

    connection: int
    topic: str
    payload: bytes
    answered: bool


class MqttStub:
    """`answer(number, topic)` gives the reason code for the PUBLISH of that number (from 0), or None to hang up without
    an answer. `connack` is the answer to a connection, `receive_maximum` what it grants."""

    def __init__(
        self,
        answer: Callable[[int, str], int | None] = lambda number, topic: 0,
        connack: int = 0,
        receive_maximum: int = 65_535,
        port: int = 0,
    ) -> None:
        self.answer, self.connack, self.receive_maximum = answer, connack, receive_maximum
        self.got: list[Got] = []
        self.greatest = 0
        """The most messages ever read at once without one of them being answered."""
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No further connection; the present one is cut."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def accepted(self) -> list[Got]:
        return [got for got in self.got if got.answered]

    def _serve(self) -> None:
        connection = -1
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            connection += 1
            self._open.append(peer)
            try:
                self._converse(peer, connection)
            except OSError:
                continue
            finally:
                peer.close()

    def _converse(self, peer: socket.socket, connection: int) -> None:
        data = b""
        while chunk := peer.recv(65_536):
            data += chunk
            answers = b""
            waiting = 0
            while (packet := _packet(data)) is not None:
                kind, body, length = packet
                data = data[length:]
                if kind == 0x10:
                    properties = b"\x21" + struct.pack("!H", self.receive_maximum)
                    answers += bytes([0x20, 3 + len(properties), 0, self.connack, len(properties)]) + properties
                elif kind == 0x30:
                    waiting += 1
                    self.greatest = max(self.greatest, waiting)
                    topic, identifier, payload = _publish(body)
                    reason = self.answer(len(self.got), topic)
                    self.got.append(Got(connection, topic, payload, reason == 0))
                    if reason is None:
                        peer.sendall(answers)
                        return
                    answers += bytes([0x40, 3]) + struct.pack("!HB", identifier, reason)
                elif kind == 0xC0:
                    answers += b"\xd0\x00"
                elif kind == 0xE0:
                    return
            peer.sendall(answers)


def _packet(data: bytes) -> tuple[int, bytes, int] | None:
    """The first whole packet in `data`: kind, body and length; None when there is none yet."""
    length, shift, at = 0, 0, 1
    while True:
        if at >= len(data):
            return None
        length |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 128:
            break
    if len(data) < at + length:
        return None
    return data[0] & 0xF0, data[at : at + length], at + length


def _publish(body: bytes) -> tuple[str, int, bytes]:
    """Topic, packet identifier and payload of a PUBLISH with QoS 1 and no property."""
    (length,) = struct.unpack_from("!H", body)
    topic = body[2 : 2 + length].decode()
    (identifier,) = struct.unpack_from("!H", body, 2 + length)
    properties = body[4 + length]
    return topic, identifier, body[5 + length + properties :]
