"""What goes wrong on a real Kafka and a real InfluxDB, and what judge and recorder make of it."""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

from rules.body import Body
from rules.finding import encode
from rules.frame import encode as encode_frame
from streams.facts import recover
from streams.lanes import split
from streams.state_topic import read_gaps
from streams.stores import open_store
from tests.support.frames import START, frame, random_log, sensors_of
from tests.support.servers import Influx, Kafka, running
from tests.support.stream_log import Undisturbed, bring, eventually, findings_of, produce, read_all
from tests.support.stream_worker import OTHER, Worker, body

pytestmark = [pytest.mark.connected, pytest.mark.timeout(240)]

PARTITIONS = 2


@pytest.fixture(scope="module")
def kafka() -> Iterator[Kafka]:
    with running(Kafka) as server:
        assert isinstance(server, Kafka)
        yield server


class Town:
    """Topics of their own for one test, and workers on them."""

    def __init__(self, kafka: Kafka, folder: Path, name: str) -> None:
        self.kafka, self.folder, self.name = kafka, folder, name
        self.admin = KafkaAdminClient(bootstrap_servers=kafka.address)
        self.make("readings", "derived", "summaries", "findings", "state", "area-state", "refused")
        self.admin.create_topics([NewTopic(self.topic("catalogue"), 1, 1)])
        self.begun = False
        self.workers: list[Worker] = []
        self.url = f"sqlite:///{folder}/store.db"

    def topic(self, kind: str) -> str:
        return f"{self.name}-{kind}"

    def make(self, *kinds: str) -> None:
        self.admin.create_topics(
            [NewTopic(name=self.topic(kind), num_partitions=PARTITIONS, replication_factor=1) for kind in kinds]
        )

    def _worker(self, part: str, more: dict[str, Any]) -> Worker:
        common = {"kafka": self.kafka.address, "partitions": PARTITIONS, "group": f"{self.name}-{part}",
                  "readings": self.topic("readings"), "derived": self.topic("derived")}  # fmt: skip
        self.workers.append(Worker(part, self.folder / f"{part}{len(self.workers)}", **common | more))
        return self.workers[-1]

    def judge(self, **more: Any) -> Worker:
        fields = {"findings": "findings", "summaries": "summaries", "state": "state", "area_state": "area-state",
                  "catalogue": "catalogue"}  # fmt: skip
        topics = {field: self.topic(kind) for field, kind in fields.items()}
        return self._worker("judge", topics | {"flush_seconds": 0.5} | more)

    def record(self, **more: Any) -> Worker:
        return self._worker("record", {"refused": self.topic("refused"), "store_url": self.url} | more)

    def begin(self, one: Body, serial: int) -> None:
        """A catalogue comes into force."""
        names = {"readings": self.topic("readings"), "catalogue": self.topic("catalogue")}
        bring(self.kafka.address, PARTITIONS, one, serial, **names)

    def write(self, seed: int, records: int) -> None:
        """So many records in each partition; the very first is the switch to the catalogue that judges them."""
        if not self.begun:
            self.begun, records = True, records - 1
            self.begin(body(), 1)
        chance = random.Random(seed)
        each = {p: random_log(chance, records, p, PARTITIONS, sensors=25) for p in range(PARTITIONS)}
        self.put([(p, each[p][i]) for i in range(records) for p in range(PARTITIONS)])

    def put(self, records: list[tuple[int, bytes | None]]) -> None:
        produce(self.kafka.address, self.topic("readings"), records)

    def state(self) -> dict[int, list[tuple[bytes | None, bytes | None]]]:
        found: dict[int, list[tuple[bytes | None, bytes | None]]] = {p: [] for p in range(PARTITIONS)}
        for each in read_all(self.kafka.address, self.topic("state"), PARTITIONS, quiet=0.5):
            found[each.partition].append((each.key, each.value))
        return found

    def flushed(self, upto: int, worker: Worker) -> None:
        def there() -> bool:
            if not worker.alive:
                return True
            return all(recover(of, p, PARTITIONS).position == upto for p, of in self.state().items())

        assert eventually(there, 60) and worker.alive, worker.log[-5000:]

    def stored(self, upto: int, worker: Worker, url: str = "", secret: str | None = None) -> None:
        def there() -> bool:
            store = open_store(url or self.url, secret)
            try:
                stored, kept = split({p: progress.next for p, progress in store.positions().items()})
                made = Counter(
                    each.partition
                    for each in read_all(self.kafka.address, self.topic("derived"), PARTITIONS, quiet=0.3)
                )
                return stored == dict.fromkeys(range(PARTITIONS), upto) and dict(made) == {
                    p: position for p, position in kept.items() if position
                }
            finally:
                store.close()

        assert eventually(there, 60), worker.log[-5000:]

    def ends(self, worker: Worker, *words: str, seconds: float = 100) -> None:
        """It ends itself with status 3 and says why."""
        assert eventually(lambda: not worker.alive, seconds), worker.log[-3000:]
        assert worker.end() == 3
        last = worker.log[worker.log.rindex("CRITICAL") :]
        assert all(word in last for word in words), last

    def same_as_undisturbed(self, *bodies: Body) -> Undisturbed:
        topic = self.topic("readings")
        want = Undisturbed(read_all(self.kafka.address, topic, PARTITIONS), PARTITIONS, topic, bodies)
        found = findings_of(read_all(self.kafka.address, self.topic("findings"), PARTITIONS))
        assert found == {key: {encode(finding)} for key, finding in want.findings.items()}
        return want

    def close(self) -> None:
        for worker in self.workers:
            worker.end(signal.SIGKILL)
        self.admin.close()


