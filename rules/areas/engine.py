"""The judge of the groups of one partition: summaries in, findings out, a function of the topic `summaries` alone."""

from collections.abc import Mapping
from heapq import heappop, heappush

import msgspec

from rules.amend.story import Revised
from rules.areas.book import Step
from rules.areas.event import Event, group_chunk
from rules.areas.judged import Judged, makeup_of, restore
from rules.areas.judgement import conclude, withdraw
from rules.areas.marks import mark, marked
from rules.areas.state import VERSION, AreaOrphan, PackedAreas, encode, unpack
from rules.areas.summary import Summary
from rules.catalogue import Catalogue
from rules.clock import ClockState
from rules.counts import Counts
from rules.derived.made import Derived
from rules.engine import NOTHING
from rules.finding import Finding
from rules.judgement import Record
from rules.log import LogGapError, Switch
from rules.machine import FOREVER


class AreaChunk:
    """The groups of one chunk by key, what was counted among them, and episodes that only the next record will end."""

    __slots__ = ("findings", "groups", "late", "orphans", "repeats")

    def __init__(self, late: int = 0, repeats: int = 0, findings: int = 0) -> None:
        self.late, self.repeats, self.findings = late, repeats, findings
        self.groups: dict[str, Judged] = {}
        self.orphans: list[AreaOrphan] = []


