"""What the simulated city says is what the contract accepts and refuses: every message of every scenario."""

import json
from collections import Counter

import pytest

from ingest.contract import Contract
from rules.identity import refusal_id
from simulators.city import City
from simulators.device import Device, raw, time_text
from simulators.ledger import Ledger
from simulators.message import Message
from simulators.place import DAY, HOUR
from simulators.play import even
from simulators.scenario import Scenario, Setting
from simulators.schedule import Schedule
from simulators.settings import FIRST_DAY
from tests.support.sample_city import played, sensors

END = FIRST_DAY + DAY
STEP = 300_000


def day(city: City, step: int = STEP) -> list[list[Message]]:
    return [city.step(start, end) for start, end in even(FIRST_DAY, END, step)]


def test_the_same_seed_says_the_same_bytes_and_another_one_does_not() -> None:
    hour = (FIRST_DAY + 8 * HOUR, FIRST_DAY + 9 * HOUR)
    assert played("smog")[1].step(*hour) == played("smog")[1].step(*hour)
    assert played("smog")[1].step(*hour) != played("smog", seed=2)[1].step(*hour)


def test_how_time_is_cut_into_steps_changes_no_reading() -> None:
    city = played("smog")[1]
    fine = {
        reading
        for start, end in even(FIRST_DAY, FIRST_DAY + 4 * HOUR, 60_000)
        for message in city.step(start, end)
        for reading in message.readings
    }
    coarse = {reading for message in city.step(FIRST_DAY, FIRST_DAY + 4 * HOUR) for reading in message.readings}
    assert fine == coarse


@pytest.mark.parametrize("name", ["flash-flood", "jam", "noisy-night", "heat-wave"])
def test_every_message_of_the_newer_days_is_read_as_it_says(name: str) -> None:
    contract, (_, city) = Contract(sensors()), played(name)
    for start, end in even(FIRST_DAY + 11 * HOUR, FIRST_DAY + 13 * HOUR, STEP):
        for message in city.step(start, end):
            outcome = contract.read(message.topic, message.payload, start - 7 * DAY, end + 60_000)
            said = {(r.sensor, r.metric, r.ts) for r in outcome.readings}
            assert said == {(sensor, metric, ts) for sensor, ts, metrics in message.readings for metric in metrics}
            assert {(r.code.value, r.index) for r in outcome.refusals} == set(message.refusals), message


def test_the_contract_accepts_and_refuses_just_what_the_simulator_says() -> None:
    """Readings and refusals by identity, against the real contract and the publisher's clock."""
    contract, ledger = Contract(sensors()), Ledger()
    accepted: set[tuple[str, str, int]] = set()
    refused: dict[str, str] = {}
    seen = Counter[Message]()
    _, city = played("smog")
    for start, end in even(FIRST_DAY, END, STEP):
        for message in city.step(start, end):
            ledger.accept(message)
            seen[message] += 1
            outcome = contract.read(message.topic, message.payload, start - 7 * DAY, end + 60_000)
            said = {(r.sensor, r.metric, r.ts) for r in outcome.readings}
            assert said == {(sensor, metric, ts) for sensor, ts, metrics in message.readings for metric in metrics}
            accepted |= said
            assert {(r.code.value, r.index) for r in outcome.refusals} == set(message.refusals), message
            for refusal in outcome.refusals:
                identity = refusal_id(message.topic.encode(), message.payload, refusal.index)
                refused[identity] = refusal.code.value
    assert ledger.received == len(accepted)
    assert ledger.refused == dict(Counter(refused.values()))
    assert len(ledger.refused) >= 12
    assert 250_000 < ledger.received < 350_000
    assert 50_000 < ledger.messages < 80_000
    repeated = {message for message, count in seen.items() if count > 1}
    assert any(message.readings for message in repeated)
    assert any(message.refusals for message in repeated)


