"""Plays a bad day through contract, frames and both stages of the judge, cut and disturbed in several ways, and shows
what differs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from ingest.contract import Contract
from rules.areas import summary
from rules.areas.engine import AreaEngine
from rules.areas.event import Event
from rules.areas.summary import Summary
from rules.catalogue import Catalogue
from rules.duration import parse_duration
from rules.engine import Engine
from rules.finding import Finding
from rules.frame import VERSION, Columns, Frame, FrameError, FrameReader, encode, switch
from rules.text import number
from tests.support.bad_day import BadDay, Row, Wanted

DAY, AHEAD = 86_400_000, 60_000
OLDEST = 7 * DAY


class Taken(NamedTuple):
    """A reading on its way into a frame."""

    wall: int
    sensor: str
    metric: str
    ts: int
    value: float


Entry = Taken | bytes | tuple[Frame, Catalogue]
"""A reading, a record as it is, or a switch with the catalogue that it brings."""


class Outcome(NamedTuple):
    findings: list[Finding]
    late: int
    repeats: int
    skipped: int


class Log:
    """What a day writes to the log, before it is cut into frames. `refused`: the contract's refusals by code."""

    def __init__(self, day: BadDay) -> None:
        self.begun_with = day.catalogue()
        self.refused: Counter[str] = Counter()
        self.entries: list[Entry] = []
        contract, serial, catalogue = Contract(self.begun_with.sensors), 0, self.begun_with
        for row in day.rows:
            if row.how == "tick":
                self.entries.append(encode(Frame(VERSION, row.ts, row.at, tick=row.sensor)))
            elif row.how == "raw":
                self.entries.append(row.said.encode())
            elif row.how == "switch":
                serial, catalogue = serial + 1, day.catalogue(row.said, row.metric or "sensors.csv")
                self.entries.append((switch(catalogue.hash, serial, row.at), catalogue))
                contract = Contract(catalogue.sensors)
            elif row.how == "kafka":
                self.entries.append(Taken(row.at, row.sensor, row.metric, row.ts, float(row.said)))
            else:
                self.entries += self._message(contract, catalogue, row)

    def _message(self, contract: Contract, catalogue: Catalogue, row: Row) -> Iterator[Taken]:
        assert row.how in ("", "backlog"), f"no way to send called {row.how!r}"
        sensor = catalogue.sensors.get(row.sensor)
        where = f"{sensor.district}/{sensor.kind}" if sensor is not None else "nowhere/at-all"
        moment = datetime.fromtimestamp(row.ts / 1000, UTC).isoformat(timespec="milliseconds")
        payload = f'{{"ts": "{moment}", "values": {{"{row.metric}": {row.said}}}}}'.encode()
        outcome = contract.read(f"city/{where}/{row.sensor}", payload, row.at - OLDEST, row.at + AHEAD)
        self.refused.update(refusal.code for refusal in outcome.refusals)
        for reading in outcome.readings:
            yield Taken(row.at, reading.sensor, reading.metric, reading.ts, reading.value)

    def records(self, sizes: Sequence[int]) -> Iterator[bytes | tuple[Frame, Catalogue]]:
        """As records, readings that follow each other in frames of these sizes, over and over."""
        held: list[Taken] = []
        number = 0
        for entry in self.entries:
            if held and (not isinstance(entry, Taken) or len(held) >= sizes[number % len(sizes)]):
                yield _frame(held)
                held, number = [], number + 1
            if isinstance(entry, Taken):
                held.append(entry)
            else:
                yield entry
        if held:
            yield _frame(held)


def _frame(readings: list[Taken]) -> bytes:
    base = readings[0].ts
    columns: dict[str, Columns] = {}
    for _, sensor, metric, ts, value in readings:
        found = columns.setdefault(metric, Columns([], [], []))
        found.sensor.append(sensor)
        found.ts.append(ts - base)
        found.value.append(value)
    return encode(Frame(VERSION, base, max(base, readings[0].wall), columns))


