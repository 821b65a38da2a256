"""Rules and sensors of a living city change: a faulty set is refused and the old one goes on, a sound one comes into
force without a restart, by itself, on SIGHUP and by a command; nothing is lost."""

import json
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.command import Command, processes_of
from tests.support.small_city import small_city

pytestmark = pytest.mark.timeout(300)

RULE = """rules:
  - name: any-dust
    kind: threshold
    metric: pm25
    where: {sensor: [air-new-01, air-centre-01]}
    above: {yellow: 1}
    notify: [environment]
"""
NEW = "air-new-01,air,environment,centre,51.04,13.73,pm25,5min"


class Living:
    """A city that is up and goes on."""

    def __init__(self, folder: Path) -> None:
        self.city, self.folder, self.command = small_city(folder / "city"), folder, Command(folder)
        self.log = (folder / "log").open("w")
        self.process: subprocess.Popen[str] = self.command.start(
            "up", str(self.city), stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL
        )
        self.until("the board", lambda: "board" in self.said)
        self.board = next(line.split()[1] for line in self.said.splitlines() if line.startswith("  board"))

    @property
    def said(self) -> str:
        return (self.folder / "log").read_text()

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.board + path, timeout=10) as answer:
            return str(answer.read().decode())

    def log_of(self, part: str) -> str:
        return "".join(file.read_text() for file in self.folder.glob(f"runs/latest/logs/{part}*"))

    def rules_of(self, sensor: str) -> set[str]:
        """Of the alerts that were ever raised for it."""
        found = json.loads(self.get(f"api/alerts?sensor={sensor}"))
        return {each["rule"] for each in found["alerts"]}

    def until(self, what: str, holds: Callable[[], object], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert self.process.poll() is None, self.said
            logs = self.folder.glob("runs/latest/logs/*") if time.monotonic() > end else ()
            more = "\n".join(f"{path.name}:\n{path.read_text()[-3000:]}" for path in logs)
            assert time.monotonic() < end, f"waited in vain for {what}\n{self.said}\n{more}"
            time.sleep(0.2)


@pytest.fixture
def living(tmp_path: Path) -> Iterator[Living]:
    one = Living(tmp_path)
    try:
        yield one
    finally:
        if one.process.poll() is None:
            one.process.send_signal(signal.SIGTERM)
        one.process.wait(60)
        one.log.close()


def test_rules_and_sensors_change_in_a_living_city(living: Living) -> None:
    command, rules = living.command, living.city / "rules" / "more.yaml"
    held = command.json("status")["catalogue"]
    assert (held["serial"], held["refused"]) == (1, [])
    before = [part["pid"] for part in command.parts().values()]

    # A faulty set is refused whole, and said: on the terminal, by status and on the page.
    registry = living.city / "sensors.csv"
    known = registry.read_text()
    registry.write_text(f"{known}{NEW}{',' * (known.splitlines()[0].count(',') - NEW.count(','))}\n")
    rules.write_text(RULE.replace("above: {yellow: 1}", "abov: {yellow: 1}"))
    living.until("the refusal", lambda: "reload refused" in living.said)
    assert "rules/more.yaml:6: rules[0].abov: unknown key for a threshold rule. did you mean 'above'?" in living.said
    held = command.json("status")["catalogue"]
    assert held["serial"] == 1
    assert any(each.startswith("rules/more.yaml:6: rules[0].abov") for each in held["refused"])
    assert "did you mean 'above'?" in command("status")
    assert "were refused. These rules are still in force." in living.get("rules")
    assert "refused, what was in force goes on" in command("reload", code=1)
    command("send", "air-new-01", "pm25", "400")
    living.until("the refusal of a stranger", lambda: "unknown_sensor" in command("refused", "-n", "1"))
    # The old rules go on.
    command("send", "air-centre-01", "pm25", "400")
    living.until("an alert by the old rules", lambda: command.json("account")["alerts"]["open"] > 0)

    # The sound set comes into force by itself, rules, sensor and page, and no part is started again.
    rules.write_text(RULE)
    living.until("the switch", lambda: "reload: switch 2 to catalogue" in living.said)
    assert "rules new: any-dust" in living.said and "sensors added: air-new-01" in living.said
    living.until("the page", lambda: "any-dust" in living.get("rules"))
    assert "were refused" not in living.get("rules")
    living.until("the sensor", lambda: "air-new-01" in living.get("sensors?text=air-new-01"))
    living.until("the bridge", lambda: "is in force, switch 2" in living.log_of("ingest"))  # it follows by itself
    command("send", "air-new-01", "pm25", "401")
    command("send", "air-centre-01", "pm25", "401")
    living.until("the new rule's alert", lambda: "any-dust" in living.rules_of("air-new-01"))
    living.until("the same for an old sensor", lambda: "any-dust" in living.rules_of("air-centre-01"))
    assert "smog-pm25" in living.rules_of("air-centre-01")

    # The log, read again, knows what was in force when.
    found = json.loads(living.get("api/alerts?sensor=air-new-01"))["alerts"]
    alert = next(each["id"] for each in found if each["rule"] == "any-dust")
    assert "the log, judged again, agrees with the alert" in command("why", alert)
    said = command("why-not", "air-new-01", "any-dust", str(held["wall"]))
    assert said.startswith("not_in_force: "), said

    # SIGHUP and the command take the files up as well, whether or not they changed.
    living.process.send_signal(signal.SIGHUP)
    living.until("the answer to SIGHUP", lambda: "those in force already (switch 2)" in living.said)
    rules.unlink()
    assert command("reload").startswith("switch 3 is in force: 28 rules") or "switch 3" in living.said
    living.until("the end of the rule", lambda: "rules gone, their episodes end: any-dust" in living.said)
    living.until("the end of its alerts", lambda: not living.rules_of("air-new-01"))

    assert [part["pid"] for part in command.parts().values()] == before
    assert {part["restarts"] for part in command.parts().values()} == {0}
    living.until("the account", lambda: command.json("account")["balanced"])
    assert command.json("account", "--exact")["exact"] is True


def test_new_departments_are_known_before_a_rule_names_them(living: Living) -> None:
    file = living.city / "departments.yaml"
    pid = living.command.parts()["alerts"]["pid"]
    file.write_text(
        f"{file.read_text().rstrip()}\n  harbour:\n    title: Harbour office\n    channels: [{{kind: log}}]\n"
    )
    rule = RULE.replace("air-new-01, ", "").replace("[environment]", "[harbour]")
    (living.city / "rules" / "more.yaml").write_text(rule)
    living.until("the switch", lambda: "reload: switch 2 to catalogue" in living.said)
    assert living.command.parts()["alerts"]["pid"] != pid
    living.command("send", "air-centre-01", "pm25", "402")
    living.until("its alert", lambda: "harbour" in living.get("api/alerts?sensor=air-centre-01"))


def test_without_a_terminal_sighup_ends_nothing(living: Living) -> None:
    living.process.send_signal(signal.SIGHUP)
    living.until("the answer", lambda: "reload: asked for" in living.said)
    living.process.send_signal(signal.SIGTERM)
    assert living.process.wait(60) == 0
    assert processes_of(living.folder) == []
