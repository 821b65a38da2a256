"""Records of the topic `refused` that the recorder writes: what is no frame, and what the store will never take."""

import time

import msgspec

from rules.frame import FrameError
from rules.identity import refusal_id
from rules.refusal import Code
from streams.stores.port import BadPoint

LONGEST = 64 << 10
"""At most this many bytes of the original are kept; a poison record of megabytes fits no producer."""

Refused = tuple[bytes, bytes, list[tuple[str, bytes]]]
"""Key, value, headers."""


def bad_frame(topic: str, partition: int, offset: int, value: bytes | None, error: FrameError) -> Refused:
    """Keyed by partition and offset, so that the same record refused twice is one refusal; before them stands the name
    of the topic where that is not `readings`."""
    original = value or b""
    place = f"{partition}:{offset}".encode()
    detail = f"{error} ({len(original)} bytes)"
    identity = refusal_id(topic.encode(), place, -1)
    key = place if topic == "readings" else f"{topic}:{partition}:{offset}".encode()
    return key, original[:LONGEST], _headers(Code.bad_frame, detail, identity, topic)


def bad_point(topic: str, point: BadPoint) -> Refused:
    value = msgspec.json.encode({"sensor": point.sensor, "metric": point.metric, "ts": point.ts, "value": point.value})
    identity = refusal_id(topic.encode(), value, 0)
    return point.sensor.encode(), value, _headers(Code.store_rejected, point.reason, identity, topic, 0)


def _headers(code: Code, detail: str, identity: str, topic: str, index: int = -1) -> list[tuple[str, bytes]]:
    words = {
        "code": code.value,
        "detail": detail[:1000],
        "id": identity,
        "topic": topic,
        "index": str(index),
        "wall": str(int(time.time() * 1000)),
        "where": "record",
    }
    return [(name, word.encode()) for name, word in words.items()]