@pytest.fixture
def town(kafka: Kafka, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Town]:
    town = Town(kafka, tmp_path, request.node.name.removeprefix("test_")[:60])
    try:
        yield town
    finally:
        town.close()


def test_a_source_that_was_cut_is_a_gap_on_record(town: Town) -> None:
    town.write(1, 40)
    judge, record = town.judge().start(), town.record().start()
    town.flushed(40, judge)
    town.stored(40, record)
    assert (judge.end(), record.end()) == (0, 0)
    town.write(2, 40)
    cut = {TopicPartition(town.topic("readings"), 0): 65}
    town.admin.delete_records(cut)
    judge.start()
    record.start()
    town.flushed(80, judge)
    town.stored(80, record)
    assert [(gap.start, gap.end) for gap in read_gaps(town.state()[0])] == [(40, 65)] and read_gaps(
        town.state()[1]
    ) == []
    assert "frames 40 to 64 are gone" in judge.log and "frames 40 to 64 are gone" in record.log
    assert eventually(lambda: judge.reports()[-1]["expired"] == {"0": [[40, 65]]}, 10)
    assert (judge.end(), record.end()) == (0, 0)
    judge.start()  # the gap is told once and known for ever
    assert eventually(lambda: judge.reports()[-1]["expired"] == {"0": [[40, 65]]}, 20)
    assert judge.log.count("are gone") == 1


def test_a_state_that_is_ahead_of_the_log_belongs_to_another_log(town: Town) -> None:
    town.write(1, 30)
    judge, record = town.judge().start(), town.record().start()
    town.flushed(30, judge)
    town.stored(30, record)
    assert (judge.end(), record.end()) == (0, 0)
    town.admin.delete_topics([town.topic("readings")])
    time.sleep(2)
    town.make("readings")
    town.write(2, 10)
    judge.start()
    record.start()
    town.ends(judge, "another log", "offset 30", "ends at 10")
    town.ends(record, "another log", "offset 30", "ends at 10")


def test_another_partition_count_is_refused(town: Town) -> None:
    town.write(1, 30)
    judge = town.judge().start()
    town.flushed(30, judge)
    assert judge.end() == 0
    town.ends(town.judge(partitions=4).start(), "2 partitions", "the city's settings say 4")
    town.admin.create_partitions(
        {town.topic(kind): 4 for kind in ("readings", "derived", "summaries", "state", "area-state")}
    )
    town.ends(town.judge(partitions=4).start(), "written for 2 partitions", "judge-state")


