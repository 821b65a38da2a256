"""The outbox by a hand clock, on SQLite; the same on PostgreSQL in the connected tests."""

from collections.abc import Iterator

import pytest

from alerts.channels.port import DeliveryError, Reason
from alerts.desk import Desk
from alerts.outbox import LEASE_MS, Claim, Outbox, Outcome
from alerts.schedule import DELAYS, HOUR, LONGEST, MINUTE, SECOND
from tests.support.alert_findings import department, finding, webhook

HOOK = "environment/webhook"
ROOM = {HOOK: 10}
DOWN = DeliveryError(Reason.SERVER, "answered 503")
GONE = DeliveryError(Reason.GONE, "answered 410")


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    opened = Desk(database_url, department(hook=webhook("http://127.0.0.1:9/")), clock=lambda: 0)
    yield opened
    opened.close()


@pytest.fixture
def outbox(desk: Desk) -> Outbox:
    return Outbox(desk.database, "one")


def revisions(claims: list[Claim]) -> list[int]:
    return [int(claim.message.id.rpartition("-")[2]) for claim in claims]


def test_a_sent_message_is_claimed_no_more(desk: Desk, outbox: Outbox) -> None:
    desk.take([finding(1, wall=7)])
    (claim,) = outbox.claim(0, ROOM)
    assert (claim.attempts, claim.finding_wall, claim.channel) == (0, 7, "webhook")
    outbox.settle([Outcome(claim, 5)])
    assert outbox.claim(10**15, ROOM) == []
    assert desk.deliveries() == {"sent": 1, "waiting": 0, "held": 0, "failed": 0}
    (delivery,) = desk.alert(claim.message.id.partition("-")[0]).deliveries  # type: ignore[union-attr]
    assert (delivery.state, delivery.attempts, delivery.done_wall) == ("sent", 1, 5)


def test_ten_attempts_by_the_schedule_and_then_it_is_given_up(desk: Desk, outbox: Outbox) -> None:
    desk.take([finding(1)])
    now, tried, ids = 0, [], set()
    for _ in range(10):
        assert outbox.claim(now - 1, ROOM) == []
        (claim,) = outbox.claim(now, ROOM)
        tried.append(now)
        ids.add((claim.message.id, claim.message.body))
        outbox.settle([Outcome(claim, now, DOWN, 0.0)])
        now += DELAYS[claim.attempts + 1] if claim.attempts < 9 else 0
    assert tried[-1] == 75 * HOUR + 35 * MINUTE + 5 * SECOND
    assert len(ids) == 1
    assert outbox.claim(10**15, ROOM) == []
    assert desk.deliveries() == {"sent": 0, "waiting": 0, "held": 0, "failed": 1}


def test_a_receiver_may_ask_for_more_time_within_bounds(desk: Desk, outbox: Outbox) -> None:
    desk.take([finding(1)])
    (claim,) = outbox.claim(0, ROOM)
    outbox.settle([Outcome(claim, 0, DeliveryError(Reason.THROTTLED, "429", retry_after=MINUTE), 0.5)])
    assert outbox.claim(MINUTE - 1, ROOM) == []
    (claim,) = outbox.claim(MINUTE, ROOM)
    outbox.settle([Outcome(claim, MINUTE, DeliveryError(Reason.THROTTLED, "429", retry_after=10**18), 0.5)])
    assert outbox.claim(MINUTE + LONGEST - 1, ROOM) == []
    assert len(outbox.claim(MINUTE + LONGEST, ROOM)) == 1


def test_revisions_of_an_alert_keep_their_order(desk: Desk, outbox: Outbox) -> None:
    desk.take([finding(1), finding(2, "changed", "orange"), finding(3, "cleared")])
    (first,) = outbox.claim(0, ROOM)
    assert revisions([first]) == [1]
    assert outbox.claim(0, ROOM) == []  # the first is on its way
    outbox.settle([Outcome(first, 0, DOWN, 0.0)])
    assert outbox.claim(1, ROOM) == []  # the first is waiting for its second attempt
    (first,) = outbox.claim(5_000, ROOM)
    outbox.settle([Outcome(first, 5_001)])
    (second,) = outbox.claim(5_001, ROOM)
    assert revisions([second]) == [2]


