"""Findings of rules on areas on their way through the desk: no sensor, but the area, who says so, who was left out."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from msgspec.structs import replace
from sqlalchemy import text

from alerts import migrations
from alerts.alert import take
from alerts.checks import PoisonError, read_finding
from alerts.database import Database
from alerts.desk import Desk
from alerts.message import LIMIT, body
from rules.finding import AreaFacts, encode
from tests.support.alert_findings import area_finding, department, finding, log_channel, webhook


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    channels = department(hook=webhook("http://127.0.0.1:9/"), log=log_channel(severities=("orange",)))
    opened = Desk(database_url, channels, clock=lambda: 1_000)
    yield opened
    opened.close()


def test_an_alert_of_an_area_lives_as_any_other(desk: Desk) -> None:
    assert desk.take([area_finding(1), finding(1)]) == (2, 0, 2)
    [alert] = desk.alerts(rule="smog-quorum")
    assert (alert.sensor, alert.metric, alert.district) == ("", "pm25", "north")
    assert alert.area is not None
    assert (alert.area.name, alert.area.count, alert.area.of) == ("north", 3, 9)
    assert alert.area.left_out == (("air-8", "silent"), ("air-9", "maintained"))
    [other] = desk.alerts(rule="smog-pm25")
    assert other.area is None
    assert desk.take([area_finding(1)]) == (0, 1, 0)
    desk.acknowledge(alert.id, "Ada")
    assert desk.take([area_finding(2, "cleared")]).changed == 1
    detail = desk.alert(alert.id)
    assert detail is not None
    assert [each.what for each in detail.history] == ["fired", "acknowledged", "cleared"]
    assert desk.counts() == {"open": 1, "acknowledged": 0, "resolved": 1}


def test_a_sensors_alerts_are_its_own_and_those_of_areas_that_rest_on_it(desk: Desk) -> None:
    desk.take([area_finding(1, members=3), area_finding(1, name="south", members=1), finding(1, sensor="air-2")])
    desk.take([area_finding(2, "changed", members=5)])  # two more
    for sensor, expected in (
        ("air-0", {"north", "south"}),
        ("air-2", {"north", "air-2"}),
        ("air-4", {"north"}),
        ("air-8", set[str]()),  # left out
    ):
        found = desk.alerts(sensor=sensor)
        assert {each.area.name if each.area else each.sensor for each in found} == expected
        assert desk.count(sensor=sensor) == len(expected)
    desk.take([area_finding(3, "cleared", members=0)])
    assert len(desk.alerts(sensor="air-4")) == 1, "what it once rested on is remembered"


def test_what_a_department_receives_names_the_area_and_its_sensors() -> None:
    alert, _ = take(None, area_finding(1), "environment")
    assert alert is not None
    told = json.loads(body(alert))["data"]
    assert told["sensor"] == ""
    assert told["area"] == {
        "name": "north",
        "count": 3,
        "of": 9,
        "left_out": [{"sensor": "air-8", "reason": "silent"}, {"sensor": "air-9", "reason": "maintained"}],
        "more": 0,
        "members": [
            {"sensor": "air-0", "severity": "orange", "value": 160.0, "at": "2026-01-01T00:00:00.000Z"},
            {"sensor": "air-1", "severity": "orange", "value": 161.0, "at": "2025-12-31T23:59:59.999Z"},
            {"sensor": "air-2", "severity": "orange", "value": 162.0, "at": "2025-12-31T23:59:59.998Z"},
        ],
    }
    alone, _ = take(None, finding(1), "environment")
    assert alone is not None and "area" not in json.loads(body(alone))["data"]


def test_a_body_stays_under_its_limit_whatever_an_area_holds() -> None:
    area = AreaFacts(
        "\x01" * 200,
        999,
        2000,
        tuple((f"{n:064d}", "\x01" * 300) for n in range(50)),
        1000,
        tuple((f"{n:064d}", "s" * 32, 1e300, 253_402_300_799_999) for n in range(50)),
    )
    alert, _ = take(None, replace(area_finding(1), area=area, text="\x01" * 5000), "environment")
    assert alert is not None
    whole = body(alert)
    assert len(whole) < LIMIT
    told = json.loads(whole)["data"]["area"]
    assert told["more"] == 1045 and len(told["members"]) == 5


@pytest.mark.parametrize(
    ("area", "why"),
    [
        (None, "of a sensor or of an area"),
        (AreaFacts(""), "has a name"),
        (AreaFacts("n" * 201), "area is longer"),
        (AreaFacts("a\0"), "NUL"),
        (AreaFacts("n", count=-1), "number of sensors"),
        (AreaFacts("n", members=(("s" * 201, "red", None, 1),)), "a member is longer"),
        (AreaFacts("n", members=(("s", "red", None, -1),)), "before 1970"),
        (AreaFacts("n", left_out=(("s", "w" * 501),)), "its reason is longer"),
        (AreaFacts("n", left_out=(("s", "w"),) * 201), "200 sensors at most"),
    ],
)
def test_what_the_desk_could_not_keep_is_set_aside(area: AreaFacts | None, why: str) -> None:
    with pytest.raises(PoisonError, match=why):
        read_finding(encode(replace(area_finding(1), area=area)))
    assert read_finding(encode(area_finding(1))) == area_finding(1)


def test_a_database_from_before_areas_is_brought_up_to_date(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/alerts.db"
    Desk(url).close()
    database = Database(url)
    with database.write() as session:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes["connection"] = session.connection()
        command.downgrade(config, "0001")
        assert session.scalar(text("SELECT count(*) FROM sqlite_master WHERE name = 'members'")) == 0
    database.close()
    desk = Desk(url, clock=lambda: 1)
    desk.take([area_finding(1)])
    assert len(desk.alerts(sensor="air-1")) == 1
    desk.close()
