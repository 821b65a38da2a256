"""The command line as a person uses it, with run folders of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class Command:
    """`urbanpulse WORD ...` in a process of its own."""

    def __init__(self, folder: Path, **environ: str) -> None:
        own = {name: value for name, value in os.environ.items() if not name.startswith("URBANPULSE_")}
        self.environ = {**own, "URBANPULSE_RUNS": str(folder / "runs"), "PYTHONUNBUFFERED": "1", **environ}

    def start(self, *words: str, **more: Any) -> subprocess.Popen[str]:
        line = [sys.executable, "-m", "urbanpulse", *words]
        return subprocess.Popen(line, cwd=ROOT, env=self.environ, text=True, **more)

    def __call__(self, *words: str, code: int = 0, seconds: float = 110) -> str:
        """What it said. Fails when it ends with another status than `code`."""
        with self.start(*words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            said, _ = process.communicate(timeout=seconds)
        assert process.returncode == code, said
        return said

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self(*words, "--json", code=code))

    def parts(self) -> dict[str, dict[str, Any]]:
        """The parts of the latest run by name, as `urbanpulse status` has them."""
        return {part["name"]: part for part in self.json("status")["parts"]}


def processes_of(folder: Path) -> list[str]:
    """The command lines in which a path under `folder` stands."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(folder) in line:
                found.append(line)
    return found
