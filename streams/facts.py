"""From the records of a state topic to a state to begin with, and from a state to the records of a flush. Pure.

Why recovery is exact: a frame is judged deterministically, so "the state of chunk c before offset x" is a fact about
the log, and findings are durable before the chunk that follows from them. A reader takes for each chunk the fact
that reaches furthest, starts at the least of them and skips per chunk what its fact already holds. A worker that
froze and writes late writes old facts, never wrong ones; nothing needs a lock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from rules.clock import ClockState
from rules.counts import Counts
from rules.identity import CHUNKS
from streams.state_topic import Chunk, DamagedError, Gap, Marker, chunk_record, marker_record, read

Record = tuple[bytes | None, bytes | None]


class PartitionsChangedError(RuntimeError):
    """The state was written for another partition count; its chunks would be in the wrong partitions."""

    def __init__(self, then: int | None, now: int, source: str = "readings", state: str = "judge-state") -> None:
        count = f"{then} partitions" if then is not None else "another number of partitions"
        super().__init__(
            f"the judge's state was written for {count} and `{source}` now has {now}. Sensors and areas would meet "
            f"another one's state, so nothing is judged. Give `{source}` and `{state}` {count} again, "
            f"or stop every judge, empty the topic `{state}` and let it be built again from what is kept of "
            f"`{source}`"
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """Where to begin: judge from `position`, whose clock is `clock`, and skip frames for a chunk below its own
    position. `furthest` is the position from which all chunks go together."""

    chunks: dict[int, tuple[int, bytes]]
    clocks: dict[int, ClockState] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    damaged: tuple[str, ...] = ()

    @property
    def position(self) -> int:
        return min(position for position, _ in self.chunks.values())

    @property
    def furthest(self) -> int:
        return max(position for position, _ in self.chunks.values())

    @property
    def clock(self) -> ClockState:
        """The clock before `position`: told by the record that reaches nearest to it (itself, unless frames are
        gone; then the clock stands still until the next tick)."""
        known = [position for position in self.clocks if position <= self.position]
        return self.clocks[max(known)] if known else ClockState()

    def cut(self, start: int) -> "tuple[Facts, Gap | None]":
        """The same on a log that begins at `start`: what lies before cannot be judged any more and is a gap."""
        if self.position >= start:
            return self, None
        gap = Gap(self.position, start)
        chunks = {chunk: (max(position, start), state) for chunk, (position, state) in self.chunks.items()}
        return replace(self, chunks=chunks, gaps=tuple(sorted({*self.gaps, gap}))), gap


def recover(
    records: Iterable[Record], partition: int, partitions: int, source: str = "readings", state: str = "judge-state"
) -> Facts:
    """The best facts of one partition's records, given in log order. Damaged records are left out and named.

    `source` and `state` are the topics' names, for words only. Raises PartitionsChangedError when the records belong to
    another partition count.
    """
    versions: dict[int, dict[int, Chunk]] = {chunk: {} for chunk in range(partition, CHUNKS, partitions)}
    markers: list[Marker] = []
    gaps: set[Gap] = set()
    damaged: list[str] = []
    strays = False
    for key, value in records:
        try:
            fact = read(key, value)
        except DamagedError as error:
            damaged.append(str(error))
            continue
        if isinstance(fact, Marker):
            if fact.partitions != partitions:
                raise PartitionsChangedError(fact.partitions, partitions, source, state)
            markers.append(fact)
        elif isinstance(fact, Gap):
            gaps.add(fact)
        elif fact[0] in versions:
            versions[fact[0]][fact[1].pos] = fact[1]
        else:
            strays = True
    if strays:
        raise PartitionsChangedError(None, partitions, source, state)
    markers.sort(key=lambda marker: marker.pos)
    chunks = {chunk: _best(chunk, known, markers) for chunk, known in versions.items()}
    clocks = {known.pos: known.clock for held in versions.values() for known in held.values()}
    clocks |= {marker.pos: marker.clock for marker in markers}
    return Facts(chunks, clocks, tuple(sorted(gaps)), tuple(damaged))


def _best(chunk: int, known: Mapping[int, Chunk], markers: Iterable[Marker]) -> tuple[int, bytes]:
    position = max(known, default=0)
    state = known[position].state if position in known else b""
    for marker in markers:
        version = marker.versions.get(chunk, 0)
        if marker.pos > position and (version == 0 or version in known):
            position, state = marker.pos, known[version].state if version else b""
    return position, state


@dataclass(frozen=True, slots=True)
class Flush:
    """What one flush writes for one partition: the chunk records first, the marker when they are durable."""

    position: int
    chunks: list[tuple[bytes, bytes]]
    marker: tuple[bytes, bytes]
    versions: dict[int, int]
    packed: dict[int, bytes]

    @property
    def size(self) -> int:
        return sum(len(state) for state in self.packed.values())


class Ledger:
    """What the topic is known to hold of one partition's state. It starts knowing nothing, so the first flush after
    a load writes every chunk."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self._versions: dict[int, int] = {}
        self._packed: dict[int, bytes] = {}
        self.position = -1
        self.size = 0

    def flush(
        self, position: int, clock: ClockState, packed: dict[int, bytes], counts: Counts, everything: bool = False
    ) -> Flush:
        """The records that make `packed`, the state before `position`, durable. Changed means that the bytes
        differ. `everything` rewrites unchanged chunks too, so that the fact a reader falls back to is never older
        than the readings that are kept."""
        records, versions = [], {}
        for chunk, state in packed.items():
            if everything or self._packed.get(chunk) != state:
                records.append(chunk_record(chunk, position, clock, state))
                versions[chunk] = position
            else:
                versions[chunk] = self._versions[chunk]
        marker = marker_record(Marker(position, clock, versions, self._partitions, counts))
        return Flush(position, records, marker, versions, packed)

    def done(self, flush: Flush) -> None:
        """Its chunks and its marker are durable."""
        self._versions, self._packed = flush.versions, flush.packed
        self.position, self.size = flush.position, flush.size
