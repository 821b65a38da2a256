"""The whole part on a real Kafka: the embedded one by default, Apache Kafka in the connected tests."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic
from sqlalchemy.exc import DataError, OperationalError

from alerts.desk import Desk
from alerts.endpoint import Policy
from alerts.service import ChannelsError, patiently, run_alerts
from alerts.settings import AlertSettings
from alerts.silences import Silence
from rules.finding import Finding, encode
from rules.secret import Secret
from simulators.department import DepartmentSettings, run_department
from tests.support.alert_findings import ENVIRON, SECRET, department, finding, log_channel, webhook
from tests.support.servers import Kafka, running
from tests.support.tansu import Tansu

ROOT = Path(__file__).parents[2]
PARTITIONS = 3


@pytest.fixture(scope="module", params=["tansu", pytest.param("kafka", marks=pytest.mark.connected)])
def kafka(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "tansu":
        server = Tansu().start()
        yield server.address
        server.stop()
    else:
        with running(Kafka) as real:
            assert isinstance(real, Kafka)
            yield real.address


topics = iter(range(1000))


@pytest.fixture
def topic(kafka: str) -> str:
    name = f"findings-{next(topics)}"
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.create_topics([NewTopic(name, PARTITIONS, 1)])
    admin.close()
    return name


def produce(kafka: str, topic: str, *values: Finding | bytes | None) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka, acks="all", linger_ms=20)
    for value in values:
        if isinstance(value, Finding):
            producer.send(topic, key=value.key, value=encode(value))
        else:
            producer.send(topic, key=b"poison", value=value)
    producer.flush()
    producer.close()


class Receiver:
    def __init__(self) -> None:
        self.report: dict[str, Any] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.report['port']}/hook"


@contextmanager
def receiving(record: Path) -> Iterator[Receiver]:
    receiver, stop = Receiver(), threading.Event()
    settings = DepartmentSettings("127.0.0.1", 0, Secret(SECRET), record)
    words = {"stop": stop, "say": lambda line: None}
    thread = threading.Thread(target=run_department, args=(settings, receiver.report.update), kwargs=words)
    thread.start()
    try:
        until(lambda: receiver.report)
        yield receiver
    finally:
        stop.set()
        thread.join()


@contextmanager
def alerting(settings: AlertSettings) -> Iterator[dict[str, Any]]:
    report: dict[str, Any] = {}
    stop = threading.Event()
    words = {"stop": stop, "environ": ENVIRON}
    thread = threading.Thread(target=run_alerts, args=(settings, report.update), kwargs=words)
    thread.start()
    try:
        yield report
    finally:
        stop.set()
        thread.join()


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def settings_for(kafka: str, topic: str, folder: Path, url: str) -> AlertSettings:
    return AlertSettings(
        kafka=kafka,
        database_url=f"sqlite:///{folder}/alerts.db",
        departments=department(hook=webhook(url), log=log_channel()),
        data_dir=folder / "data",
        findings=topic,
        policy=Policy(allow_loopback=True),
    )


def now() -> int:
    return time.time_ns() // 1_000_000


def test_from_findings_to_a_verified_webhook_and_on_after_a_restart(kafka: str, topic: str, tmp_path: Path) -> None:
    with receiving(tmp_path / "received.jsonl") as receiver:
        settings = settings_for(kafka, topic, tmp_path, receiver.url)
        first = [finding(1, sensor=f"air-{number}", wall=now()) for number in range(30)]
        with alerting(settings) as report:
            produce(kafka, topic, *first, b"poison", None, *first)
            until(lambda: report.get("channels", {}).get("webhook", {}).get("sent") == 30)
            until(lambda: sum(report["position"].values()) == 62)
        assert report["alerts"] == {"open": 30, "acknowledged": 0, "resolved": 0}
        assert report["findings"] == {"changed": 30, "seen": 30, "poison": 2}
        assert report["deliveries"] == {"sent": 60, "waiting": 0, "held": 0, "failed": 0}
        assert 0 < report["latency_ms"]["p50"] <= report["latency_ms"]["p99"] < 20_000

        produce(kafka, topic, *[finding(2, "cleared", sensor=f"air-{number}", wall=now()) for number in range(30)])
        with alerting(settings) as report:
            until(lambda: report.get("channels", {}).get("webhook", {}).get("sent") == 60)
        assert report["findings"] == {"changed": 30, "seen": 0, "poison": 0}
        assert report["alerts"]["resolved"] == 30
        until(lambda: receiver.report["requests"] == 60)
        assert receiver.report == receiver.report | {"verified": 60, "duplicates": 0, "distinct": 60}


def test_what_a_silence_kept_is_told_when_another_process_ends_it(kafka: str, topic: str, tmp_path: Path) -> None:
    with receiving(tmp_path / "received.jsonl") as receiver:
        settings = settings_for(kafka, topic, tmp_path, receiver.url)
        with alerting(settings) as report:
            until(lambda: "alerts" in report)
            officer = Desk(settings.database_url, create=False)
            hour = now() + 3_600_000
            kept = officer.silence(Silence(sensor="air-1", begins=0, ends=hour, by="li", because="a test"))
            produce(kafka, topic, finding(1, sensor="air-1"), finding(1, sensor="air-2"))
            until(lambda: report["alerts"]["open"] == 2 and report["deliveries"]["sent"] == 2)
            until(lambda: receiver.report["requests"] == 1)
            officer.end_silence(kept.id, "wu")
            until(lambda: report["deliveries"]["sent"] == 4)
            officer.close()
        until(lambda: receiver.report["requests"] == 2)
        assert receiver.report["verified"] == 2


def test_killed_again_and_again_it_forgets_and_invents_nothing(
    kafka: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    topic, kills = "findings", 2 if request.node.callspec.params["kafka"] == "tansu" else 6
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.create_topics([NewTopic(topic, PARTITIONS, 1)])
    admin.close()
    dice, alerts = random.Random(5), 60
    database = f"sqlite:///{tmp_path}/alerts.db"
    with receiving(tmp_path / "received.jsonl") as receiver:
        command = [sys.executable, "-m", "tests.support.alerts_process", kafka, database, str(tmp_path), receiver.url]

        def start() -> subprocess.Popen[bytes]:
            return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **ENVIRON}, stdout=subprocess.DEVNULL)

        process = start()
        for revision, change in enumerate(["fired", "changed", "cleared"], start=1):
            told = [finding(revision, change, sensor=f"air-{number}", wall=now()) for number in range(alerts)]  # type: ignore[arg-type]
            produce(kafka, topic, *told)
            for _ in range(kills // 2 if revision < 3 else 0):
                time.sleep(dice.uniform(0.6, 1.6))
                process.send_signal(signal.SIGKILL)
                process.wait()
                process = start()
        until(lambda: receiver.report["distinct"] == 3 * alerts, 60)
        desk = Desk(database, create=False)
        until(lambda: desk.deliveries()["sent"] == 3 * alerts)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert desk.counts() == {"open": 0, "acknowledged": 0, "resolved": alerts}
        assert desk.deliveries() == {"sent": 3 * alerts, "waiting": 0, "held": 0, "failed": 0}
        # a kill may repeat what was on its way: four places at the one endpoint
        until(lambda: receiver.report["requests"] == receiver.report["verified"])
        assert receiver.report["duplicates"] <= kills * 4
        desk.close()


def test_channels_that_cannot_be_built_are_all_named_before_anything_starts(tmp_path: Path) -> None:
    both = department(
        one=webhook("http://127.0.0.1:9/", "environment/one", env="NONE"),
        two=webhook("https://10.0.0.1/", "environment/two"),
    )
    settings = AlertSettings("127.0.0.1:1", f"sqlite:///{tmp_path}/a.db", both, tmp_path)
    with pytest.raises(ChannelsError) as refused:
        run_alerts(settings, environ={"SECRET": "hunter2"})
    assert "environment/one" in str(refused.value)
    assert "environment/two: 10.0.0.1 is in a private network" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_patience_ends_with_an_answer_a_stop_or_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerts.service.AWAY_SECONDS", 0.01)
    away = OperationalError("", {}, Exception("connection refused"))
    wrong = DataError("", {}, Exception("no such value"))
    answers: list[Exception | int] = [away, away, 7]

    def ask() -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert patiently(ask, threading.Event()) == 7
    answers += [wrong]
    with pytest.raises(DataError):
        patiently(ask, threading.Event())
    stop = threading.Event()
    stop.set()
    answers += [away]
    assert patiently(ask, stop) is None


def test_settings_do_not_show_a_password(tmp_path: Path) -> None:
    settings = AlertSettings("k:1", "postgresql://u:hunter2@h/d", {}, tmp_path)
    assert "hunter2" not in repr(settings)


def test_while_kafka_is_away_it_waits_and_says_so_sparingly(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = AlertSettings("127.0.0.1:1", f"sqlite:///{tmp_path}/a.db", {}, tmp_path)
    with alerting(settings) as report:
        until(lambda: report.get("alerts"))
        time.sleep(0.5)
    assert report["position"] == {}
    assert 1 <= len([record for record in caplog.records if record.name.startswith("alerts")]) <= 8
