"""What is said about time over MQTT, and the record that goes to every partition of `readings` for it."""

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


def record(bridge: str, t: int, wall: int) -> bytes:
    """The frame that is a tick, received at `wall`."""
    return frame.encode(frame.Frame(frame.VERSION, t, wall, tick=bridge))
