"""The registry with the last value of every series."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.html import Attribute, Markup, h
from console.pages.frame import Look, empty, heading, page, pager, select
from console.ports import LatestValue
from console.query import PAGE, address
from console.words import measure, metric_unit, number
from rules.sensor import Sensor

_HEADINGS = ("Sensor", "Kind", "District", "Department", "Last values", "Read")


@dataclass(frozen=True, slots=True)
class SensorFilter:
    kind: str = ""
    district: str = ""
    text: str = ""

    def holds(self, sensor: Sensor) -> bool:
        word = self.text.casefold().strip()
        return (
            self.kind in ("", sensor.kind)
            and self.district in ("", sensor.district)
            and any(word in field.casefold() for field in (sensor.id, sensor.department, *sensor.channels))
        )


@dataclass(frozen=True, slots=True)
class SensorList:
    """One page of the sensors that match; `latest` by sensor."""

    sensors: Sequence[Sensor]
    total: int
    latest: Mapping[str, Sequence[LatestValue]]
    wanted: SensorFilter
    number: int
    kinds: Sequence[str]
    districts: Sequence[str]

    def address(self, number: int) -> str:
        w = self.wanted
        return address("/sensors", kind=w.kind, district=w.district, text=w.text, page=number if number > 1 else None)


def sensors_page(look: Look, listed: SensorList) -> str:
    first = (listed.number - 1) * PAGE
    last = first + len(listed.sensors)
    rows = [_row(look, sensor, listed.latest.get(sensor.id, ())) for sensor in listed.sensors]
    table = h(
        "table",
        {"class": "sensors"},
        h("caption", {"class": "hidden"}, "Sensors with their last values"),
        h("thead", None, h("tr", None, [h("th", {"scope": "col"}, name) for name in _HEADINGS])),
        h("tbody", None, rows),
    )
    return page(
        look,
        "Sensors",
        "/sensors",
        heading("Sensors", h("span", {"class": "count num"}, number(listed.total))),
        _filters(listed),
        table if rows else empty("No sensor matches. ", h("a", {"href": "/sensors"}, "Show all")),
        pager(
            listed.address(listed.number - 1) if listed.number > 1 else None,
            listed.address(listed.number + 1) if last < listed.total else None,
            f"{number(first + 1 if rows else 0)}–{number(last)} of {number(listed.total)}",
        ),
    )


def _row(look: Look, sensor: Sensor, latest: Sequence[LatestValue]) -> Markup:
    values = [
        h(
            "span",
            {"class": "reading"},
            h("i", None, one.metric),
            " ",
            h("b", {"class": "num"}, measure(one.value, one.metric, metric_unit(one.metric))),
        )
        for one in latest
    ]
    newest = max((one.ts for one in latest), default=None)
    cells = (
        ("id", h("a", {"href": f"/sensors/{sensor.id}"}, sensor.id)),
        ("kind", sensor.kind),
        ("district", sensor.district),
        ("dept", sensor.department),
        ("values", values or h("span", {"class": "sub"}, "no reading yet")),
        ("since", None if newest is None else look.stamp(newest)),
    )
    return h(
        "tr",
        None,
        [h("td", {"class": c, "data-label": label}, x) for (c, x), label in zip(cells, _HEADINGS, strict=True)],
    )


def _filters(listed: SensorList) -> Markup:
    wanted = listed.wanted
    kinds = [("", "every kind"), *((name, name) for name in listed.kinds)]
    districts = [("", "every district"), *((name, name) for name in listed.districts)]
    text: dict[str, Attribute] = {"type": "search", "name": "text", "value": wanted.text, "maxlength": 64}
    return h(
        "form",
        {"method": "get", "action": "/sensors", "class": "filters", "role": "search"},
        select("kind", "Kind", wanted.kind, kinds),
        select("district", "District", wanted.district, districts),
        h("label", {"class": "field"}, h("span", None, "Id, metric or department"), h("input", text)),
        h("button", {"type": "submit"}, "Show"),
    )
