"""Three judges and two recorders under kill -9, freezes beyond the session timeout and wiped folders, on Apache Kafka
(the embedded one when there is none), while frames keep coming. Afterwards findings, state, store and counts are those
of one undisturbed pass over the same log.

`URBANPULSE_CHAOS_SECONDS` and `URBANPULSE_CHAOS_SEED` change how long and what; a failure names both.
"""

import contextlib
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic
from kafka.errors import KafkaError

from rules.finding import encode
from streams.facts import recover
from streams.lanes import split
from streams.state_topic import read_counts
from streams.stores import open_store
from tests.support import embedded, servers
from tests.support.frames import random_log
from tests.support.stream_log import Undisturbed, bring, eventually, findings_of, judge_topics, read_all
from tests.support.stream_worker import OTHER, Worker, body

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

PARTITIONS, SESSION = 8, 6.0
SECONDS = float(os.environ.get("URBANPULSE_CHAOS_SECONDS", "90"))
SEED = int(os.environ.get("URBANPULSE_CHAOS_SEED", "1"))
COMPACT = {
    "cleanup.policy": "compact", "segment.ms": "3000", "min.cleanable.dirty.ratio": "0.01",
    "max.compaction.lag.ms": "4000", "delete.retention.ms": "1000",
}  # fmt: skip

Kafka = servers.Kafka | embedded.Kafka


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    try:
        server: Kafka = servers.Kafka()
    except servers.UnavailableError:
        server = embedded.Kafka()
    try:
        server.start()
        yield server
    finally:
        server.remove()


def make_topics(address: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=address)
    for name, count in judge_topics(PARTITIONS, findings=4).items():
        more = COMPACT if name in ("judge-state", "area-state") else {}
        topic = NewTopic(name=name, num_partitions=count, replication_factor=1, topic_configs=more)
        with contextlib.suppress(KafkaError):
            admin.create_topics([topic])
    admin.close()


class Trouble:
    """Ends, freezes and wipes workers by chance, and starts again what ended."""

    def __init__(self, workers: list[Worker], folder: Path, chance: random.Random) -> None:
        self.workers, self.folder, self.chance = workers, folder, chance
        self.again = dict.fromkeys(range(len(workers)), 0.0)
        self.frozen: dict[int, float] = {}
        self.kills = self.freezes = self.wipes = self.exits = 0

    def supervise(self) -> None:
        now = time.monotonic()
        for number, until in list(self.frozen.items()):
            if now >= until:
                del self.frozen[number]
                if self.workers[number].alive:
                    self.workers[number].send(signal.SIGCONT)
        for number, worker in enumerate(self.workers):
            if worker.process is not None and not worker.alive:
                self.exits += worker.end() == 3
                self.again[number] = now + self.chance.uniform(0.1, 2.0)
            if worker.process is None and now >= self.again[number]:
                worker.start()

    def strike(self) -> None:
        alive = [n for n, worker in enumerate(self.workers) if worker.alive and n not in self.frozen]
        if not alive:
            return
        number, what = self.chance.choice(alive), self.chance.random()
        worker = self.workers[number]
        if what < 0.25:
            worker.send(signal.SIGSTOP)
            self.frozen[number] = time.monotonic() + SESSION + 3.0
            self.freezes += 1
            return
        worker.end(signal.SIGKILL)
        self.again[number] = time.monotonic() + self.chance.uniform(0.1, 2.0)
        self.kills += 1
        if what < 0.45:
            for left in worker.file.parent.glob("faust-*"):
                shutil.rmtree(left, ignore_errors=True)
            self.wipes += 1


