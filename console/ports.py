"""What the console needs from the other parts, and no more: three small ports and the shapes they speak.

The store and the desk are read from worker threads, so an implementation must allow calls from several threads.
All instants are milliseconds since the epoch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from rules.sensor import Sensor

State = Literal["open", "acknowledged", "resolved"]
STATES: tuple[State, ...] = ("open", "acknowledged", "resolved")


class LatestValue(Protocol):
    """The newest reading of one series."""

    @property
    def sensor(self) -> str: ...
    @property
    def metric(self) -> str: ...
    @property
    def ts(self) -> int: ...
    @property
    def value(self) -> float: ...


class RangeBucket(Protocol):
    """One step of a series: `ts` is the step's start, `value` the mean of its `count` readings."""

    @property
    def ts(self) -> int: ...
    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def count(self) -> int: ...


class StoredCounts(Protocol):
    """Facts about the log that a store keeps beside its position."""

    @property
    def readings(self) -> int: ...
    @property
    def stored(self) -> int: ...
    @property
    def repeats(self) -> int: ...
    @property
    def conflicts(self) -> int: ...
    @property
    def bad_frames(self) -> int: ...
    @property
    def rejected(self) -> int: ...


class StoredProgress(Protocol):
    @property
    def counts(self) -> StoredCounts: ...


class StorePort(Protocol):
    """The read side of the time-series store."""

    def positions(self) -> Mapping[int, StoredProgress]:
        """Progress by partition."""
        ...

    def latest(self, sensor: str | None = None) -> Sequence[LatestValue]: ...

    def range(self, sensor: str, metric: str, start: int, end: int, step: int | None = None) -> Sequence[RangeBucket]:
        """The series in [start, end), in steps of `step` ms."""
        ...


@dataclass(frozen=True, slots=True)
class Member:
    """A sensor that an alert of an area rests on: what it says, since when. A severity or a value."""

    sensor: str
    severity: str
    value: float | None
    ts: int


