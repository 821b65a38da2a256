"""What a sound message yields: who, what, when, how much."""

import json

import pytest

from ingest.contract import Contract
from ingest.instant import from_millis, from_rfc3339, from_seconds
from ingest.reading import Reading
from rules.refusal import Code
from tests.support.ingest_city import EARLIEST, LATEST, NOW, small_city


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(small_city())


def values(contract: Contract, topic: str, payload: object) -> list[tuple[str, str, int, float]]:
    text = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    outcome = contract.read(topic, text, EARLIEST, LATEST)
    assert not outcome.refusals
    return [(reading.sensor, reading.metric, reading.ts, reading.value) for reading in outcome.readings]


def test_one_object_of_two_values(contract: Contract) -> None:
    found = values(contract, "city/north/air/air-2", {"ts": NOW, "seq": 7, "values": {"pm25": 61, "no2": 40.5}})
    assert found == [("air-2", "pm25", NOW, 61.0), ("air-2", "no2", NOW, 40.5)]
    assert all(type(value) is float for *_, value in found)


def test_four_readings_and_one_refusal(contract: Contract) -> None:
    payload = b'[{"ts":%d,"values":{"pm25":1,"no2":"2"}},{"ts":%d,"values":{"o3":3,"pm25":4,"no2":5}}]' % (NOW, NOW)
    outcome = contract.read(b"city/north/air/air-2", payload, EARLIEST, LATEST)
    assert [(reading.metric, reading.value) for reading in outcome.readings] == [
        ("pm25", 1.0), ("o3", 3.0), ("pm25", 4.0), ("no2", 5.0),
    ]  # fmt: skip
    assert [(refusal.code, refusal.index) for refusal in outcome.refusals] == [(Code.not_a_number, 1)]


def test_an_object_refused_whole_takes_one_place_in_the_order(contract: Contract) -> None:
    payload = b'[{"ts":"?","values":{"pm25":1,"no2":2}},{"ts":%d,"values":{"o3":-3}}]' % NOW
    outcome = contract.read(b"city/north/air/air-2", payload, EARLIEST, LATEST)
    assert [(refusal.code, refusal.index) for refusal in outcome.refusals] == [
        (Code.bad_time, 0), (Code.out_of_range, 1),
    ]  # fmt: skip


def test_unknown_fields_of_a_later_version_are_let_be(contract: Contract) -> None:
    message = {"ts": NOW, "values": {"pm25": 61.0}, "fw": "1.2", "battery": None, "__proto__": {"a": [1e300]}}
    assert values(contract, "city/north/air/air-2", message) == [("air-2", "pm25", NOW, 61.0)]


def test_units_are_converted(contract: Contract) -> None:
    found = values(contract, "city/north/weather/weather-1", {"ts": NOW, "values": {"temperature": 77, "humidity": 54}})
    assert [(metric, round(value, 9)) for _, metric, _, value in found] == [("temperature", 25.0), ("humidity", 0.54)]


def test_calibration_is_that_of_the_readings_own_date(contract: Contract) -> None:
    at = {NOW - 1001: 8.0, NOW - 1000: 21.0, NOW: 21.0}  # 0.01 mg/m3: 10 - 2, then 10 * 2 + 1
    for ts, expected in at.items():
        found = values(contract, "city/north/air/calibrated", {"ts": ts, "values": {"pm25": 0.01}})
        assert found[0][3] == pytest.approx(expected)
    outcome = contract.read("city/north/air/calibrated", b'{"ts":%d,"values":{"pm25":0.001}}' % (NOW - 5000), 0, NOW)
    assert [refusal.code for refusal in outcome.refusals] == [Code.out_of_range]  # 1 - 2: below nothing


def test_negative_zero_is_zero(contract: Contract) -> None:
    [(*_, value)] = values(contract, "city/north/air/air-2", b'{"ts":%d,"values":{"pm25":-0.0}}' % NOW)
    assert str(value) == "0.0"


def test_the_limits_themselves_are_allowed(contract: Contract) -> None:
    for ts in (EARLIEST, LATEST):
        for value in (0, 2000):
            assert values(contract, "city/north/air/air-2", {"ts": ts, "values": {"pm25": value}})


def test_a_gateway_carries_sensors_of_different_time_formats(contract: Contract) -> None:
    payload = [
        {"sensor": "near-1", "ts": NOW, "values": {"pm25": 1}},
        {"sensor": "near-2", "ts": "2026-09-21T14:13:20Z", "values": {"pm25": 2}},
    ]
    found = [("near-1", "pm25", NOW, 1.0), ("near-2", "pm25", NOW, 2.0)]
    assert values(contract, "city/north/gateway/gw-1", payload) == found
    assert values(contract, "city/north/gateway/gw-1", payload[0]) == found[:1]


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T08:00:00+08:00", 0),
        ("1969-12-31T16:00:00.250-08:00", 250),
        ("2026-09-21T14:13:20.1239Z", NOW + 123),
        ("2026-09-21T14:13:20.123999999Z", NOW + 123),
        ("2024-02-29T00:00:00-00:00", 1_709_164_800_000),
        ("1969-12-31T23:59:59.9999Z", -1),
    ],
)
def test_rfc3339(text: str, ms: int) -> None:
    assert from_rfc3339(text) == ms


def test_epochs() -> None:
    assert from_seconds(NOW // 1000) == NOW
    assert from_seconds(NOW / 1000 + 0.123) == NOW + 123
    assert from_millis(NOW + 0.4) == from_millis(NOW) == NOW


def test_a_reading_is_a_value() -> None:
    assert Reading("a", "pm25", 1, 2.0) == Reading("a", "pm25", 1, 2.0)