class Judge:
    """Both stages of the only partition, the second fed with what the first one tells."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.engine = Engine(catalogue, partition=0, partitions=1)
        self.areas = AreaEngine(catalogue, partition=0, partitions=1)

    def frame(self, frame: Frame) -> list[Finding]:
        engine, offset = self.engine, self.engine.position
        found = engine.tick(offset, frame) if frame.tick else engine.frame(offset, frame)
        return found + self._tell(frame, engine.through, tuple(engine.events))

    def switch(self, frame: Frame, catalogue: Catalogue) -> list[Finding]:
        self._catalogue = catalogue
        self.engine.switch(self.engine.position, frame, catalogue)
        return self._tell(frame, -1, ())

    def skip(self) -> None:
        self.engine.skip(self.engine.position)
        self.areas.skip(self.areas.position)

    def _tell(self, frame: Frame, through: int, events: tuple[Event, ...]) -> list[Finding]:
        clock = self.engine.clock
        told = Summary(summary.VERSION, 0, frame.wall, through, clock.catalogue, clock.serial, events)
        return self.areas.summary(self.areas.position, told, self._catalogue if self.areas.news(told) else None)

    def counts(self) -> tuple[int, int]:
        """Late readings and repeats."""
        one, two = self.engine.counts(), self.areas.counts()
        return one.late + two.late, one.repeats

    def restarted(self) -> "Judge":
        """Another one that goes on with what this one has packed."""
        again = Judge(self._catalogue)
        for old, new in ((self.engine, again.engine), (self.areas, again.areas)):
            new.start(old.position, old.clock, {n: (old.position, data) for n, data in old.pack().items()})
        return again


def judge(log: Log, sizes: Sequence[int] = (20_000,), *, restarts: bool = False, twice: bool = False) -> Outcome:
    """All that is found in the log. `restarts`: after every record the judge dies and another one goes on. `twice`:
    each frame of readings comes again."""
    this, reader = Judge(log.begun_with), FrameReader(0, 1)
    findings: list[Finding] = []
    skipped = 0
    for record in log.records(sizes):
        if isinstance(record, bytes):
            try:
                frame = reader.read(record)
            except FrameError:
                this.skip()
                skipped += 1
                continue
            for _ in range(2 if twice and not frame.tick else 1):
                findings += this.frame(frame)
        else:
            findings += this.switch(*record)
        if restarts:
            this = this.restarted()
    return Outcome(findings, *this.counts(), skipped)


def said(findings: Sequence[Finding]) -> list[tuple[object, ...]]:
    """What must be the same however the log is cut and read."""
    return sorted(
        (each.at, each.rule, each.sensor, each.metric, each.revision, each.change, each.severity, each.was,
         repr(each.value), each.lasted or 0, each.episode)
        for each in findings
    )  # fmt: skip


def differences(day: BadDay, findings: Sequence[Finding]) -> list[str]:
    """A line for each finding that is missing ("-") or was not expected ("+"), those as expected among them (" ")."""
    left = sorted(findings, key=lambda each: (each.at, each.rule, each.sensor, each.metric, each.revision))
    rows: list[tuple[int, int, str]] = []
    for wanted in day.script.findings:
        match = next((each for each in left if _fits(day, wanted, each)), None)
        if match is not None:
            left.remove(match)
            rows.append((match.at, 2, f"  {_line(match)}"))
        else:
            rows.append((day.ms(wanted.at), 0, f"- {_wish(day, wanted)}"))
    rows += [(each.at, 1, f"+ {_line(each)}") for each in left]
    return [line for _, _, line in sorted(rows)] if any(order < 2 for _, order, _ in rows) else []


def _fits(day: BadDay, wanted: Wanted, found: Finding) -> bool:
    area = getattr(found, "area", None)
    return (
        (found.at, found.rule, found.sensor) == (day.ms(wanted.at), wanted.rule, wanted.sensor)
        and found.change == wanted.change
        and found.about == wanted.severity
        and wanted.area == (area.name if area is not None and not found.sensor else "")
        and wanted.metric in ("", found.metric)
        and (wanted.value is None or number(wanted.value) == number(found.value))
        and (wanted.lasted is None or parse_duration(wanted.lasted) == found.lasted)
        and wanted.reason in (None, found.reason)
        and wanted.text in (None, found.text)
        and wanted.notify in (None, found.departments)
    )


def _wish(day: BadDay, wanted: Wanted) -> str:
    parts = {name: getattr(wanted, name) for name in ("value", "lasted", "reason", "text", "notify")}
    more = "".join(f", {name} {value}" for name, value in parts.items() if value is not None)
    entity = "/".join(part for part in (wanted.area, wanted.sensor, wanted.metric) if part)
    return (
        f"{_time(day.ms(wanted.at))} {wanted.rule} {entity} {wanted.change} {wanted.severity}{more}: {wanted.because}"
    )


def _line(each: Finding) -> str:
    more = "" if each.value is None else f", value {number(each.value)}"
    more += "" if each.lasted is None else f", lasted {each.lasted} ms"
    more += f", reason {each.reason}" if each.reason else ""
    entity = f"{each.entity} {each.change} {each.severity or each.was}"
    return f"{_time(each.at)} {each.rule} {entity}{more}, notify {', '.join(each.departments)}: {each.text}"


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
