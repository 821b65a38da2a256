"""Publishes numbered messages at QoS 1 as fast as told, and notes when the broker acknowledged each.

A raw MQTT 5 client, because paho's publisher would be the bottleneck. It keeps a window of messages unacknowledged,
and after a lost connection sends again what was not. Run as a process: `python -m tests.support.flood`. It writes the
time of each acknowledgement (s, wall clock; negative: acknowledged, but nobody had subscribed) as doubles to `--out`.
"""

import argparse
import array
import contextlib
import json
import select
import socket
import struct
import sys
import time
from collections import deque
from pathlib import Path
from typing import NamedTuple

from tests.support.mqtt_peer import length, publish_packet

SENSORS = 1000
_MIDS = 65_000
_NO_SUBSCRIBERS = 0x10


class Numbered(NamedTuple):
    """One message, and what must come of it: identities (sensor, metric, ts), codes and indices of refusals."""

    topic: bytes
    payload: bytes
    readings: tuple[tuple[str, str, int], ...]
    refusals: tuple[tuple[str, int], ...] = ()


def message(i: int, base: int, mix: str) -> Numbered:
    """Message number `i`, for the registry `fleet(SENSORS)`. Its readings are of `base + i` ms and no other's are.

    mix `one`: one value each. mix `all`: also three values, arrays of a gateway, and one in 50 with a refusal.
    """
    ts, number = base + i, i % SENSORS
    name, topic = f"S-{number:05d}", b"city/%s/air/S-%05d" % (b"ab"[number % 2 : number % 2 + 1], number)
    turn = i % 50 if mix == "all" else 0
    if turn == 7:
        gateway = i // 50 % (SENSORS // 50)
        names = [f"S-{gateway * 50 + n:05d}" for n in range(20)]
        items = [{"sensor": one, "ts": ts, "values": {"pm25": 1.5}} for one in names]
        where = b"city/%s/gateway/gw-%d" % (b"ab"[gateway % 2 : gateway % 2 + 1], gateway)
        return Numbered(where, _packed(items), tuple((one, "pm25", ts) for one in names))
    if turn == 9:
        values = {"pm25": 1.5, "no2": -1, "o3": 2}
        readings = ((name, "pm25", ts), (name, "o3", ts))
        return Numbered(topic, _packed({"ts": ts, "values": values}), readings, (("out_of_range", 1),))
    if turn == 11:
        return Numbered(topic, b'{"ts":%d,"values":' % ts, (), (("not_json", -1),))
    if turn % 7 == 3:
        values = {"pm25": 1.5, "no2": 2, "o3": 3.25}
        return Numbered(topic, _packed({"ts": ts, "values": values}), tuple((name, metric, ts) for metric in values))
    payload = b'{"sensor":"%s","ts":%d,"values":{"pm25":%d.5}}' % (name.encode(), ts, i % 500)
    return Numbered(topic, payload, ((name, "pm25", ts),))


def _packed(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


class Flood:
    """`count` messages, `rate` a second (0: as fast as it goes), at most `window` unacknowledged."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._o = options
        self.acked = array.array("d", bytes(8 * options.count))
        self._waiting: dict[int, int] = {}  # message id -> number
        self._again: deque[int] = deque()
        self._out, self._in = bytearray(), b""
        self._next = self.resent = 0
        # Preparing packets costs more than sending them: the fast mix repeats its first 10,000.
        self._ready = [self._packet(i, i + 1) for i in range(10_000)] if options.mix == "one" else []

    def run(self) -> dict[str, float]:
        began = time.time()
        connection = self._connect()
        while self._next < self._o.count or self._waiting or self._again:
            try:
                self._fill(began)
                writing = [connection] if self._out else []
                ready, writable, _ = select.select([connection], writing, [], 0.001)
                if writable:
                    del self._out[: connection.send(self._out)]
                if ready:
                    self._take(connection.recv(65_536))
            except OSError:
                connection.close()
                self._again = deque(sorted({*self._waiting.values(), *self._again}))
                self._waiting.clear()
                self._out, self._in = bytearray(), b""
                connection = self._connect()
        connection.close()
        seconds = time.time() - began
        return {"seconds": seconds, "rate": self._o.count / seconds, "resent": self.resent}

    def _fill(self, began: float) -> None:
        allowed = min(self._o.count, int((time.time() - began) * self._o.rate)) if self._o.rate else self._o.count
        for _ in range(200):
            if len(self._waiting) >= self._o.window:
                return
            if self._again:
                i = self._again.popleft()
                self.resent += 1
            elif self._next < allowed and self._mid(self._next) not in self._waiting:
                i, self._next = self._next, self._next + 1
            else:
                return
            mid = self._mid(i)
            self._out += self._ready[i % 10_000] if self._ready else self._packet(i, mid)
            self._waiting[mid] = i

    def _mid(self, i: int) -> int:
        return i % (10_000 if self._ready else _MIDS) + 1

    def _packet(self, i: int, mid: int) -> bytes:
        one = message(i, self._o.base, self._o.mix)
        return publish_packet(one.topic, one.payload, mid)

    def _take(self, data: bytes) -> None:
        if not data:
            raise ConnectionError
        data, at, now = self._in + data, 0, time.time()
        while len(data) - at >= 2 and len(data) - at >= 2 + data[at + 1]:
            size = data[at + 1]
            if data[at] == 0x40:
                i = self._waiting.pop(data[at + 2] << 8 | data[at + 3], None)
                reason = data[at + 4] if size > 2 else 0
                if i is not None and reason >= 0x80:
                    self._again.append(i)
                elif i is not None:
                    self.acked[i] = -now if reason == _NO_SUBSCRIBERS else now
            at += 2 + size
        self._in = data[at:]

    def _connect(self) -> socket.socket:
        while True:
            with contextlib.suppress(OSError, IndexError):
                connection = socket.create_connection(("127.0.0.1", self._o.port), timeout=5)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                name = b"flood"
                body = b"\0\4MQTT\5\2\0\x3c\0" + struct.pack("!H", len(name)) + name
                connection.sendall(b"\x10" + length(len(body)) + body)
                answer = connection.recv(4096)
                if answer[0] == 0x20 and answer[3] == 0:
                    connection.setblocking(False)
                    return connection
                connection.close()
            time.sleep(0.05)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--window", type=int, default=1000)
    parser.add_argument("--base", type=int, required=True)
    parser.add_argument("--mix", default="all")
    parser.add_argument("--out", default="")
    options = parser.parse_args()
    flood = Flood(options)
    result = flood.run()
    if options.out:
        Path(options.out).write_bytes(flood.acked.tobytes())
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
