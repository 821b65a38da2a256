"""Who is who: stable names that survive redelivery, restart and replay (docs/decisions/0003-identities.md)."""

from collections.abc import Callable, Iterable
from hashlib import blake2b
from zlib import crc32

CHUNKS = 1024


def chunk_of(sensor: str) -> int:
    """The chunk, 0 to 1023, whose state holds this sensor. Never changes: it is part of the stored state."""
    return crc32(sensor.encode()) % CHUNKS


def partition_of(sensor: str, partitions: int) -> int:
    """The partition of `readings` that carries this sensor."""
    return chunk_of(sensor) % partitions


def _add(hasher: blake2b, part: bytes) -> None:
    hasher.update(len(part).to_bytes(8, "big"))
    hasher.update(part)


def _hashed(parts: Iterable[bytes]) -> blake2b:
    hasher = blake2b(digest_size=16)
    for part in parts:
        _add(hasher, part)
    return hasher


def _digest(parts: Iterable[bytes]) -> str:
    return _hashed(parts).hexdigest()


def refusal_id(topic: bytes, payload: bytes, index: int) -> str:
    """A refused message (index -1), or its refused value number `index`: the same bytes are the same refusal."""
    return refusal_ids(topic, payload)(index)


def refusal_ids(topic: bytes, payload: bytes) -> Callable[[int], str]:
    """`refusal_id` by index, for a message with many refusals: its bytes are read once, not once each."""
    message = _hashed((topic, payload))

    def of(index: int) -> str:
        hasher = message.copy()
        _add(hasher, str(index).encode())
        return hasher.hexdigest()

    return of


def episode_id(rule: str, entity: str, onset: int) -> str:
    """One stretch of a rule being true for an entity from `onset` (ms, event time)."""
    return _digest((rule.encode(), entity.encode(), str(onset).encode()))


def alert_id(episode: str, department: str) -> str:
    """The life of one episode for one department."""
    return _digest((episode.encode(), department.encode()))
