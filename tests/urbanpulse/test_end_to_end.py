"""The whole city in one command, on the embedded servers: a bad day published, judged, stored, told and accounted
for; and what a person sees who looks at it meanwhile or afterwards."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.command import Command, processes_of
from tests.support.planted import plant
from tests.support.small_city import small_city

PARTS = ("mqtt", "kafka", "ingest", "judge", "record", "alerts", "console", "simulator", "department")

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_city(tmp_path_factory.mktemp("small") / "city")


def test_a_day_of_smog_from_the_sensors_to_the_departments(city: Path, tmp_path: Path) -> None:
    command, file = Command(tmp_path), tmp_path / "report.json"
    said = command("up", str(city), "--for", "6", "--simulate", "smog", "--report", str(file))
    report = json.loads(file.read_text())
    account, expected = report["account"], report["expected"]
    assert account["received"] == account["stored"] + sum(account["refused"].values()) > 10_000
    assert account["balanced"] is True
    assert (account["waiting"], account["late"]) == (0, 0)
    assert account["refused"]["not_json"] == 1
    assert len(expected["found"]) > 50
    assert expected["missed"] == expected["unexpected"] == []
    assert report["findings"] == len(expected["found"])
    districts = [each for each in expected["found"] if each["rule"] == "smog-district"]
    assert {each["change"] for each in districts} >= {"fired", "cleared"} and len(districts) >= 8
    deliveries = report["deliveries"]
    assert deliveries["sent"] == deliveries["verified"] > 0
    assert (deliveries["duplicates"], deliveries["failed"]) == (0, 0)
    assert sum(report["alerts"].values()) > 0
    for latency in report["latency_ms"].values():
        assert 0 < latency["p50"] <= latency["p99"]
    assert report["versions"]["faust-streaming"] == "0.15.3"
    assert f"run       {report['data']}" in said

    assert processes_of(tmp_path) == []
    parts = command.parts()
    assert set(parts) == {*PARTS}
    assert {part["pid"] for part in parts.values()} == {None}
    assert parts["simulator"]["state"] == "finished"

    # What the run has kept is readable when its brokers are gone, and what it has not is said.
    series = json.loads(command("read", "air-centre-01", "pm25", "--format", "json"))
    assert len(series) == 288
    # So are the indices that the judge has made of it: an hour, of which the day has 24, as of its end.
    hours = json.loads(command("read", "air-centre-01", "aqi_us", "--format", "json"))
    assert 21 <= len(hours) <= 24 and max(each["value"] for each in hours) > 150
    assert "kept nothing" in command("account", code=1)

    # The rules run over the store afterwards say what the city said, by the same names.
    run = Path(report["data"])
    told = command.json("backtest", str(run / "city"), "--data", f"sqlite:///{run / 'data' / 'readings.db'}")
    with closing(sqlite3.connect(run / "data" / "alerts.db")) as desk:
        episodes = {episode for (episode,) in desk.execute("SELECT DISTINCT episode FROM alerts")}
        last = desk.execute("SELECT max(at) FROM alerts").fetchone()[0]
    assert {each["episode"] for each in told["findings"] if each["at"] <= last} == episodes


@pytest.fixture
def living(city: Path, tmp_path: Path) -> Iterator[tuple[Command, subprocess.Popen[str], str]]:
    """A city that is up and goes on: the command, its process, the address of its board."""
    command = Command(tmp_path)
    log = (tmp_path / "log").open("w")
    process = command.start("up", str(city), stdout=log, stderr=log)
    try:
        end = time.monotonic() + 60
        while "board" not in (said := (tmp_path / "log").read_text()):
            assert process.poll() is None, said
            assert time.monotonic() < end, said
            time.sleep(0.1)
        board = next(line.split()[1] for line in said.splitlines() if line.startswith("  board"))
        yield command, process, board
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(60)
        log.close()


def test_a_city_that_goes_on(living: tuple[Command, subprocess.Popen[str], str], tmp_path: Path) -> None:
    command, process, board = living

    def get(path: str) -> str:
        with urllib.request.urlopen(board + path, timeout=10) as answer:
            return str(answer.read().decode())

    def until(what: str, holds: Callable[[], object], seconds: float = 100) -> None:
        end = time.monotonic() + seconds
        while not holds():
            logs = "\n".join(
                f"{path.name}:\n{path.read_text()[-3000:]}" for path in tmp_path.glob("runs/latest/logs/*")
            )
            assert time.monotonic() < end, f"waited in vain for {what}\n{logs}\n{command('account')}"
            time.sleep(0.3)

    until("an alert", lambda: command.json("account")["alerts"]["open"] > 0)
    assert "smog" in get("")

    # A reading of one's own, and why one was refused.
    command("send", "air-centre-01", "pm25", "-5")
    until("the refusal", lambda: "out_of_range" in command("refused", "-n", "1"))
    assert '"pm25":-5' in command("refused", "-n", "1")

    # A killed part comes back, and nothing is lost or doubled by it.
    parts = command.parts()
    assert {part["state"] for part in parts.values()} == {"running"}
    for name in ("ingest", "record"):
        os.kill(parts[name]["pid"], signal.SIGKILL)
    until("the restart", lambda: command.parts()["record"]["restarts"] == 1)
    command("send", "air-centre-01", "no2", "44")
    until(
        "the reading",
        lambda: 44 in [one["value"] for one in json.loads(command("read", "air-centre-01", "no2", "--format", "json"))],
    )
    exact = command.json("account", "--exact")
    assert exact["exact"] is True
    assert exact["stored"] > 10_000

    # A planted loss, a planted duplicate with another value and a misrouted reading are found, and named.
    plant(tmp_path / "runs" / "latest", "air-centre-01", lost="so2", doubled="pm10")
    until("the poison", lambda: "bad_frame: misrouted" in command("refused", "-n", "1"))
    found = command.json("account", "--exact", code=1)
    for kind, metric in (("missing", "so2"), ("conflicting", "pm10")):
        assert [(one["sensor"], one["metric"]) for one in found[kind]["named"]] == [("air-centre-01", metric)]
    assert (found["extra"]["count"], found["differing"]["count"]) == (0, 0)
    [bad] = found["bad_frames"]
    assert (bad["code"], bad["refused"]) == ("misrouted", True)
    assert "air-centre-01" in bad["detail"]

    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert processes_of(tmp_path) == []


def test_a_lost_embedded_broker_ends_the_run(city: Path, tmp_path: Path) -> None:
    command = Command(tmp_path)
    with command.start("up", str(city), stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Ctrl-C" in line:
                break
        parts = command.parts()
        os.kill(parts["kafka"]["pid"], signal.SIGKILL)
        said = process.stdout.read()
        assert process.wait(60) == 1
    assert "kafka was killed by SIGKILL: what it held is lost" in said
    assert processes_of(tmp_path) == []


def test_a_port_in_use_says_what_to_do(city: Path, tmp_path: Path) -> None:
    command = Command(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command.environ["URBANPULSE_CONSOLE__PORT"] = str(port)
        said = command("up", str(city), "--for", "5", code=1)
    assert f"port {port} of 127.0.0.1 cannot be had" in said
    assert "URBANPULSE_CONSOLE__PORT=0" in said
    assert "Traceback" not in said


def test_a_missing_wheel_says_what_to_do(city: Path, tmp_path: Path) -> None:
    command = Command(tmp_path)
    command.environ["CALF_TANSU_BIN"] = str(tmp_path / "nothing")
    said = command("up", str(city), "--for", "5", code=1)
    assert "Linux x86-64 and macOS arm64 only" in said
    assert "URBANPULSE_KAFKA__URL=host:port" in said
    assert "Traceback" not in said
