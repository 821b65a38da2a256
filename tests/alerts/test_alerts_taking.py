"""What comes from the topic of findings, good, bad and gone."""

from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, OperationalError

from alerts.checks import PoisonError, read_finding
from alerts.desk import Desk
from alerts.kafka import Record
from alerts.taking import Taker
from rules.finding import Finding, encode
from tests.support.alert_findings import finding

GOOD = finding(1)


def changed(**fields: object) -> bytes:
    return encode(msgspec.structs.replace(GOOD, **fields))


POISON = [
    None,
    b"",
    b"{}",
    b"null",
    b"[]",
    b"\xff\xfe",
    b'{"v":1',
    b"[" * 100_000,
    encode(GOOD).replace(b'"revision":1', b'"revision":"1"'),
    encode(GOOD).replace(b'"revision":1', b'"revision":' + b"9" * 400),
    encode(GOOD).replace(b'"value":260.0', b'"value":1e400'),
    encode(GOOD).replace(b'"text":"', b'"text":"\\ud800'),
    changed(v=2),
    changed(revision=0),
    changed(revision=2**40),
    changed(episode=""),
    changed(departments=()),
    changed(departments=("x",) * 65),
    changed(sensor="x" * 201),
    changed(departments=("x" * 201,)),
    changed(text="x" * 20_001),
    changed(text="a\0b"),
    changed(at=-1),
    changed(onset=10**17),
    changed(wall=10**17),
    encode(GOOD).replace(b'"change":"fired"', b'"change":"exploded"'),
]


@pytest.mark.parametrize("value", POISON)
def test_poison(value: bytes | None) -> None:
    with pytest.raises(PoisonError):
        read_finding(value)


def test_a_finding_is_read_whole() -> None:
    assert read_finding(encode(GOOD)) == GOOD


def test_poison_is_set_aside_and_the_rest_is_taken(tmp_path: Path) -> None:
    desk = Desk(f"sqlite:///{tmp_path}/a.db")
    taker = Taker(desk, "findings")
    values = [*POISON, encode(GOOD), *POISON, encode(finding(2, "cleared"))]
    records = [Record(0, offset, value) for offset, value in enumerate(values)]
    taker.take(records)
    assert (taker.changed, taker.poison, taker.expired) == (2, 2 * len(POISON), 0)
    assert desk.poison_count() == 2 * len(POISON)
    assert desk.counts()["resolved"] == 1
    # after a crash before Kafka heard of it, the same records come again
    again = Taker(desk, "findings")
    assert again.positions == {0: len(values)}
    again.take(records)
    assert desk.poison_count() == 2 * len(POISON)
    assert (again.changed, again.seen) == (0, 2)


def test_a_finding_that_the_database_will_not_have_is_set_aside_alone(tmp_path: Path) -> None:
    class Picky(Desk):
        def take(self, findings, positions=None, poison=()):  # type: ignore[no-untyped-def]
            if any(each.sensor == "air-2" for each in findings):
                raise DataError("", {}, Exception("will not have it"))
            return super().take(findings, positions, poison)

    desk = Picky(f"sqlite:///{tmp_path}/a.db")
    taker = Taker(desk, "findings")
    findings: list[Finding] = [finding(1, sensor=f"air-{number}") for number in (1, 2, 3)]
    taker.take([Record(3, offset, encode(each)) for offset, each in enumerate(findings, start=10)])
    assert sorted(alert.sensor for alert in desk.alerts()) == ["air-1", "air-3"]
    assert (taker.changed, taker.poison, taker.positions) == (2, 1, {3: 13})
    assert desk.positions("findings") == {3: 13}


def test_while_the_database_is_away_nothing_is_lost(tmp_path: Path) -> None:
    class Away(Desk):
        away = 2

        def take(self, findings, positions=None, poison=()):  # type: ignore[no-untyped-def]
            if self.away:
                self.away -= 1
                raise OperationalError("", {}, Exception("disk is full"))
            return super().take(findings, positions, poison)

    desk = Away(f"sqlite:///{tmp_path}/a.db")
    taker = Taker(desk, "findings")
    records = [Record(0, 0, encode(GOOD))]
    for _ in range(2):
        with pytest.raises(OperationalError):
            taker.take(records)
    assert taker.positions == {}
    taker.take(records)
    assert (taker.changed, taker.poison, taker.positions) == (1, 0, {0: 1})


def test_a_full_disk_stops_the_taking_and_nothing_is_lost_or_torn(tmp_path: Path) -> None:
    desk = Desk(f"sqlite:///{tmp_path}/a.db")
    taker = Taker(desk, "findings")
    taker.take([Record(0, 0, encode(GOOD))])

    def limit(pages: int) -> None:
        with desk.database.read() as session:  # the pool has one connection, and hands it out again
            session.execute(text(f"PRAGMA max_page_count = {pages}"))

    limit(1)
    more = [Record(0, offset, encode(finding(1, sensor=f"more-{offset}", text="x" * 9000))) for offset in range(1, 9)]
    with pytest.raises(OperationalError, match="full"):
        taker.take(more)
    assert (desk.counts()["open"], desk.positions("findings"), desk.poison_count()) == (1, {0: 1}, 0)
    limit(2**30)
    taker.take(more)
    assert (desk.counts()["open"], desk.positions("findings")) == (9, {0: 9})


def test_records_deleted_before_they_were_read_are_counted(tmp_path: Path) -> None:
    taker = Taker(Desk(f"sqlite:///{tmp_path}/a.db"), "findings")
    taker.take([Record(0, 50, encode(finding(1)))])  # the first sight of a partition: nothing is missed
    assert taker.expired == 0
    taker.take([Record(0, 51, encode(finding(2, "changed"))), Record(0, 61, encode(finding(3, "cleared")))])
    assert (taker.expired, taker.positions) == (9, {0: 62})
