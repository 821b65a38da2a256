"""The record of a refusal on the topic `refused`: the original bytes, and beside them what was wrong."""

from rules.identity import refusal_id
from rules.refusal import Refusal

LONGEST = 65_536
_BUDGET = 262_144  # bytes for all the refusals of one message
_LEAST = 256


def room(refusals: int) -> int:
    """How many of a message's bytes each of its refusals may carry: a thousand bad values in one message must not
    become a thousand copies of it."""
    return min(LONGEST, max(_LEAST, _BUDGET // refusals))


def record(
    topic: bytes, payload: bytes, refusal: Refusal, wall: int, room: int, where: str = "ingest"
) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Key, value and headers. The id is that of the whole bytes, also when only their head is kept."""
    headers = [
        ("code", refusal.code.encode()),
        ("detail", refusal.detail.encode()),
        ("id", refusal_id(topic, payload, refusal.index).encode()),
        ("topic", topic),
        ("index", b"%d" % refusal.index),
        ("wall", b"%d" % wall),
        ("where", where.encode()),
    ]
    return topic[:1024], payload[:room], headers
