"""The one shape of a record on the topic `readings`: a frame of readings as columns, a tick
(docs/decisions/0001-frame.md) or a switch to another catalogue (0008-catalogue-in-the-log.md). No other file knows
these bytes."""

import re

import msgspec

from rules.identity import partition_of
from rules.sensor import ID

VERSION = 1
MAX_READINGS = 20_000
DAY = 86_400_000
_METRIC = re.compile(r"[a-z][a-z0-9_]{0,31}")
_CATALOGUE = re.compile(r"[0-9a-f]{8,64}")
_GREATEST = 1e12  # far beyond any physical value, and its micro-units still fit 64 bits


class Columns(msgspec.Struct, gc=False):
    """The readings of one metric, equally long columns: sensor ids, ms from the frame's `t`, canonical values."""

    sensor: list[str]
    ts: list[int]
    value: list[float]


class Frame(msgspec.Struct, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """`t`: base of the columns' times (ms), of a tick its time. `wall`: when the bridge received the oldest
    reading, or the tick (ms, wall clock; latencies are counted from it). `tick`: the id of the bridge whose tick
    this is; empty for readings. `catalogue`: the hash of the catalogue that is in force from here on, and `serial` the
    number of this switch, from 1; empty and 0 for all else."""

    v: int
    t: int
    wall: int
    metric: dict[str, Columns] = {}
    tick: str = ""
    catalogue: str = ""
    serial: int = 0

    def readings(self) -> int:
        return sum(len(columns.sensor) for columns in self.metric.values())


class FrameError(ValueError):
    """A record that is not a frame. `code` is one of the closed list, `detail` says where and what."""

    def __init__(self, code: str, detail: str) -> None:
        self.code, self.detail = code, detail
        super().__init__(f"{code}: {detail}")


CODES = ("not_a_frame", "version", "columns", "metric", "sensor", "misrouted", "time", "value", "size")


def switch(catalogue: str, serial: int, wall: int) -> Frame:
    """The record by which a catalogue comes into force, written at `wall` (ms) to every partition."""
    return Frame(VERSION, wall, wall, catalogue=catalogue, serial=serial)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Frame)
encode = _encoder.encode


class FrameReader:
    """Decodes and checks whole frames of one partition: after `read` returns, every reading of it is sound.

    It remembers the sensor ids it has found sound, so that a known id costs one set look-up.
    """

    def __init__(self, partition: int, partitions: int) -> None:
        self._partition, self._partitions = partition, partitions
        self._sound: set[str] = set()

    def read(self, value: bytes | None) -> Frame:
        """The frame in `value`. Raises FrameError; nothing else, whatever the bytes."""
        if value is None:
            raise FrameError("not_a_frame", "a record without a value")
        try:
            frame = _decoder.decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise FrameError("not_a_frame", str(error)) from error
        if frame.v != VERSION:
            raise FrameError("version", f"frame version {frame.v}, this reader knows {VERSION}")
        if not 0 <= frame.t <= frame.wall + DAY or not 0 <= frame.wall < 1 << 43:
            raise FrameError("time", f"t {frame.t}, wall {frame.wall}")
        if frame.catalogue or frame.serial:
            if frame.metric or frame.tick or not _CATALOGUE.fullmatch(frame.catalogue):
                raise FrameError("columns", f"a switch to {frame.catalogue[:80]!r} with readings, a tick or a bad hash")
            if not 0 < frame.serial < 1 << 53:
                raise FrameError("columns", f"a switch with the serial {frame.serial}")
            return frame
        if frame.tick:
            if frame.metric or not ID.fullmatch(frame.tick):
                raise FrameError("columns", f"a tick of {frame.tick[:64]!r} with readings or a bad id")
            return frame
        if frame.readings() > MAX_READINGS:
            raise FrameError("size", f"{frame.readings()} readings, {MAX_READINGS} at most")
        for metric, columns in frame.metric.items():
            self._check(frame, metric, columns)
        return frame

    def _check(self, frame: Frame, metric: str, columns: Columns) -> None:
        if not _METRIC.fullmatch(metric):
            raise FrameError("metric", f"{metric[:64]!r}")
        sensors, ts, values = columns.sensor, columns.ts, columns.value
        if not len(sensors) == len(ts) == len(values):
            raise FrameError("columns", f"{metric}: {len(sensors)} sensors, {len(ts)} ts, {len(values)} values")
        if not sensors:
            return
        if frame.t + min(ts) < 0 or frame.t + max(ts) > frame.wall + DAY:
            raise FrameError("time", f"{metric}: {min(ts)} to {max(ts)} ms from {frame.t}")
        if min(values) < -_GREATEST or max(values) > _GREATEST:
            raise FrameError("value", f"{metric}: {min(values)} to {max(values)}")
        if not self._sound.issuperset(sensors):
            for sensor in set(sensors) - self._sound:
                if not ID.fullmatch(sensor):
                    raise FrameError("sensor", f"{sensor[:80]!r}")
                if (home := partition_of(sensor, self._partitions)) != self._partition:
                    raise FrameError("misrouted", f"{sensor} in partition {self._partition}, belongs in {home}")
                self._sound.add(sensor)
