"""The desk on SQLite; the same tests on PostgreSQL are connected ones."""

import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.alert import AlreadyResolvedError
from alerts.desk import Desk, Poison, UnknownAlertError
from alerts.tables import OutboxRow
from rules.finding import Change, Finding
from tests.support.alert_findings import department, finding, log_channel, webhook

HOOK, LOG = webhook("http://127.0.0.1:9/"), log_channel(severities=("orange",))


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    opened = Desk(database_url, department(hook=HOOK, log=LOG), clock=lambda: 1_000)
    yield opened
    opened.close()


def outbox(desk: Desk) -> list[tuple[str, str, int]]:
    with desk.database.read() as session:
        rows = session.query(OutboxRow).order_by(OutboxRow.endpoint, OutboxRow.revision).all()
        return [(row.endpoint, row.message, row.revision) for row in rows]


def test_a_finding_opens_an_alert_and_owes_a_message(desk: Desk) -> None:
    assert desk.take([finding(1)]) == (1, 0, 1)
    (alert,) = desk.alerts()
    assert (alert.state, alert.severity, alert.value, alert.limit, alert.rule) == (
        "open",
        "red",
        260.0,
        250.0,
        "smog-pm25",
    )
    assert (alert.evidence.partition, alert.evidence.last, alert.opened_wall) == (0, 11, 1_000)
    assert outbox(desk) == [("environment/webhook", f"{alert.id}-1", 1)]
    assert desk.counts() == {"open": 1, "acknowledged": 0, "resolved": 0}
    assert desk.deliveries() == {"sent": 0, "waiting": 1, "held": 0, "failed": 0}


def test_a_department_that_joins_later_gets_an_alert_of_its_own(desk: Desk) -> None:
    desk.take(
        [finding(1, severity="yellow"), finding(2, "changed", "red", "yellow", departments=("environment", "fire"))]
    )
    first, second = sorted(desk.alerts(), key=lambda each: each.department)
    assert (first.department, second.department) == ("environment", "fire")
    assert first.id != second.id
    heard = {}
    for alert in (first, second):
        detail = desk.alert(alert.id)
        assert detail is not None
        heard[alert.department] = [(each.what, each.severity) for each in detail.history]
    assert heard == {"environment": [("fired", "yellow"), ("changed", "red")], "fire": [("fired", "red")]}
    desk.take([finding(3, "cleared", was="red", departments=("environment", "fire"))])
    assert {each.state for each in desk.alerts()} == {"resolved"}


def test_a_whole_life(desk: Desk) -> None:
    desk.take([finding(1)])
    (alert,) = desk.alerts("open")
    acknowledged = desk.acknowledge(alert.id, " li ", 2_000, "on my way")
    assert (acknowledged.state, acknowledged.acknowledged_by, acknowledged.acknowledged_wall, acknowledged.note) == (
        "acknowledged",
        "li",
        2_000,
        "on my way",
    )
    desk.take([finding(2, "changed", "orange", "red"), finding(3, "cleared", was="orange")])
    detail = desk.alert(alert.id)
    assert detail is not None
    assert [(each.what, each.state, each.revision, each.by) for each in detail.history] == [
        ("fired", "open", 1, None),
        ("acknowledged", "acknowledged", 1, "li"),
        ("changed", "acknowledged", 2, None),
        ("cleared", "resolved", 3, None),
    ]
    assert (detail.alert.state, detail.alert.acknowledged_by) == ("resolved", "li")
    # the log channel wanted orange: it hears of orange, and then the end
    assert [(endpoint, revision) for endpoint, _, revision in outbox(desk)] == [
        ("environment/log", 2),
        ("environment/log", 3),
        ("environment/webhook", 1),
        ("environment/webhook", 2),
        ("environment/webhook", 3),
    ]
    assert [each.state for each in detail.deliveries] == ["waiting"] * 5


def test_findings_taken_again_change_nothing(desk: Desk) -> None:
    findings = [finding(1), finding(2, "changed", "orange", "red"), finding(3, "cleared")]
    desk.take(findings)
    before = (desk.alerts(), outbox(desk), desk.last_change())
    assert desk.take(findings) == (0, 3, 0)
    assert desk.take([*findings[:2], *findings[:2]]) == (0, 4, 0)
    assert (desk.alerts(), outbox(desk), desk.last_change()) == before


def test_one_alert_for_each_department_and_none_lost_for_an_unknown_one(desk: Desk) -> None:
    desk.take([finding(1, departments=("environment", "health", "environment"))])
    assert sorted(alert.department for alert in desk.alerts()) == ["environment", "health"]
    assert [endpoint for endpoint, _, _ in outbox(desk)] == ["environment/webhook"]


def test_an_alert_comes_back(desk: Desk) -> None:
    desk.take([finding(1)])
    (alert,) = desk.alerts()
    desk.acknowledge(alert.id, "li")
    desk.take([finding(2, "cleared"), finding(3, "changed", "red")])
    detail = desk.alert(alert.id)
    assert detail is not None
    assert (detail.alert.state, detail.alert.acknowledged_by) == ("open", None)
    assert detail.history[-1].what == "reopened"


