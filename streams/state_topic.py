"""The records of the topics `judge-state` and `area-state`, their keys and bytes
(docs/decisions/0004-state-records.md).

Each record states a fact about the log of one partition, true whoever wrote it and however late:

* `c<number>`: the state of a chunk before an offset;
* `m`: for each chunk the version that still holds before an offset, and the counters there;
* `x<offset>`: records that were gone before anybody judged them. A key of its own, so that a late marker of a
  frozen worker cannot take the knowledge of a gap away.
"""

from collections.abc import Iterable
from zlib import crc32

import msgspec

from rules.clock import ClockState
from rules.counts import Counts

MARKER = b"m"


class Chunk(msgspec.Struct, frozen=True):
    """`state`: the packed chunk before offset `pos`; `clock`: the log's clock there. `crc` covers both numbers."""

    pos: int
    clock: ClockState
    state: bytes
    crc: int


class Marker(msgspec.Struct, frozen=True):
    """`versions`: chunk -> `pos` of its record that still holds before `pos`; a chunk that is not named is empty."""

    pos: int
    clock: ClockState
    versions: dict[int, int]
    partitions: int
    counts: Counts


class Gap(msgspec.Struct, frozen=True, order=True):
    """Records `start` to `end` (exclusive) were cut from the log before they were judged for every chunk."""

    start: int
    end: int


class DamagedError(ValueError):
    """A state record that cannot be what we wrote. An older fact stands in for it."""


_encoder = msgspec.msgpack.Encoder()
_chunk = msgspec.msgpack.Decoder(Chunk)
_marker = msgspec.msgpack.Decoder(Marker)
_gap = msgspec.msgpack.Decoder(Gap)


def chunk_record(chunk: int, pos: int, clock: ClockState, state: bytes) -> tuple[bytes, bytes]:
    """Key and value of a chunk's record."""
    return b"c%d" % chunk, _encoder.encode(Chunk(pos, clock, state, crc32(state, pos & 0xFFFFFFFF)))


def marker_record(marker: Marker) -> tuple[bytes, bytes]:
    return MARKER, _encoder.encode(marker)


def gap_record(gap: Gap) -> tuple[bytes, bytes]:
    return b"x%d" % gap.start, _encoder.encode(gap)


def read(key: bytes | None, value: bytes | None) -> tuple[int, Chunk] | Marker | Gap:
    """What a record says. Raises DamagedError, nothing else, whatever the bytes."""
    if key is None or value is None:
        raise DamagedError(f"key {key!r}: no key or no value")
    try:
        if key == MARKER:
            return _marker.decode(value)
        if key[:1] == b"x":
            return _gap.decode(value)
        if key[:1] != b"c":
            raise DamagedError(f"key {key[:32]!r} is none of ours")
        number, chunk = int(key[1:]), _chunk.decode(value)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DamagedError(f"key {key[:32]!r}: {error}") from error
    if chunk.pos < 0 or chunk.crc != crc32(chunk.state, chunk.pos & 0xFFFFFFFF):
        raise DamagedError(f"key {key[:32]!r}: checksum")
    return number, chunk


def read_counts(records: Iterable[tuple[bytes | None, bytes | None]]) -> tuple[int, Counts]:
    """Of one partition: the position of its furthest marker and the counters that are true there."""
    best: Marker | None = None
    for key, value in records:
        if key != MARKER:
            continue
        try:
            marker = read(key, value)
        except DamagedError:
            continue
        if isinstance(marker, Marker) and (best is None or marker.pos > best.pos):
            best = marker
    return (best.pos, best.counts) if best else (0, Counts())


def read_gaps(records: Iterable[tuple[bytes | None, bytes | None]]) -> list[Gap]:
    """Of one partition: the gaps on record, in order."""
    gaps: set[Gap] = set()
    for key, value in records:
        if key is None or key[:1] != b"x":
            continue
        try:
            gap = read(key, value)
        except DamagedError:
            continue
        if isinstance(gap, Gap):
            gaps.add(gap)
    return sorted(gaps)
