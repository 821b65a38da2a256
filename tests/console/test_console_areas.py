"""Alerts of areas on the board, on their page, on sensors' pages, in the API and in the live stream."""

import json
from pathlib import Path

import pytest

from alerts.desk import Desk
from console.desk import DeskView
from console.ports import AlertFilter, Area, Member
from tests.console.test_console_html import HOSTILE, read
from tests.support.alert_findings import area_finding
from tests.support.console_app import client, console
from tests.support.console_twins import NOON, MemoryDesk, alert_file, area_file

pytestmark = pytest.mark.anyio


def desk_with_areas() -> MemoryDesk:
    desk = MemoryDesk()
    desk.put(alert_file(0, sensor="air-north-3"))
    desk.put(area_file(1))
    return desk


async def get(path: str, desk: MemoryDesk | None = None) -> str:
    async with client(console(desk or desk_with_areas())) as http:
        answer = await http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_the_board_shows_the_area_and_how_many_of_how_many() -> None:
    page = await get("/")
    assert "2 of 4 sensors, 5 left out" in page
    assert "Acknowledge smog-quorum at north" in page
    assert 'href="/sensors/"' not in page, "an area has no page of a sensor"
    assert 'href="/sensors/air-north-3"' in page


async def test_its_page_names_who_says_so_and_who_was_left_out_and_why() -> None:
    page = await get(f"/alerts/{area_file(1).alert.id}")
    assert "at north" in page and "2 of 4" in page
    for sensor in ("air-north-1", "air-north-2", "air-north-3"):
        assert f'href="/sensors/{sensor}' in page
    assert "silent" in page and "maintained" in page and "and 3 more" in page
    assert "151 µg/m³" not in page, "the value of a member is in the member's unit, which the finding has not"
    assert "/sensors/air-north-9" not in page and "air-north-9" in page, "it is no longer in the registry"
    assert 'href="/sensors/"' not in page
    alone = await get(f"/alerts/{alert_file(0).alert.id}", _alone())
    assert "Left out" not in alone and "Sensors it rests on" not in alone


def _alone() -> MemoryDesk:
    desk = MemoryDesk()
    desk.put(alert_file(0))
    return desk


async def test_a_rule_on_one_sensor_by_itself_leads_to_that_sensor() -> None:
    desk = MemoryDesk()
    area = Area("air-north-1", 0, 0, (), 0, (Member("air-north-1", "", 12.0, NOON),))
    desk.put(area_file(1, kind="sequence", sensor="air-north-1", area=area))
    page = await get(f"/alerts/{area_file(1).alert.id}", desk)
    assert 'href="/sensors/air-north-1"' in page and "Sensors that say so" not in page
    assert "<dt>Area</dt>" not in page


async def test_a_sensors_page_has_the_alerts_of_areas_that_rest_on_it() -> None:
    assert "smog-quorum" in await get("/sensors/air-north-1")
    assert "smog-quorum" not in await get("/sensors/air-north-3")  # left out


async def test_the_api_tells_the_area() -> None:
    listed = json.loads(await get("/api/alerts?sensor=air-north-2"))
    [alert] = listed["alerts"]
    assert (alert["sensor"], alert["area"]["name"], alert["area"]["count"], alert["area"]["of"]) == ("", "north", 2, 4)
    assert alert["area"]["members"][0] == {
        "sensor": "air-north-1", "severity": "orange", "value": 151.0, "ts": NOON - 1000,
    }  # fmt: skip
    file = json.loads(await get(f"/api/alerts/{alert['id']}"))
    assert file["alert"]["area"]["left_out"] == [["air-north-3", "silent"], ["air-north-9", "maintained"]]
    schema = json.loads(await get("/openapi.json"))["components"]["schemas"]
    assert {"Area", "Member"} <= schema.keys()


async def test_hostile_names_of_areas_stay_text() -> None:
    for hostile in HOSTILE:
        desk = MemoryDesk()
        area = Area(hostile, 1, 2, ((hostile, hostile),), 0, (Member(hostile, hostile, 1.0, NOON),))
        desk.put(area_file(1, area=area))
        for path in ("/", f"/alerts/{area_file(1).alert.id}"):
            read(await get(path, desk))


async def test_the_real_desk_gives_areas_to_the_console(tmp_path: Path) -> None:
    desk = Desk(f"sqlite:///{tmp_path}/alerts.db", clock=lambda: NOON)
    desk.take([area_finding(1)])
    view = DeskView(desk)
    [alert] = view.alerts(AlertFilter(sensor="air-1"), 10)
    assert alert.place == "north" and alert.sensor == "" and alert.is_about("air-1") and not alert.is_about("air-8")
    assert alert.area is not None
    assert alert.area.members[1] == Member("air-1", "orange", 161.0, area_finding(1).at - 1)
    [change] = view.changes(0, 10)
    assert change.alert.area == alert.area
    desk.close()
