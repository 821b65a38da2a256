"""Judge and record as processes on the embedded Kafka: frames in, findings and readings out; killed, stopped and
started again, every count is exact."""

import random
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from rules.body import Body
from rules.finding import encode
from streams.facts import recover
from streams.lanes import split
from streams.state_topic import read_counts
from streams.stores import open_store
from tests.support.embedded import Kafka
from tests.support.frames import random_log
from tests.support.log_reader import create_topics
from tests.support.stream_log import Undisturbed, bring, eventually, findings_of, judge_topics, produce, read_all
from tests.support.stream_worker import OTHER, Worker, body

PARTITIONS = 4


@pytest.fixture(scope="module")
def kafka() -> Iterator[Kafka]:
    server = Kafka()
    try:
        yield server.start()
    finally:
        server.remove()


def logs(seed: int, records: int) -> list[tuple[int, bytes | None]]:
    """The partitions' logs, mixed as they would arrive."""
    chance = random.Random(seed)
    each = {p: random_log(chance, records, p, PARTITIONS, sensors=25) for p in range(PARTITIONS)}
    return [(p, each[p][i]) for i in range(records) for p in range(PARTITIONS)]


def test_killed_stopped_and_started_again_everything_is_exact(kafka: Kafka, tmp_path: Path) -> None:
    create_topics(kafka.address, judge_topics(PARTITIONS) | {"refused": 2})
    other = body(rules=OTHER)
    common = {"kafka": kafka.address, "partitions": PARTITIONS, "session_timeout": 2.0, "idempotent": False}
    url = f"sqlite:///{tmp_path}/store.db"
    judge = Worker("judge", tmp_path / "judge", flush_seconds=0.5, **common)
    record = Worker("record", tmp_path / "record", store_url=url, **common)
    ends = dict.fromkeys(range(PARTITIONS), 0)

    def write(records: list[tuple[int, bytes | None]]) -> None:
        produce(kafka.address, "readings", records)
        for partition, _ in records:
            ends[partition] += 1

    def begin(one: Body, serial: int) -> None:
        bring(kafka.address, PARTITIONS, one, serial)
        for partition in ends:
            ends[partition] += 1

    def state() -> dict[int, list[tuple[bytes | None, bytes | None]]]:
        found: dict[int, list[tuple[bytes | None, bytes | None]]] = {p: [] for p in range(PARTITIONS)}
        for each in read_all(kafka.address, "judge-state", PARTITIONS, quiet=0.3):
            found[each.partition].append((each.key, each.value))
        return found

    def caught_up() -> bool:
        store = open_store(url)
        stored, kept = split({p: progress.next for p, progress in store.positions().items()})
        store.close()
        made = dict(Counter(each.partition for each in read_all(kafka.address, "derived", PARTITIONS, quiet=0.3)))
        return (
            stored == ends
            and {p: n for p, n in kept.items() if n} == made
            and {p: read_counts(of)[0] for p, of in state().items()} == ends
        )

    begin(body(), 1)
    try:
        for number, how in enumerate((signal.SIGKILL, signal.SIGTERM, None)):
            judge.start()
            record.start()
            records = logs(number, 60)
            if number == 1:  # shapes that no frame has, besides those of the random log
                records += [(p, value) for p in range(PARTITIONS) for value in (None, b"\x00" * 200_000)]
            write(records[: len(records) // 2])
            if number == 1:  # while the workers that were killed catch up
                begin(other, 2)
            write(records[len(records) // 2 :])
            if how is signal.SIGKILL:  # somewhere on its way, as chance has it
                assert eventually(lambda: bool(judge.reports() and record.reports()), 20), judge.log + record.log
            else:
                assert eventually(caught_up, 30), judge.log[-4000:] + record.log[-4000:]
            if how is not None:
                judge.send(how)
                statuses = record.end(how), judge.end(how)
                assert statuses == ((0, 0) if how is signal.SIGTERM else (-9, -9)), (
                    judge.log[-4000:] + record.log[-4000:]
                )
        write(logs(9, 10))  # these meet a recorder that is up to date: its latency counts them
        assert eventually(lambda: record.reports()[-1]["latency_ms"]["count"] > 0, 20) and eventually(caught_up, 20)
    finally:
        judge.end(signal.SIGKILL)
        record.end(signal.SIGKILL)

    log = read_all(kafka.address, "readings", PARTITIONS)
    assert len(log) == sum(ends.values())
    want = Undisturbed(log, PARTITIONS, bodies=[other])
    found = findings_of(read_all(kafka.address, "findings", 2))
    assert len(want.findings) > 50
    assert found == {key: {encode(finding)} for key, finding in want.findings.items()}

    total = {"late": 0, "repeats": 0, "findings": 0, "derived": 0}
    for partition, records_of in state().items():
        facts = recover(records_of, partition, PARTITIONS)
        engine = want.engines[partition]
        assert {chunk: packed for chunk, (_, packed) in facts.chunks.items() if packed} == engine.pack()
        assert (facts.position, facts.furthest, facts.clock) == (ends[partition], ends[partition], engine.clock)
        counts = read_counts(records_of)[1]
        total = {name: total[name] + getattr(counts, name) for name in total}
    assert total["findings"] == len(want.findings)
    assert total["derived"] == len(want.derived) > 50
    assert total == {name: getattr(want.counts(), name) for name in total}

    store = open_store(url)
    assert {(s, m, ts): v for s, m, ts, v in store.scan(0, 1 << 45)} == want.readings | want.derived
    measured, made = split(store.positions())
    counted = [progress.counts for progress in measured.values()]
    assert sum(progress.counts.stored for progress in made.values()) == len(want.derived)
    assert sum(progress.counts.conflicts for progress in made.values()) == 0
    by_rule = Counter(finding.rule for finding in want.findings.values())
    assert all(by_rule[name] > 5 for name in ("smog", "mean", "jam", "slow-traffic")), by_rule
    assert any("no longer watches" in finding.text for finding in want.findings.values())
    changes = {finding.change for finding in want.findings.values() if finding.metric == "tpi"}
    assert changes == {"fired", "changed", "cleared", "undecided"}
    assert sum(c.readings for c in counted) == want.total
    assert sum(c.stored for c in counted) == len(want.readings)
    assert sum(c.repeats + c.conflicts for c in counted) == want.total - len(want.readings)
    assert sum(c.bad_frames for c in counted) == want.bad_frames > 10
    store.close()

    refused = read_all(kafka.address, "refused", 2)
    assert len({each.key for each in refused}) == want.bad_frames
    assert {each.headers["code"] for each in refused} == {b"bad_frame"}
    assert max(len(each.value or b"") for each in refused) == 65536
    assert record.reports()[-1]["health"] == "green" and record.reports()[-1]["store"] == "ok"
    assert judge.reports()[-1]["health"] == "green" and judge.reports()[-1]["bad_frames"] >= 0