@dataclass(frozen=True, slots=True)
class Area:
    """What an alert of an area is about: `count` of `of` sensors say so. `left_out`: sensors that were not asked, each
    with the reason; `more`: how many others, who are not named."""

    name: str
    count: int
    of: int
    left_out: tuple[tuple[str, str], ...] = ()
    more: int = 0
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert as the board shows it. `severity` is empty once it has cleared. `since` (the onset) and `changed` are
    event time, `acknowledged_at` is wall time; `value` and `limit` are in `unit`. `area` is of a rule on areas;
    `sensor` is then empty, unless the area is one sensor. `change`: what its newest finding was.
    `silenced_until` (wall): its department is not told before."""

    id: str
    episode: str
    revision: int
    state: State
    severity: str
    rule: str
    rule_hash: str
    kind: str
    sensor: str
    metric: str
    district: str
    department: str
    unit: str
    text: str
    since: int
    changed: int
    value: float | None = None
    limit: float | None = None
    acknowledged_by: str = ""
    acknowledged_at: int | None = None
    note: str = ""
    area: Area | None = None
    change: str = ""
    silenced_until: int | None = None

    @property
    def place(self) -> str:
        """The sensor, or what people call the area."""
        return self.sensor or (self.area.name if self.area is not None else "")

    def is_about(self, sensor: str) -> bool:
        """Whether it is the sensor's own alert, or one of an area that rests on it."""
        members = self.area.members if self.area is not None else ()
        return self.sensor == sensor or any(member.sensor == sensor for member in members)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an alert's history: a finding (`what` is its change) or an act of a person (`by`). `at` is event
    time, `wall` the desk's clock when it took the step."""

    what: str
    at: int
    wall: int
    revision: int
    severity: str = ""
    value: float | None = None
    by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """What the newest decision rests on: records `first` to `last` of one partition of the log, and the values
    looked at, as (event time, value, offset). `count` is how many there were; `values` may hold the last few."""

    topic: str
    partition: int
    first: int
    last: int
    count: int
    values: tuple[tuple[int, float, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One message to the department about this alert and what became of it. `at` (wall) is when it was settled, or
    when the next attempt is due."""

    channel: str
    revision: int
    state: str
    attempts: int
    at: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AlertFile:
    """All that is known about one alert, oldest step first."""

    alert: AlertView
    reason: Reason | None = None
    history: tuple[Step, ...] = ()
    dispatches: tuple[Dispatch, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertChange:
    """The alert as it is now; `seq` grows with every change of any alert and never repeats."""

    seq: int
    alert: AlertView


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts are asked for; an empty field asks for all. No state means the live ones: open and
    acknowledged. A sensor's alerts are its own and those of areas that rest on it."""

    states: tuple[State, ...] = ("open", "acknowledged")
    severity: str = ""
    department: str = ""
    sensor: str = ""

    def holds(self, alert: AlertView) -> bool:
        return (
            alert.state in self.states
            and self.severity in ("", alert.severity)
            and self.department in ("", alert.department)
            and (not self.sensor or alert.is_about(self.sensor))
        )


@dataclass(frozen=True, slots=True)
class Silence:
    """Departments are not told of alerts that match all that is not empty (`sensor`: also an area of that name), from
    `begins` to `ends` (wall ms). `by` and `because`: who answers for it, and why."""

    ends: int
    by: str
    because: str
    rule: str = ""
    sensor: str = ""
    district: str = ""
    department: str = ""
    begins: int = 0
    id: int = 0


class DeskPort(Protocol):
    """The read side of the alert desk, and what an officer may do there."""

    def alerts(self, wanted: AlertFilter, limit: int, offset: int = 0) -> Sequence[AlertView]:
        """The latest change first; the same order on every page."""
        ...

    def count(self, wanted: AlertFilter) -> int: ...

    def alert(self, alert_id: str) -> AlertFile | None: ...

    def acknowledge(self, alert_id: str, by: str, at: int) -> bool:
        """True when the alert is acknowledged now, also when it already was; False when there is no such alert or
        it is resolved."""
        ...

    def silences(self, at: int) -> Sequence[Silence]:
        """Those that have not ended at `at`, the one that ends last first."""
        ...

    def silence(self, wanted: Silence) -> Silence:
        """The silence as it is kept, with its number. Raises ValueError, which says why it cannot be."""
        ...

    def end_silence(self, number: int, by: str) -> bool:
        """False when there is none of this number, or it has ended."""
        ...

    def counts(self) -> Mapping[str, int]:
        """Alerts by state."""
        ...

    def deliveries(self) -> Mapping[str, int]:
        """Deliveries by outcome."""
        ...

    def last_seq(self) -> int: ...

    def changes(self, since: int, limit: int) -> Sequence[AlertChange]:
        """At most `limit` changes after `since`, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Limit:
    """A severity of a rule and the value at which it begins."""

    severity: str
    value: float


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule as the page shows it. `condition` and `where` are words; `levels` are the severities in order of
    gravity, each with the words for it; `limits` are in the unit of the metric, so that a chart can draw them (a
    rule that counts has none). No `notify` means the sensor's own department."""

    name: str
    hash: str
    kind: str
    metrics: tuple[str, ...]
    condition: str
    where: str
    levels: tuple[tuple[str, str], ...] = ()
    limits: tuple[Limit, ...] = ()
    notify: tuple[str, ...] = ()
    text: str = ""


class CityPort(Protocol):
    """What is in force of what the city's files say."""

    @property
    def sensors(self) -> Mapping[str, Sensor]: ...

    @property
    def rules(self) -> Sequence[RuleView]: ...

    @property
    def refused(self) -> Sequence[str]:
        """Why the files of the city as they are now are not in force; empty when they are."""
        ...

    def metrics(self, sensor: Sensor) -> Sequence[str]:
        """What it measures, and after that what is derived for it."""
        ...

    def rules_for(self, sensor: Sensor, metric: str) -> Sequence[RuleView]: ...
