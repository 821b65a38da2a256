"""What the stand-ins for both engines share: a position in a partition, and records by chunk, each chunk valid from an
offset on."""

from collections.abc import Mapping
from typing import Generic, TypeVar

import msgspec

from rules.clock import ClockState
from rules.identity import CHUNKS
from rules.log import Switch

T = TypeVar("T")


class Chunked(Generic[T]):
    def __init__(self, record: type[T], topic: str, partition: int, partitions: int) -> None:
        self.topic, self.partition = topic, partition
        self.position, self.clock = 0, ClockState()
        self._decode = msgspec.msgpack.Decoder(dict[str, record]).decode
        self._chunks: dict[int, dict[str, T]] = {c: {} for c in range(partition, CHUNKS, partitions)}
        self._valid = dict.fromkeys(self._chunks, 0)

    @property
    def ready(self) -> bool:
        return self.position >= max(self._valid.values())

    def start(self, position: int, clock: ClockState, chunks: Mapping[int, tuple[int, bytes]]) -> None:
        self.position, self.clock = position, clock
        for chunk, (valid, state) in chunks.items():
            self._valid[chunk] = valid
            self._chunks[chunk] = self._decode(state) if state else {}

    def skip(self, offset: int) -> None:
        if offset != self.position:
            raise RuntimeError(f"offset {offset}, expected {self.position}")
        self.position += 1

    def news(self, record: Switch) -> bool:
        return record.serial > self.clock.serial

    def pack(self) -> dict[int, bytes]:
        return {c: msgspec.msgpack.encode(dict(sorted(held.items()))) for c, held in self._chunks.items() if held}
