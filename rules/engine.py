"""The judge of one partition: frames and ticks in, findings out, a function of the log alone."""

from collections.abc import Iterable, Mapping

import msgspec

from rules.areas.event import Event
from rules.areas.telling import Teller
from rules.catalogue import Catalogue
from rules.clock import ClockState, advance
from rules.counts import Counts, total
from rules.derived.made import Derived
from rules.derived.names import DERIVED
from rules.derived.station import Outcome, Station
from rules.episode import IN_ORDER, Found
from rules.finding import Finding, Seen
from rules.frame import Frame
from rules.identity import chunk_of
from rules.judgement import Record, conclude, withdraw
from rules.log import LogGapError, Switch
from rules.plans import Plans
from rules.restoring import restore_chunk
from rules.series import Series
from rules.state import Chunk, PackedChunk, pack, repack, unpack
from rules.timers import Timers
from rules.unseen import Unseen

NOTHING = Catalogue({}, ())
"""What is in force before the first switch."""


class Engine:
    """Judges the records of one partition, each exactly once and in the order of the log.

    `catalogue`: the one in force where the engine starts. Without one it judges nothing and keeps all state as it is,
    until the log says which comes into force.

    `position`: the offset of the next record; `clock`: the log's clock before it; `ready`: whether the state of
    every chunk is that before `position` (after a restart it takes some records until it is); `derived`: the readings
    that the last record led to, beside its findings. For the area stage: `composite`, whether there is one at all;
    `events`: what the last record led to; `through`: after a tick the time (ms) through which all is said, else -1.
    """

    def __init__(
        self, catalogue: Catalogue | None = None, *, partition: int, partitions: int, topic: str = "readings"
    ) -> None:
        self._begun_with, self._topic = catalogue, topic
        self._partition, self._partitions = partition, partitions
        self.start(0, ClockState(), {})

    def start(self, position: int, clock: ClockState, chunks: Mapping[int, tuple[int, bytes]]) -> None:
        """Forgets all and goes on at `position`, where the clock is `clock`.

        `chunks`: for each chunk a fact, (x, bytes): its state before the record x was `bytes` (b"" for none). Records
        from `position` to x do nothing to that chunk. A chunk without a fact is empty before `position`. Raises
        StateError for bytes that are no state, ValueError for a fact that cannot be reached or is of another
        partition.
        """
        self.position, self.clock = position, clock
        self._adopt(self._begun_with)
        self._waiting: dict[int, tuple[int, PackedChunk | None]] = {}
        for number, (before, data) in chunks.items():
            if before < position or number % self._partitions != self._partition:
                where = f"partition {self._partition} at {position}"
                raise ValueError(f"the state of chunk {number} before {before} is of no use to {where}")
            self._waiting[number] = (before, unpack(data) if data else None)
        self._wake()

    def _adopt(self, catalogue: Catalogue | None) -> None:
        """From here on this catalogue is in force, over no state at all."""
        self._judges = catalogue is not None
        self._catalogue = catalogue or NOTHING
        self._plans = Plans(self._catalogue)
        self.composite = bool(self._catalogue.areas.rules)
        self._teller = Teller(self._catalogue.areas.feeds)
        # What the log says and what is made of it stay apart: no frame can bring a derived metric.
        measured = [metric for metric in self._catalogue.metrics if metric not in DERIVED]
        self._tables: dict[str, dict[str, Series]] = {metric: {} for metric in measured}
        self._made: dict[tuple[str, str], Series] = {}
        self._stations: dict[str, Station] = {}
        self._chunks: dict[int, Chunk] = {}
        # State that lies there until a catalogue says what to make of it.
        self._asleep: dict[int, PackedChunk] = {}
        self._timers, self._made_timers = Timers[Series](), Timers[Series]()
        self._station_timers = Timers[Station]()
        self.derived: list[Derived] = []
        self.events: list[Event] = []
        self.through = -1
        self._behind: list[Series] = []
        self._orphaned: dict[int, Chunk] = {}
        self._unseen = Unseen(self._catalogue, self._plans, self._partition, self._partitions)

    @property
    def ready(self) -> bool:
        return not self._waiting

    def frame(self, offset: int, frame: Frame) -> list[Finding]:
        """Judges a frame of readings that a FrameReader has found sound. Raises LogGapError."""
        self._expect(offset)
        findings: list[Finding] = []
        self.derived = []
        base, wall = frame.t, frame.wall
        for metric, columns in frame.metric.items():
            table = self._tables.get(metric)
            if table is None:
                continue
            find = table.get
            for sensor, delta, x in zip(columns.sensor, columns.ts, columns.value, strict=True):
                at = base + delta
                series = find(sensor)
                if series is not None and series.last < at < series.until and series.lo <= x <= series.hi:
                    series.last = at
                    series.offset = offset
                    series.remember(at)
                    if (fresh := series.fresh) is not None:
                        fresh.append(x)
                elif series is not None or (series := self._meet(sensor, metric)) is not None:
                    findings += self._read(series, Seen(at, x, offset), wall)
        self._pass()
        return findings

    def tick(self, offset: int, frame: Frame) -> list[Finding]:
        """Moves the clock by a tick and settles what thereby falls due: what was measured, then what is made of it,
        then the rules on that; series by sensor and metric, rules in the order of the catalogue. Raises LogGapError."""
        self._expect(offset)
        before = self.clock.now
        self.clock = advance(self.clock, frame.tick, frame.t, frame.wall, self._catalogue.bridges)
        now = self.clock.now
        record = Record(self._topic, self._partition, offset, frame.wall)
        findings = self._withdraw(record)
        self.derived = []
        for series in self._timers.due(now):
            if slices := series.collect(before, now):
                self._station(series).add(series.metric, slices)
            findings += self._conclude(series, series.settle(before, now, offset), record)
            self._arm(series, now)
        for station in self._station_timers.due(now):
            for outcome in station.decide(before, now):
                findings += self._derive(station, outcome, before, record)
            self._station_timers.arm((station.sensor.id, ""), station, station.due(now))
        for series in self._made_timers.due(now):
            findings += self._conclude(series, series.settle(before, now, offset), record)
            self._arm(series, now)
        if now > 0:
            self._await_first(now)
        while self._behind:
            self.events += self._teller.catch_up(self._behind.pop(0), now)
        self.through = now
        self._pass()
        return findings

    def switch(self, offset: int, record: Switch, catalogue: Catalogue) -> None:
        """Passes over the record by which `catalogue` comes into force. From the next record on all is as after a
        restart with it: rules that judge as before go on, others begin anew, and the next tick ends the episodes that
        nobody goes on with. A record that `news` denies changes nothing. Raises LogGapError, StateError."""
        self._expect(offset)
        self.derived = []
        if self.news(record):
            packed = self._packed()
            self.clock = msgspec.structs.replace(self.clock, catalogue=record.catalogue, serial=record.serial)
            self._adopt(catalogue)
            self._waiting |= {number: (self.position + 1, each) for number, each in packed.items()}
        self._pass()

    def news(self, record: Switch) -> bool:
        """Whether it is a later switch than the one to the catalogue in force: the same one may come again."""
        return record.serial > self.clock.serial

    def skip(self, offset: int) -> None:
        """Passes over a record that is no frame. Raises LogGapError."""
        self._expect(offset)
        self.derived = []
        self._pass()

    def pack(self) -> dict[int, bytes]:
        """The state before `position` of every chunk that has any. Raises RuntimeError unless `ready`."""
        if not self.ready:
            raise RuntimeError(f"at {self.position} the state of {len(self._waiting)} chunks is of a later position")
        awake = {number: self._pack(chunk) for number, chunk in self._chunks.items()}
        return dict(sorted({**awake, **{number: repack(each) for number, each in self._asleep.items()}}.items()))

    def counts(self) -> Counts:
        """What was counted in the chunks whose state is that before `position`."""
        return total([*self._chunks.values(), *self._asleep.values()])

    def series(self, sensor: str, metric: str) -> Series | None:
        """For looking only: what is kept of one series, if anything is."""
        return self._tables.get(metric, {}).get(sensor) or self._made.get((sensor, metric))

    def _expect(self, offset: int) -> None:
        if offset != self.position:
            raise LogGapError(f"partition {self._partition}: record {offset} was given, {self.position} is next")
        self.events, self.through = [], -1

    def _pass(self) -> None:
        self.position += 1
        if self._waiting:
            self._wake()

    def _meet(self, sensor: str, metric: str) -> Series | None:
        """A new series, or None when nobody wants it or its chunk's state already holds the reading."""
        plan = self._plans.of(sensor, metric)
        if plan is None or chunk_of(sensor) in self._waiting:
            return None
        series = Series(self._catalogue.sensors[sensor], metric, plan)
        series.meet(self.clock.now)
        self._chunks.setdefault(chunk_of(sensor), Chunk()).series.append(series)
        self._seat(series)
        return series

    def _await_first(self, clock: int) -> None:
        """With the first tick under a catalogue: watches for silence what was never seen."""
        for sensor, metric in self._unseen.take(self._waiting):
            series = self.series(sensor, metric) or self._meet(sensor, metric)
            if series is not None and series.last < 0:
                series.await_first(clock)
                self._arm(series, clock)

    def _seat(self, series: Series) -> None:
        sensor, metric = series.sensor.id, series.metric
        if metric in DERIVED:
            self._made[sensor, metric] = series
        else:
            self._tables[metric][sensor] = series

    def _station(self, series: Series) -> Station:
        """The station of the sensor, which is due at once."""
        sensor = series.sensor
        station = self._stations.get(sensor.id)
        if station is None:
            station = self._stations[sensor.id] = Station(sensor, self._catalogue.choice(sensor.id))
            self._chunks[chunk_of(sensor.id)].stations.append(station)
        self._station_timers.arm((sensor.id, ""), station, self.clock.now)
        return station

    def _derive(self, station: Station, outcome: Outcome, clock: int, record: Record) -> list[Finding]:
        """What follows from a derived metric for the rules on it. `clock`: before the tick that decides it, so that it
        is in time for the windows that end with the same tick."""
        sensor = station.sensor.id
        metric, at, value, why = outcome
        if value is not None:
            self.derived.append(Derived(sensor, metric, at, value))
            self._chunks[chunk_of(sensor)].derived += 1
        series = self._made.get((sensor, metric)) or self._meet(sensor, metric)
        if series is None:
            return []
        if value is None:
            found = series.doubt(at, why)
        else:
            _, found = series.read(Seen(at, value, record.offset), clock)
        self._arm(series, clock)
        findings = self._conclude(series, found, record)
        if value is not None:
            self.events += self._teller.decided(series, at)
        return findings

    def _read(self, series: Series, reading: Seen, wall: int) -> list[Finding]:
        verdict, found = series.read(reading, self.clock.now)
        if verdict is not IN_ORDER:
            chunk = self._chunks[chunk_of(series.sensor.id)]
            chunk.late += verdict.late
            chunk.amending += verdict.amending
            chunk.repeats += verdict.repeat
            if verdict.repeat:
                return []
        self._arm(series, self.clock.now)
        if not found and (series.amends is None or not series.amends.revised):
            return []
        return self._conclude(series, found, Record(self._topic, self._partition, reading.offset, wall))

    def _conclude(self, series: Series, found: Iterable[Found], record: Record) -> list[Finding]:
        news = list(found)
        told = [each for each in news if not series.plan.watches[each.place].rule.hidden]
        findings = [conclude(series, each, record, self._heard) for each in told]
        self._chunks[chunk_of(series.sensor.id)].findings += len(findings)
        self.events += self._teller.tell(series, news)
        return findings

    def _heard(self, series: Series) -> dict[str, int]:
        """When the sensor's other metrics were last heard (ms), -1 for never: of those that somebody watches."""
        sensor = series.sensor
        others = [each for each in sensor.channels if each != series.metric and self._plans.of(sensor.id, each)]
        found = {metric: self.series(sensor.id, metric) for metric in others}
        return {metric: -1 if each is None else each.last for metric, each in found.items()}

    def _withdraw(self, record: Record) -> list[Finding]:
        """Ends the episodes that chunks brought along from other rules."""
        findings: list[Finding] = []
        while self._orphaned:
            chunk = self._orphaned.pop(min(self._orphaned))
            findings += [withdraw(orphan, record, self.clock.now) for orphan in chunk.orphans]
            chunk.findings += len(chunk.orphans)
            chunk.orphans = []
        return findings

    def _arm(self, series: Series, clock: int) -> None:
        """Sets the series' quiet region and its timer as of `clock`."""
        due = series.rest(clock)
        if due < series.armed:
            timers = self._made_timers if series.metric in DERIVED else self._timers
            timers.arm((series.sensor.id, series.metric), series, due)

    def _wake(self) -> None:
        """Takes up the chunks whose state is that before `position`, under the catalogue that is in force there."""
        for number, (before, packed) in sorted(self._waiting.items(), key=lambda item: item[0]):
            if before > self.position:
                continue
            del self._waiting[number]
            if packed is None:
                continue
            if not self._judges:
                self._asleep[number] = packed
                continue
            chunk = self._chunks[number] = restore_chunk(packed, self._plans, self._catalogue)
            if chunk.orphans:
                self._orphaned[number] = chunk
            for series in chunk.series:
                self._seat(series)
                series.begin(self.clock.now)
                self._arm(series, self.clock.now)
                if self._teller.behind(series):
                    self._behind.append(series)
            for station in chunk.stations:
                self._stations[station.sensor.id] = station
                self._station_timers.arm((station.sensor.id, ""), station, station.due(self.clock.now))

    def _packed(self) -> dict[int, PackedChunk]:
        """The state of all chunks that wait for no record."""
        return {**self._asleep, **{number: unpack(self._pack(chunk)) for number, chunk in self._chunks.items()}}

    def _pack(self, chunk: Chunk) -> bytes:
        for series in chunk.series:
            series.tidy(self.clock.now)
        return pack(chunk)
