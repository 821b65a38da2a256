"""A bad day that is played up to the present and goes on from there, the publisher's clock becoming the wall's."""

import json
import threading
import time
from calendar import timegm

import pytest

from simulators.place import HOUR
from simulators.present import WORST, day_of, present
from simulators.published import Published
from simulators.settings import MqttSettings, SimulateSettings
from simulators.stop import Stop
from tests.support.mqtt_stub import Got, MqttStub
from tests.support.sample_city import sensors

HERE = ("air-centre-05", "noise-centre-01", "weather-west-01")


def wall() -> int:
    return int(time.time() * 1000)


def played(seconds: float, since: int | None = None) -> tuple[Published, list[Got], list[int]]:
    stub, stop, told = MqttStub(), Stop(), list[int]()
    few = {id_: sensors()[id_] for id_ in HERE}
    settings = SimulateSettings(MqttSettings(port=stub.port), few, "smog", start=day_of(wall()))
    timer = threading.Timer(seconds, stop.ask)
    timer.start()
    published = present(settings, told.append, since, lambda text: None, stop)
    timer.join()
    stub.stop()
    return published, stub.got, told


def test_a_day_begins_at_a_whole_hour_so_that_now_is_its_worst() -> None:
    now = wall()
    assert day_of(now) % HOUR == 0
    assert WORST <= now - day_of(now) < WORST + HOUR


def test_the_morning_comes_at_once_and_then_the_clock_is_the_walls() -> None:
    published, got, told = played(1.8)
    clocks = [json.loads(one.payload) for one in got if one.topic == "urbanpulse/clock"]
    times = [clock["t"] for clock in clocks]
    assert times == sorted(times)
    assert all(clock["next"] > clock["t"] or clock is clocks[0] for clock in clocks)
    assert wall() - 4_000 < times[-1] <= wall()
    assert [b - a for a, b in zip(times[-2:], times[-1:], strict=False)] == [1_000]  # a second a second
    assert told == sorted(set(told))
    assert told[-1] in times[-2:]
    assert published.end == told[-1]
    readings = [one for one in got if one.topic.startswith("city/") and one.topic.endswith(HERE)]
    assert len(readings) > 13 * 12 + 2 * 13 * 6 - 10
    assert not published.complete


def test_no_reading_is_older_than_the_clock_before_it_or_newer_than_was_announced() -> None:
    _, got, _ = played(0.6)
    now, coming = 0, 0
    for one in got:
        payload = json.loads(one.payload or b"null") if one.payload.endswith(b"}") else None
        if one.topic == "urbanpulse/clock":
            now, coming = payload["t"], payload["next"]
        elif one.topic.endswith("noise-centre-01"):
            at = time.strptime(payload["ts"], "%Y-%m-%dT%H:%M:%S.000Z")
            assert now <= timegm(at) * 1000 < coming


def test_after_a_restart_it_goes_on_where_it_was() -> None:
    since = wall() // 1000 * 1000 - 3 * HOUR
    published, got, told = played(1.0, since)
    assert published.start == since
    assert json.loads(got[0].payload)["t"] == since
    assert told[0] > since
    noise = [one for one in got if one.topic.endswith("noise-centre-01")]
    assert len(noise) == pytest.approx(18, abs=1)
