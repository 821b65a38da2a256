"""The whole embedded city with its parts killed in turn: the account balances, and alerts have the same ids as on the
undisturbed day."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from alerts.desk import Desk
from tests.support.small_city import small_city

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
SECONDS = 40
VICTIMS = ("ingest", "judge", "record", "alerts")


def day(city: Path, folder: Path, victims: tuple[str, ...] = ()) -> tuple[dict[str, Any], list[str]]:
    """The report of a day of smog during which each of `victims` is killed in turn, again and again, and the ids of
    its alerts."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("URBANPULSE_")}
    report = folder / "report.json"
    words = ("up", str(city), "--for", str(SECONDS), "--simulate", "smog", "--report", str(report))
    folder.mkdir()
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "urbanpulse", *words],
            cwd=ROOT,
            env={**own, "URBANPULSE_RUNS": str(folder / "runs")},
            stdout=log,
            stderr=log,
        ) as process,
    ):
        while "Ctrl-C" not in (folder / "log").read_text():
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.2)
        killed = 0
        begun = time.monotonic()
        while victims and time.monotonic() < begun + SECONDS - 4:
            time.sleep(2.3)
            victim = victims[killed % len(victims)]
            parts = json.loads((folder / "runs" / "latest" / "status.json").read_bytes())["parts"]
            if pid := next(part["pid"] for part in parts if part["name"] == victim):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        status = process.wait(300)
    told = (folder / "log").read_text()
    assert status == 0, told
    found: dict[str, Any] = json.loads(report.read_text())
    assert found["restarts"] >= killed - 1, told
    with closing(Desk(f"sqlite:///{Path(found['data']) / 'data' / 'alerts.db'}", create=False)) as desk:
        ids = sorted(alert.id for alert in desk.alerts(limit=1000))
    return found, ids


def test_alerts_after_kills_are_those_of_the_undisturbed_day(tmp_path: Path) -> None:
    city = small_city(tmp_path / "city")
    calm, calm_ids = day(city, tmp_path / "calm")
    wild, wild_ids = day(city, tmp_path / "wild", VICTIMS)
    assert wild["restarts"] >= 8
    assert wild["account"]["balanced"]
    assert wild["account"]["received"] == calm["account"]["received"]
    assert wild["account"]["stored"] == calm["account"]["stored"]
    assert wild["findings"] == calm["findings"]
    assert wild_ids == calm_ids
    assert len(calm_ids) > 10
