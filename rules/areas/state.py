"""The state of a chunk of groups as bytes, kept like that of a chunk of sensors (docs/decisions/0004-state.md).

Only facts are stored: what is known of each group, and what has come for it and is not decided yet. A group's state
stands under its key, which names how its rule judges: where that is another now, so is the key.
"""

import msgspec

from rules.areas.book import PackedBook
from rules.areas.event import Event
from rules.episode import Episode
from rules.state import StateError

VERSION = 1


class Known(msgspec.Struct, frozen=True, array_like=True):
    """The newest event of a member and sensor that came, decided or not: its identity and what it said."""

    at: int
    order: int
    severity: str = ""
    why: str = ""
    turn: int = 0


class PackedKnown(msgspec.Struct, array_like=True):
    member: int
    sensor: str
    known: Known


class PackedGroup(msgspec.Struct, array_like=True):
    """`waiting`: events that are not decided yet, in the order in which they will be. `doubt`: the newest finding was
    that nothing is known. `makeup` names who was in the group. The names are for ending an episode whose rule is gone;
    `state` is empty for the first one."""

    key: str
    rule: str
    area: str
    sensor: str
    metric: str
    makeup: int
    known: list[PackedKnown]
    waiting: list[Event]
    state: msgspec.Raw
    episode: Episode | None = None
    doubt: str = ""
    spoken: bool = False
    book: PackedBook | None = None


class AreaOrphan(msgspec.Struct, frozen=True, array_like=True):
    """An episode of a group that is no more, or whose rule judges otherwise now; the next record ends it."""

    rule: str
    area: str
    sensor: str
    metric: str
    episode: Episode


class PackedAreas(msgspec.Struct, array_like=True):
    v: int
    late: int
    repeats: int
    findings: int
    groups: list[PackedGroup]
    orphans: list[AreaOrphan]


_encoder = msgspec.msgpack.Encoder(order="deterministic")
_decode = msgspec.msgpack.Decoder(PackedAreas).decode
encode = _encoder.encode


def unpack(data: bytes) -> PackedAreas:
    """The chunk in `data`, whole. Raises StateError."""
    try:
        packed = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise StateError(f"not the state of a chunk of groups: {error}") from error
    if packed.v != VERSION:
        raise StateError(f"state of version {packed.v}, this judge reads {VERSION}")
    return packed
