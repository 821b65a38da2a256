"""The exact account: every reading of the log against every reading of the store, by identity and by value."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from rules.derived.names import DERIVED as DERIVED_METRICS
from rules.frame import DAY, Frame, FrameError
from rules.identity import partition_of
from streams.lanes import DERIVED as MADE
from streams.lanes import READINGS as SENT
from streams.lanes import lane
from streams.stores.port import TimeSeriesStore
from urbanpulse.account import DERIVED, READINGS, REFUSED, LogReader, stored_at
from urbanpulse.kafka import Record
from urbanpulse.tally import Frames

SHOWN = 50
"""How many of each kind are named; all are counted."""

_TS_BITS = 44  # ms until the year 2527
FOREVER = (1 << _TS_BITS) - 1


class Named(msgspec.Struct, frozen=True, omit_defaults=True):
    """One reading that is not as it should be. `partition` and `offset` say where in the log, when it is there."""

    sensor: str
    metric: str
    ts: int
    value: float | None = None
    other: float | None = None
    partition: int | None = None
    offset: int | None = None


class BadFrame(msgspec.Struct, frozen=True):
    """A record that is no sound frame. `refused`: the topic `refused` has it."""

    partition: int
    offset: int
    code: str
    detail: str
    refused: bool


class Difference(msgspec.Struct, frozen=True):
    """`count` of one kind, of which the first `SHOWN` are named."""

    count: int
    named: list[Named]


class ExactAccount(msgspec.Struct, frozen=True, kw_only=True):
    """`readings`: distinct ones in the log that the store must have by now; `waiting`: those that it need not have
    yet. `missing`: in the log, not in the store. `extra`: in the store, not in the log. `conflicting`: the log has
    another value too (`other`) than the one that came first. `differing`: the store's value (`other`) is not the
    log's. `older`: in the store, from a time that the log no longer holds. `derived`: stored readings of derived
    metrics, which `stored` has not; `readings`, `repeats` and all differences have those of both topics."""

    readings: int
    repeats: int
    waiting: int
    stored: int
    derived: int
    older: int
    missing: Difference
    extra: Difference
    conflicting: Difference
    differing: Difference
    bad_frames: list[BadFrame]
    exact: bool


@dataclass(frozen=True, slots=True)
class Span:
    """Event time in ms, half-open."""

    start: int = 0
    end: int = FOREVER

    def holds(self, ts: int) -> bool:
        return self.start <= ts < self.end


class Log:
    """Every distinct reading of the log within a span, the first value of each. 100 bytes a reading. `stored_at` and
    `oldest` are by lane (streams/lanes.py)."""

    def __init__(self, partitions: int, span: Span, stored_at: Mapping[int, int]) -> None:
        self._partitions, self._span, self._stored_at = partitions, span, stored_at
        self._series: dict[tuple[str, str], int] = {}
        self._first: dict[int, float] = {}
        self._names: list[tuple[str, str]] = []
        self.repeats = 0
        self.waiting: set[int] = set()
        self.conflicts: list[Named] = []
        self.conflict_count = 0
        self.bad: list[tuple[Record, FrameError]] = []
        self.oldest: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._first)

    def read(self, records: Iterable[Record], place: int = SENT) -> None:
        """Takes in a topic: readings as sent, or (`place` of streams.lanes) as made by the judge."""
        for record, frame in Frames(self._partitions).read(records):
            if isinstance(frame, FrameError):
                self.bad.append((record, frame))
            elif not frame.tick:
                self._frame(record, frame, lane(place, record.partition))

    def _frame(self, record: Record, frame: Frame, number: int) -> None:
        late = record.offset >= self._stored_at.get(number, 0)
        for sensor, metric, ts, value in readings(frame):
            self.oldest[number] = min(ts, self.oldest.get(number, ts))
            if not self._span.holds(ts):
                continue
            key = self._key(sensor, metric, ts)
            first = self._first.get(key)
            if first is None:
                self._first[key] = value
                if late:
                    self.waiting.add(key)
            elif first == value:
                self.repeats += 1
            else:
                self.conflict_count += 1
                if len(self.conflicts) < SHOWN:
                    self.conflicts.append(Named(sensor, metric, ts, first, value, record.partition, record.offset))

    def _key(self, sensor: str, metric: str, ts: int) -> int:
        name = (sensor, metric)
        number = self._series.get(name)
        if number is None:
            number = self._series[name] = len(self._names)
            self._names.append(name)
        return number << _TS_BITS | ts

    def take(self, sensor: str, metric: str, ts: int) -> float | None:
        """The log's value of a reading, which is then settled; None when the log has none."""
        number = self._series.get((sensor, metric))
        if number is None:
            return None
        key = number << _TS_BITS | ts
        self.waiting.discard(key)
        return self._first.pop(key, None)

    def left(self) -> Iterator[tuple[bool, Named]]:
        """What nobody took, and whether it is only waiting."""
        for key, value in self._first.items():
            sensor, metric = self._names[key >> _TS_BITS]
            yield key in self.waiting, Named(sensor, metric, key & FOREVER, value)