def test_acknowledging_twice_is_once_and_a_resolved_alert_refuses(desk: Desk) -> None:
    desk.take([finding(1)])
    (alert,) = desk.alerts()
    first = desk.acknowledge(alert.id, "li", 2_000)
    again = desk.acknowledge(alert.id, "wang", 3_000)
    assert again == first
    desk.take([finding(2, "cleared")])
    with pytest.raises(AlreadyResolvedError, match=f"alert {alert.id} is resolved"):
        desk.acknowledge(alert.id, "li")
    with pytest.raises(UnknownAlertError):
        desk.acknowledge("0" * 32, "li")
    for name, note in [("", ""), ("  ", ""), ("x" * 201, ""), ("li", "x" * 2001)]:
        with pytest.raises(ValueError, match="characters"):
            desk.acknowledge(alert.id, name, note=note)


def test_filters_and_order(desk: Desk) -> None:
    desk.take([finding(1, sensor=f"air-{number}", onset=number * 1000) for number in range(5)])
    desk.take([finding(2, "cleared", sensor="air-3", onset=3000)])
    assert [alert.sensor for alert in desk.alerts("open")] == ["air-4", "air-2", "air-1", "air-0"]
    assert [alert.sensor for alert in desk.alerts("open", limit=2, offset=1)] == ["air-2", "air-1"]
    assert [alert.sensor for alert in desk.alerts(sensor="air-3")] == ["air-3"]
    assert desk.alerts(department="health") == desk.alerts(rule="x") == desk.alerts(district="south") == []
    assert len(desk.alerts(severity="red")) == 4
    assert desk.alert("nothing") is None


def test_changes_are_read_on_from_a_number(desk: Desk) -> None:
    desk.take([finding(1)])
    first = desk.changes(0)
    assert [(change.history.what, change.alert.state) for change in first] == [("fired", "open")]
    desk.acknowledge(first[0].alert.id, "li")
    desk.take([finding(2, "cleared")])
    later = desk.changes(first[-1].history.sequence)
    assert [change.history.what for change in later] == ["acknowledged", "cleared"]
    assert desk.changes(later[-1].history.sequence) == []
    assert desk.last_change() == later[-1].history.sequence
    assert len(desk.changes(0, limit=2)) == 2


def test_the_position_is_kept_with_what_was_taken(desk: Desk) -> None:
    poison = Poison("findings", 1, 7, "not a finding\0", b"\xff" * 10_000)
    desk.take([finding(1)], {("findings", 0): 5, ("findings", 1): 8}, [poison])
    desk.take([], {("findings", 1): 9}, [poison])
    assert desk.positions("findings") == {0: 5, 1: 9}
    assert desk.positions("other") == {}
    assert desk.poison_count() == 1


def test_a_batch_is_taken_whole_or_not_at_all(desk: Desk) -> None:
    bad = finding(1, sensor="air-2", text="x", wall=2**70)
    with pytest.raises(Exception):  # noqa: B017  # each database has its own word for a number that is too large
        desk.take([finding(1), bad], {("findings", 0): 2})
    assert (desk.alerts(), outbox(desk), desk.positions("findings"), desk.last_change()) == ([], [], {}, 0)


def test_writers_take_turns(database_url: str) -> None:
    desks = [Desk(database_url, department(hook=HOOK)) for _ in range(3)]
    errors: list[BaseException] = []

    def work(desk: Desk, name: str) -> None:
        try:
            for number in range(20):
                desk.take([finding(1, sensor=f"{name}-{number}"), finding(1, sensor="shared", onset=number)])
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(desk, f"s{index}")) for index, desk in enumerate(desks)]
    for thread in threads:
        thread.start()
    seen: list[int] = []
    while any(thread.is_alive() for thread in threads):
        # A reader without a pause keeps the interpreter's own lock from writers beside it, which has nothing to do with
        # turns; the city's readers are processes of their own.
        time.sleep(0.001)
        seen += [change.history.sequence for change in desks[0].changes(seen[-1] if seen else 0)]
    seen += [change.history.sequence for change in desks[0].changes(seen[-1] if seen else 0, limit=1000)]
    assert errors == []
    assert desks[0].counts()["open"] == len(seen) == len(set(seen)) == 80
    for desk in desks:
        desk.close()


def test_a_reader_makes_no_database(tmp_path: object) -> None:
    with pytest.raises(FileNotFoundError):
        Desk(f"sqlite:///{tmp_path}/none.db", create=False)
    for url in ("sqlite://", "sqlite:///:memory:", "mysql://x/y"):
        with pytest.raises(ValueError, match="the database of alerts is"):
            Desk(url)


@given(data=st.data())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_and_cutting_ends_the_same(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    kinds: st.SearchStrategy[Change] = st.sampled_from(["fired", "changed", "cleared"])
    findings = [
        finding(revision, data.draw(kinds), sensor=sensor)
        for sensor in ("air-1", "air-2")
        for revision in range(1, data.draw(st.integers(1, 4)) + 1)
    ]
    arrived = data.draw(st.permutations(findings + data.draw(st.lists(st.sampled_from(findings), max_size=4))))
    cut = data.draw(st.integers(0, len(arrived)))

    def end(batches: list[list[Finding]]) -> list[tuple[str, str, int]]:
        desk = Desk(f"sqlite:///{tmp_path_factory.mktemp('desk')}/a.db", department(hook=HOOK))
        for batch in batches:
            desk.take(batch)
        ended = sorted((alert.id, alert.state, alert.revision) for alert in desk.alerts())
        desk.close()
        return ended

    assert end([list(arrived[:cut]), list(arrived[cut:]), list(arrived)]) == end([findings])
