"""The routes that answer with pages. Every one is a plain function, so the framework runs it on a worker thread and
a slow database holds nobody else up."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import parse_qs, quote, urlsplit

from fastapi import APIRouter, HTTPException, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from console.context import COOKIE, Shared, officer, officer_name
from console.pages.alert import alert_page
from console.pages.board import VIEWS, Board, board_page
from console.pages.rules import rules_page
from console.pages.sensor import RANGES, SensorFile, Series, sensor_page, window
from console.pages.sensors import SensorFilter, SensorList, sensors_page
from console.pages.silences import Choices, silences_page
from console.ports import STATES, AlertFilter, LatestValue
from console.query import PAGE, AlertId, Instant, Page, SensorId, SilenceNumber, Word
from console.silencing import checked, make_silence, silence_of

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

View = Annotated[Literal["", "open", "acknowledged", "resolved", "all"], Query(description="empty: the live ones")]
RangeName = Annotated[Literal["", "10min", "1h", "6h", "24h", "7d", "30d"], Query()]
_ALERTS_OF_SENSOR = 20
_COUNTED = 1000
_LATELY = 10
_RESOLVED = AlertFilter(("resolved",))


@router.get("/")
def board(console: Shared, state: View = "", severity: Word = "", department: Word = "", page: Page = 1) -> str:
    wanted = AlertFilter(VIEWS[state], severity, department)
    # The number is read before the alerts: a change between the two is then sent once more rather than never.
    seq = console.desk.last_seq()
    alerts = console.desk.alerts(wanted, PAGE, (page - 1) * PAGE)
    whole = (state, severity, department, page) == ("", "", "", 1)
    shown = Board(
        alerts=alerts,
        resolved=console.desk.alerts(_RESOLVED, _LATELY) if whole and len(alerts) < _LATELY else (),
        total=console.desk.count(wanted),
        counts=console.desk.counts(),
        pulse=console.pulse.read(),
        wanted=wanted,
        view=state,
        number=page,
        seq=seq,
        severities=console.severities(),
        departments=console.departments(),
    )
    return board_page(console.look, shown)


@router.get("/sensors")
def sensors(console: Shared, kind: Word = "", district: Word = "", text: Word = "", page: Page = 1) -> str:
    wanted = SensorFilter(kind, district, text)
    everyone = console.city.sensors.values()
    found = sorted((sensor for sensor in everyone if wanted.holds(sensor)), key=lambda sensor: sensor.id)
    shown = found[(page - 1) * PAGE : page * PAGE]
    latest: dict[str, list[LatestValue]] = {sensor.id: [] for sensor in shown}
    for one in console.store.latest() if shown else ():
        if one.sensor in latest:
            latest[one.sensor].append(one)
    listed = SensorList(
        sensors=shown,
        total=len(found),
        latest=latest,
        wanted=wanted,
        number=page,
        kinds=sorted({sensor.kind for sensor in everyone}),
        districts=sorted({sensor.district for sensor in everyone}),
    )
    return sensors_page(console.look, listed)


@router.get("/sensors/{sensor_id}")
def sensor(
    console: Shared, sensor_id: SensorId, span: Annotated[RangeName, Query(alias="range")] = "", end: Instant = None
) -> str:
    known = console.city.sensors.get(sensor_id)
    if known is None:
        raise HTTPException(404, f"no sensor {sensor_id} in the registry")
    latest = {one.metric: one for one in console.store.latest(sensor_id)}
    newest = max((one.ts for one in latest.values()), default=console.now())
    shown = window(span or _fitting(known.interval), end, newest, known.interval)
    series = [
        Series(
            metric,
            latest.get(metric),
            console.store.range(sensor_id, metric, shown.start, shown.end, shown.step),
            console.city.rules_for(known, metric),
        )
        for metric in console.city.metrics(known)
    ]
    alerts = console.desk.alerts(AlertFilter(STATES, sensor=sensor_id), _ALERTS_OF_SENSOR)
    return sensor_page(console.look, SensorFile(known, shown, series, alerts))


def _fitting(interval: int) -> str:
    """The shortest range in which a sensor reads some sixty times."""
    return next((name for name, length in RANGES.items() if length >= 60 * interval), "30d")


@router.get("/alerts/{alert_id}")
def alert(console: Shared, request: Request, alert_id: AlertId) -> str:
    file = console.desk.alert(alert_id)
    if file is None:
        raise HTTPException(404, "no such alert in this run")
    return alert_page(console.look, file, officer(request), console.city.sensors)


@router.post("/alerts/{alert_id}/acknowledge")
async def acknowledge(console: Shared, request: Request, alert_id: AlertId) -> Response:
    """The button. Without JavaScript the browser follows the answer back to where it was pressed."""
    by = _who(await _fields(request), request)
    if not await run_in_threadpool(console.desk.acknowledge, alert_id, by, console.now()):
        file = await run_in_threadpool(console.desk.alert, alert_id)
        if file is None:
            raise HTTPException(404, "no such alert in this run")
        # It was resolved while the officer looked at it; the page says so, which is the answer.
    console.feed.nudge()
    return _remembering(RedirectResponse(_back(request, f"/alerts/{alert_id}"), 303), by)


async def _fields(request: Request) -> dict[str, str]:
    """What a form says; of a field that comes twice, the first value."""
    fields = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=16)
    return {name: values[0] for name, values in fields.items()}


def _who(fields: Mapping[str, str], request: Request) -> str:
    return officer_name(fields["by"]) if "by" in fields else officer(request)


def _remembering(answer: Response, by: str) -> Response:
    """The answer, with the officer's name for the next time."""
    answer.set_cookie(COOKIE, quote(by), max_age=365 * 86400, httponly=True, samesite="strict")
    return answer


