"""The same facts as JSON, described by /openapi.json."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from console.context import Shared, officer_name
from console.pages.board import VIEWS
from console.pages.sensors import SensorFilter
from console.ports import AlertFile, AlertFilter, AlertView, LatestValue, RuleView, Silence
from console.query import NAME_LIMIT, PAGE, AlertId, Page, SensorId, SensorWord, SilenceNumber, Word
from console.silencing import checked, make_silence
from console.web import View
from rules.sensor import Sensor

router = APIRouter(prefix="/api")
MOST_STEPS = 5000


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request was not answered."""

    error: str
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class AlertPage:
    total: int
    page: int
    size: int
    alerts: Sequence[AlertView]


@dataclass(frozen=True, slots=True)
class Value:
    """The newest reading of a metric: `ts` in ms, `value` in the canonical unit."""

    metric: str
    ts: int
    value: float


@dataclass(frozen=True, slots=True)
class SensorView:
    id: str
    kind: str
    district: str
    department: str
    lat: float
    lon: float
    interval_ms: int
    gateway: str
    metrics: list[str]
    latest: list[Value]


@dataclass(frozen=True, slots=True)
class SensorPage:
    total: int
    page: int
    size: int
    sensors: list[SensorView]


@dataclass(frozen=True, slots=True)
class Bucket:
    """A step of a series: start in ms, mean, lowest, highest, number of readings."""

    ts: int
    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Part:
    """`trouble`: what is wrong with it, or nothing."""

    name: str
    state: str
    trouble: str


@dataclass(frozen=True, slots=True)
class Status:
    readings_per_second: float | None
    waiting: int | None
    alerts: dict[str, int]
    deliveries: dict[str, int]
    parts: list[Part]


class Acknowledge(BaseModel):
    """Who takes the alert on."""

    model_config = ConfigDict(extra="forbid")
    by: Annotated[str, Field(min_length=1, max_length=NAME_LIMIT)]


class NewSilence(BaseModel):
    """`ends` (and `begins`, if later than now) in wall ms."""

    model_config = ConfigDict(extra="forbid")
    ends: Annotated[int, Field(ge=0, le=253_402_214_400_000)]
    by: Annotated[str, Field(min_length=1, max_length=NAME_LIMIT)]
    because: Annotated[str, Field(min_length=1, max_length=500)]
    rule: Annotated[str, Field(max_length=200)] = ""
    sensor: Annotated[str, Field(max_length=200)] = ""
    district: Annotated[str, Field(max_length=200)] = ""
    department: Annotated[str, Field(max_length=200)] = ""
    begins: Annotated[int, Field(ge=0, le=253_402_214_400_000)] = 0


_MISSING: dict[int | str, dict[str, object]] = {404: {"model": Problem}}
_UNFIT: dict[int | str, dict[str, object]] = {400: {"model": Problem}}


@router.get("/alerts")
def alerts(
    console: Shared,
    state: View = "",
    severity: Word = "",
    department: Word = "",
    sensor: SensorWord = "",
    page: Page = 1,
) -> AlertPage:
    """Alerts, newest first; without `state` the live ones (open and acknowledged)."""
    wanted = AlertFilter(VIEWS[state], severity, department, sensor)
    return AlertPage(console.desk.count(wanted), page, PAGE, console.desk.alerts(wanted, PAGE, (page - 1) * PAGE))


@router.get("/alerts/{alert_id}", responses=_MISSING)
def alert(console: Shared, alert_id: AlertId) -> AlertFile:
    """One alert with its history, evidence and deliveries."""
    file = console.desk.alert(alert_id)
    if file is None:
        raise HTTPException(404, "no such alert in this run")
    return file


@router.post("/alerts/{alert_id}/acknowledge", responses={**_MISSING, 409: {"model": Problem}})
def acknowledge(console: Shared, alert_id: AlertId, who: Acknowledge) -> AlertView:
    """Takes an open alert on. Repeating it changes nothing; a resolved alert answers 409."""
    done = console.desk.acknowledge(alert_id, officer_name(who.by), console.now())
    file = console.desk.alert(alert_id)
    if file is None:
        raise HTTPException(404, "no such alert in this run")
    if not done:
        raise HTTPException(409, "the alert is resolved")
    return file.alert


