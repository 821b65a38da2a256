"""In-memory twins of the console's ports, and a small city that moves when a test says so."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

from console.ports import (
    AlertChange,
    AlertFile,
    AlertFilter,
    AlertView,
    Area,
    Dispatch,
    Member,
    Reason,
    RuleView,
    Silence,
    Step,
)  # fmt: skip
from rules.identity import alert_id, episode_id
from rules.sensor import Channel, Sensor

NOON = 1_795_608_000_000  # 25 November 2026, 12:00:00 UTC


@dataclass(frozen=True)
class Value:
    sensor: str
    metric: str
    ts: int
    value: float


@dataclass(frozen=True)
class Bucket:
    ts: int
    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Counts:
    readings: int = 0
    stored: int = 0
    repeats: int = 0
    conflicts: int = 0
    bad_frames: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class Progress:
    counts: Counts


@dataclass
class MemoryStore:
    """Readings by (sensor, metric), in order of time; `progress` is what it says of its partitions."""

    series: dict[tuple[str, str], list[tuple[int, float]]] = field(default_factory=dict)
    broken: Exception | None = None
    progress: dict[int, Progress] = field(default_factory=dict)

    def positions(self) -> Mapping[int, Progress]:
        if self.broken is not None:
            raise self.broken
        return self.progress

    def add(self, sensor: str, metric: str, ts: int, value: float) -> None:
        self.series.setdefault((sensor, metric), []).append((ts, value))

    def latest(self, sensor: str | None = None) -> Sequence[Value]:
        if self.broken is not None:
            raise self.broken
        wanted = {key: points for key, points in self.series.items() if sensor in (None, key[0])}
        return [Value(*key, *max(points)) for key, points in wanted.items()]

    def range(self, sensor: str, metric: str, start: int, end: int, step: int | None = None) -> Sequence[Bucket]:
        if self.broken is not None:
            raise self.broken
        steps: dict[int, list[float]] = {}
        for ts, value in self.series.get((sensor, metric), []):
            if start <= ts < end:
                steps.setdefault(ts - ts % (step or 1), []).append(value)
        return [
            Bucket(ts, sum(values) / len(values), min(values), max(values), len(values))
            for ts, values in sorted(steps.items())
        ]


@dataclass
class MemoryDesk:
    """Alerts with the numbers of their changes, as the real desk numbers them: one counter for all."""

    files: dict[str, AlertFile] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    seq: int = 0
    broken: Exception | None = None
    asked: Counter[str] = field(default_factory=Counter)
    silenced: list[Silence] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def put(self, file: AlertFile) -> None:
        with self._lock:
            self.seq += 1
            self.files[file.alert.id] = file
            self.numbers[file.alert.id] = self.seq

    def _found(self, wanted: AlertFilter) -> list[AlertView]:
        if self.broken is not None:
            raise self.broken
        with self._lock:
            found = [file.alert for file in self.files.values() if wanted.holds(file.alert)]
        return sorted(found, key=lambda alert: (-alert.changed, alert.id))

    def alerts(self, wanted: AlertFilter, limit: int, offset: int = 0) -> Sequence[AlertView]:
        return self._found(wanted)[offset : offset + limit]

    def count(self, wanted: AlertFilter) -> int:
        return len(self._found(wanted))

    def alert(self, alert_id: str) -> AlertFile | None:
        return self.files.get(alert_id)

    def acknowledge(self, alert_id: str, by: str, at: int) -> bool:
        file = self.files.get(alert_id)
        if file is None or file.alert.state == "resolved":
            return False
        if file.alert.state == "open":
            taken = replace(file.alert, state="acknowledged", acknowledged_by=by, acknowledged_at=at)
            self.put(replace(file, alert=taken, history=(*file.history, Step("acknowledged", at, at, 1, by=by))))
        return True

    def silences(self, at: int) -> Sequence[Silence]:
        if self.broken is not None:
            raise self.broken
        return [each for each in self.silenced if each.ends > at]

    def silence(self, wanted: Silence) -> Silence:
        if not wanted.because.strip():
            raise ValueError("a silence has a reason")
        self.silenced.append(replace(wanted, id=len(self.silenced) + 1))
        return self.silenced[-1]

    def end_silence(self, number: int, by: str) -> bool:
        kept = [each for each in self.silenced if each.id != number]
        found, self.silenced = len(kept) < len(self.silenced), kept
        return found

    def counts(self) -> Mapping[str, int]:
        if self.broken is not None:
            raise self.broken
        return Counter(str(file.alert.state) for file in self.files.values())

    def deliveries(self) -> Mapping[str, int]:
        return Counter(one.state for file in self.files.values() for one in file.dispatches)

    def last_seq(self) -> int:
        return self.seq

    def changes(self, since: int, limit: int) -> Sequence[AlertChange]:
        self.asked["changes"] += 1
        if self.broken is not None:
            raise self.broken
        with self._lock:
            newer = sorted((number, name) for name, number in self.numbers.items() if number > since)
            return [AlertChange(number, self.files[name].alert) for number, name in newer[:limit]]


@dataclass
class MemoryCity:
    sensors: Mapping[str, Sensor] = field(default_factory=dict)
    rules: Sequence[RuleView] = ()
    refused: Sequence[str] = ()

    def metrics(self, sensor: Sensor) -> Sequence[str]:
        return tuple(sensor.channels)

    def rules_for(self, sensor: Sensor, metric: str) -> Sequence[RuleView]:
        return [rule for rule in self.rules if metric in rule.metrics]


def sensor(name: str, kind: str = "air", district: str = "north", metrics: str = "pm25", **more: object) -> Sensor:
    channels = {metric: Channel("") for metric in metrics.split()}
    return replace(Sensor(name, kind, "environment", district, 48.2, 16.37, channels), **more)  # type: ignore[arg-type]


def alert_file(number: int, **changes: object) -> AlertFile:
    """Alert `number`: pm25 too high at air-north-1, one minute after the one before."""
    since = NOON + number * 60_000
    episode = episode_id("smog-pm25", f"air-north-1/pm25/{number}", since)
    alert = AlertView(
        id=alert_id(episode, "environment"),
        episode=episode,
        revision=1,
        state="open",
        severity="orange",
        rule="smog-pm25",
        rule_hash="5d41402abc4b2a76",
        kind="threshold",
        sensor="air-north-1",
        metric="pm25",
        district="north",
        department="environment",
        unit="ug/m3",
        text=f"Fine particles at air-north-1, number {number}",
        since=since,
        changed=since,
        value=153.0 + number,
        limit=150.0,
    )
    alert = replace(alert, **changes)  # type: ignore[arg-type]
    step = Step("fired", alert.since, alert.since + 30, 1, alert.severity, alert.value)
    reason = Reason("readings", 3, 17, 20, 1, ((alert.since, alert.value or 0.0, 20),))
    return AlertFile(alert, reason, (step,), (Dispatch("webhook", 1, "sent", 1, alert.since + 40, "204"),))


def area_file(number: int, **changes: object) -> AlertFile:
    """Alert `number` of a rule on the area north: two of four sensors say so, two are left out by name."""
    members = tuple(Member(f"air-north-{n}", "orange", 150.0 + n, NOON - n * 1000) for n in (1, 2))
    area = Area("north", 2, 4, (("air-north-3", "silent"), ("air-north-9", "maintained")), 3, members)
    given = {
        "rule": "smog-quorum",
        "kind": "quorum",
        "sensor": "",
        "area": area,
        "value": 2.0,
        "limit": 2.0,
        "unit": "",
    }
    return alert_file(number, **(given | {"text": "Smog at 2 of 4 stations in north"} | changes))
