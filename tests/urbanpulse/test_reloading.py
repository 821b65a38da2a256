"""Files that change: taken up when they are settled, whole or not at all, and tried again when Kafka was away."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from rules.body import Body
from rules.shelf import Claim, Shelf, body_record, claim_record
from tests.support.small_city import small_city
from urbanpulse import current, reloading, run_folder, snapshot
from urbanpulse.city import load
from urbanpulse.deployment import Deployment
from urbanpulse.in_force import Switched
from urbanpulse.reloading import Reloading
from urbanpulse.run_folder import Endpoints, Run
from urbanpulse.trouble import TroubleError

ROOT = Path(__file__).parents[2]
RULE = "rules:\n  - {name: dust, kind: threshold, metric: pm25, above: {yellow: 1}}\n"


class Scene:
    """A city's folder, a run with a copy of it, and a log that takes bodies."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.run = small_city(folder / "city"), run_folder.create(folder)
        snapshot.take(self.folder, self.run.city)
        self.said: list[str] = []
        self.brought: list[Body] = []
        self.departments = 0
        self.now = 0.0
        self.away = False
        self._shelf = Shelf()
        monkeypatch.setattr(reloading, "bring_into_force", self._bring)
        monkeypatch.setattr("urbanpulse.reloading.time.monotonic", lambda: self.now)
        settings = load(self.folder, {}).settings
        endpoints = Endpoints(
            city=str(self.run.city), origin=str(self.folder), mqtt_host="", mqtt_port=0, kafka="", store="", alerts="",
            console_host="", console_port=0, clock="publisher",
        )  # fmt: skip
        self.here = Deployment(settings, endpoints, self.run)
        self.reloading = Reloading(self.folder, self.here, self.said.append, self._restart)
        self.reloading.begin(load(self.run.city, {}), True)

    def _restart(self) -> None:
        self.departments += 1
        assert (self.run.city / "departments.yaml").read_text() == (self.folder / "departments.yaml").read_text()

    def _bring(self, servers: str, partitions: int, body: Body, empty: bool = False) -> tuple[Switched, Shelf]:
        if self.away:
            raise TroubleError("no Kafka answers")
        before = self._shelf.current
        shelf = Shelf()
        shelf._bodies, shelf._claims = dict(self._shelf._bodies), dict(self._shelf._claims)
        if before is not None and before.catalogue == body.hash:
            return Switched(before, before, False), shelf
        self.brought.append(body)
        claim = Claim(1, len(self.brought), body.hash, 7)
        self._shelf.take(*body_record(body))
        self._shelf.take(*claim_record(claim))
        return Switched(claim, before, True), shelf

    def look(self, times: int = 1, every: float = 2.0) -> None:
        for _ in range(times):
            self.now += every
            self.reloading.look()

    @property
    def held(self) -> current.InForce:
        found = current.load(self.run)
        assert found is not None
        return found


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(tmp_path, monkeypatch)


def test_at_the_start_the_copy_comes_into_force(scene: Scene) -> None:
    assert len(scene.brought) == 1 and scene.said == []
    assert (scene.held.serial, scene.held.catalogue, scene.held.refused) == (1, scene.brought[0].hash, ())
    scene.look(5)
    assert len(scene.brought) == 1 and scene.said == []


def test_a_change_is_taken_up_when_nothing_newer_came_for_one_look(scene: Scene) -> None:
    (scene.folder / "rules" / "z.yaml").write_text(RULE)
    scene.look()
    (scene.folder / "rules" / "y.yaml").write_text(RULE.replace("dust", "more"))
    scene.look()
    assert len(scene.brought) == 1
    scene.look()
    assert len(scene.brought) == 2
    assert scene.said == [f"reload: switch 2 to catalogue {scene.held.catalogue}\n    rules new: more, dust"]
    assert (scene.run.city / "rules" / "z.yaml").read_text() == RULE
    scene.look(3)
    assert len(scene.said) == 1


def test_looks_that_come_too_soon_see_nothing(scene: Scene) -> None:
    (scene.folder / "rules" / "z.yaml").write_text(RULE)
    scene.look(15, 0.1)
    assert len(scene.brought) == 1