@router.get("/silences")
def silences(console: Shared) -> list[Silence]:
    """Silences that hold or are to come, the one that ends last first."""
    return list(console.desk.silences(console.now()))


@router.post("/silences", responses=_UNFIT)
def silence(console: Shared, wanted: NewSilence) -> Silence:
    """Departments are not told of alerts that match all that is named, from now on; the board shows them as ever."""
    return make_silence(console, checked(console, Silence(**wanted.model_dump())))


@router.post("/silences/{number}/end", responses=_MISSING)
def end_silence(console: Shared, number: SilenceNumber, who: Acknowledge) -> list[Silence]:
    """Ends it now; departments hear how things stand. Gives those that are left."""
    if not console.desk.end_silence(number, officer_name(who.by)):
        raise HTTPException(404, "no such silence, or it has ended")
    console.feed.nudge()
    return list(console.desk.silences(console.now()))


@router.get("/sensors")
def sensors(console: Shared, kind: Word = "", district: Word = "", text: Word = "", page: Page = 1) -> SensorPage:
    """The registry with the newest reading of every series."""
    wanted = SensorFilter(kind, district, text)
    found = sorted((one for one in console.city.sensors.values() if wanted.holds(one)), key=lambda one: one.id)
    shown = found[(page - 1) * PAGE : page * PAGE]
    latest: dict[str, list[LatestValue]] = {}
    for one in console.store.latest() if shown else ():
        latest.setdefault(one.sensor, []).append(one)
    return SensorPage(len(found), page, PAGE, [_sensor(one, latest.get(one.id, ())) for one in shown])


@router.get("/sensors/{sensor_id}", responses=_MISSING)
def sensor(console: Shared, sensor_id: SensorId) -> SensorView:
    return _sensor(_known(console, sensor_id), console.store.latest(sensor_id))


@router.get("/sensors/{sensor_id}/series/{metric}", responses=_MISSING)
def series(
    console: Shared,
    sensor_id: SensorId,
    metric: Annotated[str, Path(pattern=r"^[a-z0-9_]{1,64}$")],
    start: Annotated[int, Query(ge=0, le=253_402_214_400_000, description="ms, included")],
    end: Annotated[int, Query(ge=0, le=253_402_214_400_000, description="ms, not included")],
    step: Annotated[int, Query(ge=1000, le=366 * 86_400_000, description="ms")] = 60_000,
) -> list[Bucket]:
    """A metric in [start, end) in steps, at most 5,000 of them."""
    if metric not in console.city.metrics(_known(console, sensor_id)):
        raise HTTPException(404, f"{sensor_id} does not measure {metric}")
    if end <= start:
        raise HTTPException(400, "end must be greater than start")
    if (end - start) / step > MOST_STEPS:
        raise HTTPException(400, f"more than {MOST_STEPS} steps: ask for a longer step or a shorter time")
    found = console.store.range(sensor_id, metric, start, end, step)
    return [Bucket(one.ts, one.value, one.low, one.high, one.count) for one in found]


@router.get("/rules")
def rules(console: Shared) -> Sequence[RuleView]:
    """The rules as they are loaded."""
    return console.city.rules


@router.get("/status")
def status(console: Shared) -> Status:
    """The city at a glance."""
    pulse = console.pulse.read()
    return Status(
        pulse.rate,
        pulse.waiting,
        dict(console.desk.counts()),
        dict(console.desk.deliveries()),
        [Part(part.name, part.state, part.trouble) for part in pulse.parts],
    )


def _known(console: Shared, sensor_id: str) -> Sensor:
    known = console.city.sensors.get(sensor_id)
    if known is None:
        raise HTTPException(404, f"no sensor {sensor_id} in the registry")
    return known


def _sensor(one: Sensor, latest: Sequence[LatestValue]) -> SensorView:
    values = [Value(value.metric, value.ts, value.value) for value in latest]
    return SensorView(
        one.id,
        one.kind,
        one.district,
        one.department,
        one.lat,
        one.lon,
        one.interval,
        one.gateway,
        list(one.channels),
        values,
    )
