"""The bytes of an MQTT 5 connection: PUBLISH in and PUBACK out by ourselves, all other packets by paho.

paho reads a packet with four system calls, builds three dicts for its properties and sends each acknowledgement by
itself: 40 to 90 us a message. Here it talks to a `Wire` in place of its socket. The wire reads 256 KiB at once, takes
the PUBLISH packets out, hands on the rest byte for byte, and sends what has gathered with one call. It works over a
plain socket and over TLS alike.
"""

import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterable

Receiver = Callable[[bytes, bytes, int, int], None]
"""Topic, payload, QoS, message id (0 with QoS 0). Must not raise on account of what a stranger has sent."""

READ = 262_144
LARGEST = 1_048_576
"""Of a greater PUBLISH only the beginning is kept, enough for its refusal; the rest is read and dropped."""
KEPT = 65_537

_PUBLISH = 0x30
_puback = struct.Struct("!BBH").pack


class MalformedError(Exception):
    """Not MQTT: nothing after it can be understood."""


class Wire:
    """What paho takes for a non-blocking socket."""

    def __init__(self, sock: socket.socket, receive: Receiver) -> None:
        self._sock, self._receive = sock, receive
        self._tls = sock if isinstance(sock, ssl.SSLSocket) else None
        self._rest = b""
        self._others = bytearray()
        self._unsent = bytearray()
        self._skip = 0
        self.spoke_at = time.monotonic()  # when the broker could last have heard from us
        self._oversized: tuple[int, bytes] = (0, b"")
        self.ended = False

    # -- what paho calls

    def recv(self, size: int) -> bytes:
        if self._others:
            data = bytes(self._others[:size])
            del self._others[:size]
            return data
        if self.ended:
            return b""
        raise BlockingIOError

    def send(self, data: bytes) -> int:
        self._unsent += data
        return len(data)

    def fileno(self) -> int:
        return self._sock.fileno()

    def setblocking(self, flag: bool) -> None:
        self._sock.setblocking(flag)

    def close(self) -> None:
        self.flush()  # paho closes as soon as it has "sent" its DISCONNECT
        self._sock.close()

    # -- what the bridge calls

    @property
    def unsent(self) -> bool:
        return bool(self._unsent)

    @property
    def for_paho(self) -> bool:
        """There is something that paho should read now, be it the end."""
        return bool(self._others) or self.ended

    def acknowledge(self, mids: Iterable[int]) -> None:
        self._unsent += b"".join([_puback(0x40, 2, mid) for mid in mids])

    def flush(self) -> None:
        if not self._unsent or self.ended:
            return
        try:
            del self._unsent[: self._sock.send(self._unsent)]
            self.spoke_at = time.monotonic()
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError:
            self.ended = True

    def fill(self) -> None:
        """Read what there is and handle every whole packet."""
        data = self._read()
        try:
            if self._skip:
                data = self._skipped(data)
            if self._rest:
                data = self._rest + data
            self._rest = data[self._packets(data) :]
        except MalformedError:
            self._rest, self.ended = b"", True

    def _read(self) -> bytes:
        parts: list[bytes] = []
        size = 0
        try:
            # TLS gives a record of 16 KiB at most, and what it has decrypted already no `select` will show.
            while size < READ or (self._tls is not None and self._tls.pending()):
                part = self._sock.recv(READ)
                if not part:
                    self.ended = True
                    break
                parts.append(part)
                size += len(part)
                if self._tls is None:
                    break
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError:
            self.ended = True
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _packets(self, data: bytes) -> int:
        """Handle the whole packets in `data`; how many bytes they took."""
        at, end = 0, len(data)
        while end - at >= 2:
            size, body = data[at + 1], at + 2
            if size > 127:
                size, body = _long_size(data, at + 1)
                if not body:
                    break
            stop = body + size
            publish = data[at] & 0xF0 == _PUBLISH
            if stop > end:
                if publish and size > LARGEST and end - body >= LARGEST:
                    self._skip, self._oversized = stop - end, (data[at], data[body:end])
                    return end
                break
            if publish:
                self._publish(data[at], data, body, stop, whole=size <= LARGEST)
            else:
                self._others += data[at:stop]
            at = stop
        return at

    def _publish(self, head: int, data: bytes, at: int, stop: int, whole: bool = True) -> None:
        qos, mid = head >> 1 & 3, 0
        if qos > 1:
            raise MalformedError("QoS 2 on a subscription of QoS 1")
        body = at
        try:
            topic_at = at + 2
            at = topic_at + (data[at] << 8 | data[at + 1])
            topic = data[topic_at:at]
            if qos:
                mid = data[at] << 8 | data[at + 1]
                at += 2
            properties = data[at]
            at += 1
        except IndexError as error:
            raise MalformedError("a PUBLISH cut short") from error
        if properties > 127:
            properties, at = _long_size(data, at - 1)
        at += properties
        if not whole:  # the contract only needs to see that it is too large, even if all of it was properties
            at = min(at, body + LARGEST - KEPT)
            stop = at + KEPT
        if at > stop:
            raise MalformedError("a PUBLISH shorter than its parts")
        self._receive(topic, data[at:stop], qos, mid)

    def _skipped(self, data: bytes) -> bytes:
        """What follows the oversized packet; that itself is handed on, cut, when its end has come."""
        over = min(self._skip, len(data))
        self._skip -= over
        if not self._skip:
            head, kept = self._oversized
            self._oversized = (0, b"")
            self._publish(head, kept, 0, len(kept), whole=False)
        return data[over:]


def _long_size(data: bytes, at: int) -> tuple[int, int]:
    """A variable byte integer of several bytes at `at`, and where the next thing begins; 0, 0 when it is cut off.

    Raises MalformedError when it is longer than four bytes.
    """
    size = shift = 0
    for place in range(at, min(at + 4, len(data))):
        size |= (data[place] & 127) << shift
        if data[place] < 128:
            return size, place + 1
        shift += 7
    if len(data) - at >= 4:
        raise MalformedError("a length of more than four bytes")
    return 0, 0