def test_a_state_topic_that_is_missing_is_named(town: Town) -> None:
    town.write(1, 5)
    judge = town.judge(state="nowhere").start()
    town.ends(judge, "nowhere")
    town.write(2, 5)
    judge = town.judge().start()
    town.flushed(10, judge)


def test_damaged_state_and_poison_stop_nobody(town: Town) -> None:
    town.write(1, 30)
    judge = town.judge().start()
    town.flushed(30, judge)
    judge.end(signal.SIGKILL)
    producer = KafkaProducer(bootstrap_servers=town.kafka.address, acks="all")
    for key in (b"m", b"c0", b"c1", b"c2", b"zz", b"x1"):
        for partition in range(PARTITIONS):
            producer.send(town.topic("state"), b"not what was written", key=key, partition=partition)
    producer.flush()
    producer.close()
    town.put(
        [(p, value) for p in range(PARTITIONS) for value in (None, b"", b"\x00" * 900_000, b"[" * 5000, b'{"v":1}')]
    )
    town.write(2, 20)
    judge.start()
    town.flushed(55, judge)
    assert "damaged state records are left out" in judge.log
    town.same_as_undisturbed()
    assert judge.reports()[-1]["bad_frames"] >= 10


def test_a_switch_while_two_judges_share_the_log(town: Town) -> None:
    """Each partition switches at its own offset, whoever judges it; one is killed around it and started again."""
    other = body(rules=OTHER)
    judges = [town.judge().start(), town.judge().start()]
    town.write(1, 40)
    town.flushed(40, judges[0])
    town.begin(other, 2)
    judges[0].end(signal.SIGKILL)
    town.write(2, 40)
    judges[0].start()
    town.begin(other, 2)  # said again, as a front door does every hour: it changes nothing
    town.write(3, 20)
    town.flushed(102, judges[0])
    want = town.same_as_undisturbed(other)
    assert {"smog", "mean", "slow-traffic"} <= {finding.rule for finding in want.findings.values()}


def test_a_judge_waits_for_a_catalogue_that_the_topic_lacks(town: Town) -> None:
    other = body(rules=OTHER)
    town.write(1, 20)
    judge = town.judge().start()
    town.flushed(20, judge)
    bring(town.kafka.address, PARTITIONS, other, 2, readings=town.topic("readings"), also=False)
    assert eventually(lambda: "has no catalogue" in judge.log, 20)
    assert eventually(lambda: "waits for catalogue" in str(judge.reports()[-1]["why"]), 10)
    town.write(2, 20)
    town.begin(other, 2)
    town.flushed(42, judge)
    town.same_as_undisturbed(other)


def test_a_broker_that_goes_and_comes_back(town: Town) -> None:
    """A kill -9 of the broker and 12 s without it: the same processes go on, and the log is not flooded."""
    judge, record = town.judge().start(), town.record().start()
    town.write(1, 30)
    town.flushed(30, judge)
    town.kafka.stop(signal.SIGKILL)
    time.sleep(12)
    town.kafka.start()
    town.write(2, 30)
    town.flushed(60, judge)
    town.stored(60, record)
    assert judge.alive and record.alive
    town.same_as_undisturbed()
    for worker in (judge, record):
        assert worker.log.count("Kafka does not answer") >= 1 and worker.log.count("Kafka answers again") >= 1
        loud = [line for line in worker.log.splitlines() if " ERROR " in line or " WARNING " in line]
        assert len(loud) < 200, len(loud)