def readings(frame: Frame) -> Iterator[tuple[str, str, int, float]]:
    for metric, columns in frame.metric.items():
        for sensor, ts, value in zip(columns.sensor, columns.ts, columns.value, strict=True):
            yield sensor, metric, frame.t + ts, value


def take(reader: LogReader, store: TimeSeriesStore, partitions: int, span: Span) -> ExactAccount:
    """Reads both, once, and compares them. What record has not taken yet is waiting and not missing."""
    log = Log(partitions, span, stored_at(store.positions()))
    log.read(reader.read(READINGS))
    log.read(reader.read(DERIVED), MADE)
    refused = frozenset(record.key for record in reader.read(REFUSED) if record.key is not None)
    cut = [
        lane(place, number)
        for place, topic in ((SENT, READINGS), (MADE, DERIVED))
        for number, first in reader.beginnings(topic).items()
        if first > 0
    ]
    return compare(log, store.scan(span.start, span.end), partitions, cut, refused)


def compare(
    log: Log,
    stored: Iterable[tuple[str, str, int, float]],
    partitions: int,
    cut: Iterable[int],
    refused_keys: frozenset[bytes],
) -> ExactAccount:
    """The two sets against each other; `log` is used up. `cut`: lanes whose beginning retention has taken. What
    the store has of them from before the oldest reading left, or within a day of it (devices are late by hours, not
    by days), was in the part that is gone."""
    gone = set(cut)
    in_log = len(log)
    kept = derived = older = 0
    extra, differing = _Named(), _Named()
    for sensor, metric, ts, value in stored:
        made = metric in DERIVED_METRICS
        kept, derived = kept + (not made), derived + made
        first = log.take(sensor, metric, ts)
        if first is None:
            home = lane(MADE if made else SENT, partition_of(sensor, partitions))
            if home in gone and ts < log.oldest.get(home, FOREVER) + DAY:
                older += 1
            else:
                extra.add(Named(sensor, metric, ts, value))
        elif first != value:
            differing.add(Named(sensor, metric, ts, first, value))
    missing, waiting = _Named(), 0
    for early, name in log.left():
        if early:
            waiting += 1
        else:
            missing.add(name)
    bad = [
        BadFrame(record.partition, record.offset, error.code, error.detail, _key(record) in refused_keys)
        for record, error in log.bad
    ]
    sound = not (missing.count or extra.count or differing.count or log.conflict_count or bad)
    return ExactAccount(
        readings=in_log - waiting,
        repeats=log.repeats,
        waiting=waiting,
        stored=kept,
        derived=derived,
        older=older,
        missing=missing.difference(),
        extra=extra.difference(),
        conflicting=Difference(log.conflict_count, log.conflicts),
        differing=differing.difference(),
        bad_frames=bad,
        exact=sound,
    )


def _key(record: Record) -> bytes:
    return b"%d:%d" % (record.partition, record.offset)


class _Named:
    def __init__(self) -> None:
        self.count = 0
        self._named: list[Named] = []

    def add(self, name: Named) -> None:
        self.count += 1
        if len(self._named) < SHOWN:
            self._named.append(name)

    def difference(self) -> Difference:
        return Difference(self.count, sorted(self._named, key=lambda one: (one.sensor, one.metric, one.ts)))