def test_a_device_speaks_its_own_unit_and_the_contract_gives_the_truth_back() -> None:
    contract = Contract(sensors())
    truth = {"pm25": 61.0, "co": 0.8, "o3": 55.0, "temperature": -3.2, "humidity": 0.71, "pressure": 1012.4,
             "wind_speed": 4.2, "water_level": 1.234, "speed": 47.3, "occupancy": 0.183, "noise": 58.4}  # fmt: skip
    for sensor in sensors().values():
        device = Device(sensor)
        at = FIRST_DAY + 1000
        said = device.say(at, truth)
        payload = f"[{said}]" if sensor.gateway else said
        outcome = contract.read(device.topic, payload.encode(), at, at)
        assert not outcome.refusals
        assert {r.metric for r in outcome.readings} == set(truth) & set(sensor.channels)
        for reading in outcome.readings:
            assert reading.ts == at
            assert reading.value == pytest.approx(truth[reading.metric], rel=0.01, abs=0.06)


def test_raw_values_follow_the_calibration_of_their_date() -> None:
    channel = sensors()["air-centre-04"].channels["pm25"]
    assert len(channel.calibrations) == 2
    before, first, second = channel.calibrations[0].since - 1, channel.calibrations[0], channel.calibrations[1]
    assert raw(channel, 50.0, before) == 50.0
    assert raw(channel, 50.0, first.since) == pytest.approx((50.0 - first.offset) / first.gain)
    assert raw(channel, 50.0, second.since) == pytest.approx((50.0 - second.offset) / second.gain)


def test_times_are_written_in_the_declared_format() -> None:
    assert time_text(1_768_867_205_000, "rfc3339") == '"2026-01-20T00:00:05.000Z"'
    assert time_text(1_768_867_205_250, "rfc3339") == '"2026-01-20T00:00:05.250Z"'
    assert time_text(1_768_867_205_000, "s") == "1768867205"
    assert time_text(1_768_867_205_250, "s") == "1768867205.250"
    assert time_text(1_768_867_205_000, "ms") == "1768867205000"


def test_a_gateway_says_all_it_has_once_a_step() -> None:
    _, city = played("ordinary")
    step = city.step(FIRST_DAY + HOUR, FIRST_DAY + HOUR + 2 * STEP)
    quay = [message for message in step if message.topic == "city/harbour/gateway/gw-harbour-quay"]
    assert len(quay) == 1
    assert len({item["sensor"] for item in json.loads(quay[0].payload)}) == 20


def test_schedules_keep_to_their_interval_and_spread_over_it() -> None:
    schedule = Schedule(1)
    phases = set()
    for sensor in sensors().values():
        at = schedule.next(sensor, FIRST_DAY)
        assert FIRST_DAY <= at < FIRST_DAY + sensor.interval
        assert schedule.next(sensor, at) == at
        assert schedule.next(sensor, at + 1) == at + sensor.interval
        assert schedule.last(sensor, at) == at - sensor.interval
        assert schedule.last(sensor, at + 1) == at
        phases.add(at)
    assert len(phases) > 250


def test_a_registry_of_strangers_plays_too() -> None:
    """Only gateways, or nobody at all: no mishap is invented for sensors that are not there."""
    behind = {id_: sensor for id_, sensor in sensors().items() if sensor.gateway == "gw-north-road"}
    for some in (behind, {}):
        scenario_city = City(Scenario(
            Setting(some, Schedule(1), 1, FIRST_DAY)))  # fmt: skip
        messages = [message for step in day(scenario_city, HOUR) for message in step]
        assert not [message for message in messages if message.refusals]
        assert bool(messages) == bool(some)


def test_the_ledger_counts_identities() -> None:
    ledger = Ledger()
    good = Message("city/a/b/c", b"x", (("c", 5, ("p", "q")),))
    half = Message("city/a/b/c", b"y", (("c", 5, ("q",)), ("d", 5, ("q",))), (("out_of_range", 0),))
    for message in (good, half, good, half):
        ledger.accept(message)
    assert (ledger.messages, ledger.received, ledger.refused) == (4, 3, {"out_of_range": 1})
