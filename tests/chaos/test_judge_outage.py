"""Kafka away for longer than any client's patience (150 s, or `URBANPULSE_CHAOS_SECONDS`): judge and recorder end or
wait, are started again by their supervisor, and afterwards findings, state and store are those of an undisturbed
pass."""

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from rules.finding import encode
from streams.facts import recover
from streams.lanes import split
from streams.stores import open_store
from tests.support import servers
from tests.support.frames import random_log
from tests.support.log_reader import create_topics
from tests.support.stream_log import Undisturbed, bring, eventually, findings_of, judge_topics, produce, read_all
from tests.support.stream_worker import Worker

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

PARTITIONS = 4
SECONDS = float(os.environ.get("URBANPULSE_CHAOS_SECONDS", "150"))


@pytest.mark.parametrize("how", ["killed", "frozen"])
def test_a_long_outage_of_kafka(how: str, tmp_path: Path) -> None:
    with servers.running(servers.Kafka) as kafka:
        assert isinstance(kafka, servers.Kafka)
        address = kafka.address
        create_topics(address, judge_topics(PARTITIONS))
        bring(address, PARTITIONS)
        url = f"sqlite:///{tmp_path}/store.db"
        common = {"kafka": address, "partitions": PARTITIONS}
        workers = [Worker("judge", tmp_path / "judge", flush_seconds=0.7, **common).start(),
                   Worker("record", tmp_path / "record", store_url=url, **common).start()]  # fmt: skip
        chance, total, exits = random.Random(5), 1, 0

        def write(records: int) -> None:
            nonlocal total
            each = {p: random_log(chance, records, p, PARTITIONS, sensors=20) for p in range(PARTITIONS)}
            produce(address, "readings", [(p, each[p][i]) for i in range(records) for p in range(PARTITIONS)])
            total += records

        def supervise() -> None:
            nonlocal exits
            for worker in workers:
                if not worker.alive:
                    assert "CRITICAL" in worker.log or "Error" in worker.log  # never without a word
                    worker.end()
                    exits += 1
                    time.sleep(1.0)
                    worker.start()

        def caught_up() -> bool:
            supervise()
            store = open_store(url)
            stored, kept = split({p: progress.next for p, progress in store.positions().items()})
            store.close()
            made = dict(Counter(each.partition for each in read_all(address, "derived", PARTITIONS, quiet=0.5)))
            if {p: position for p, position in kept.items() if position} != made:
                return False
            state: dict[int, list[tuple[bytes | None, bytes | None]]] = {p: [] for p in range(PARTITIONS)}
            for record in read_all(address, "judge-state", PARTITIONS, quiet=0.5):
                state[record.partition].append((record.key, record.value))
            judged = {p: recover(of, p, PARTITIONS).position for p, of in state.items()}
            return stored == judged == dict.fromkeys(range(PARTITIONS), total)

        try:
            write(50)
            assert eventually(caught_up, 60), workers[0].log[-3000:] + workers[1].log[-3000:]
            write(50)
            time.sleep(0.25)  # the outage meets findings and state under way
            if how == "killed":
                kafka.stop(signal.SIGKILL)
            else:
                kafka.freeze()
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                supervise()
                time.sleep(0.2)
            back = time.monotonic()
            if how == "killed":
                kafka.start()
            else:
                kafka.thaw()
            write(50)
            settled = eventually(caught_up, 180, every=0.5)
            print(
                f"\n{how} {SECONDS:.0f} s: {exits} ended and started again, exact {time.monotonic() - back:.0f} s after"
            )
            assert settled, workers[0].log[-5000:] + workers[1].log[-5000:]
        finally:
            for worker in workers:
                worker.end(signal.SIGKILL)
            if kafka.process is not None:
                kafka.thaw()
        want = Undisturbed(read_all(address, "readings", PARTITIONS), PARTITIONS)
        found = findings_of(read_all(address, "findings", 2))
        assert found == {key: {encode(finding)} for key, finding in want.findings.items()}
        store = open_store(url)
        assert {(s, m, ts): v for s, m, ts, v in store.scan(0, 1 << 45)} == want.readings | want.derived
        total_stored = sum(progress.counts.stored for progress in store.positions().values())
        assert total_stored == len(want.readings) + len(want.derived)
        store.close()
