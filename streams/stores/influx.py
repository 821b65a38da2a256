"""The store in InfluxDB. It has no transactions, so counters and positions are kept exact by an intent.

Before the readings of a batch go out, a progress point says: from `next` to `until`, with these counts before and
these of the batch. Whoever comes after a crash begins at `next`, ends at `until`, sends what is missing and adopts the
counts; sending a reading again changes nothing. A progress point belongs to one writer and is written over within its
minute; readers take for each partition the one that reaches furthest, so a frozen worker's late one is merely old.
"""

import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from streams.stores.influx_http import InfluxHttp, Meaning, meaning
from streams.stores.influx_text import PROGRESS, Lines, between, lookups, name, progress_line, text
from streams.stores.port import (
    BadPoint,
    Batch,
    Bucket,
    Counts,
    Latest,
    Progress,
    Rejected,
    StaleBatchError,
    StoreAwayError,
    StoreRefusesError,
)

LINES = 5_000
PAGE = 20_000
_METRICS = "/^[a-z][a-z0-9_]*$/"


class _Standing(msgspec.Struct):
    """Of one partition: `counts` before `next`; while a batch is under way, where it ends and what it counts."""

    next: int
    counts: Counts
    until: int | None = None
    batch: Counts = Counts()


class _Work:
    """One write on its way: the bodies not yet taken, the lines that never will be, and whose lines they are."""

    def __init__(self, batches: Sequence[Batch]) -> None:
        self.spans = _spans(batches)
        self.lines: dict[int, list[str]] = {}
        self.bodies: list[list[str]] = []
        self.bad: dict[str, str] = {}
        self.announced = False

    def ready(self) -> "_Work":
        lines = [line for of in self.lines.values() for line in of]
        self.bodies = [lines[first : first + LINES] for first in range(0, len(lines), LINES)][::-1]
        return self

    def rejected(self, partition: int) -> int:
        return sum(line in self.bad for line in self.lines[partition]) if self.bad else 0


