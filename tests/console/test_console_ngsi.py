"""Context information out of the console, and what others read in it: we, for one."""

import json

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.entities import observations
from ingest.contract import Contract
from rules.sensor import Channel, Sensor
from rules.smartdata.models import MODELS
from rules.smartdata.write import to_ngsi_ld, to_ngsi_v2
from rules.units import METRICS
from tests.support.console_app import client, console
from tests.support.console_twins import NOON, MemoryCity, MemoryStore, Value, sensor

pytestmark = pytest.mark.anyio
AIR, NOISE = "AirQualityObserved", "NoiseLevelObserved"
LD, V2 = "/api/ngsi-ld/v1/entities", "/api/v2/entities"


def filled() -> MemoryStore:
    store = MemoryStore()
    for number in range(1, 4):
        store.add(f"air-north-{number}", "pm25", NOON + number, 61.5)
    store.add("air-north-1", "no2", NOON, 40.0)
    store.add("air-north-1", "aqi_cn", NOON, 84.0)
    store.add("noise-west-1", "noise", NOON, 55.0)
    return store


async def get(path: str, status: int = 200, accept: str = "application/json") -> httpx.Response:
    async with client(console(store=filled())) as http:
        answer = await http.get(path, headers={"accept": accept})
    assert answer.status_code == status, answer.text
    return answer


async def test_ngsi_ld_with_its_context_inside_or_beside() -> None:
    answer = await get(f"{LD}?type={AIR}&count=true")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["ngsild-results-count"] == "3"
    assert 'rel="http://www.w3.org/ns/json-ld#context"' in answer.headers["link"]
    first = answer.json()[0]
    assert "@context" not in first
    assert (first["id"], first["type"]) == ("urn:ngsi-ld:AirQualityObserved:air-north-1", AIR)
    assert first["pm25"] == {"type": "Property", "value": 61.5, "unitCode": "GQ"}
    assert "no2" not in first, "it was read at another time"
    assert first["airQualityIndex"]["value"] == 84 and first["airQualityLevel"]["value"] == "good"
    assert "airQualityIndex" not in answer.json()[1]
    inside = await get(f"{LD}?type={AIR}", accept="application/ld+json")
    assert inside.headers["content-type"] == "application/ld+json" and "link" not in inside.headers
    assert len(inside.json()[0]["@context"]) == 2
    mixed = await get(f"{LD}?type={AIR},TrafficFlowObserved,{NOISE}")
    assert {each["type"] for each in mixed.json()} == {AIR, NOISE}


async def test_ngsi_v2() -> None:
    answer = await get(f"{V2}?type={NOISE}&options=count")
    assert answer.headers["fiware-total-count"] == "1"
    [entity] = answer.json()
    assert (entity["id"], entity["LAeq"]["value"]) == ("noise-west-1", 55.0)
    assert entity["dateObservedFrom"]["value"] == "2026-11-25T12:00:00.000Z"
    assert entity["dateObservedTo"]["value"] == "2026-11-25T12:01:00.000Z"
    assert len((await get(V2)).json()) == 4
    assert (await get(f"{V2}/air-north-2")).json()["pm25"]["value"] == 61.5
    assert (await get(f"{V2}?id=air-north-3,air-north-1")).json()[1]["id"] == "air-north-3"
    assert (await get(f"{V2}?type=Parking")).json() == []


async def test_pages() -> None:
    first = await get(f"{LD}?type={AIR}&limit=2&count=true")
    assert (
        len(first.json()) == 2 and 'rel="next"' in first.headers["link"] and 'rel="prev"' not in first.headers["link"]
    )
    last = await get(f"{LD}?type={AIR}&limit=2&offset=2")
    assert [each["id"] for each in last.json()] == [f"urn:ngsi-ld:{AIR}:air-north-3"]
    assert 'rel="prev"' in last.headers["link"] and 'rel="next"' not in last.headers["link"]
    assert len((await get(f"{V2}?limit=3&offset=3")).json()) == 1


