"""The same facts as JSON, as described."""

import pytest

from tests.support.console_app import client, console
from tests.support.console_twins import NOON, MemoryDesk, MemoryStore, alert_file

pytestmark = pytest.mark.anyio


def filled() -> tuple[MemoryDesk, MemoryStore]:
    desk, store = MemoryDesk(), MemoryStore()
    desk.put(alert_file(0))
    desk.put(alert_file(1, state="resolved", severity=""))
    for minute in range(10):
        store.add("air-north-1", "pm25", NOON + minute * 60_000, float(minute))
    return desk, store


async def get(path: str, status: int = 200) -> object:
    async with client(console(*filled())) as http:
        answer = await http.get(path)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_alerts_one_and_many() -> None:
    listed = await get("/api/alerts")
    assert isinstance(listed, dict)
    assert (listed["total"], listed["page"], len(listed["alerts"])) == (1, 1, 1)
    alert = listed["alerts"][0]
    assert (alert["value"], alert["limit"], alert["since"], alert["state"]) == (153.0, 150.0, NOON, "open")
    detail = await get(f"/api/alerts/{alert['id']}")
    assert isinstance(detail, dict)
    assert detail["history"][0]["what"] == "fired" and detail["reason"]["partition"] == 3
    everything = await get("/api/alerts?state=all&sensor=air-north-1")
    assert isinstance(everything, dict) and everything["total"] == 2


async def test_sensors_one_many_and_a_series() -> None:
    listed = await get("/api/sensors?kind=air")
    assert isinstance(listed, dict) and listed["total"] == 3
    assert listed["sensors"][0]["latest"] == [{"metric": "pm25", "ts": NOON + 540_000, "value": 9.0}]
    one = await get("/api/sensors/air-north-1")
    assert isinstance(one, dict) and one["metrics"] == ["pm25", "no2"]
    series = await get(f"/api/sensors/air-north-1/series/pm25?start={NOON}&end={NOON + 600_000}&step=300000")
    assert series == [
        {"ts": NOON, "value": 2.0, "low": 0.0, "high": 4.0, "count": 5},
        {"ts": NOON + 300_000, "value": 7.0, "low": 5.0, "high": 9.0, "count": 5},
    ]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/nothing", 404), ("/api/alerts/" + "0" * 32, 404), ("/api/sensors/unknown", 404),
     (f"/api/sensors/air-north-1/series/noise?start=0&end={NOON}", 404),
     ("/api/sensors/air-north-1/series/pm25?start=5&end=5", 400),
     (f"/api/sensors/air-north-1/series/pm25?start=0&end={NOON}&step=1000", 400),
     ("/api/sensors/air-north-1/series/pm25", 400), ("/api/alerts?page=0", 400)],
)  # fmt: skip
async def test_what_cannot_be_answered_says_why(path: str, status: int) -> None:
    fault = await get(path, status)
    assert isinstance(fault, dict) and set(fault) == {"error", "reasons"}


async def test_the_description_lists_every_route_of_the_api_and_no_page() -> None:
    schema = await get("/openapi.json")
    assert isinstance(schema, dict)
    paths = set(schema["paths"])
    assert {"/api/alerts", "/api/alerts/{alert_id}/acknowledge", "/api/sensors/{sensor_id}/series/{metric}", "/events",
            "/healthz", "/metrics"} <= paths  # fmt: skip
    assert not {"/", "/sensors", "/static/{name}"} & paths
    assert "422" not in str(schema) and "ValidationError" not in str(schema)
    listed = schema["paths"]["/api/alerts"]["get"]["parameters"]
    assert {one["name"] for one in listed} == {"state", "severity", "department", "sensor", "page"}


async def test_status_and_rules() -> None:
    status = await get("/api/status")
    assert isinstance(status, dict)
    assert status["alerts"] == {"open": 1, "resolved": 1} and status["deliveries"] == {"sent": 2}
    rules = await get("/api/rules")
    assert isinstance(rules, list) and rules[0]["name"] == "smog-pm25" and rules[0]["hash"]
