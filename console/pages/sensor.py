"""One sensor: where it stands, a chart for each metric, its alerts."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.chart import chart
from console.html import Markup, Node, h
from console.pages.frame import Look, empty, facts, heading, page
from console.pages.rows import alert_table
from console.ports import AlertView, LatestValue, RangeBucket, RuleView
from console.query import address
from console.words import SHARES, instant, measure, metric_title, metric_unit, number, span, unit
from rules.sensor import Sensor

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
RANGES = {"10min": 10 * MINUTE, "1h": HOUR, "6h": 6 * HOUR, "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
BUCKETS = 240
_TABLE_ROWS = 60


@dataclass(frozen=True, slots=True)
class Window:
    """The time shown: [start, end) in steps of `step` ms. `end` is part of the address only when a reader chose it;
    otherwise the window follows the newest reading."""

    name: str
    start: int
    end: int
    step: int
    chosen: bool

    def address(self, sensor: str, *, name: str = "", move: int = 0) -> str:
        end = self.end + move * (self.end - self.start)
        return address(f"/sensors/{sensor}", range=name or self.name, end=end if move or self.chosen else None)


def window(name: str, end: int | None, newest: int, interval: int) -> Window:
    """The window `name` that ends at `end`, or just after the newest reading. Steps are no shorter than the
    sensor's interval, so that a chart has no holes between readings."""
    length = RANGES[name]
    stop = end if end is not None else newest + 1
    step = max(length // BUCKETS, min(interval, length // 10), 1000)
    return Window(name, max(0, stop - length), stop, step, end is not None)


@dataclass(frozen=True, slots=True)
class Series:
    metric: str
    latest: LatestValue | None
    buckets: Sequence[RangeBucket]
    rules: Sequence[RuleView]


@dataclass(frozen=True, slots=True)
class SensorFile:
    sensor: Sensor
    window: Window
    series: Sequence[Series]
    alerts: Sequence[AlertView]


def sensor_page(look: Look, file: SensorFile) -> str:
    sensor = file.sensor
    return page(
        look,
        sensor.id,
        "/sensors",
        h(
            "p",
            {"class": "crumbs"},
            h("a", {"href": "/sensors"}, "Sensors"),
            " / ",
            h(
                "a",
                {"href": address("/sensors", kind=sensor.kind, district=sensor.district)},
                f"{sensor.kind}, {sensor.district}",
            ),
        ),
        heading(sensor.id),
        facts(
            [
                ("Kind", sensor.kind),
                ("District", sensor.district),
                ("Department", sensor.department),
                ("Place", f"{sensor.lat:.5f}, {sensor.lon:.5f}"),
                ("Reads every", span(sensor.interval)),
                ("Gateway", sensor.gateway),
            ]
        ),
        _ranges(look, file),
        [_series(look, file, one) for one in file.series],
        h("h2", None, "Alerts"),
        alert_table(look, file.alerts, f"Alerts of {sensor.id}") if file.alerts else empty("No alert so far."),
    )


def _ranges(look: Look, file: SensorFile) -> Markup:
    shown, sensor = file.window, file.sensor.id
    names = [
        h("a", {"href": shown.address(sensor, name=name), "aria-current": "true" if name == shown.name else None}, name)
        for name in RANGES
    ]
    moves = [h("a", {"href": shown.address(sensor, move=-1)}, "← Earlier")]
    if shown.chosen:
        moves.append(h("a", {"href": shown.address(sensor, move=1)}, "Later →"))
        moves.append(h("a", {"href": address(f"/sensors/{sensor}", range=shown.name)}, "Newest"))
    return h(
        "nav",
        {"class": "ranges", "aria-label": "Time shown"},
        h("span", {"class": "group"}, names),
        h("span", {"class": "group"}, moves),
        h("span", {"class": "sub"}, f"{instant(shown.start, look.zone)} – {instant(shown.end, look.zone)}"),
    )


def _series(look: Look, file: SensorFile, one: Series) -> Markup:
    unit_name = metric_unit(one.metric)
    scale = 100.0 if one.metric in SHARES else 1.0
    shown = "%" if one.metric in SHARES else unit(unit_name)
    title = f"{metric_title(one.metric)} at {file.sensor.id}"
    head = h(
        "header",
        None,
        h("h2", None, one.metric, h("small", None, f"{metric_title(one.metric)}{f', {shown}' if shown else ''}")),
        None
        if one.latest is None
        else h(
            "p",
            {"class": "last"},
            h("b", {"class": "num"}, measure(one.latest.value, one.metric, unit_name)),
            h("span", {"class": "sub"}, look.when(one.latest.ts)),
        ),
    )
    if not one.buckets:
        return h("section", {"class": "series"}, head, empty("No reading in this time."))
    limits = list(dict.fromkeys(mark for rule in one.rules for mark in rule.limits))
    drawing = chart(
        one.buckets,
        file.window.start,
        file.window.end,
        title=title,
        gap=max(3 * file.sensor.interval, 3 * file.window.step),
        limits=limits,
        scale=scale,
        zone=look.zone,
    )
    return h("section", {"class": "series"}, head, drawing, _table(look, one, scale))


def _table(look: Look, one: Series, scale: float) -> Node:
    """The newest steps as numbers, for those who cannot or would not read a drawing."""
    names = ("From", "Mean", "Lowest", "Highest", "Readings")
    rows = []
    for bucket in list(one.buckets)[: -_TABLE_ROWS - 1 : -1]:
        figures = [number(value * scale) for value in (bucket.value, bucket.low, bucket.high)]
        cells = [h("td", {"class": "num"}, figure) for figure in (*figures, number(bucket.count))]
        rows.append(h("tr", None, h("td", None, look.when(bucket.ts)), cells))
    head = h("tr", None, [h("th", {"scope": "col"}, name) for name in names])
    table = h("table", {"class": "plain"}, h("thead", None, head), h("tbody", None, rows))
    return h("details", None, h("summary", None, "Numbers"), table)