def _back(request: Request, otherwise: str) -> str:
    """The page the button was on, when it is one of ours; only its path and query are kept."""
    came = urlsplit(request.headers.get("referer", ""))
    own = came.netloc == request.headers.get("host") and came.path.startswith("/") and not came.path.startswith("//")
    if not own:
        return otherwise
    return f"{came.path}?{came.query}" if came.query else came.path


@router.get("/silences")
def silences(console: Shared, request: Request) -> str:
    choices = Choices(
        [rule.name for rule in console.city.rules],
        sorted({sensor.district for sensor in console.city.sensors.values()}),
        console.departments(),
    )
    return silences_page(console.look, console.desk.silences(console.now()), choices, officer(request), console.now())


@router.post("/silences")
async def silence(console: Shared, request: Request) -> Response:
    """The form of the page."""
    fields = await _fields(request)
    by = _who(fields, request)
    wanted = checked(console, silence_of(fields, by, console.now()))
    await run_in_threadpool(make_silence, console, wanted)
    return _remembering(RedirectResponse("/silences", 303), by)


@router.post("/alerts/{alert_id}/silence")
async def silence_alert(console: Shared, request: Request, alert_id: AlertId) -> Response:
    """The form of an alert: its rule at its place, be that a sensor or an area, for its department."""
    fields = await _fields(request)
    by = _who(fields, request)
    file = await run_in_threadpool(console.desk.alert, alert_id)
    if file is None:
        raise HTTPException(404, "no such alert in this run")
    one = file.alert
    scope = {"rule": one.rule, "sensor": one.place, "district": "", "department": one.department}
    await run_in_threadpool(make_silence, console, silence_of(fields | scope, by, console.now()))
    return _remembering(RedirectResponse(f"/alerts/{alert_id}", 303), by)


@router.post("/silences/{number}/end")
async def end_silence(console: Shared, request: Request, number: SilenceNumber) -> Response:
    by = _who(await _fields(request), request)
    await run_in_threadpool(console.desk.end_silence, number, by)  # one that has ended meanwhile is just gone
    console.feed.nudge()
    return _remembering(RedirectResponse("/silences", 303), by)


@router.get("/rules")
def rules(console: Shared) -> str:
    live = Counter(alert.rule for alert in console.desk.alerts(AlertFilter(), _COUNTED))
    return rules_page(console.look, console.city.rules, live, console.city.refused)


@router.get("/static/{name}")
def static(console: Shared, name: str, v: Annotated[str, Query(max_length=16)] = "") -> Response:
    asset = console.assets.get(name)
    if asset is None:
        raise HTTPException(404, "no such file")
    lasting = "public, max-age=31536000, immutable" if v == asset.version else "no-cache"
    return Response(asset.body, media_type=asset.type, headers={"cache-control": lasting, "etag": f'"{asset.version}"'})