class InfluxStore:
    """One bucket. One thread of one process writes for a partition, any number read."""

    def __init__(self, address: str, org: str, bucket: str, token: str | None) -> None:
        self._http = InfluxHttp(address, org, bucket, token)
        self._writer = uuid.uuid4().hex[:12]
        self._lines = Lines()
        self._standing: dict[int, _Standing] = {}
        self._own: dict[int, _Standing] = {}
        self._newest: dict[str, dict[str, int]] | None = None
        self._work: _Work | None = None
        self._minute = 0
        self._told = True

    def positions(self) -> dict[int, Progress]:
        self._standing, self._own, self._newest, self._work = {}, {}, None, None
        for _, series in self._http.query(f'SELECT last("state") FROM {name(PROGRESS)} GROUP BY "writer"'):
            for row in series["values"]:
                for partition, standing in msgspec.json.decode(row[1], type=dict[int, _Standing]).items():
                    known = self._standing.get(partition)
                    if known is None or _reach(standing) > _reach(known):
                        self._standing[partition] = standing
        return {p: Progress(s.next, s.counts, s.until) for p, s in sorted(self._standing.items())}

    # ------------------------------------------------------------------ writing

    def write(self, batches: Sequence[Batch]) -> Rejected | None:
        if self._work is None or self._work.spans != _spans(batches):
            self._work = self._prepare(batches)
        work = self._work
        if not work.announced:
            self._tell_progress()
            work.announced = True
        while work.bodies:
            self._send(work, work.bodies[-1])
        if not work.bad:
            return None
        return Rejected([BadPoint(*self._lines.read(line), reason) for line, reason in work.bad.items()])

    def settle(self) -> None:
        if self._work is not None:
            for partition, _, end in self._work.spans:
                standing = self._standing[partition]
                bad = self._work.rejected(partition)
                batch = msgspec.structs.replace(standing.batch, stored=standing.batch.stored - bad, rejected=bad)
                self._own[partition] = self._standing[partition] = _Standing(end, standing.counts.plus(batch))
            self._work, self._told = None, False
        if not self._told:
            self._tell_progress()

    def skip(self, partition: int, start: int) -> None:
        standing = self._standing.get(partition, _Standing(0, Counts()))
        if start > standing.next:
            self._own[partition] = self._standing[partition] = _Standing(start, standing.counts)
            self._told = False
        if not self._told:
            self._tell_progress()

    def _prepare(self, batches: Sequence[Batch]) -> _Work:
        for batch in batches:
            standing = self._standing.get(batch.partition, _Standing(0, Counts()))
            ends = standing.until if standing.until is not None else batch.next
            if batch.first != standing.next or batch.next != ends or batch.next < batch.first:
                raise StaleBatchError(
                    f"partition {batch.partition}: a batch from {batch.first} to {batch.next}, "
                    f"the store's position is {standing.next}, to {standing.until}"
                )
        if self._newest is None:
            self._newest = self._ask_newest()
        work = _Work(batches)
        begun: dict[int, _Standing] = {}
        for batch in batches:
            counts = self._sort_out(batch, work.lines.setdefault(batch.partition, []), self._newest)
            standing = self._standing.get(batch.partition, _Standing(0, Counts()))
            if standing.until is not None:
                counts = standing.batch  # counted before anything of it was written
            begun[batch.partition] = _Standing(batch.first, standing.counts, batch.next, counts)
        self._own |= begun
        self._standing |= begun
        return work.ready()

    def _ask_newest(self) -> dict[str, dict[str, int]]:
        newest: dict[str, dict[str, int]] = {}
        for latest in self.latest():
            newest.setdefault(latest.metric, {})[latest.sensor] = latest.ts
        return newest

    def _sort_out(self, batch: Batch, lines: list[str], newest: dict[str, dict[str, int]]) -> Counts:
        """Append the lines of what is not stored yet; count the rest."""
        line = self._lines.line
        fresh: dict[tuple[str, str, int], float] = {}
        again: list[tuple[str, str, int, float]] = []  # at or before the newest of its series: may be there already
        for frame in batch.frames:
            base = frame.t
            for metric, columns in frame.metric.items():
                times = newest.setdefault(metric, {})
                for sensor, delta, value in zip(columns.sensor, columns.ts, columns.value, strict=True):
                    ts = base + delta
                    if ts > times.get(sensor, -1):
                        times[sensor] = ts
                        fresh[metric, sensor, ts] = value
                        lines.append(line(sensor, metric, ts, value))
                    else:
                        again.append((metric, sensor, ts, value))
        known = fresh | self._stored({(m, s, ts) for m, s, ts, _ in again} - fresh.keys()) if again else fresh
        stored, repeats = len(fresh), 0
        for metric, sensor, ts, value in again:
            there = known.get((metric, sensor, ts))
            if there is None:
                known[metric, sensor, ts] = value
                lines.append(line(sensor, metric, ts, value))
                stored += 1
            else:
                repeats += there == value
        readings = len(fresh) + len(again)
        return Counts(readings, stored, repeats, readings - stored - repeats, batch.bad_frames)

    def _stored(self, keys: set[tuple[str, str, int]]) -> dict[tuple[str, str, int], float]:
        found: dict[tuple[str, str, int], float] = {}
        statements = list(lookups(sorted(keys)))
        for first in range(0, len(statements), 50):
            for _, series in self._http.query(";".join(statements[first : first + 50])):
                sensor = series["tags"]["sensor"]
                for ts, value in series["values"]:
                    found[series["name"], sensor, ts] = float(value)
        return found

    def _send(self, work: _Work, body: list[str]) -> None:
        """One body, the last of `work.bodies`; it stays there until the server has answered for it."""
        status, words = self._http.write("\n".join(body))
        match meaning(status):
            case Meaning.stored:
                work.bodies.pop()
            case Meaning.bad_line | Meaning.too_large if len(body) == 1:
                work.bodies.pop()
                work.bad[body[0]] = f"{status} {words}"
            case Meaning.bad_line | Meaning.too_large:
                half = len(body) // 2
                work.bodies[-1:] = [body[half:], body[:half]]
            case Meaning.refuses:
                raise StoreRefusesError(f"InfluxDB at {self._http.address}: {status} {words}")
            case Meaning.away:
                raise StoreAwayError(f"InfluxDB at {self._http.address}: {status} {words}")

    def _tell_progress(self) -> None:
        # A minute's points of one writer are one point; its time never goes back, whatever the wall clock does.
        self._minute = max(self._minute, int(time.time()) // 60 * 60_000)
        state = msgspec.json.encode(self._own).decode()
        status, words = self._http.write(progress_line(self._writer, state, self._minute))
        if (kind := meaning(status)) is not Meaning.stored:
            wrong = StoreAwayError if kind is Meaning.away else StoreRefusesError
            raise wrong(f"InfluxDB at {self._http.address}, its progress record: {status} {words}")
        self._told = True

    # ------------------------------------------------------------------ reading

    def latest(self, sensor: str | None = None) -> list[Latest]:
        where = f' WHERE "sensor" = {text(sensor)}' if sensor is not None else ""
        question = f'SELECT last("value") FROM {_METRICS}{where} GROUP BY "sensor"'
        found = [
            Latest(series["tags"]["sensor"], series["name"], ts, float(value))
            for _, series in self._http.query(question)
            for ts, value in series["values"]
        ]
        return sorted(found, key=lambda latest: (latest.sensor, latest.metric))

    def range(self, sensor: str, metric: str, start: int, end: int, step: int | None = None) -> list[Bucket]:
        what, grouping = '"value"', ""
        if step is not None:
            if step <= 0:
                raise ValueError(f"step {step}: at least 1 ms")
            what = 'mean("value"), min("value"), max("value"), count("value")'
            grouping = f" GROUP BY time({step}ms) fill(none)"
        where = f'"sensor" = {text(sensor)} AND {between(start, end)}'
        rows = self._rows(f"SELECT {what} FROM {name(metric)} WHERE {where}{grouping}")
        if step is None:
            return [Bucket(ts, float(value), float(value), float(value), 1) for ts, value in rows]
        return [Bucket(row[0], float(row[1]), float(row[2]), float(row[3]), int(row[4])) for row in rows]

    def scan(self, start: int, end: int) -> Iterator[tuple[str, str, int, float]]:
        for metric in sorted({latest.metric for latest in self.latest()}):
            at, skip = start, 0
            while True:
                where = f"WHERE {between(at, end)} ORDER BY time LIMIT {PAGE} OFFSET {skip}"
                rows = self._rows(f'SELECT "value", "sensor" FROM {name(metric)} {where}')
                whole = len(rows) < PAGE or rows[0][0] == rows[-1][0]
                last = rows[-1][0] if rows else 0
                for ts, value, sensor in rows:
                    if whole or ts < last:  # the last instant may go on behind the page: read it again
                        yield sensor, metric, ts, float(value)
                if len(rows) < PAGE:
                    break
                at, skip = (at, skip + PAGE) if whole else (last, 0)

    def _rows(self, question: str) -> list[list[Any]]:
        return [row for _, series in self._http.query(question) for row in series["values"]]

    def close(self) -> None:
        self._http.close()


def _spans(batches: Sequence[Batch]) -> list[tuple[int, int, int]]:
    return [(batch.partition, batch.first, batch.next) for batch in batches]


def _reach(standing: _Standing) -> tuple[int, bool]:
    return standing.next, standing.until is not None
