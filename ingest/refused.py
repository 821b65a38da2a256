"""The records of a message's refusals on the topic `refused`: the original bytes, and beside them what was wrong."""

from collections.abc import Iterator, Sequence

from rules.identity import refusal_ids
from rules.refusal import Refusal

LONGEST = 65_536
_BUDGET = 262_144  # bytes for all the refusals of one message
_LEAST = 256


def records(
    topic: bytes, payload: bytes, refusals: Sequence[Refusal], wall: int
) -> Iterator[tuple[bytes, bytes, list[tuple[str, bytes]]]]:
    """Key, value and headers of each. The id is that of the whole bytes, also where only their head is kept.

    A thousand bad values in one message must not become a thousand copies of it, so they share their room.
    """
    room = min(LONGEST, max(_LEAST, _BUDGET // len(refusals)))
    name = refusal_ids(topic, payload)
    for refusal in refusals:
        headers = [
            ("code", refusal.code.encode()),
            ("detail", refusal.detail.encode()),
            ("id", name(refusal.index).encode()),
            ("topic", topic),
            ("index", b"%d" % refusal.index),
            ("wall", b"%d" % wall),
            ("where", b"ingest"),
        ]
        yield topic[:1024], payload[:room], headers