def test_judges_and_recorders_survive(kafka: Kafka, tmp_path: Path) -> None:
    address, chance = kafka.address, random.Random(SEED)
    make_topics(address)
    bring(address, PARTITIONS)
    url = f"sqlite:///{tmp_path}/store.db"
    common = {"kafka": address, "partitions": PARTITIONS, "session_timeout": SESSION,
              "idempotent": isinstance(kafka, servers.Kafka)}  # fmt: skip
    workers = [Worker("judge", tmp_path / f"judge-{n}", flush_seconds=0.7, **common) for n in range(3)]
    workers += [Worker("record", tmp_path / f"record-{n}", store_url=url, **common) for n in range(2)]
    trouble = Trouble(workers, tmp_path, chance)
    records = int(SECONDS * 20)
    logs = {p: random_log(chance, records, p, PARTITIONS, sensors=20) for p in range(PARTITIONS)}
    producer = KafkaProducer(bootstrap_servers=address, acks="all", linger_ms=2)
    # Two switches, at the beginning and in the middle of all that happens.
    ends = dict.fromkeys(range(PARTITIONS), records + 2)
    switched, other = False, body(rules=OTHER)

    def state() -> dict[int, list[tuple[bytes | None, bytes | None]]]:
        found: dict[int, list[tuple[bytes | None, bytes | None]]] = {p: [] for p in range(PARTITIONS)}
        for each in read_all(address, "judge-state", PARTITIONS, quiet=1.0):
            found[each.partition].append((each.key, each.value))
        return found

    def caught_up() -> bool:
        trouble.supervise()
        store = open_store(url)
        stored, kept = split({p: progress.next for p, progress in store.positions().items()})
        store.close()
        if stored != ends or {p: recover(of, p, PARTITIONS).position for p, of in state().items()} != ends:
            return False
        made = dict(Counter(each.partition for each in read_all(address, "derived", PARTITIONS, quiet=1.0)))
        return {p: position for p, position in kept.items() if position} == made

    began, sent = time.monotonic(), 0
    strikes = began + 8.0
    try:
        while (now := time.monotonic()) < began + SECONDS or sent < records:
            due = min(records, int((now - began) * 20))
            for number in range(sent, due):
                for partition in range(PARTITIONS):
                    producer.send("readings", logs[partition][number], partition=partition)
            sent = due
            if not switched and sent >= records // 2:
                producer.flush(60)
                bring(address, PARTITIONS, other, 2)
                switched = True
            trouble.supervise()
            if now >= strikes:
                trouble.strike()
                strikes = now + chance.expovariate(1 / 2.5)
            time.sleep(0.01)
        producer.flush(60)
        producer.close()
        settled = eventually(caught_up, 120, every=0.5)
        where = f"seed {SEED}, {SECONDS:.0f} s: " + "".join(worker.log[-1500:] for worker in workers)
        assert settled, where
    finally:
        for worker in workers:
            if worker.alive:
                worker.send(signal.SIGCONT)
            worker.end(signal.SIGKILL)

    want = Undisturbed(read_all(address, "readings", PARTITIONS), PARTITIONS, bodies=[other])
    written = read_all(address, "findings", 4, quiet=2.0)
    found = findings_of(written)
    expected = {key: {encode(finding)} for key, finding in want.findings.items()}
    print(f"\nkills {trouble.kills}, freezes {trouble.freezes}, wipes {trouble.wipes}, own exits {trouble.exits}; "
          f"{records * PARTITIONS} records, {want.total} readings, {len(expected)} findings, "
          f"{len(written) - len(found)} written again")  # fmt: skip
    assert found.keys() == expected.keys()
    assert found == expected
    findings = 0
    for partition, of in state().items():
        facts, engine = recover(of, partition, PARTITIONS), want.engines[partition]
        assert {chunk: packed for chunk, (_, packed) in facts.chunks.items() if packed} == engine.pack()
        assert facts.position == records + 2 and facts.clock == engine.clock
        position, counts = read_counts(of)
        if position == records + 2:  # a frozen worker's late marker may have taken its place
            findings += counts.findings
            assert counts == engine.counts()
    assert findings <= len(expected)

    store = open_store(url)
    measured, made = split(store.positions())
    counted = [progress.counts for progress in measured.values()]
    again = sum(progress.counts.repeats for progress in made.values())
    print(f"{len(want.derived)} derived readings, {again} written again")
    assert sum(progress.counts.stored for progress in made.values()) == len(want.derived)
    assert sum(progress.counts.conflicts for progress in made.values()) == 0
    assert {(s, m, ts): v for s, m, ts, v in store.scan(0, 1 << 45)} == want.readings | want.derived
    assert sum(c.readings for c in counted) == want.total
    assert sum(c.stored for c in counted) == len(want.readings)
    assert sum(c.bad_frames for c in counted) == want.bad_frames
    store.close()
    refused = read_all(address, "refused", 1)
    assert len({each.key for each in refused}) == want.bad_frames
    assert trouble.kills + trouble.freezes >= SECONDS / 6
