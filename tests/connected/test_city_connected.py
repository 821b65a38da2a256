"""The whole city in one command on real servers: Mosquitto with passwords and an ACL, Apache Kafka, InfluxDB, and for
the alerts PostgreSQL. Nothing but addresses and secrets differs from the embedded city."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Command, processes_of
from tests.support.servers import Influx, Kafka, Mosquitto, Postgres, running
from tests.support.small_city import small_city

pytestmark = [pytest.mark.connected, pytest.mark.timeout(400)]

BRIDGES = "east=city/centre/#,city/east/#,city/north/#;west=city/harbour/#,city/south/#,city/west/#"
SECONDS = 12


@pytest.fixture
def servers() -> Iterator[dict[str, str]]:
    """The environment of a city on fresh servers."""
    with ExitStack() as undo:
        mosquitto = undo.enter_context(running(Mosquitto))
        kafka = undo.enter_context(running(Kafka))
        influx = undo.enter_context(running(Influx))
        postgres = undo.enter_context(running(Postgres))
        assert isinstance(kafka, Kafka)
        assert isinstance(influx, Influx)
        assert isinstance(postgres, Postgres)
        yield {
            "URBANPULSE_MQTT__URL": f"mqtt://127.0.0.1:{mosquitto.port}",
            "URBANPULSE_MQTT__USERNAME": "bridge",
            "URBANPULSE_MQTT__PASSWORD": Mosquitto.PASSWORD,
            "URBANPULSE_SIMULATOR__USERNAME": "simulator",
            "URBANPULSE_SIMULATOR__PASSWORD": Mosquitto.PASSWORD,
            "URBANPULSE_KAFKA__URL": kafka.address,
            "URBANPULSE_STORE__URL": influx.store_url,
            "URBANPULSE_STORE__TOKEN": Influx.TOKEN,
            "URBANPULSE_ALERTS__URL": postgres.url,
        }


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_city(tmp_path_factory.mktemp("small") / "city")


def day(command: Command, city: Path, folder: Path, kill: tuple[str, ...] = ()) -> dict[str, Any]:
    """The report of a day of smog; each part of `kill` is killed once while it is played."""
    report, log = folder / "report.json", folder / "log"
    with log.open("w") as out:
        words = ("up", str(city), "--for", str(SECONDS), "--simulate", "smog", "--report", str(report))
        process = command.start(*words, stdout=out, stderr=out)
        while "Ctrl-C" not in log.read_text():
            assert process.poll() is None, log.read_text()
            time.sleep(0.2)
        for name in kill:
            time.sleep(1.5)
            if (pid := command.parts()[name]["pid"]) is not None:
                os.kill(pid, signal.SIGKILL)
        status = process.wait(300)
    assert status == 0, log.read_text()
    found: dict[str, Any] = json.loads(report.read_text())
    account = found["account"]
    assert account["balanced"]
    assert account["exact"]
    assert account["received"] > 10_000
    assert account["late"] == 0
    assert len(found["expected"]["found"]) > 50
    assert found["expected"]["missed"] == found["expected"]["unexpected"] == []
    assert found["deliveries"]["sent"] == found["deliveries"]["verified"] > 0
    assert processes_of(folder) == []
    return found


def test_a_day_of_smog_on_real_servers(servers: dict[str, str], city: Path, tmp_path: Path) -> None:
    command = Command(tmp_path, **servers)
    day(command, city, tmp_path)
    assert set(command.parts()) == {"ingest", "judge", "record", "alerts", "console", "simulator", "department"}
    # The servers have it all still when the city has stopped.
    now = command.json("account")
    assert now["balanced"]
    assert command.json("account", "--exact")["exact"]
    assert len(json.loads(command("read", "air-centre-01", "pm25", "--format", "json"))) == 288
    assert "not_json" in command("refused", "-n", "50")


def test_two_bridges_and_every_part_killed(servers: dict[str, str], city: Path, tmp_path: Path) -> None:
    command = Command(tmp_path, URBANPULSE_INGEST__BRIDGES=BRIDGES, **servers)
    found = day(command, city, tmp_path, kill=("ingest-east", "judge", "record", "alerts", "ingest-west"))
    assert found["restarts"] >= 4


def test_secrets_are_in_no_file_of_the_run_and_in_no_command_line(
    servers: dict[str, str], city: Path, tmp_path: Path
) -> None:
    command = Command(tmp_path, **servers)
    log = tmp_path / "log"
    with log.open("w") as out:
        process = command.start("up", str(city), stdout=out, stderr=out)
        try:
            while "Ctrl-C" not in log.read_text():
                assert process.poll() is None, log.read_text()
                time.sleep(0.2)
            lines = processes_of(tmp_path)
            assert len(lines) >= 7
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
    webhook = (tmp_path / "runs" / "latest" / "secrets" / "webhook").read_text()
    for secret in (Mosquitto.PASSWORD, Influx.TOKEN, webhook):
        assert not any(secret in line for line in lines)
        for file in (tmp_path / "runs").rglob("*"):
            if file.is_file() and file.parent.name != "secrets":
                assert secret.encode() not in file.read_bytes(), file
    assert all(file.stat().st_mode & 0o077 == 0 for file in (tmp_path / "runs" / "latest" / "secrets").iterdir())


def test_parts_started_one_by_one_as_in_a_real_deployment(servers: dict[str, str], city: Path, tmp_path: Path) -> None:
    own = {
        "URBANPULSE_ALERTS__ALLOW_LOOPBACK": "true",
        "URBANPULSE_INGEST__CLOCK": "publisher",
        "URBANPULSE_WEBHOOK_SECRET": "whsec_" + "A" * 32,
    }
    command = Command(tmp_path, **servers, **own)
    with ExitStack() as undo:
        for part in ("ingest", "judge", "record", "alerts"):
            log = undo.enter_context((tmp_path / f"{part}.log").open("w"))
            process = command.start("run", part, str(city), "--run", str(tmp_path / "own"), stdout=log, stderr=log)
            undo.callback(process.wait, 30)
            undo.callback(process.terminate)
        mqtt = servers["URBANPULSE_MQTT__URL"]
        words = ("simulate", "smog", "--city", str(city), "--mqtt", mqtt, "--for", "8")
        said = command(*words, "--result", str(tmp_path / "published.json"))
        published = json.loads((tmp_path / "published.json").read_text())
        assert f"{published['received']} readings" in said
        end = time.monotonic() + 60
        while True:
            now = command.json("account", str(city), "--run", str(tmp_path / "own"))
            waiting = {stage: count for stage, count in now["waiting"].items() if stage != "delivery"}
            if now["stored"] == published["received"] and not any(waiting.values()):
                break  # nobody receives the webhooks: they wait, as they must
            assert time.monotonic() < end, now
            time.sleep(0.5)
        assert now["balanced"]
        assert now["refused"] == published["refused"]
        assert now["findings"] == len(published["expected"])
        assert command.json("account", str(city), "--exact", "--run", str(tmp_path / "own"))["exact"]
