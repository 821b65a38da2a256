"""The real desk behind the console's port, and the whole console over real desk and store."""

from dataclasses import replace
from pathlib import Path

import pytest

from alerts.desk import Desk
from console.app import create_console
from console.desk import DeskView
from console.ports import AlertFilter
from rules.finding import Course, Evidence, Finding, Seen
from rules.identity import alert_id, episode_id
from tests.support.console_app import city, client
from tests.support.console_twins import NOON, MemoryStore

pytestmark = pytest.mark.anyio


def finding(number: int, revision: int = 1, **changes: object) -> Finding:
    onset = NOON + number * 60_000
    made = {
        "v": 1,
        "episode": episode_id("smog-pm25", f"air-north-{number}/pm25", onset),
        "revision": revision,
        "change": "fired",
        "rule": "smog-pm25",
        "rule_hash": "5d41402abc4b2a76",
        "kind": "threshold",
        "sensor": f"air-north-{number}",
        "metric": "pm25",
        "district": "north",
        "departments": ("environment", "emergency"),
        "severity": "orange",
        "was": "",
        "at": onset + (revision - 1) * 1000,
        "onset": onset,
        "unit": "ug/m3",
        "text": f"Fine particles 153 ug/m3 at air-north-{number}",
        "evidence": Evidence("readings", 3, 17, 20, (Seen(onset, 153.0, 20),), 1),
        "wall": onset + 5,
        "value": 153.0,
        "limit": 150.0,
    }
    return Finding(**{**made, **changes})  # type: ignore[arg-type]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(f"sqlite:///{tmp_path}/alerts.db", clock=lambda: NOON)


def test_alerts_are_counted_filtered_and_paged_in_one_order(desk: Desk) -> None:
    desk.take([finding(number) for number in range(1, 4)])
    desk.take([finding(1, 2, change="cleared", severity="", was="orange")])
    view = DeskView(desk)
    assert view.counts() == {"open": 4, "acknowledged": 0, "resolved": 2}
    live = AlertFilter()
    assert view.count(live) == 4 and view.count(replace(live, department="emergency")) == 2
    paged = [one.id for page in range(4) for one in view.alerts(live, 1, page)]
    assert paged == [one.id for one in view.alerts(live, 10)] and len(set(paged)) == 4
    assert [one.sensor for one in view.alerts(replace(live, department="emergency"), 10)] == [
        "air-north-3",
        "air-north-2",
    ]
    assert view.count(AlertFilter(("resolved",), sensor="air-north-1")) == 2
    assert view.count(replace(live, severity="red")) == 0


def test_an_alert_tells_everything(desk: Desk) -> None:
    desk.take([finding(1)])
    view = DeskView(desk)
    name = alert_id(finding(1).episode, "environment")
    file = view.alert(name)
    assert file is not None and file.reason is not None
    assert (file.alert.value, file.alert.limit, file.alert.since, file.alert.state) == (
        153.0,
        150.0,
        NOON + 60_000,
        "open",
    )
    assert (file.reason.first, file.reason.last, file.reason.values) == (17, 20, ((NOON + 60_000, 153.0, 20),))
    assert [step.what for step in file.history] == ["fired"]
    assert view.alert("0" * 32) is None


def test_acknowledging_is_once_and_only_for_what_is_not_over(desk: Desk) -> None:
    desk.take([finding(1), finding(2), finding(2, 2, change="cleared", severity="", was="orange")])
    view = DeskView(desk)
    name, over = (alert_id(finding(number).episode, "environment") for number in (1, 2))
    assert view.acknowledge(name, "Ada", NOON) and view.acknowledge(name, "Bob", NOON + 1)
    file = view.alert(name)
    assert file is not None and (file.alert.acknowledged_by, file.alert.acknowledged_at) == ("Ada", NOON)
    assert [(step.what, step.by) for step in file.history] == [("fired", ""), ("acknowledged", "Ada")]
    assert not view.acknowledge(over, "Ada", NOON) and not view.acknowledge("0" * 32, "Ada", NOON)


def test_changes_come_in_order_and_none_twice(desk: Desk) -> None:
    view = DeskView(desk)
    assert view.last_seq() == 0 and list(view.changes(0, 10)) == []
    desk.take([finding(1), finding(2)])
    seen = [one.seq for one in view.changes(0, 3)]
    assert seen == sorted(seen) and len(seen) == 3
    rest = [one.seq for one in view.changes(seen[-1], 10)]
    assert len(rest) == 1 and rest[0] == view.last_seq()
    view.acknowledge(alert_id(finding(1).episode, "environment"), "Ada", NOON)
    (change,) = view.changes(rest[0], 10)
    assert change.alert.state == "acknowledged" and change.seq == view.last_seq()


async def test_the_pages_over_the_real_desk(desk: Desk) -> None:
    desk.take([finding(number) for number in range(1, 4)])
    app = create_console(MemoryStore(), DeskView(desk), city(), now=lambda: NOON)
    name = alert_id(finding(1).episode, "environment")
    async with client(app) as http:
        board = await http.get("/")
        assert board.status_code == 200 and board.text.count('<tr id="a-') == 6
        assert (await http.post(f"/alerts/{name}/acknowledge", data={"by": "Ada"})).status_code == 303
        assert "by Ada" in (await http.get(f"/alerts/{name}")).text
        assert 'urbanpulse_alerts{state="acknowledged"} 1' in (await http.get("/metrics")).text
        assert (await http.get("/healthz")).status_code == 200


async def test_what_was_taken_back_is_told_on_the_page_of_the_alert(desk: Desk) -> None:
    onset = NOON + 60_000
    course = Course(onset, ((onset, "orange"),))
    desk.take(
        [finding(1), finding(1, 2, change="amended", severity="yellow", was="orange", before=course, after=course)]
    )
    gone = finding(1, 3, change="withdrawn", severity="", was="yellow", before=course, text="Withdrawn: it never was")
    desk.take([gone])
    alert = alert_id(gone.episode, "environment")
    async with client(create_console(MemoryStore(), DeskView(desk), city(), now=lambda: NOON)) as http:
        page = (await http.get(f"/alerts/{alert}")).text
        told = (await http.get(f"/api/alerts/{alert}")).json()
    assert "amended, for readings came late" in page
    assert "withdrawn, for readings came late: it never was" in page
    assert "Withdrawn: never was since" in page and page.count("Withdrawn: it never was") >= 2
    assert told["alert"]["change"] == "withdrawn" and told["alert"]["state"] == "resolved"