def test_a_faulty_set_is_refused_whole_and_every_fault_is_said(scene: Scene) -> None:
    copy = {path.name: path.read_text() for path in scene.run.city.rglob("*") if path.is_file()}
    (scene.folder / "rules" / "z.yaml").write_text(RULE.replace("above", "abov"))
    (scene.folder / "sensors.csv").write_text("id,kind\n")
    (scene.folder / "departments.yaml").write_text((scene.folder / "departments.yaml").read_text() + "# new\n")
    scene.look(2)
    assert len(scene.brought) == 1 and scene.departments == 0
    [said] = scene.said
    assert said.startswith("reload refused, what was in force goes on (switch 1):")
    assert "rules/z.yaml:2: rules[0].abov" in said and "sensors.csv:1:" in said
    assert scene.held.refused[0].startswith("rules/z.yaml:2")
    assert {path.name: path.read_text() for path in scene.run.city.rglob("*") if path.is_file()} == copy
    scene.look(5)
    assert len(scene.said) == 1  # said once, until the files change again
    (scene.folder / "rules" / "z.yaml").write_text(RULE)
    (scene.folder / "sensors.csv").write_text(copy["sensors.csv"])
    scene.look(2)
    assert scene.held.refused == () and scene.held.serial == 2
    assert scene.departments == 1


def test_departments_are_renewed_first(scene: Scene) -> None:
    file = scene.folder / "departments.yaml"
    file.write_text(f"{file.read_text()}  harbour:\n    title: Harbour\n    channels: [{{kind: log}}]\n")
    (scene.folder / "rules" / "z.yaml").write_text(RULE.replace("above", "notify: harbour, above"))
    scene.look(2)
    assert scene.departments == 1 and scene.held.serial == 2


def test_files_that_go_go_from_the_copy_too_and_city_toml_stays(scene: Scene) -> None:
    (scene.folder / "rules" / "noise.yaml").unlink()
    (scene.folder / "city.toml").write_text("nonsense")
    scene.look(2)
    assert "rules gone, their episodes end" in scene.said[0]
    assert not (scene.run.city / "rules" / "noise.yaml").exists()
    assert (scene.run.city / "city.toml").read_text() != "nonsense"
    assert not (scene.run.folder / "city.next").exists()


def test_when_kafka_is_away_it_is_tried_again(scene: Scene) -> None:
    scene.away = True
    (scene.folder / "rules" / "z.yaml").write_text(RULE)
    scene.look(2)
    assert scene.said == ["reload refused, what was in force goes on (switch 1):\n    no Kafka answers"]
    scene.away = False
    scene.look(4)
    assert len(scene.brought) == 1
    scene.look()
    assert len(scene.brought) == 2 and scene.held.refused == ()


def test_asked_for_it_reads_files_that_have_not_changed(scene: Scene) -> None:
    scene.reloading.ask()
    assert scene.said == ["reload: asked for", "reload: the rules and sensors are those in force already (switch 1)"]
    scene.run.wish.touch()
    looked = scene.held.looked
    scene.look()
    assert scene.held.looked == looked + 1
    assert not scene.run.wish.exists()


def test_a_file_that_changes_only_its_words_is_a_switch_that_says_so(scene: Scene) -> None:
    file = scene.folder / "rules" / "air.yaml"
    file.write_text(f"{file.read_text()}\n# a remark\n")
    scene.look(2)
    assert scene.said[0].endswith("\n    nothing but words that no rule reads")


SCRIPT = """
import sys, time
from pathlib import Path
from urbanpulse.up import Signals
signals = Signals()
with signals.listening():
    Path(sys.argv[1], "up").touch()
    for _ in range(200):
        time.sleep(0.05)
        if signals.asked or signals.reload:
            break
Path(sys.argv[1], "end").write_text(f"{signals.asked} {signals.reload}")
"""


def wait(holds: Callable[[], bool]) -> None:
    for _ in range(400):
        if holds():
            return
        subprocess.run(["sleep", "0.05"], check=True)
    raise AssertionError("waited in vain")


@pytest.mark.parametrize("hang_up", [True, False])
def test_a_terminal_that_hangs_up_ends_the_city_and_sighup_alone_reloads_it(tmp_path: Path, hang_up: bool) -> None:
    child, master = pty.fork()
    if child == 0:  # pragma: no cover - another process
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-c", SCRIPT, str(tmp_path)])
    try:
        wait(lambda: (tmp_path / "up").exists())
        if hang_up:
            os.close(master)
        else:
            os.kill(child, signal.SIGHUP)
        wait(lambda: (tmp_path / "end").exists() and bool((tmp_path / "end").read_text()))
    finally:
        os.waitpid(child, 0)
        if not hang_up:
            os.close(master)
    assert (tmp_path / "end").read_text() == ("True False" if hang_up else "False True")


def test_a_status_without_a_front_door_has_no_catalogue(tmp_path: Path) -> None:
    assert current.load(cast(Run, run_folder.create(tmp_path))) is None
