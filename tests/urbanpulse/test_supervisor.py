"""The supervisor with small parts: restarts, the order of stopping, what dies with it, what it says of all that."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from urbanpulse import status
from urbanpulse.backoff import Backoff
from urbanpulse.run_folder import Run, create
from urbanpulse.supervisor import PartDiedError, PartPlan, Supervisor

ROOT = Path(__file__).parents[2]

LIVES = """
import signal, sys, time
from pathlib import Path
from urbanpulse.lifeline import die_with_parent
die_with_parent()
name, folder = sys.argv[1], Path(sys.argv[2])
def stop(*_):
    with (folder / "order").open("a") as out:
        out.write(name + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("here I am", flush=True)
(folder / f"{name}.up").touch()
time.sleep(60)
"""

DEAF = """
import signal, sys, time
from pathlib import Path
signal.signal(signal.SIGTERM, signal.SIG_IGN)
Path(sys.argv[2], sys.argv[1] + ".up").touch()
time.sleep(60)
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return create(tmp_path)


def part(name: str, folder: Path, code: str = LIVES, **more: object) -> PartPlan:
    environ = {"PYTHONPATH": str(ROOT)}
    return PartPlan(name, (sys.executable, "-c", code, name, str(folder)), environ, **more)  # type: ignore[arg-type]


def until(holds: Callable[[], object], look: Callable[[], None] = lambda: None, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        look()
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return False


def test_backoff_doubles_to_a_limit_and_forgets_after_a_healthy_life() -> None:
    wait = Backoff(first=1.0, most=6.0, healthy=60.0)
    assert [wait.after(0.1) for _ in range(5)] == [1.0, 2.0, 4.0, 6.0, 6.0]
    assert wait.after(60.0) == 1.0
    assert wait.after(0.1) == 2.0


def test_a_killed_part_is_started_again_and_it_is_said(run: Run) -> None:
    said: list[str] = []
    with Supervisor(run, said.append) as supervisor:
        supervisor.start(part("a", run.folder))
        until((run.folder / "a.up").exists)
        first = supervisor.pid("a")
        assert first is not None
        os.kill(first, signal.SIGKILL)
        until(lambda: supervisor.state("a") == "restarting", supervisor.look)
        assert supervisor.pid("a") is None
        until(lambda: supervisor.state("a") == "running", supervisor.look)
        assert supervisor.pid("a") != first
        [kept] = status.load(run).parts
        assert (kept.name, kept.restarts) == ("a", 1)
    assert said == ["a was killed by SIGKILL; started again in 0.5 s"]


def test_parts_stop_in_the_order_asked_for(run: Run) -> None:
    with Supervisor(run, print) as supervisor:
        for name in ("one", "two", "three", "four"):
            supervisor.start(part(name, run.folder))
        until(lambda: all((run.folder / f"{name}.up").exists() for name in ("one", "two", "three", "four")))
        supervisor.stop_all([["two", "nobody"], ["four"], ["one", "three"]])
        stopped = (run.folder / "order").read_text().split()
        assert stopped[:2] == ["two", "four"]
        assert sorted(stopped[2:]) == ["one", "three"]
        assert {one.state for one in status.load(run).parts} == {"stopped"}


def test_a_deaf_part_is_killed_after_its_grace(run: Run) -> None:
    said: list[str] = []
    with Supervisor(run, said.append) as supervisor:
        supervisor.start(part("deaf", run.folder, DEAF, grace=0.3))
        until((run.folder / "deaf.up").exists)
        pid = supervisor.pid("deaf")
    assert pid is not None
    assert not alive(pid)
    assert said == ["deaf did not stop in 0.3 s and was killed"]


def test_a_part_that_ends_by_itself_is_finished_or_failed(run: Run) -> None:
    said: list[str] = []
    with Supervisor(run, said.append) as supervisor:
        supervisor.start(part("done", run.folder, "pass", once=True))
        supervisor.start(part("broken", run.folder, "raise SystemExit('no more paper')", once=True))
        until(lambda: {supervisor.state("done"), supervisor.state("broken")} == {"finished", "failed"}, supervisor.look)
    assert len(said) == 1
    assert "broken ended with status 1" in said[0]
    assert "no more paper" in said[0]
    assert {one.state for one in status.load(run).parts} == {"finished", "failed"}


def test_a_vital_part_that_dies_ends_the_run(run: Run) -> None:
    with Supervisor(run, print) as supervisor:
        supervisor.start(part("broker", run.folder, vital="its data are gone."))
        until((run.folder / "broker.up").exists)
        pid = supervisor.pid("broker")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(PartDiedError, match="broker was killed by SIGKILL: its data are gone"):
            until(lambda: False, supervisor.look)


def test_nothing_outlives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    code = f"""
import time
from pathlib import Path
from tests.urbanpulse.test_supervisor import LIVES, part
from urbanpulse.run_folder import create
from urbanpulse.supervisor import Supervisor
run = create(Path({str(tmp_path)!r}))
supervisor = Supervisor(run, print)
for name in ("a", "b"):
    supervisor.start(part(name, Path({str(tmp_path)!r})))
time.sleep(60)
"""
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    until(lambda: (tmp_path / "a.up").exists() and (tmp_path / "b.up").exists())
    run = Run(tmp_path / "latest")
    pids = [int(line) for line in _children(process.pid)]
    assert len(pids) == 2
    process.kill()
    process.wait()
    until(lambda: not any(map(alive, pids)), seconds=5)
    assert not (tmp_path / "order").exists(), "they had no time to say goodbye"
    assert [(one.name, one.pid, one.state) for one in status.load(run).parts] == [
        ("a", None, "stopped"),
        ("b", None, "stopped"),
    ]


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_logs_are_kept_and_bounded(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urbanpulse.supervisor.LOG_BYTES", 5)
    with Supervisor(run, print) as supervisor:
        supervisor.start(part("a", run.folder))
        until((run.folder / "a.up").exists)
        supervisor.look()
    assert (run.logs / "a.log.1").read_text() == "here I am\n"
    assert (run.logs / "a.log").read_text() == ""


def test_a_run_knows_whether_it_is_running(tmp_path: Path) -> None:
    run = create(tmp_path)
    assert not run.running()
    with run.held():
        assert run.running()
    assert not run.running()


def test_runs_do_not_overwrite_one_another(tmp_path: Path) -> None:
    first, second = create(tmp_path), create(tmp_path)
    assert first.folder != second.folder
    assert (tmp_path / "latest").resolve() == second.folder
    assert first.logs.is_dir()


def test_a_part_that_runs_says_a_word_about_itself() -> None:
    assert status.note({}) == ""
    assert status.note({"lag": 3, "health": "red", "why": "the store refuses everything"}) == (
        "the store refuses everything"
    )
    judge = {"lag": 3, "area_lag": 0, "area_behind_ms": 0, "why": ""}
    assert status.note(judge) == "3 records to judge"
    assert status.note(judge | {"area_lag": 40, "area_behind_ms": 2500, "why": "areas stand"}) == (
        "areas stand; 3 records to judge; rules on areas 2.5 s behind, 40 summaries to judge"
    )
