"""A model of the broker: crashes at any record of a flush, frozen workers that write late, compaction of any prefix.
Whatever happens, the findings and the final state are those of one undisturbed pass."""

import random
from collections.abc import Iterable

import pytest

from rules.finding import Finding
from rules.frame import FrameError, FrameReader
from streams.facts import Flush, Ledger, Record, recover
from tests.support.frames import random_log
from tests.support.tally import TallyEngine

RECORDS = 120
PARTITION, PARTITIONS = 1, 4
Identity = tuple[str, int, str]


class Worker:
    """The judge of one partition without Kafka."""

    def __init__(self, state: Iterable[Record], skipping: bool = True) -> None:
        facts = recover(state, PARTITION, PARTITIONS)
        self.engine = TallyEngine(None, partition=PARTITION, partitions=PARTITIONS)
        chunks = facts.chunks if skipping else {c: (facts.position, s) for c, (_, s) in facts.chunks.items()}
        self.engine.start(facts.position, facts.clock, chunks)
        self.ledger = Ledger(PARTITIONS)
        self.reader = FrameReader(PARTITION, PARTITIONS)

    def read(self, log: list[bytes], upto: int) -> set[Identity]:
        found: list[Finding] = []
        for offset in range(self.engine.position, min(upto, len(log))):
            try:
                frame = self.reader.read(log[offset])
            except FrameError:
                self.engine.skip(offset)
                continue
            found += (self.engine.tick if frame.tick else self.engine.frame)(offset, frame)
        return {(f.episode, f.revision, repr(f)) for f in found}

    def flush(self, everything: bool) -> Flush | None:
        if not self.engine.ready or self.engine.position == self.ledger.position:
            return None
        engine = self.engine
        return self.ledger.flush(engine.position, engine.clock, engine.pack(), engine.counts(), everything)


def compacted(state: list[Record], upto: int) -> list[Record]:
    last = {key: number for number, (key, _) in enumerate(state[:upto])}
    return [record for number, record in enumerate(state) if number >= upto or last[record[0]] == number]


class Broken:
    """Which rule of the design a control run leaves out."""

    def __init__(self, skipping: bool = True, findings_first: bool = True) -> None:
        self.skipping, self.findings_first = skipping, findings_first


def trial(seed: int, broken: Broken) -> dict[str, int]:
    chance = random.Random(seed)
    log = random_log(chance, RECORDS, PARTITION, PARTITIONS)
    undisturbed = Worker([])
    want = undisturbed.read(log, RECORDS)
    state: list[Record] = []
    found: set[Identity] = set()
    frozen: list[list[Record]] = []
    seen = {"crashes": 0, "split": 0, "late": 0, "compactions": 0}
    finished = False
    while not finished:
        worker = Worker(state, broken.skipping)
        seen["split"] += not worker.engine.ready
        pending: set[Identity] = set()
        alive = True
        while alive and not finished:
            pending |= worker.read(log, worker.engine.position + chance.randrange(1, 25))
            flush = worker.flush(everything=chance.random() < 0.05)
            if flush is not None:
                chunks = flush.chunks[:]
                chance.shuffle(chunks)
                records: list[Record] = [*chunks, flush.marker]
                if not broken.findings_first:
                    state += records
                    records = []
                fate = chance.random()
                if fate < 0.15:  # dies before all findings are durable
                    found |= {finding for finding in sorted(pending) if chance.random() < 0.5}
                    alive = False
                elif fate < 0.45:  # findings durable; dies, or freezes, inside the flush
                    found |= pending
                    done = chance.randrange(len(records) + 1)
                    state += records[:done]
                    alive = False
                    if chance.random() < 0.5:
                        frozen.append(records[done:])
                else:
                    found |= pending
                    pending = set()
                    state += records
                    worker.ledger.done(flush)
                    finished = flush.position == RECORDS
            elif chance.random() < 0.1:
                alive = False
            if frozen and chance.random() < 0.3:
                late = frozen.pop(chance.randrange(len(frozen)))
                state += late[: chance.randrange(len(late) + 1)]
                seen["late"] += 1
            if state and chance.random() < 0.2:
                state = compacted(state, chance.randrange(len(state) + 1))
                seen["compactions"] += 1
        seen["crashes"] += not finished
    assert found == want, f"seed {seed}: {len(found - want)} wrong findings, {len(want - found)} lost"
    for final in (state, state + [r for late in frozen for r in late], compacted(state, len(state))):
        reader = Worker(final)
        again = reader.read(log, RECORDS)
        assert again <= want, f"seed {seed}: a re-read finds what nobody found"
        assert reader.engine.pack() == undisturbed.engine.pack(), f"seed {seed}: other state"
        assert reader.engine.clock == undisturbed.engine.clock, f"seed {seed}: other clock"
    return seen


def test_any_crash_any_late_write_any_compaction_changes_nothing() -> None:
    totals: dict[str, int] = {}
    for seed in range(80):
        for name, count in trial(seed, Broken()).items():
            totals[name] = totals.get(name, 0) + count
    # The trials must have met what they are about.
    assert totals["crashes"] > 160 and totals["split"] > 30 and totals["late"] > 30 and totals["compactions"] > 60


@pytest.mark.parametrize(
    "broken", [Broken(skipping=False), Broken(findings_first=False)], ids=["no-skip", "state-first"]
)
def test_the_model_notices_a_broken_design(broken: Broken) -> None:
    failed = 0
    for seed in range(30):
        try:
            trial(seed, broken)
        except AssertionError:
            failed += 1
    assert failed >= 10
