"""A simulated day through a broker: the publisher owns the clock, and its account is written down."""

import json
import os
import signal
import threading
import time
from calendar import timegm
from pathlib import Path

import pytest

from rules.sensor import Sensor
from simulators.badday import scenario
from simulators.published import read
from simulators.scenario import ScenarioError, Setting
from simulators.schedule import Schedule
from simulators.settings import FIRST_DAY, MqttSettings, SimulateSettings
from simulators.simulate import simulate
from simulators.stop import Stop, signals
from tests.support.mqtt_stub import MqttStub
from tests.support.sample_city import sensors

DAY = 86_400_000


def quiet(text: str) -> None:
    """Nobody listens."""


def few() -> dict[str, Sensor]:
    return {id_: s for id_, s in sensors().items() if id_ in ("air-centre-05", "noise-centre-44", "weather-west-01")}


def test_a_day_is_played_step_by_step_under_the_publishers_clock(tmp_path: Path) -> None:
    stub = MqttStub()
    settings = SimulateSettings(MqttSettings(port=stub.port), few(), "smog", seconds=0.0, result=tmp_path / "r.json")
    published = simulate(settings, quiet)
    stub.stop()
    now, latest = -1, -1
    told = []
    for got in stub.got:
        if got.topic == "urbanpulse/clock":
            clock = json.loads(got.payload)
            assert clock["t"] > now
            assert clock["next"] >= clock["t"] >= latest
            now, coming = clock["t"], clock["next"]
            told.append(now)
        elif got.topic == "city/centre/gateway/gw-centre-noise":
            for item in json.loads(got.payload):
                ts = time.strptime(item["ts"], "%Y-%m-%dT%H:%M:%S.000Z")
                latest = max(latest, timegm(ts) * 1000)
                assert now <= latest < coming
    assert told[0] == FIRST_DAY
    assert told[-2:] == [FIRST_DAY + DAY, FIRST_DAY + DAY + 600_000]
    assert len(told) == 290
    assert published.complete
    assert read(tmp_path / "r.json") == published
    assert published.expected == scenario("smog", Setting(few(), Schedule(1), 1, FIRST_DAY)).expected()
    assert published.messages == len(stub.got)
    assert (published.start, published.end) == (FIRST_DAY, FIRST_DAY + DAY)


def test_it_takes_the_time_it_is_given_and_tells_when_it_falls_behind() -> None:
    stub = MqttStub()
    settings = SimulateSettings(MqttSettings(port=stub.port), few(), seconds=0.8, step=3_600_000)
    begun = time.monotonic()
    published = simulate(settings, quiet)
    assert time.monotonic() - begun > 0.7
    stub.stop()

    def slow(number: int, topic: str) -> int:
        time.sleep(0.12 if topic == "urbanpulse/clock" else 0.0)
        return 0

    said: list[str] = []
    stub = MqttStub(slow)
    published = simulate(
        SimulateSettings(MqttSettings(port=stub.port), few(), seconds=0.1, step=7_200_000), said.append
    )
    assert published.late_steps > 5
    assert published.behind > 1.0
    assert len([text for text in said if "behind" in text]) == 1
    stub.stop()


def test_a_stop_leaves_an_account_of_what_was_published(tmp_path: Path) -> None:
    stop = Stop()
    stub = MqttStub()
    threading.Timer(0.4, stop.ask).start()
    settings = SimulateSettings(MqttSettings(port=stub.port), few(), seconds=60.0, result=tmp_path / "r.json")
    published = simulate(settings, quiet, stop)
    assert not published.complete
    assert published.messages == len(stub.got) > 0
    assert read(tmp_path / "r.json") == published
    stub.stop()


def test_a_crooked_start_and_an_unknown_scenario_are_refused_before_anything_is_sent() -> None:
    settings = SimulateSettings(MqttSettings(port=1), few(), start=FIRST_DAY + 1)
    with pytest.raises(ScenarioError, match="whole hour"):
        simulate(settings, quiet)
    with pytest.raises(ScenarioError, match="no scenario"):
        simulate(SimulateSettings(MqttSettings(port=1), few(), "fog"), quiet)


def test_signals_ask_for_a_stop_and_are_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    stop = Stop()
    with signals(stop):
        assert not stop()
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop()
    assert signal.getsignal(signal.SIGTERM) is before