def test_a_store_that_is_away_holds_nobody_up(town: Town, tmp_path: Path) -> None:
    """InfluxDB down while readings come: findings go on, and afterwards everything is stored; kill -9 of the recorder
    in between; counts exact."""
    with running(Influx) as influx:
        assert isinstance(influx, Influx)
        where = {"store_url": influx.store_url, "store_secret": influx.TOKEN}
        judge, record = town.judge().start(), town.record(**where).start()
        town.write(1, 40)
        town.stored(40, record, influx.store_url, influx.TOKEN)
        influx.stop()
        town.write(2, 40)
        town.flushed(80, judge)
        assert eventually(lambda: "StoreAway" in str(record.reports()[-1]["store"]), 20), record.log[-3000:]
        influx.start()
        town.stored(80, record, influx.store_url, influx.TOKEN)
        for seed in range(3, 8):
            town.write(seed, 40)
            time.sleep(random.Random(seed).uniform(0.2, 0.5))
            record.end(signal.SIGKILL)
            record.start()
        town.stored(280, record, influx.store_url, influx.TOKEN)
        want = town.same_as_undisturbed()
        store = open_store(influx.store_url, influx.TOKEN)
        assert {(s, m, ts): v for s, m, ts, v in store.scan(0, 1 << 45)} == want.readings | want.derived
        measured, made = split(store.positions())
        counted = [progress.counts for progress in measured.values()]
        assert sum(progress.counts.stored for progress in made.values()) == len(want.derived)
        assert sum(c.readings for c in counted) == want.total
        assert sum(c.stored for c in counted) == len(want.readings)
        assert sum(c.bad_frames for c in counted) == want.bad_frames
        store.close()
        assert record.end() == 0


def test_a_wrong_token_is_said_loudly_and_repaired(town: Town) -> None:
    with running(Influx) as influx:
        assert isinstance(influx, Influx)
        record = town.record(store_url=influx.store_url, store_secret="a-token-nobody-may-see").start()
        town.write(1, 10)
        assert eventually(lambda: "the store refuses everything" in record.log, 30), record.log[-3000:]
        assert "nobody-may-see" not in record.log and influx.TOKEN not in record.log
        assert record.alive
        asked = time.monotonic()
        assert record.end() == 0 and time.monotonic() - asked < 10  # it does not wait for the store
        again = town.record(store_url=influx.store_url, store_secret=influx.TOKEN).start()
        town.stored(10, again, influx.store_url, influx.TOKEN)


def test_what_influx_will_not_take_is_refused_and_the_rest_is_stored(town: Town) -> None:
    with running(Influx) as influx:
        assert isinstance(influx, Influx)
        names = sensors_of(0, PARTITIONS, 2)
        influx.query(f'DROP DATABASE "{influx.BUCKET}"')
        influx.query(f'CREATE DATABASE "{influx.BUCKET}" WITH DURATION 30d')
        now = int(time.time() * 1000)
        good, old = (names[0], "pm25", now, 5.0), (names[1], "pm25", START - 400 * 86_400_000, 6.0)
        town.put([(0, encode_frame(frame([good, old], now))), (1, b"poison")])
        record = town.record(store_url=influx.store_url, store_secret=influx.TOKEN).start()
        town.stored(1, record, influx.store_url, influx.TOKEN)
        store = open_store(influx.store_url, influx.TOKEN)
        assert list(store.scan(0, 1 << 45)) == [good]
        counts = store.positions()[0].counts
        assert (counts.readings, counts.stored, counts.rejected) == (2, 1, 1)
        store.close()
        refused = {
            each.headers["code"]: each for each in read_all(town.kafka.address, town.topic("refused"), PARTITIONS)
        }
        assert refused.keys() == {b"store_rejected", b"bad_frame"}
        assert refused[b"store_rejected"].key == old[0].encode()


def test_the_private_name_of_faust_is_still_there(town: Town) -> None:
    """`Host.commit` uses `consumer._commit`; every other test here would hang without it, this one says why."""
    from faust.transport.drivers.aiokafka import Consumer

    commit: Callable[..., Any] = Consumer._commit
    assert commit.__code__.co_varnames[:2] == ("self", "offsets")