class AreaEngine:
    """Judges the summaries of one partition, each exactly once and in the order of the log; which source's came first
    changes nothing. It has the face of `rules.engine.Engine`: `position`, `ready`, `derived`, which is always empty,
    and `clock`, whose bridges are the partitions of `readings`.

    An instant is decided once all sources have said what they know of it and the rule's delay has passed; then all that
    happened in it is judged together, in an order that is that of nobody's arrival.
    """

    def __init__(
        self, catalogue: Catalogue | None = None, *, partition: int, partitions: int, topic: str = "summaries"
    ) -> None:
        self._begun_with, self._topic = catalogue, topic
        self._partition, self._partitions = partition, partitions
        self.start(0, ClockState(), {})

    def start(self, position: int, clock: ClockState, chunks: Mapping[int, tuple[int, bytes]]) -> None:
        """Forgets all and goes on at `position`, where the clock is `clock`; `chunks` and what is raised are as for
        `rules.engine.Engine.start`."""
        self.position, self.clock = position, clock
        self.derived: list[Derived] = []
        self._adopt(self._begun_with)
        self._waiting: dict[int, tuple[int, PackedAreas | None]] = {}
        for number, (before, data) in chunks.items():
            if before < position or number % self._partitions != self._partition:
                where = f"partition {self._partition} at {position}"
                raise ValueError(f"the state of chunk {number} before {before} is of no use to {where}")
            self._waiting[number] = before, unpack(data) if data else None
        self._wake()

    def _adopt(self, catalogue: Catalogue | None) -> None:
        """From here on this catalogue is in force, over no state at all."""
        self._judges = catalogue is not None
        self._catalogue = catalogue or NOTHING
        self._chunks: dict[int, AreaChunk] = {}
        # State that lies there until a catalogue says what to make of it.
        self._asleep: dict[int, PackedAreas] = {}
        # The clock's time at which a group has an instant to decide, rules behind those that they refer to.
        self._heap: list[tuple[int, int, str]] = []

    @property
    def ready(self) -> bool:
        return not self._waiting

    def news(self, record: Switch) -> bool:
        """Whether its source judges by a later catalogue than the one in force here."""
        return record.serial > self.clock.serial

    def summary(self, offset: int, summary: Summary, catalogue: Catalogue | None = None) -> list[Finding]:
        """Judges what a source says, a record that a SummaryReader has found sound. `catalogue`: the one it names, to
        be given where `news` says so. Then that one is in force from this record on, as after a restart with it:
        groups whose rule judges alike, members and all, go on, and episodes that nobody goes on with are ended. Raises
        LogGapError, StateError."""
        self._expect(offset)
        if catalogue is not None and self.news(summary):
            self._switch(summary, catalogue)
        record = Record(self._topic, self._partition, offset, summary.wall)
        findings = self._withdraw(record)
        before = marked(self.clock, summary.source)
        for event in summary.events:
            self._take(event, before)
        self.clock = mark(self.clock, summary, self._partitions)
        findings += self._decide(record)
        self._pass()
        return findings

    def skip(self, offset: int) -> None:
        """Passes over a record that is no summary. Raises LogGapError."""
        self._expect(offset)
        self._pass()

    def pack(self) -> dict[int, bytes]:
        """The state before `position` of every chunk that has any. Raises RuntimeError unless `ready`."""
        if not self.ready:
            raise RuntimeError(f"at {self.position} the state of {len(self._waiting)} chunks is of a later position")
        packed = {**self._asleep, **{number: _packed(chunk, self.clock.now) for number, chunk in self._chunks.items()}}
        return {number: encode(each) for number, each in sorted(packed.items())}

    def counts(self) -> Counts:
        """What was counted in the chunks whose state is that before `position`."""
        chunks: list[AreaChunk | PackedAreas] = [*self._chunks.values(), *self._asleep.values()]
        return Counts(
            sum(chunk.late for chunk in chunks),
            sum(chunk.repeats for chunk in chunks),
            sum(chunk.findings for chunk in chunks),
        )

    def judged(self, key: str) -> Judged | None:
        """For looking only: what is kept of one group, if anything is."""
        chunk = self._chunks.get(group_chunk(key))
        return None if chunk is None else chunk.groups.get(key)

    def _expect(self, offset: int) -> None:
        if offset != self.position:
            raise LogGapError(f"partition {self._partition}: summary {offset} was given, {self.position} is next")

    def _pass(self) -> None:
        self.position += 1
        if self._waiting:
            self._wake()

    def _take(self, event: Event, through: int) -> None:
        """`through`: the time up to which the event's source had said all before it came."""
        number = group_chunk(event.group)
        if event.group not in self._catalogue.areas.groups or number in self._waiting:
            return
        judged, chunk = self._open(event.group), self._chunks[number]
        verdict = judged.take(event, through - judged.composite.delay + 1)
        chunk.late += verdict == "late"
        chunk.repeats += verdict == "repeat"
        self._arm(judged)

    def _open(self, key: str) -> Judged:
        chunk = self._chunks.setdefault(group_chunk(key), AreaChunk())
        judged = chunk.groups.get(key)
        if judged is None:
            judged = chunk.groups[key] = Judged(*self._catalogue.areas.groups[key])
        return judged

    def _arm(self, judged: Judged) -> None:
        due = judged.due()
        if due < judged.armed:
            judged.armed = due
            heappush(self._heap, (due + judged.composite.delay, judged.composite.rank, judged.group.key))

    def _decide(self, record: Record) -> list[Finding]:
        """All instants that the clock has come to, in their order."""
        findings: list[Finding] = []
        while self._heap and self._heap[0][0] <= self.clock.now:
            time, _, key = heappop(self._heap)
            judged = self._open(key)
            at = time - judged.composite.delay
            if judged.armed != at:
                continue
            judged.armed = FOREVER
            findings += self._tell(judged, at, judged.step(at, record.offset), record)
            self._arm(judged)
        return findings

    def _tell(self, judged: Judged, at: int, step: Step, record: Record) -> list[Finding]:
        """The findings of an instant; the groups that refer to this one hear of it too."""
        chunk = self._chunks[group_chunk(judged.group.key)]
        found: list[Finding] = []
        for outcome, entry in step.news:
            judged.spoken = True
            finding = conclude(judged, outcome, record, self._catalogue.sensors, entry)
            if finding is not None:
                found.append(finding)
            if step.revised is None:
                self._hear(judged, max(at, outcome.at), outcome.value)
        if step.revised is not None:
            self._revise(judged, at, step.revised)
        chunk.late += step.lost
        chunk.findings += len(found)
        return found

    def _hear(self, judged: Judged, at: int, value: float | None) -> None:
        """Tells the groups that refer to this one how it stands as of `at`."""
        for key, member in self._catalogue.areas.above(judged.group.key):
            hearer = self._open(key)
            hearer.hear(member, judged.group.name, at, judged.standing, value)
            self._arm(hearer)

    def _revise(self, judged: Judged, at: int, revised: Revised) -> None:
        """After the past of a group was judged again at the instant `at`."""
        judged.spoken = judged.spoken or bool(revised.now)
        newest = revised.now[-1] if revised.now else revised.before
        judged.doubt = "" if newest is None else newest.why
        stands = revised.retold()
        for key, member in self._catalogue.areas.above(judged.group.key) if stands else ():
            hearer = self._open(key)
            if hearer.book is None:
                hearer.hear(member, judged.group.name, at, judged.standing, stands[-1].value)
            else:
                hearer.hear_again(member, judged.group.name, at, stands)
            self._arm(hearer)

    def _withdraw(self, record: Record) -> list[Finding]:
        """Ends the episodes that chunks brought along from groups that are no more."""
        findings: list[Finding] = []
        for _, chunk in sorted(self._chunks.items()):
            findings += [withdraw(orphan, record, self.clock.now) for orphan in chunk.orphans]
            chunk.findings += len(chunk.orphans)
            chunk.orphans = []
        return findings

    def _switch(self, record: Switch, catalogue: Catalogue) -> None:
        now = self.clock.now
        packed = {
            **self._asleep,
            **{number: unpack(encode(_packed(each, now))) for number, each in self._chunks.items()},
        }
        self.clock = msgspec.structs.replace(self.clock, catalogue=record.catalogue, serial=record.serial)
        self._adopt(catalogue)
        self._waiting |= {number: (self.position, each) for number, each in packed.items()}
        self._wake()

    def _wake(self) -> None:
        """Takes up the chunks whose state is that before `position`, under the catalogue that is in force there."""
        for number, (before, packed) in sorted(self._waiting.items(), key=lambda item: item[0]):
            if before > self.position:
                continue
            del self._waiting[number]
            if packed is not None and not self._judges:
                self._asleep[number] = packed
            elif packed is not None:
                self._restore(number, packed)

    def _restore(self, number: int, packed: PackedAreas) -> None:
        """The chunk with what is still of use in it, and the episodes that no group goes on with."""
        chunk = self._chunks[number] = AreaChunk(packed.late, packed.repeats, packed.findings)
        chunk.orphans = list(packed.orphans)
        for each in packed.groups:
            judged = restore(each, self._catalogue.areas.groups)
            if judged is not None:
                chunk.groups[each.key] = judged
            elif each.episode is not None:
                chunk.orphans.append(AreaOrphan(each.rule, each.area, each.sensor, each.metric, each.episode))
        chunk.orphans.sort(key=lambda orphan: (orphan.rule, orphan.area))
        for judged in chunk.groups.values():
            if judged.makeup != makeup_of(judged.group):
                judged.look = self._next(judged)
        self._reconcile(chunk)
        for judged in chunk.groups.values():
            self._arm(judged)

    def _next(self, judged: Judged) -> int:
        """The first instant that is not decided."""
        return self.clock.now - judged.composite.delay + 1

    def _reconcile(self, chunk: AreaChunk) -> None:
        """Tells rules that refer to others how those stand, where they have not heard it: the ones are new, or the
        others are gone."""
        said = {
            (key, member, judged.group.name): judged.standing
            for judged in chunk.groups.values()
            if judged.spoken
            for key, member in self._catalogue.areas.above(judged.group.key)
        }
        for judged in chunk.groups.values():
            for member, name in judged.known:
                if member >= 0 and judged.composite.members[member].area:
                    said.setdefault((judged.group.key, member, name), ("", ""))
        for (key, member, name), standing in sorted(said.items()):
            hearer = self._open(key)
            hearer.hear(member, name, self._next(hearer), standing, None)


def _packed(chunk: AreaChunk, clock: int) -> PackedAreas:
    """`clock`: the area clock (ms)."""
    ordered = (judged for _, judged in sorted(chunk.groups.items()))
    groups = [packed for each in ordered if (packed := each.pack(clock - each.composite.delay)) is not None]
    return PackedAreas(VERSION, chunk.late, chunk.repeats, chunk.findings, groups, chunk.orphans)
