"""What is said about time over MQTT, and the record that goes to every partition of `readings` for it."""

from collections.abc import Iterable
from typing import Annotated

import msgspec

from rules import frame

CLOCK_TOPIC = "urbanpulse/clock"
_Ms = Annotated[int, msgspec.Meta(ge=0, lt=1 << 43)]


class Told(msgspec.Struct):
    """`t`: now, or the end of the finished step (ms). `next`: the end of the coming step; only a publisher tells it."""

    t: _Ms
    next: _Ms = 0


_decode = msgspec.json.Decoder(Told).decode
_frames = msgspec.json.Decoder(frame.Frame)
_NEXT = "next"


def tick_topic(bridge: str) -> str:
    return f"urbanpulse/tick/{bridge}"


def payload(wall: int) -> bytes:
    """What a bridge publishes to its own tick topic at wall time `wall`."""
    return b'{"t":%d}' % wall


def parse(told: bytes, wall: int) -> Told:
    """What a tick says. Raises ValueError for what is none or lies more than a day after `wall`."""
    found = _decode(told)
    if found.t > wall + frame.DAY:
        raise ValueError(f"t {found.t} is more than a day ahead")
    return found


def record(bridge: str, told: Told, wall: int) -> tuple[bytes, list[tuple[str, bytes]]]:
    """The frame that is a tick, received at `wall`, and the record's headers: what a publisher said is to come."""
    packed = frame.encode(frame.Frame(frame.VERSION, told.t, wall, tick=bridge))
    return packed, [(_NEXT, b"%d" % told.next)] if told.next else []


def recall(bridge: str, records: Iterable[tuple[bytes, dict[str, bytes]]]) -> Told | None:
    """What the last tick of this bridge among `records` (value, headers) said."""
    last = None
    for value, headers in records:
        if _NEXT in headers:
            try:
                found, following = _frames.decode(value), int(headers[_NEXT])
            except ValueError:  # anybody may write to the topic; such a record is the record's to refuse
                continue
            if found.tick == bridge:
                last = Told(found.t, following)
    return last
