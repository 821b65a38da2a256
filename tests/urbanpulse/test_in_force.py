"""A catalogue comes into force: what is durable before what, front doors that race, texts that are let go."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.body import Body, sensors_of
from rules.frame import FrameReader
from rules.shelf import Claim, Shelf, claim_record
from tests.support.embedded import embedded_kafka
from urbanpulse.following import Following
from urbanpulse.in_force import NEEDED, Switched, bring, bring_into_force, catalogue_of, read_shelf
from urbanpulse.kafka import Reader, create_topics
from urbanpulse.trouble import TroubleError

PARTITIONS = 3
HEAD = "id,kind,department,district,lat,lon,metrics,interval\n"


def body(name: str) -> Body:
    rule = f"rules:\n- {{name: {name}, kind: threshold, metric: pm25, above: {{red: 10}}}}\n"
    return Body(files={"sensors.csv": f"{HEAD}{name},air,env,north,48,2,pm25,60s\n", "rules/a.yaml": rule})


A, B, C = map(body, "abc")
Sent = tuple[int, bytes | None, bytes | None]


class Topics:
    """The log in memory. `before` is called before each send of something to `catalogue`."""

    def __init__(self) -> None:
        self.catalogue: list[Sent] = []
        self.switches: list[list[tuple[str, int]]] = [[] for _ in range(PARTITIONS)]
        self.story: list[str] = []
        self.meanwhile: list[list[Sent]] = []

    def read(self) -> Shelf:
        shelf = Shelf()
        for _, key, value in self.catalogue:
            shelf.take(key, value)
        return shelf

    def send(self, topic: str, records: list[Sent]) -> None:
        if topic == "catalogue":
            for each in records:
                key = each[1] or b""
                if key.startswith(b"s") and self.meanwhile:
                    self.catalogue += self.meanwhile.pop(0)
                self.story.append("claim" if key.startswith(b"s") else "body" if each[2] is not None else "forgotten")
            self.catalogue += records
            return
        for partition, _, value in records:
            frame = FrameReader(partition, PARTITIONS).read(value)
            self.switches[partition].append((frame.catalogue, frame.serial))
        self.story += ["switch"] * bool(records)

    def bring(self, one: Body, wall: int = 0) -> Switched:
        return bring(one, PARTITIONS, self.read(), self.read, self.send, wall)


def in_force(switches: list[tuple[str, int]]) -> str:
    """What an engine judges by that has read these."""
    name, newest = "", 0
    for catalogue, serial in switches:
        if serial > newest:
            name, newest = catalogue, serial
    return name


def test_the_text_is_durable_before_the_claim_and_the_claim_before_the_switch() -> None:
    topics = Topics()
    found = topics.bring(A, 7)
    assert found == Switched(Claim(1, 1, A.hash, 7), None, True)
    assert topics.story == ["body", "claim", "switch"]
    assert topics.switches == [[(A.hash, 1)]] * PARTITIONS


def test_what_is_in_force_is_said_again_and_takes_no_new_number() -> None:
    topics = Topics()
    topics.bring(A)
    assert topics.bring(A) == Switched(Claim(1, 1, A.hash, 0), Claim(1, 1, A.hash, 0), False)
    assert topics.switches == [[(A.hash, 1)] * 2] * PARTITIONS
    assert topics.bring(B).now.serial == 2
    assert topics.bring(A).now.serial == 3
    assert [in_force(each) for each in topics.switches] == [A.hash] * PARTITIONS


def test_a_front_door_that_died_after_its_claim_is_finished_by_the_next() -> None:
    topics = Topics()
    topics.bring(A)
    topics.catalogue += [(0, *claim_record(Claim(1, 2, B.hash, 0)))]
    assert topics.bring(B).fresh is False
    assert topics.read().body(B.hash) is not None
    assert [in_force(each) for each in topics.switches] == [B.hash] * PARTITIONS


def test_who_loses_the_race_takes_the_next_number() -> None:
    topics = Topics()
    topics.bring(A)
    topics.meanwhile = [[(0, *claim_record(Claim(1, 2, C.hash, 0)))]]
    found = topics.bring(B)
    assert (found.now.serial, found.now.catalogue) == (3, B.hash)
    assert found.before == Claim(1, 2, C.hash, 0)
    assert [switches[-1] for switches in topics.switches] == [(B.hash, 3)] * PARTITIONS


def test_two_with_the_same_files_share_a_number() -> None:
    topics = Topics()
    topics.meanwhile = [[(0, *claim_record(Claim(1, 1, A.hash, 0)))]]
    assert topics.bring(A).now.serial == 1
    assert topics.switches == [[(A.hash, 1)]] * PARTITIONS


def test_who_loses_for_ever_gives_up_with_a_word() -> None:
    topics = Topics()
    topics.meanwhile = [[(0, *claim_record(Claim(1, n, C.hash, 0)))] for n in range(1, 99)]
    with pytest.raises(TroubleError, match="another front door"):
        topics.bring(A)


def test_a_text_that_nobody_needs_any_more_is_let_go() -> None:
    topics = Topics()
    topics.bring(A, 0)
    topics.bring(B, 10)
    topics.bring(C, NEEDED + 10)
    assert topics.read().body(A.hash) is not None
    topics.bring(B, NEEDED + 11)
    assert topics.read().body(A.hash) is None
    assert topics.read().body(B.hash) is not None
    assert topics.read().body(C.hash) is not None


class DiedError(Exception):
    """A front door that was killed between two sends."""


@given(
    moment=st.integers(0, 6),
    dies=st.integers(1, 9),
    partial=st.integers(0, PARTITIONS),
    other=st.sampled_from([A, B]),
    first=st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_whoever_writes_when_all_partitions_end_with_the_same(
    moment: int, dies: int, partial: int, other: Body, first: bool
) -> None:
    """While one front door is about to send for the `moment`-th time a second one does all of its work, or dies at its
    send number `dies`, with its switch in some of the partitions only; then the first one goes on."""
    topics, sends = Topics(), 0

    def second(topic: str, records: list[Sent]) -> None:
        nonlocal sends
        sends += 1
        if sends == dies:
            topics.send(topic, records[:partial] if topic == "readings" else [])
            raise DiedError
        topics.send(topic, records)

    def interrupted(topic: str, records: list[Sent]) -> None:
        nonlocal moment
        moment -= 1
        if moment == 0:
            with contextlib.suppress(DiedError):
                bring(other, PARTITIONS, topics.read(), topics.read, second, 0)
        topics.send(topic, records)

    if first:
        topics.bring(C)
    bring(A, PARTITIONS, topics.read(), topics.read, interrupted, 0)
    by_serial: dict[int, set[str]] = {}
    for each in topics.switches:
        for name, serial in each:
            by_serial.setdefault(serial, set()).add(name)
    assert all(len(names) == 1 for names in by_serial.values())
    current = topics.read().current
    assert current is not None
    last = A if current.catalogue == A.hash else other
    topics.bring(last)  # whoever comes next finishes what is in force by the topic
    assert {in_force(each) for each in topics.switches} == {last.hash}


@pytest.fixture
def kafka(tmp_path: Path) -> Iterator[str]:
    with embedded_kafka(tmp_path) as address:
        create_topics(address, PARTITIONS)
        yield address


def test_over_kafka_and_followed(kafka: str) -> None:
    heard: list[list[str]] = []
    come = threading.Semaphore(0)

    def take(one: Body) -> None:
        heard.append([*sensors_of(one)])
        come.release()

    following = Following(kafka, take, PARTITIONS).start()
    assert not following.wait(0.2)
    found, shelf = bring_into_force(kafka, PARTITIONS, A, empty=True)
    assert (found.now.serial, found.before, shelf.current) == (1, None, None)
    assert following.wait(10)
    assert come.acquire(timeout=10)
    broken = Body(files={"rules/a.yaml": "nonsense"})
    assert bring_into_force(kafka, PARTITIONS, broken)[0].now.serial == 2
    found, shelf = bring_into_force(kafka, PARTITIONS, B)
    assert (found.now.serial, found.fresh) == (3, True)
    assert come.acquire(timeout=10)
    assert heard == [["a"], ["b"]]  # what cannot be read is passed over, with a word in the log
    with Reader(kafka) as reader:
        shelf = read_shelf(reader)
        assert shelf.current is not None and shelf.current.catalogue == B.hash
        assert [rule.name for rule in catalogue_of(shelf, B.hash).rules] == ["b"]  # type: ignore[union-attr]
        assert catalogue_of(shelf, "0" * 32) is None
        told = [FrameReader(each.partition, PARTITIONS).read(each.value) for each in reader.read("readings")]
    assert sorted(frame.serial for frame in told) == [1] * 3 + [2] * 3 + [3] * 3
    following.stop()


def test_the_switch_in_force_is_said_again(kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urbanpulse.following.REPEAT", 0.5)
    bring_into_force(kafka, PARTITIONS, A, empty=True)
    bring_into_force(kafka, PARTITIONS, B)
    with Reader(kafka) as reader:
        before = reader.ends("readings")
        following = Following(kafka, lambda one: None, PARTITIONS)
        following.start()
        assert following.wait(10)
        for _ in range(100):
            if all(end > before[number] for number, end in reader.ends("readings").items()):
                break
            threading.Event().wait(0.1)
        again = [FrameReader(each.partition, PARTITIONS).read(each.value) for each in reader.read("readings", before)]
    assert {(frame.catalogue, frame.serial) for frame in again} == {(B.hash, 2)}
    following.stop()
