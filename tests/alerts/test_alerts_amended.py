"""What was decided is taken back: the alert, and those who were told of it, end as if it had been right at once."""

import itertools
import json
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from alerts.alert import Acknowledgement, Alert, State, Why, take
from alerts.desk import Desk
from alerts.message import LIMIT, body
from alerts.routing import Why as Told
from alerts.routing import why_tell
from alerts.tables import OutboxRow
from rules.finding import Course, Finding
from tests.support.alert_findings import ONSET, department, finding, log_channel, webhook

BEFORE, AFTER = Course(ONSET, ((ONSET, "red"),)), Course(ONSET - 60_000, ((ONSET - 60_000, "yellow"),))


def amended(revision: int, severity: str = "yellow", after: Course = AFTER) -> Finding:
    plain = finding(revision, "amended", severity, "red", text="Amended: it was red")
    return replace(plain, before=BEFORE, after=after)


def withdrawn(revision: int) -> Finding:
    return replace(finding(revision, "withdrawn", "", "red", text="Withdrawn: it never was"), before=BEFORE)


@pytest.mark.parametrize(
    ("before", "told", "after", "why"),
    [
        (None, amended(4), State.OPEN, Why.OPENED),
        (None, amended(4, ""), State.RESOLVED, Why.RESOLVED),
        (None, withdrawn(4), State.RESOLVED, Why.WITHDRAWN),
        (State.OPEN, amended(4), State.OPEN, Why.AMENDED),
        (State.OPEN, amended(4, ""), State.RESOLVED, Why.AMENDED),
        (State.OPEN, withdrawn(4), State.RESOLVED, Why.WITHDRAWN),
        (State.ACKNOWLEDGED, amended(4), State.ACKNOWLEDGED, Why.AMENDED),
        (State.ACKNOWLEDGED, withdrawn(4), State.RESOLVED, Why.WITHDRAWN),
        (State.RESOLVED, amended(4), State.OPEN, Why.REOPENED),
        (State.RESOLVED, amended(4, ""), State.RESOLVED, Why.AMENDED),
        (State.RESOLVED, withdrawn(4), State.RESOLVED, Why.WITHDRAWN),
        (State.RESOLVED, withdrawn(3), State.RESOLVED, Why.ALREADY_SEEN),
    ],
)
def test_the_table(before: State | None, told: Finding, after: State, why: Why) -> None:
    by = Acknowledgement("li", 5) if before is State.ACKNOWLEDGED else None
    alert = Alert("environment", finding(3), before, by) if before is not None else None
    got, reason = take(alert, told, "environment")
    assert got is not None
    assert (got.state, reason) == (after, why)
    assert got.acknowledged == by


def test_whatever_order_they_come_in_the_end_is_the_same() -> None:
    story = [finding(1), amended(2), amended(3, ""), withdrawn(4)]
    for order in itertools.permutations(story):
        alert: Alert | None = None
        for each in order:
            alert, _ = take(alert, each, "environment")
        assert alert is not None
        assert (alert.state, alert.finding) == (State.RESOLVED, story[3])


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    hook, log = webhook("http://127.0.0.1:9/", severities=("red",)), log_channel(severities=("orange",))
    opened = Desk(database_url, department(hook=hook, log=log), clock=lambda: 1_000)
    yield opened
    opened.close()


def types(desk: Desk) -> list[tuple[str, int, str]]:
    with desk.database.read() as session:
        rows = session.query(OutboxRow).order_by(OutboxRow.revision, OutboxRow.endpoint).all()
        return [(row.endpoint, row.revision, json.loads(row.body)["type"]) for row in rows]


def test_those_who_were_told_are_told_that_it_never_was(desk: Desk) -> None:
    desk.take([finding(1), finding(2, "cleared", was="red"), withdrawn(3)])
    desk.take([withdrawn(3), finding(1)])
    hook = "environment/webhook"
    assert types(desk) == [(hook, 1, "alert.fired"), (hook, 2, "alert.cleared"), (hook, 3, "alert.withdrawn")]
    (alert,) = desk.alerts()
    assert (alert.state, alert.change, alert.severity) == ("resolved", "withdrawn", "")
    detail = desk.alert(alert.id)
    assert detail is not None
    assert [(each.what, each.note) for each in detail.history] == [
        ("fired", None),
        ("cleared", None),
        ("withdrawn", "Withdrawn: it never was"),
    ]


def test_an_all_clear_that_is_taken_back_opens_the_alert_again(desk: Desk) -> None:
    desk.take([finding(1), finding(2, "cleared", was="red"), amended(3)])
    (alert,) = desk.alerts("open")
    assert (alert.severity, alert.onset) == ("yellow", ONSET)
    assert types(desk)[-1] == ("environment/webhook", 3, "alert.amended")
    detail = desk.alert(alert.id)
    assert detail is not None
    assert (detail.history[-1].what, detail.history[-1].note) == ("reopened", "Amended: it was red")


def test_who_follows_a_severity_hears_that_it_had_been_reached() -> None:
    orange = Course(ONSET, ((ONSET, "orange"), (ONSET + 1, "yellow")))
    channel = log_channel(severities=("orange",))
    assert why_tell(channel, amended(2, after=orange), told=False) is Told.SEVERITY
    assert why_tell(channel, amended(2), told=False) is Told.NOT_WANTED
    assert why_tell(channel, withdrawn(2), told=True) is Told.FOLLOWING


def test_the_body_says_how_it_went_before_and_after() -> None:
    alert, _ = take(None, amended(2), "environment")
    assert alert is not None
    data = json.loads(body(alert))["data"]
    assert data["before"] == {
        "onset": "2026-01-01T00:00:00.000Z",
        "steps": [{"at": "2026-01-01T00:00:00.000Z", "severity": "red"}],
    }
    assert data["after"]["onset"] == "2025-12-31T23:59:00.000Z"
    never, _ = take(None, withdrawn(2), "environment")
    assert never is not None
    assert json.loads(body(never))["data"]["after"] is None
    plain, _ = take(None, finding(1), "environment")
    assert plain is not None
    assert "before" not in json.loads(body(plain))["data"]


def test_the_longest_course_and_the_worst_text_still_fit() -> None:
    steps = tuple((ONSET + each, "s" * 31 + str(each % 2)) for each in range(5_000))
    course = Course(ONSET, steps)
    worst = replace(amended(2, after=course), before=course, text="\x01" * 9_000)
    alert, _ = take(None, worst, "environment")
    assert alert is not None
    assert len(body(alert)) < LIMIT
