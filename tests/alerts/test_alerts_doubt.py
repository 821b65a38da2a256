"""An alert whose rule cannot decide: it stays as it is, the department is told of the doubt and of its end."""

import json

from alerts.alert import Acknowledgement, Alert, State, Why, acknowledge, take
from alerts.message import body, message_id
from alerts.routing import Why as Told
from alerts.routing import why_tell
from rules.finding import Finding
from tests.support.alert_findings import log_channel
from tests.support.judging import catalogue, frame, judge, tick

RULE = "{name: w, kind: window, metric: pm25, aggregate: mean, every: 10s, at_least: 2, above: {yellow: 5}}"


def findings() -> list[Finding]:
    #   0         10        20        30        40
    #   |9   9    |1        |9   9    |1   1    |
    readings = ((0, 9.0), (5, 9.0), (10, 1.0), (20, 9.0), (25, 9.0), (30, 1.0), (35, 1.0))
    found = judge(catalogue(RULE), [frame(*(("a", "pm25", at, x) for at, x in readings)), tick(40)])
    assert [each.change for each in found] == ["fired", "undecided", "changed", "cleared"]
    return found


def test_doubt_is_no_all_clear_and_leaves_the_acknowledgement() -> None:
    fired, doubt, decided, cleared = findings()
    alert, _ = take(None, fired, "env")
    assert alert is not None
    alert = acknowledge(alert, Acknowledgement("li", 5))
    for each, state, why in (
        (doubt, State.ACKNOWLEDGED, Why.UPDATED),
        (decided, State.ACKNOWLEDGED, Why.UPDATED),
        (cleared, State.RESOLVED, Why.RESOLVED),
    ):
        after, reason = take(alert, each, "env")
        assert after is not None
        assert (after.state, reason, after.id) == (state, why, alert.id)
        alert = after


def test_an_alert_that_begins_with_a_doubt_is_open() -> None:
    _, doubt, *_ = findings()
    alert, why = take(None, doubt, "env")
    assert alert is not None
    assert (alert.state, why) == (State.OPEN, Why.OPENED)


def test_a_clearing_that_overtook_the_doubt_stands() -> None:
    *_, cleared = findings()
    _, doubt, *_ = findings()
    alert, _ = take(None, cleared, "env")
    assert take(alert, doubt, "env") == (alert, Why.ALREADY_SEEN)


def test_the_message_says_that_nothing_could_be_decided() -> None:
    fired, doubt, *_ = findings()
    alert = Alert("env", doubt, State.OPEN)
    told = json.loads(body(alert))
    data = told["data"]
    assert (told["type"], data["change"], data["severity"], data["was"]) == (
        "alert.changed",
        "undecided",
        "yellow",
        "yellow",
    )
    assert (data["value"], data["limit"], data["state"]) == (None, 5.0, "open")
    assert data["text"] == "Cannot decide about pm25 at a (north): 1 reading in the window"
    assert data["evidence"]["seen"] == [] and data["evidence"]["count"] == 1
    assert message_id(alert.id, doubt.revision) != message_id(alert.id, fired.revision)


def test_who_wants_the_severity_hears_of_the_doubt() -> None:
    _, doubt, decided, _ = findings()
    wanted: list[tuple[tuple[str, ...], Told]] = [
        (("yellow",), Told.SEVERITY),
        (("red",), Told.NOT_WANTED),
        ((), Told.EVERYTHING),
    ]
    for severities, why in wanted:
        channel = log_channel(severities=severities)
        assert [why_tell(channel, each, told=False) for each in (doubt, decided)] == [why, why]
