"""Judge and record as processes for tests: `python -m tests.support.stream_worker judge|record FILE`.

FILE is JSON with the settings' fields; what a part reports goes to FILE.report, one JSON a line.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

from rules.body import Body, sound
from rules.catalogue import Catalogue
from rules.secret import Secret
from streams.judge import run_judge
from streams.record import run_record
from streams.settings import JudgeSettings, RecordSettings

ROOT = Path(__file__).resolve().parents[2]

RULES = """
rules:
  - name: smog
    kind: threshold
    metric: pm25
    above: {yellow: 60, red: 90}
  - name: mean
    kind: window
    metric: pm25
    aggregate: mean
    every: 10s
    delay: 1500ms
    above: {yellow: 52}
  - name: jam
    kind: threshold
    metric: tpi
    above: {yellow: 4, red: 6}
"""


def body(sensors: int = 200, rules: str = RULES) -> Body:
    """Sensors `sensor-00000` and up, all measuring pm25 and speed, under rules on levels, windows and an index."""
    rows = [f"sensor-{i:05d},air,environment,north,50,8,pm25 speed,60s" for i in range(sensors)]
    registry = "\n".join(["id,kind,department,district,lat,lon,metrics,interval", *rows])
    return Body(files={"sensors.csv": registry, "rules/air.yaml": rules}, timezone="UTC")


def catalogue(sensors: int = 200) -> Catalogue:
    return sound(body(sensors))


OTHER = RULES.replace("{yellow: 60, red: 90}", "{yellow: 70, red: 90}").replace("name: jam", "name: slow-traffic")
"""Rules of which one goes on, one judges otherwise, and one has another name."""


class Worker:
    """One part in a process of its own, ended by its pid only."""

    def __init__(self, part: str, folder: Path, **settings: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.part, self.file = part, folder / f"{part}.json"
        self.file.write_text(json.dumps(settings | {"data_dir": str(folder)}))
        self.process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._asked: signal.Signals | None = None

    def start(self) -> "Worker":
        self._log = self.file.with_suffix(".log").open("ab")
        command = [sys.executable, "-m", "tests.support.stream_worker", self.part, str(self.file)]
        self._asked = None
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=self._log, stderr=self._log)
        return self

    @property
    def log(self) -> str:
        return self.file.with_suffix(".log").read_text(errors="replace")

    def reports(self) -> list[dict[str, Any]]:
        file = self.file.with_suffix(".report")
        lines = file.read_text().splitlines() if file.exists() else []
        return [json.loads(line) for line in lines if line.endswith("}")]

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send(self, what: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(what)
        self._asked = what

    def end(self, how: signal.Signals = signal.SIGTERM, seconds: float = 20.0) -> int:
        """Signal it and wait; its exit status. A stopped process is let go on first when it is to end orderly."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            if self._asked is not how:
                self.process.send_signal(how)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        status, self.process = self.process.returncode, None
        if self._log is not None:
            self._log.close()
        return status


def main(part: str, file: Path) -> None:
    fields = json.loads(file.read_text())
    fields["data_dir"] = Path(fields["data_dir"])
    with file.with_suffix(".report").open("a", buffering=1) as out:

        def report(figures: dict[str, object]) -> None:
            out.write(json.dumps({"pid": os.getpid(), "at": time.time()} | figures) + "\n")

        if part == "judge":
            run_judge(JudgeSettings(**fields), report)
        else:
            if fields.get("store_secret"):
                fields["store_secret"] = Secret(fields["store_secret"])
            run_record(RecordSettings(**fields), report)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
