"""A reading of one's own takes the shape that its sensor would give it."""

import pytest

from ingest.contract import Contract
from rules.sensor import Channel, Sensor
from urbanpulse.sending import message

AT = 1_768_867_201_500


def sensor(time: str = "rfc3339", gateway: str = "") -> Sensor:
    return Sensor("s-1", "air", "environment", "north", 0.0, 0.0, {"pm25": Channel("ug/m3")}, 60_000, time, gateway)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known", "topic"),
    [
        (sensor(), "city/north/air/s-1"),
        (sensor("s"), "city/north/air/s-1"),
        (sensor("ms"), "city/north/air/s-1"),
        (sensor(gateway="g-1"), "city/north/gateway/g-1"),
    ],
    ids=["rfc3339", "s", "ms", "gateway"],
)
def test_the_bridge_takes_it(known: Sensor, topic: str) -> None:
    told, payload = message(known, "s-1", "pm25", "61.5", AT)
    assert told == topic
    readings, refusals = Contract({"s-1": known}).read(told.encode(), payload.encode(), 0, AT + 1)
    assert not refusals
    [reading] = readings
    assert (reading.sensor, reading.metric, reading.ts, reading.value) == ("s-1", "pm25", AT, 61.5)


@pytest.mark.parametrize(
    ("value", "code"), [("-5", "out_of_range"), ("high", "not_a_number"), ("null", "not_a_number")]
)
def test_a_value_that_cannot_be_is_refused(value: str, code: str) -> None:
    told, payload = message(sensor(), "s-1", "pm25", value, AT)
    readings, refusals = Contract({"s-1": sensor()}).read(told.encode(), payload.encode(), 0, AT + 1)
    assert not readings
    assert [refusal.code.value for refusal in refusals] == [code]


def test_a_sensor_that_nobody_knows_is_published_to_be_refused() -> None:
    told, payload = message(None, "who", "pm25", "1", AT)
    _, refusals = Contract({"s-1": sensor()}).read(told.encode(), payload.encode(), 0, AT + 1)
    assert [refusal.code.value for refusal in refusals] == ["unknown_sensor"]