def test_what_was_given_up_holds_up_nothing(desk: Desk, outbox: Outbox) -> None:
    desk.take([finding(1), finding(2, "cleared")])
    now = 0
    for attempt in range(10):
        now += DELAYS[attempt]
        (claim,) = outbox.claim(now, ROOM)
        assert revisions([claim]) == [1]
        outbox.settle([Outcome(claim, now, DOWN, 0.0)])
    assert revisions(outbox.claim(now, ROOM)) == [2]


def test_other_alerts_do_not_wait_for_one_another(desk: Desk, outbox: Outbox) -> None:
    desk.take([finding(1, sensor=f"air-{number}") for number in range(5)])
    first = outbox.claim(0, {HOOK: 3})
    assert len(first) == 3
    assert len(outbox.claim(0, ROOM)) == 2
    assert outbox.claim(0, {"somewhere/else": 5}) == []
    assert outbox.claim(0, {HOOK: 0}) == []


def test_an_endpoint_that_is_gone_is_switched_off_until_a_person_enables_it(desk: Desk, outbox: Outbox) -> None:
    desk.take([finding(1), finding(1, sensor="air-2")])
    claim, other = outbox.claim(0, ROOM)
    outbox.settle([Outcome(claim, 0, GONE, 0.0)])
    outbox.settle([Outcome(other, 0, DOWN, 0.0)])
    desk.take([finding(1, sensor="air-3")])
    assert outbox.claim(10**12, ROOM) == []
    assert desk.disabled() == {HOOK: "answered 410"}
    assert desk.deliveries() == {"sent": 0, "waiting": 0, "held": 3, "failed": 0}
    detail = desk.alert(claim.message.id.partition("-")[0])
    assert detail is not None
    assert detail.deliveries[0].held
    assert desk.enable(HOOK)
    assert not desk.enable(HOOK)
    assert [each.attempts for each in outbox.claim(0, ROOM)] == [0, 0, 0]
    assert desk.disabled() == {}


def test_two_dispatchers_never_hold_the_same_message(desk: Desk, outbox: Outbox) -> None:
    two = Outbox(desk.database, "two")
    desk.take([finding(1, sensor=f"air-{number}") for number in range(6)])
    ours, theirs = outbox.claim(0, {HOOK: 4}), two.claim(0, {HOOK: 4})
    assert (len(ours), len(theirs)) == (4, 2)
    assert not {claim.message.id for claim in ours} & {claim.message.id for claim in theirs}


def test_a_lease_ends_and_its_late_owner_spoils_nothing(desk: Desk, outbox: Outbox) -> None:
    two = Outbox(desk.database, "two")
    desk.take([finding(1)])
    (late,) = outbox.claim(0, ROOM)
    assert two.claim(LEASE_MS - 1, ROOM) == []
    (taken_over,) = two.claim(LEASE_MS, ROOM)
    assert taken_over.message == late.message
    outbox.settle([Outcome(late, LEASE_MS, DOWN, 0.0)])  # it no longer owns the message
    assert two.claim(LEASE_MS + 10_000, ROOM) == []
    outbox.settle([Outcome(late, LEASE_MS)])  # but what arrived has arrived
    two.settle([Outcome(taken_over, LEASE_MS, DOWN, 0.0)])
    assert desk.deliveries()["sent"] == 1


def test_a_dispatcher_that_comes_back_has_its_leases_again(desk: Desk, outbox: Outbox) -> None:
    desk.take([finding(1), finding(1, sensor="air-2")])
    outbox.claim(0, {HOOK: 1})
    Outbox(desk.database, "two").claim(0, {HOOK: 1})
    outbox.release()
    assert len(outbox.claim(0, ROOM)) == 1


def test_what_waits_for_a_removed_endpoint_is_given_up(desk: Desk, outbox: Outbox) -> None:
    desk.take([finding(1)])
    assert outbox.drop_removed([HOOK], 5) == 0
    assert outbox.drop_removed([], 5) == 1
    assert desk.deliveries()["failed"] == 1
    assert desk.retry_failed(HOOK) == 1
    assert len(outbox.claim(6, ROOM)) == 1
