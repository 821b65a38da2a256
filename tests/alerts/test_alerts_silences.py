"""Silences of the desk: what a department is not told, what it hears afterwards, and that nothing is lost by one.

silence          |--------------|
found        F   C   F    C     C
told         F                  C        it knew: it hears how the alert stands
found                F    C              fired and over while it was silent: nothing to hear
found                F                   F (as fired, at the severity it has by then)
"""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.desk import Desk
from alerts.outbox import Outbox
from alerts.silences import Silence, UnknownSilenceError, scope
from alerts.tables import AlertRow, OutboxRow
from rules.finding import Finding
from tests.support.alert_findings import department, finding, log_channel, webhook

HOUR = 3_600_000
NIGHT = Silence(rule="smog-pm25", begins=0, ends=HOUR, by="li", because="the filter is being changed")


class Clock:
    def __init__(self) -> None:
        self.now = 1_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(database_url: str, clock: Clock) -> Iterator[Desk]:
    opened = Desk(database_url, department(hook=webhook("http://127.0.0.1:9/"), log=log_channel()), clock=clock)
    yield opened
    opened.close()


def told(desk: Desk, endpoint: str = "environment/webhook") -> list[int]:
    """The revisions that the department is owed."""
    with desk.database.read() as session:
        rows = session.query(OutboxRow).filter(OutboxRow.endpoint == endpoint).order_by(OutboxRow.revision).all()
        return [row.revision for row in rows]


def text_of(desk: Desk, revision: int) -> str:
    with desk.database.read() as session:
        row = session.query(OutboxRow).filter(OutboxRow.revision == revision).first()
        assert row is not None
        return row.body.decode()


def history(desk: Desk, number: int = 0) -> list[str]:
    detail = desk.alert(desk.alerts()[number].id)
    assert detail is not None
    return [each.what for each in detail.history]


def test_what_is_silenced_is_on_the_board_and_told_to_nobody(desk: Desk) -> None:
    made = desk.silence(NIGHT)
    assert (made.id, made.begins, scope(made)) == (1, 1_000, "rule smog-pm25")
    assert desk.take([finding(1)]) == (1, 0, 0)
    (alert,) = desk.alerts("open")
    assert (alert.silenced_until, told(desk), history(desk)) == (HOUR, [], ["fired", "silenced"])
    detail = desk.alert(alert.id)
    assert detail is not None
    assert detail.history[-1].note == "the filter is being changed (li, silence 1)"
    assert desk.take([finding(2, "changed", "orange", "red")]) == (1, 0, 0)
    assert history(desk) == ["fired", "silenced", "changed"], "silenced is said once"


def test_when_it_ends_they_hear_how_it_stands(desk: Desk, clock: Clock) -> None:
    desk.silence(NIGHT)
    desk.take([finding(1, severity="yellow"), finding(2, "changed", "red", "yellow")])
    clock.now = HOUR - 1
    assert desk.lift() == 0
    clock.now = HOUR
    assert desk.lift() == 2  # two channels
    assert told(desk) == [2] and '"change":"fired"' in text_of(desk, 2), "for the department it begins here"
    [claim] = Outbox(desk.database, "me").claim(clock.now, {"environment/webhook": 9})
    assert claim.finding_wall == HOUR, "nobody was slow"
    assert desk.lift() == 0
    (alert,) = desk.alerts()
    assert alert.silenced_until is None and history(desk)[-1] == "heard again"
    desk.take([finding(3, "cleared", was="red")])
    assert told(desk) == [2, 3]


def test_what_was_over_by_then_is_told_to_who_knew_of_it_only(desk: Desk, clock: Clock) -> None:
    desk.take([finding(1)])
    desk.silence(NIGHT)
    desk.take([finding(2, "cleared", was="red")])
    desk.take([finding(1, onset=9_000), finding(2, "cleared", was="red", onset=9_000)])
    assert told(desk) == [1]
    clock.now = HOUR
    assert desk.lift() == 2
    assert told(desk) == [1, 2]
    desk.take([finding(3, "withdrawn", "", "red", onset=9_000)])
    assert told(desk) == [1, 2], "what it never heard of is not taken back either"
    desk.take([finding(4, "fired", "red", onset=9_000)])
    assert told(desk) == [1, 2, 4]


def test_a_finding_that_comes_after_the_end_tells_at_once(desk: Desk, clock: Clock) -> None:
    desk.silence(NIGHT)
    desk.take([finding(1)])
    clock.now = HOUR
    assert desk.take([finding(2, "changed", "orange", "red")]).messages == 2
    assert told(desk) == [2] and '"change":"fired"' in text_of(desk, 2)
    assert desk.lift() == 0


def test_somebody_may_end_it_early_and_it_says_who(desk: Desk, clock: Clock) -> None:
    number = desk.silence(NIGHT).id
    desk.take([finding(1)])
    clock.now = 5_000
    ended = desk.end_silence(number, " wu ")
    assert (ended.ends, ended.ended_by) == (5_000, "wu")
    assert desk.lift() == 2 and told(desk) == [1]
    assert desk.silences(clock.now) == [] and desk.silences(clock.now, ended=True) == [ended]
    for wrong in (number, 99):
        with pytest.raises(UnknownSilenceError):
            desk.end_silence(wrong, "wu")
    with pytest.raises(ValueError):
        desk.end_silence(desk.silence(NIGHT).id, " ")


