"""The city at a glance: readings a second, what waits, which parts run."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from console.stats import PartStats, PartStatus, read_stats, read_status
from console.words import span

SILENT = 15_000
"""A running part whose figures are older than this (ms) is said to be silent."""
# The rate is taken over this much time, so that it neither jumps nor lags.
_SPAN = 10_000
# Parts that need not run for ever: a simulated day ends.
_PASSING = frozenset({"simulator", "department"})
_HEALTHY = frozenset({"running", "ended"})


@dataclass(frozen=True, slots=True)
class PartPulse:
    """A part as it seems from outside: the supervisor's word for it, and what is wrong with it, or nothing."""

    name: str
    state: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Pulse:
    """`rate` (readings a second) and `waiting` are None as long as they are not known."""

    rate: float | None = None
    waiting: int | None = None
    parts: tuple[PartPulse, ...] = ()

    def faults(self) -> list[str]:
        """What is wrong with the parts that a city needs, in words."""
        return [f"{part.name}: {part.trouble}" for part in self.parts if part.trouble and part.name not in _PASSING]


class PulseReader:
    """Reads the files of one run; keeps the last few totals to tell a rate. May be used from several threads."""

    def __init__(self, stats_dir: Path | None, status_file: Path | None, now: Callable[[], int]) -> None:
        self._stats_dir = stats_dir
        self._status_file = status_file
        self._now = now
        self._totals: deque[tuple[int, float]] = deque(maxlen=64)
        self._lock = Lock()

    def stats(self) -> dict[str, PartStats]:
        return read_stats(self._stats_dir)

    def status(self) -> list[PartStatus]:
        return read_status(self._status_file)

    def sample(self) -> None:
        """Remembers the total of the moment, so that a page asked for later has a rate to show at once."""
        self._rate(self.stats())

    def read(self) -> Pulse:
        stats, status, now = self.stats(), self.status(), self._now()
        return Pulse(self._rate(stats), waiting(stats), tuple(self._part(part, stats, now) for part in status))

    def _part(self, part: PartStatus, stats: Mapping[str, PartStats], now: int) -> PartPulse:
        if part.state not in _HEALTHY:
            return PartPulse(part.name, part.state, part.state)
        own = stats.get(part.name)
        if own is None or part.state != "running":
            return PartPulse(part.name, part.state)
        silent = now - own.at
        return PartPulse(part.name, part.state, f"silent for {span(silent)}" if silent > SILENT else trouble(own))

    def _rate(self, stats: Mapping[str, PartStats]) -> float | None:
        record = stats.get("record")
        total = readings(record) if record is not None else None
        if record is None or total is None:
            return None
        with self._lock:
            if self._totals and (total < self._totals[-1][1] or record.at < self._totals[-1][0]):
                self._totals.clear()  # the part was started again
            if not self._totals or record.at > self._totals[-1][0]:
                self._totals.append((record.at, total))
            while len(self._totals) > 2 and self._totals[1][0] <= record.at - _SPAN:
                self._totals.popleft()
            since, before = self._totals[0]
            return (total - before) * 1000 / (record.at - since) if record.at - since >= 1000 else None


def readings(record: PartStats) -> float | None:
    """Readings that `record` has dealt with since it started."""
    return record.number("readings")


def waiting(stats: Mapping[str, PartStats]) -> int | None:
    """What was received and is not yet stored: messages in the hands of the bridges, records that `record` has not
    reached."""
    known = [part.number("unacked") for part in stats.values() if part.is_a("ingest")]
    known += [part.number("lag") for part in stats.values() if part.is_a("record")]
    figures = [figure for figure in known if figure is not None]
    return round(sum(figures)) if figures else None


def trouble(part: PartStats) -> str:
    """What a part says is wrong with it; empty when it is content."""
    if part.values.get("health") == "red":
        return str(part.values.get("why") or "in trouble")
    if part.values.get("mqtt") == "away":
        return "no connection to MQTT"
    if part.values.get("kafka") == "away" or part.values.get("kafka_away") is True:
        return "no connection to Kafka"
    return ""