async def test_one_by_its_urn() -> None:
    one = (await get(f"{LD}/urn:ngsi-ld:{AIR}:air-north-1")).json()
    assert one["refDevice"]["object"] == "urn:ngsi-ld:Device:air-north-1"
    assert len((await get(f"{LD}?id=urn:ngsi-ld:{AIR}:air-north-1,urn:ngsi-ld:{AIR}:air-north-2")).json()) == 2


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        (LD, 400, "BadRequestData"), (f"{LD}?type={AIR}&limit=0", 400, "BadRequestData"),
        (f"{LD}?type={AIR}&limit=2000", 400, "BadRequestData"), (f"{LD}/air-north-1", 404, "ResourceNotFound"),
        (f"{LD}/urn:ngsi-ld:{NOISE}:air-north-1", 404, "ResourceNotFound"),
        ("/api/ngsi-ld/v1/x", 404, "ResourceNotFound"),
        (f"{V2}?options=values", 400, "BadRequest"), (f"{V2}/x", 404, "NotFound"), ("/api/v2/x", 404, "NotFound"),
    ],
)  # fmt: skip
async def test_errors_are_in_the_form_of_their_interface(path: str, status: int, error: str) -> None:
    answer = await get(path, status)
    told = answer.json()
    if path.startswith("/api/ngsi-ld"):
        assert answer.headers["content-type"] == "application/problem+json"
        assert told["type"] == f"https://uri.etsi.org/ngsi-ld/errors/{error}" and told["status"] == status
    else:
        assert told["error"] == error and told["description"]


async def test_a_sensor_of_two_types_wants_one() -> None:
    both = sensor("both-1", metrics="pm25 noise")
    store = MemoryStore()
    store.add("both-1", "pm25", NOON, 1.0)
    store.add("both-1", "noise", NOON, 2.0)
    app = console(store=store)
    app.state.console.city.sensors = {"both-1": both}
    async with client(app) as http:
        assert (await http.get(f"{V2}/both-1")).status_code == 409
        assert (await http.get(f"{V2}/both-1?type={NOISE}")).json()["LAeq"]["value"] == 2.0


async def test_they_are_described() -> None:
    async with client(console()) as http:
        paths = (await http.get("/openapi.json")).json()["paths"]
    content = paths[LD]["get"]["responses"]["200"]["content"]
    assert set(content) == {"application/ld+json", "application/json"}
    assert [one["name"] for one in paths[V2]["get"]["parameters"]] == ["type", "id", "limit", "offset", "options"]


KNOWN = sorted({one.metric for model in MODELS.values() for one in model.attributes})


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from(KNOWN), min_size=1, unique=True),
    st.dictionaries(st.sampled_from(KNOWN), st.floats(0, 1), min_size=len(KNOWN)),
    st.sampled_from([1000, 60_000, 300_000]),
    st.booleans(),
)
def test_what_we_give_we_read(metrics: list[str], shares: dict[str, float], interval: int, ld: bool) -> None:
    """As many readings, equal to nine digits; but for a river below its zero, which the model has none for."""
    known = Sensor(
        "s-1", "air", "d", "north", 48.2, 16.37, {one: Channel(METRICS[one].unit) for one in metrics}, interval
    )
    values = {}
    for name in metrics:
        metric = METRICS[name]
        low = 0.0 if name == "water_level" else metric.lowest
        value = round(low + shares[name] * (metric.highest - low), 3)
        values[name] = value % 360 if name == "wind_direction" else value
    latest = [Value("s-1", name, NOON, value) for name, value in values.items()]
    entities = [(to_ngsi_ld if ld else to_ngsi_v2)(each) for each in observations([known], {"s-1": latest})]
    contract = Contract({"s-1": known})
    outcome = contract.read("city/north/air/s-1", json.dumps({"data": entities}).encode(), NOON - 1, NOON + 1)
    assert not outcome.refusals
    assert {(one.sensor, one.ts) for one in outcome.readings} == {("s-1", NOON)}
    assert len(outcome.readings) == len(metrics)
    assert {one.metric: one.value for one in outcome.readings} == pytest.approx(values, rel=1e-8, abs=1e-8)


def test_a_city_without_readings_has_no_entities() -> None:
    assert not list(observations(MemoryCity({"a": sensor("a")}).sensors.values(), {}))
