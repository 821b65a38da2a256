"""The store in one SQLite file: readings, positions and counters in the same transaction.

Readings lie clustered by series and time, so a day of one sensor is one stretch of the file; `latest` is kept beside
them because a board asks for it every second.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from streams.stores.port import (
    Batch,
    Bucket,
    Counts,
    Latest,
    Progress,
    Rejected,
    StaleBatchError,
    StoreAwayError,
)

_T = TypeVar("_T")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS series (
    sid INTEGER PRIMARY KEY, sensor TEXT NOT NULL, metric TEXT NOT NULL, UNIQUE (sensor, metric));
CREATE TABLE IF NOT EXISTS point (
    sid INTEGER NOT NULL, ts INTEGER NOT NULL, value REAL NOT NULL, PRIMARY KEY (sid, ts)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS latest (sid INTEGER PRIMARY KEY, ts INTEGER NOT NULL, value REAL NOT NULL);
CREATE TABLE IF NOT EXISTS progress (
    partition INTEGER PRIMARY KEY, next INTEGER NOT NULL, readings INTEGER NOT NULL, stored INTEGER NOT NULL,
    repeats INTEGER NOT NULL, conflicts INTEGER NOT NULL, bad_frames INTEGER NOT NULL);
"""


class _Newest:
    """Series and the time of their newest reading, as the file has them: a reading beyond it is surely new."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute(
            "SELECT sensor, metric, sid, coalesce(ts, -1) FROM series LEFT JOIN latest USING (sid)"
        )
        self.sids: dict[str, dict[str, int]] = {}
        self.ts: dict[int, int] = {}
        for sensor, metric, sid, ts in rows:
            self.sids.setdefault(metric, {})[sensor] = sid
            self.ts[sid] = ts

    def add(self, connection: sqlite3.Connection, sensor: str, metric: str) -> int:
        cursor = connection.execute("INSERT INTO series (sensor, metric) VALUES (?, ?)", (sensor, metric))
        sid = int(cursor.lastrowid or 0)
        self.sids.setdefault(metric, {})[sensor] = sid
        self.ts[sid] = -1
        return sid


class SqliteStore:
    """One file; opening makes it when it is not there. One process writes, any number read."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._newest: _Newest | None = None
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._connection = self._away(self._connect)
        self._away(lambda: self._connection.executescript(_SCHEMA))

    def _connect(self) -> sqlite3.Connection:
        # isolation_level None: transactions are begun and ended here, by name.
        connection = sqlite3.connect(self._path, timeout=20.0, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        connection.execute("PRAGMA cache_size = -32768")
        return connection

    def _away(self, work: Callable[[], _T]) -> _T:
        try:
            return work()
        except sqlite3.Error as error:
            raise StoreAwayError(f"SQLite file {self._path}: {error}") from error

    def positions(self) -> dict[int, Progress]:
        with self._lock:
            self._newest = None
            return self._away(lambda: {row[0]: _progress(row) for row in self._rows()})

    def _rows(self) -> list[tuple[int, ...]]:
        query = "SELECT partition, next, readings, stored, repeats, conflicts, bad_frames FROM progress"
        return self._connection.execute(query).fetchall()

    def write(self, batches: Sequence[Batch]) -> Rejected | None:
        with self._lock:
            return self._away(lambda: self._transaction(lambda: self._write(batches)))

    def settle(self) -> None:
        """Nothing is rejected here, and the positions moved with the readings."""

    def skip(self, partition: int, start: int) -> None:
        with self._lock:
            self._away(lambda: self._transaction(lambda: self._skip(partition, start)))

    def _skip(self, partition: int, start: int) -> None:
        self._connection.execute(
            "INSERT INTO progress VALUES (?, ?, 0, 0, 0, 0, 0) "
            "ON CONFLICT (partition) DO UPDATE SET next = max(next, excluded.next)",
            (partition, start),
        )

    def _transaction(self, work: Callable[[], _T]) -> _T:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            done = work()
            self._connection.execute("COMMIT")
        except BaseException:
            self._newest = None  # it may know series and times that are rolled back
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        return done

    def _write(self, batches: Sequence[Batch]) -> None:
        known = {row[0]: _progress(row) for row in self._rows()}
        if self._newest is None:
            self._newest = _Newest(self._connection)
        for batch in batches:
            before = known.get(batch.partition, Progress(0, Counts()))
            if batch.first != before.next or batch.next < batch.first:
                raise StaleBatchError(
                    f"partition {batch.partition}: a batch from {batch.first}, the store's position is {before.next}"
                )
            counts = before.counts.plus(self._store(batch, self._newest))
            known[batch.partition] = Progress(batch.next, counts)
            self._connection.execute(
                "INSERT OR REPLACE INTO progress VALUES (?, ?, ?, ?, ?, ?, ?)",
                (batch.partition, batch.next, counts.readings, counts.stored, counts.repeats, counts.conflicts,
                 counts.bad_frames),
            )  # fmt: skip

    def _store(self, batch: Batch, newest: _Newest) -> Counts:
        fresh: list[tuple[int, int, float]] = []
        again: list[tuple[int, int, float]] = []  # at or before the newest of its series: may be there already
        changed: dict[int, tuple[int, float]] = {}
        for frame in batch.frames:
            base = frame.t
            for metric, columns in frame.metric.items():
                sids = newest.sids.setdefault(metric, {})
                times = newest.ts
                for sensor, delta, value in zip(columns.sensor, columns.ts, columns.value, strict=True):
                    sid = sids.get(sensor)
                    if sid is None:
                        sid = newest.add(self._connection, sensor, metric)
                    ts = base + delta
                    if ts > times[sid]:
                        times[sid] = ts
                        changed[sid] = (ts, value)
                        fresh.append((sid, ts, value))
                    else:
                        again.append((sid, ts, value))
        fresh.sort()
        execute = self._connection.executemany
        execute("INSERT INTO point VALUES (?, ?, ?)", fresh)
        execute("INSERT OR REPLACE INTO latest VALUES (?, ?, ?)", [(sid, *row) for sid, row in changed.items()])
        stored, repeats = len(fresh), 0
        for point in again:
            if self._connection.execute("INSERT OR IGNORE INTO point VALUES (?, ?, ?)", point).rowcount == 1:
                stored += 1
            else:
                query = "SELECT value = ? FROM point WHERE sid = ? AND ts = ?"
                repeats += self._connection.execute(query, (point[2], point[0], point[1])).fetchone()[0]
        readings = len(fresh) + len(again)
        return Counts(readings, stored, repeats, readings - stored - repeats, batch.bad_frames)

    def latest(self, sensor: str | None = None) -> list[Latest]:
        where, values = ("WHERE sensor = ? ", (sensor,)) if sensor is not None else ("", ())
        query = f"SELECT sensor, metric, ts, value FROM series JOIN latest USING (sid) {where}ORDER BY sensor, metric"
        with self._lock:
            return [Latest(*row) for row in self._away(lambda: self._connection.execute(query, values).fetchall())]

    def range(self, sensor: str, metric: str, start: int, end: int, step: int | None = None) -> list[Bucket]:
        series = "sid = (SELECT sid FROM series WHERE sensor = ? AND metric = ?) AND ts >= ? AND ts < ?"
        values: tuple[str | int, ...] = (sensor, metric, start, end)
        if step is None:
            query = f"SELECT ts, value, value, value, 1 FROM point WHERE {series} ORDER BY ts"
        else:
            if step <= 0:
                raise ValueError(f"step {step}: at least 1 ms")
            values = (step, step, *values)
            query = (
                "SELECT ts / ? * ? AS bucket, avg(value), min(value), max(value), count(*) "
                f"FROM point WHERE {series} GROUP BY bucket ORDER BY bucket"
            )
        with self._lock:
            return [Bucket(*row) for row in self._away(lambda: self._connection.execute(query, values).fetchall())]

    def scan(self, start: int, end: int) -> Iterator[tuple[str, str, int, float]]:
        # A connection of its own: one moment of the file, and no lock held between two readings.
        connection = self._away(self._connect)
        try:
            connection.execute("BEGIN")
            names = {sid: (sensor, metric) for sid, sensor, metric in connection.execute("SELECT * FROM series")}
            rows = connection.execute("SELECT sid, ts, value FROM point WHERE ts >= ? AND ts < ?", (start, end))
            while chunk := self._away(lambda: rows.fetchmany(5000)):
                for sid, ts, value in chunk:
                    yield (*names[sid], ts, value)
        finally:
            connection.close()

    def close(self) -> None:
        with self._lock:
            self._connection.close()


def _progress(row: tuple[int, ...]) -> Progress:
    return Progress(row[1], Counts(*row[2:]))
