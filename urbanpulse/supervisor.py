"""Each part of a city as a process of its own: started, watched, started again, stopped in order."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from urbanpulse import status
from urbanpulse.backoff import Backoff
from urbanpulse.files import bound
from urbanpulse.lifeline import PARENT
from urbanpulse.run_folder import Run
from urbanpulse.trouble import TroubleError

LOG_BYTES = 8 << 20
"""A part's log is moved aside when it is longer; one old one is kept."""

LOOK_AT_LOGS = 10.0


class PartDiedError(TroubleError):
    """A part without which the run cannot go on honestly has ended. The text says which and why that matters."""


@dataclass(frozen=True, slots=True)
class PartPlan:
    """How to run one part. `once`: it ends by itself, with status 0 when its work is done. `vital`: when it dies
    something is lost that no restart brings back; the text says what. `grace`: seconds it has for stopping."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    once: bool = False
    vital: str = ""
    grace: float = 20.0


@dataclass(slots=True)
class _Part:
    plan: PartPlan
    process: subprocess.Popen[bytes] | None = None
    state: status.State = "running"
    restarts: int = 0
    born: float = 0.0
    again: float = 0.0
    backoff: Backoff = field(default_factory=Backoff)


class Supervisor:
    """Holds the parts of one run. One thread only: the kernel ties a part's life to the thread that started it."""

    def __init__(self, run: Run, say: Callable[[str], None]) -> None:
        self._run, self._say = run, say
        self._parts: dict[str, _Part] = {}
        self._logs_seen = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop_all()

    def start(self, plan: PartPlan) -> None:
        self._parts[plan.name] = _Part(plan)
        self._spawn(self._parts[plan.name])
        self._save()

    def look(self) -> None:
        """One look at every part: notices the dead, starts again those whose time has come, keeps logs bounded.
        Raises PartDiedError when a vital one is gone."""
        changed = False
        for part in self._parts.values():
            if part.process is not None and (code := part.process.poll()) is not None and part.state == "running":
                changed = True
                self._bury(part, code)
            elif part.state == "restarting" and time.monotonic() >= part.again:
                changed = True
                part.restarts += 1
                self._spawn(part)
        if changed:
            self._save()
        if time.monotonic() - self._logs_seen > LOOK_AT_LOGS:
            self._logs_seen = time.monotonic()
            for name in self._parts:
                bound(self._run.logs / f"{name}.log", LOG_BYTES)

    def state(self, name: str) -> status.State:
        return self._parts[name].state

    def pid(self, name: str) -> int | None:
        process = self._parts[name].process
        return process.pid if process is not None and self._parts[name].state == "running" else None

    def alive(self, name: str) -> bool:
        process = self._parts[name].process
        return process is not None and process.poll() is None

    def restarts(self) -> int:
        return sum(part.restarts for part in self._parts.values())

    def stop_all(self, order: Iterable[Iterable[str]] = (), most: float = 60.0) -> None:
        """Stops one group of parts after the other, those of a group together, and at last all others. Each part has
        its own grace and `most` seconds at most. Safe to call twice."""
        for group in [*order, list(self._parts)]:
            self._stop([self._parts[name] for name in group if name in self._parts], most)
        self._save()

    def stop(self, name: str) -> None:
        self._stop([self._parts[name]])
        self._save()

    def restart(self, name: str) -> None:
        """Stops a part in order and starts it again at once."""
        part = self._parts[name]
        self._stop([part])
        self._spawn(part)
        self._save()

    def tail(self, name: str, lines: int = 5) -> str:
        """The last lines that a part has logged, indented."""
        try:
            text = (self._run.logs / f"{name}.log").read_bytes()[-8192:].decode(errors="replace")
        except OSError:
            return ""
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])

    def _spawn(self, part: _Part) -> None:
        plan = part.plan
        with (self._run.logs / f"{plan.name}.log").open("ab") as log:
            part.process = subprocess.Popen(
                plan.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **plan.env, PARENT: str(os.getpid())},
                start_new_session=True,  # Ctrl-C reaches us alone, so that we can stop the parts in order
            )
        part.state, part.born = "running", time.monotonic()

    def _bury(self, part: _Part, code: int) -> None:
        name = part.plan.name
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        if part.plan.once and code == 0:
            part.state = "finished"
        elif part.plan.once or part.plan.vital:
            part.state = "failed"
            self._say(f"{name} {how}; its last lines ({self._run.logs / f'{name}.log'}):\n{self.tail(name)}")
            if part.plan.vital:
                self._save()
                raise PartDiedError(f"{name} {how}: {part.plan.vital}")
        else:
            wait = part.backoff.after(time.monotonic() - part.born)
            part.state, part.again = "restarting", time.monotonic() + wait
            self._say(f"{name} {how}; started again in {wait:g} s")

    def _stop(self, parts: list[_Part], most: float = 60.0) -> None:
        begun = time.monotonic()
        for part in parts:
            if part.process is not None and part.process.poll() is None:
                part.process.terminate()
        for part in parts:
            grace = min(part.plan.grace, most)
            if part.process is not None and not _ended(part.process, begun + grace):
                self._say(f"{part.plan.name} did not stop in {grace:g} s and was killed")
                part.process.kill()
                part.process.wait()
            if part.state in ("running", "restarting"):
                part.state = "stopped"

    def _save(self) -> None:
        parts = (
            status.PartStatus(name, self.pid(name), part.state, part.restarts) for name, part in self._parts.items()
        )
        status.save(self._run, status.Status(tuple(parts)))


def _ended(process: subprocess.Popen[bytes], end: float) -> bool:
    try:
        process.wait(max(0.0, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True
