"""The account of a city: what came in, and where every reading of it is now (docs/decisions/0005-account.md).

Each stage's counters travel with its position in the log, so a crash neither loses nor doubles them. What lies
behind a stage's position is read from the log itself and counted as waiting.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

import msgspec

from rules.counts import Counts as JudgeCounts
from streams.lanes import split
from streams.state_topic import Gap, read_counts, read_gaps
from streams.stores.port import Counts, Progress
from urbanpulse.kafka import Record
from urbanpulse.tally import Frames, Tally, count, count_events

READINGS, DERIVED, REFUSED, FINDINGS, STATE = "readings", "derived", "refused", "findings", "judge-state"
SUMMARIES, AREA_STATE = "summaries", "area-state"


class Waiting(msgspec.Struct, frozen=True):
    """What a stage has still before it: readings for record and judge, derived ones for record, events of sensors for
    the rules on areas (the judge's second stage), findings for alerts, messages for delivery."""

    record: int = 0
    derived: int = 0
    judge: int = 0
    areas: int = 0
    alerts: int = 0
    delivery: int = 0


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """`readings` are those that sensors sent, in Kafka: stored, repeats (the same value again), conflicts (another
    value for a reading that is stored already), rejected by the store, or waiting. `late` ones are stored all the same,
    and so are those `amending`, which came after a decision that they could still change.
    `expired` are stretches of the log that were gone before the judge read them: [partition, first, next];
    `expired_areas` the same of what its first stage had for its second. `derived`: distinct readings of derived metrics
    that are stored; they were made by the judge, and no other number has them. `findings`: of both stages.
    """

    readings: int
    stored: int
    repeats: int
    conflicts: int
    rejected: int
    late: int
    amending: int = 0
    bad_frames: int
    refused: dict[str, int]
    waiting: Waiting
    findings: int
    derived: int
    alerts: dict[str, int]
    deliveries: dict[str, int]
    expired: list[tuple[int, int, int]]
    expired_areas: list[tuple[int, int, int]]
    balanced: bool


class LogReader(Protocol):
    """What `urbanpulse.kafka.Reader` offers; both `ends` and `read` mean the log as it is at the call."""

    def partitions(self, topic: str) -> list[int]: ...
    def beginnings(self, topic: str) -> dict[int, int]: ...
    def ends(self, topic: str) -> dict[int, int]: ...
    def read(self, topic: str, starts: Mapping[int, int] | None = None) -> Iterator[Record]: ...


class StorePositions(Protocol):
    def positions(self) -> dict[int, Progress]: ...


class DeskFigures(Protocol):
    def counts(self) -> dict[str, int]: ...
    def deliveries(self) -> dict[str, int]: ...
    def positions(self, topic: str) -> dict[int, int]: ...


def take(reader: LogReader, store: StorePositions, desk: DeskFigures) -> Account:
    """The account now. Positions are read before the log's ends, so what moves meanwhile is counted once."""
    progress, made = split(store.positions())
    judged = judge_counts(reader.read(STATE))
    areas = judge_counts(reader.read(AREA_STATE))
    taken = desk.positions(FINDINGS)
    alerts, deliveries = desk.counts(), desk.deliveries()
    partitions = reader.partitions(READINGS)
    stored = {number: progress[number].next if number in progress else 0 for number in partitions}
    judged_at = {number: judged[number][0] if number in judged else 0 for number in partitions}
    starts = {number: min(stored[number], judged_at[number]) for number in partitions}
    to_store, to_judge = waiting(reader.read(READINGS, starts), len(partitions), stored, judged_at)
    made_at = {number: made[number].next if number in made else 0 for number in reader.partitions(DERIVED)}
    areas_at = {number: facts[0] for number, facts in areas.items()}
    to_areas = count_events(reader.read(SUMMARIES, areas_at), len(partitions))
    to_keep, _ = waiting(reader.read(DERIVED, made_at), len(partitions), made_at, made_at)
    ends = reader.ends(FINDINGS)
    beginnings = reader.beginnings(FINDINGS)
    owed = sum(end - max(taken.get(number, 0), beginnings[number]) for number, end in ends.items())
    total, of_made = sum_of(progress), sum_of(made)
    return Account(
        readings=total.readings + to_store,
        stored=total.stored,
        repeats=total.repeats,
        conflicts=total.conflicts,
        rejected=total.rejected,
        late=sum(one.late for _, one, _ in judged.values()),
        amending=sum(one.amending for _, one, _ in judged.values()),
        bad_frames=total.bad_frames + of_made.bad_frames,
        refused=refused_by_code(reader.read(REFUSED)),
        waiting=Waiting(to_store, to_keep, to_judge, to_areas, max(0, owed), deliveries.get("waiting", 0)),
        findings=sum(one.findings for stage in (judged, areas) for _, one, _ in stage.values()),
        derived=of_made.stored,
        alerts=alerts,
        deliveries=deliveries,
        expired=_expired(judged),
        expired_areas=_expired(areas),
        balanced=_settled(total) and _settled(of_made) and to_store == 0 and to_keep == 0,
    )


def sum_of(progress: Mapping[int, Progress]) -> Counts:
    """The counts of all partitions."""
    total = Counts()
    for one in progress.values():
        total = total.plus(one.counts)
    return total


def _settled(counts: Counts) -> bool:
    return counts.readings == counts.stored + counts.repeats + counts.conflicts + counts.rejected


def _expired(judged: Mapping[int, tuple[int, JudgeCounts, list[Gap]]]) -> list[tuple[int, int, int]]:
    return [(number, gap.start, gap.end) for number in sorted(judged) for gap in judged[number][2]]


def stored_at(progress: Mapping[int, Progress]) -> dict[int, int]:
    """By lane, the first offset that the store has not."""
    return {number: one.next for number, one in progress.items()}


def waiting(
    records: Iterable[Record], partitions: int, stored_at: Mapping[int, int], judged_at: Mapping[int, int]
) -> tuple[int, int]:
    """Readings at or behind each position: not yet stored, not yet judged (or judged since the last flush)."""
    to_store, to_judge = Tally(), Tally()
    for record, frame in Frames(partitions).read(records):
        if record.offset >= stored_at[record.partition]:
            count(frame, to_store)
        if record.offset >= judged_at[record.partition]:
            count(frame, to_judge)
    return to_store.readings, to_judge.readings


def judge_counts(records: Iterable[Record]) -> dict[int, tuple[int, JudgeCounts, list[Gap]]]:
    """Of the records of one stage's state, by partition: its position, its counters there, and the gaps on record."""
    by_partition: dict[int, list[tuple[bytes | None, bytes | None]]] = {}
    for record in records:
        if record.key is not None and record.key[:1] in b"mx":  # not the chunks, which are most of the bytes
            by_partition.setdefault(record.partition, []).append((record.key, record.value))
    return {number: (*read_counts(mine), read_gaps(mine)) for number, mine in by_partition.items()}


def refused_by_code(records: Iterable[Record]) -> dict[str, int]:
    """Distinct refusals by their code: a killed bridge may write one twice. Poison records have no id of their own;
    their partition and offset, the key, say which one it is."""
    codes: dict[bytes, str] = {}
    for record in records:
        name = record.headers.get("id") or record.key or b"%d" % record.offset
        codes[name] = record.headers.get("code", b"unknown").decode(errors="replace")
    return dict(sorted(Counter(codes.values()).items()))