def test_of_two_the_longer_one_counts(desk: Desk, clock: Clock) -> None:
    desk.silence(NIGHT)
    longer = desk.silence(Silence(district="north", begins=0, ends=2 * HOUR, by="wu", because="a festival"))
    assert [each.id for each in desk.silences(clock.now)] == [longer.id, 1]
    desk.take([finding(1)])
    assert desk.alerts()[0].silenced_until == 2 * HOUR
    desk.end_silence(longer.id, "wu")
    assert desk.lift() == 0
    assert desk.alerts()[0].silenced_until == HOUR, "the other one still holds"
    clock.now = HOUR
    assert desk.lift() == 2


def test_one_that_begins_later_lets_through_what_comes_before(desk: Desk, clock: Clock) -> None:
    desk.silence(Silence(rule="smog-pm25", begins=HOUR, ends=2 * HOUR, by="li", because="the filter is being changed"))
    desk.take([finding(1)])
    assert told(desk) == [1]
    clock.now = HOUR
    desk.take([finding(2, "changed", "orange", "red")])
    assert told(desk) == [1]


@pytest.mark.parametrize(
    ("names", "covered"),
    [
        ({"rule": "smog-pm25"}, True), ({"rule": "smog"}, False), ({"sensor": "air-1"}, True),
        ({"sensor": "air-2"}, False),
        ({"district": "north"}, True), ({"district": "south"}, False), ({"department": "environment"}, True),
        ({"department": "fire"}, False), ({"rule": "smog-pm25", "sensor": "air-2"}, False),
        ({"rule": "smog-pm25", "sensor": "air-1", "district": "north", "department": "environment"}, True),
    ],
)  # fmt: skip
def test_all_that_is_named_must_match(desk: Desk, names: dict[str, str], covered: bool) -> None:
    desk.silence(Silence(**names, begins=0, ends=HOUR, by="li", because="a test"))
    desk.take([finding(1)])
    assert (told(desk) == []) == covered


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rule": " "}, "names a rule, a sensor, a district or a department"),
        ({"by": ""}, "somebody who answers for it"),
        ({"because": "\n"}, "and a reason"),
        ({"because": "x" * 501}, "500 characters at most"),
        ({"rule": "x" * 201}, "a name has 200 characters at most"),
        ({"ends": 1_000}, "and in the future"),
        ({"begins": HOUR}, "ends after it begins"),
        ({"ends": 31 * 24 * HOUR}, "30 days at most; what is never to be told is left out of `notify`"),
    ],
)
def test_a_silence_without_an_end_a_name_or_a_reason_is_refused(
    desk: Desk, change: dict[str, object], words: str
) -> None:
    given_: dict[str, object] = {"rule": "smog-pm25", "begins": 0, "ends": HOUR, "by": "li", "because": "a test"}
    with pytest.raises(ValueError, match=words):
        desk.silence(Silence(**(given_ | change)))  # type: ignore[arg-type]
    assert desk.silences(0) == []


def test_more_than_one_batch_is_lifted(desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerts.desk.LIFTED", 2)
    desk.silence(NIGHT)
    desk.take([finding(1, onset=number) for number in range(5)])
    clock.now = HOUR
    assert [desk.lift() for _ in range(4)] == [4, 4, 2, 0]


def test_what_is_in_the_outbox_already_is_sent(desk: Desk, clock: Clock) -> None:
    desk.take([finding(1)])
    desk.silence(NIGHT)
    assert len(Outbox(desk.database, "me").claim(clock.now, {"environment/webhook": 9})) == 1


LIFE = [
    finding(1, severity="yellow"), finding(2, "changed", "red", "yellow"), finding(3, "cleared", was="red"),
    finding(4, "fired", "red"), finding(5, "cleared", was="red"),
]  # fmt: skip


@given(
    steps=st.lists(st.sampled_from(["take", "take", "again", "silence", "end", "later", "lift"]), max_size=25),
    data=st.data(),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_in_the_end_who_was_told_knows_how_it_stands(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str], data: st.DataObject
) -> None:
    clock, taken = Clock(), list[Finding]()
    folder = tmp_path_factory.mktemp("desk")
    desk = Desk(f"sqlite:///{folder}/a.db", department(hook=webhook("http://127.0.0.1:9/")), clock=clock)
    for step in steps:
        if step == "take" and len(taken) < len(LIFE):
            taken.append(LIFE[len(taken)])
            desk.take(taken[-1:])
        elif step == "again" and taken:
            desk.take([data.draw(st.sampled_from(taken))])
        elif step == "silence":
            desk.silence(Silence(sensor="air-1", begins=0, ends=clock.now + HOUR, by="li", because="a test"))
        elif step == "end" and (standing := desk.silences(clock.now)):
            desk.end_silence(data.draw(st.sampled_from(standing)).id, "wu")
        elif step == "later":
            clock.now += data.draw(st.sampled_from([HOUR // 3, HOUR]))
        elif step == "lift":
            desk.lift()
    clock.now += 2 * HOUR
    desk.lift()
    if taken:
        heard, newest = told(desk), taken[-1]
        if newest.severity:
            assert heard and heard[-1] == newest.revision, "it is on, so the department knows"
        elif heard:
            assert heard[-1] == newest.revision, "it heard of it, so it hears the end"
        with desk.database.read() as session:
            assert all(row.silenced_until is None for row in session.query(AlertRow))
    desk.close()
