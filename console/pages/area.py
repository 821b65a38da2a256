"""What an alert of an area rests on: the sensors that say so, and those that were not asked."""

from collections.abc import Container, Sequence

from console.html import Markup, Node, h
from console.pages.frame import Look, badge
from console.ports import AlertView, Area
from console.query import address
from console.words import measure, number

HOUR = 3_600_000


def around(sensor: str, at: int) -> str:
    """The address of the sensor's page, with the hours around `at`."""
    return address(f"/sensors/{sensor}", range="6h", end=at + 3 * HOUR)


def area_section(look: Look, alert: AlertView, sensors: Container[str]) -> Node:
    """Nothing for an alert of a sensor by itself. A member that is not among `sensors` is an area, on which this one
    rests, or no longer there."""
    area = alert.area
    if area is None:
        return None
    parts: list[Node] = []
    if area.members:
        parts += [h("h2", None, "Sensors it rests on"), _members(look, alert, area, sensors)]
    if area.left_out or area.more:
        parts += [h("h2", None, "Left out"), _left_out(area, sensors)]
    return parts


def _members(look: Look, alert: AlertView, area: Area, sensors: Container[str]) -> Markup:
    rows = []
    for each in area.members:
        says = badge(each.severity) if each.severity else measure(each.value, alert.metric, alert.unit)
        name = _linked(each.sensor, around(each.sensor, each.ts), sensors)
        value = measure(each.value, alert.metric, alert.unit) if each.severity and each.value is not None else None
        rows.append([name, says, value, look.when(each.ts)])
    return _table(("Sensor", "Says", "Value", "Since"), rows)


def _left_out(area: Area, sensors: Container[str]) -> list[Node]:
    rows = [[_linked(sensor, f"/sensors/{sensor}", sensors), reason] for sensor, reason in area.left_out]
    more = h("p", {"class": "sub"}, f"and {number(area.more)} more") if area.more else None
    return [_table(("Sensor", "Because"), rows) if rows else None, more]


def _linked(name: str, href: str, sensors: Container[str]) -> Node:
    return h("a", {"href": href}, name) if name in sensors else name


def _table(names: Sequence[str], rows: Sequence[Sequence[Node]]) -> Markup:
    head = h("tr", None, [h("th", {"scope": "col"}, name) for name in names])
    body = [h("tr", None, [h("td", None, cell) for cell in row]) for row in rows]
    return h("table", {"class": "plain"}, h("thead", None, head), h("tbody", None, body))
