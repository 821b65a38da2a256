"""Entities of the Smart Data Models on the city's topics."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.contract import Contract
from ingest.fiware import is_fiware
from ingest.reading import Outcome
from rules.smartdata.instant import text_of
from tests.support.ingest_city import EARLIEST, LATEST, NOW, small_city

CITY = Contract(small_city())


def entity(**more: object) -> dict[str, object]:
    return {"id": "e", "type": "AirQualityObserved", "dateObserved": text_of(NOW), **more}


def ask(data: object, topic: str = "city/north/air/air-2") -> Outcome:
    return CITY.read(topic, json.dumps(data).encode(), EARLIEST, LATEST)


def codes(outcome: Outcome) -> list[tuple[str, int]]:
    return [(refusal.code.value, refusal.index) for refusal in outcome.refusals]


def test_an_entity_on_its_sensors_topic() -> None:
    outcome = ask(entity(pm25={"type": "Property", "value": 0.061, "unitCode": "GP"}, no2=40))
    assert [(one.sensor, one.metric, one.ts, one.value) for one in outcome.readings] == [
        ("air-2", "pm25", NOW, pytest.approx(61)),
        ("air-2", "no2", NOW, 40),
    ]
    assert not outcome.refusals


def test_the_registry_says_what_is_measured_and_how_it_is_calibrated() -> None:
    assert codes(ask(entity(pm25=1, temperature=20))) == [("unknown_metric", 1)]
    (reading,) = ask(entity(pm25=50), "city/north/air/calibrated").readings  # registered in mg/m3
    assert reading.value == pytest.approx(101)
    assert codes(ask(entity(pm25=1999), "city/north/air/calibrated")) == [("out_of_range", 0)]


def test_a_notification_of_a_gateway() -> None:
    data = [
        entity(pm25=1, refDevice={"type": "Relationship", "object": "urn:ngsi-ld:Device:near-1"}),
        entity(id="urn:ngsi-ld:AirQualityObserved:near-2", pm25=2),
        entity(pm25=3, refDevice="other"),
        entity(pm25=4),
    ]
    outcome = ask({"subscriptionId": "s", "data": data}, "city/north/gateway/gw-1")
    assert [(one.sensor, one.value) for one in outcome.readings] == [("near-1", 1), ("near-2", 2)]
    assert codes(outcome) == [("gateway_mismatch", 2), ("unknown_sensor", 3)]


@pytest.mark.parametrize(
    "around",
    [
        {"subscriptionId": "5f", "data": []}, {"data": []},
        {"id": "urn:ngsi-ld:Notification:1", "type": "Notification", "subscriptionId": "urn:ngsi-ld:Subscription:1",
         "notifiedAt": "2026-01-01T00:00:00Z", "data": []},
    ],
)  # fmt: skip
def test_notifications_of_either_kind(around: dict[str, object]) -> None:
    outcome = ask({**around, "data": [entity(pm25={"type": "Number", "value": 7, "metadata": {}})]})
    assert [(one.sensor, one.metric, one.value) for one in outcome.readings] == [("air-2", "pm25", 7)]
    assert not outcome.refusals


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (entity(pm25=1, refDevice="air-1"), "topic_mismatch"), (entity(pm25="1"), "not_a_number"),
        (entity(pm25={"value": 1, "unitCode": "CEL"}), "unit_unknown"), (entity(pm25=-1), "out_of_range"),
        (entity(), "empty"), (entity(dateObserved="soon", pm25=1), "bad_time"),
        (entity(dateObserved=text_of(LATEST + 1000), pm25=1), "too_far_ahead"),
        (entity(dateObserved=text_of(EARLIEST - 1), pm25=1), "too_old"), ([entity(pm25=1), 5], "wrong_shape"),
        ([entity(pm25=1)] * 600 + [0] * 401, "too_large"), ({"type": "AirQualityObserved", "pm25": 1}, "wrong_shape"),
    ],
)  # fmt: skip
def test_what_is_refused(data: object, code: str) -> None:
    assert [name for name, _ in codes(ask(data))] == [code]


@pytest.mark.parametrize(
    ("payload", "fiware"),
    [
        (json.dumps(entity()), True), (json.dumps([entity()]), True), ('{"type": "Parking"}', False),
        ('{"subscriptionId": "s", "data": [], "x": "AirQualityObserved"}', False),
        ('{"a": "AirQualityObserved"', False),
        ('{"ts": 1, "values": {}, "type": "AirQualityObserved"}', False), ('["AirQualityObserved"]', False),
    ],
)  # fmt: skip
def test_which_contract_it_is(payload: str, fiware: bool) -> None:
    assert is_fiware(payload.encode()) is fiware


@settings(deadline=None)
@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), lambda one: st.lists(one, max_size=3))
)
def test_no_value_raises(value: object) -> None:
    outcome = ask(entity(pm25=value, location=value, refDevice=value))
    assert outcome.readings or outcome.refusals
