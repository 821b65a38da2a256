"""One alert as a row of a table; the board, a sensor's page and the live stream show the same row."""

from collections.abc import Sequence

from console.html import Markup, Node, h
from console.pages.frame import Look, badge
from console.ports import AlertView
from console.words import measure

HEADINGS = ("Severity", "Alert", "Where", "Value", "Since", "Department", "State")


def alert_row(look: Look, alert: AlertView) -> Markup:
    """The row; its id is what the script replaces when the alert changes."""
    cells: list[tuple[str, Node]] = [
        ("sev", badge(alert.severity)),
        (
            "what",
            [
                h("a", {"class": "rule", "href": f"/alerts/{alert.id}"}, alert.rule),
                h("span", {"class": "sub text"}, alert.text),
            ],
        ),
        (
            "sensor",
            [where(alert), h("span", {"class": "sub"}, _beside(alert))],
        ),
        (
            "value",
            [
                h("strong", {"class": "num"}, measure(alert.value, alert.metric, alert.unit)),
                h("span", {"class": "sub num"}, f"limit {measure(alert.limit, alert.metric, alert.unit)}")
                if alert.limit is not None
                else None,
            ],
        ),
        ("since", look.stamp(alert.since)),
        ("dept", alert.department),
        ("act", state_cell(look, alert)),
    ]
    return h(
        "tr",
        {"id": f"a-{alert.id}", "class": f"alert is-{alert.state}"},
        [
            h("td", {"class": name, "data-label": label}, content)
            for (name, content), label in zip(cells, HEADINGS, strict=True)
        ],
    )


def where(alert: AlertView) -> Node:
    """The sensor, or the area, which has no page of its own."""
    return h("a", {"href": f"/sensors/{alert.sensor}"}, alert.sensor) if alert.sensor else alert.place


def _beside(alert: AlertView) -> str:
    area = alert.area
    if area is None or not area.of:
        return alert.district
    left_out = len(area.left_out) + area.more
    return f"{area.count} of {area.of} sensors" + (f", {left_out} left out" if left_out else "")


def state_cell(look: Look, alert: AlertView) -> Node:
    """The state in words; an open alert has its button here."""
    if alert.state == "open":
        return [
            h("span", {"class": "state"}, "open"),
            silenced(look, alert),
            h(
                "form",
                {"method": "post", "action": f"/alerts/{alert.id}/acknowledge", "class": "ack"},
                h(
                    "button",
                    {"type": "submit", "aria-label": f"Acknowledge {alert.rule} at {alert.place}"},
                    "Acknowledge",
                ),
            ),
        ]
    if alert.state == "acknowledged":
        return [
            h("span", {"class": "state"}, "acknowledged"),
            h("span", {"class": "sub"}, f"by {alert.acknowledged_by}") if alert.acknowledged_by else None,
            silenced(look, alert),
        ]
    return [
        h("span", {"class": "state"}, "resolved"),
        h("span", {"class": "sub"}, look.when(alert.changed, seconds=False)),
    ]


def silenced(look: Look, alert: AlertView) -> Node:
    """That nobody is told of it, and until when."""
    if alert.silenced_until is None:
        return None
    return h("span", {"class": "sub quiet"}, "silenced until ", look.when(alert.silenced_until, seconds=False))


def alert_table(look: Look, alerts: Sequence[AlertView], caption: str, *, live: bool = False) -> Markup:
    return h(
        "table",
        {"class": "alerts", "id": "alerts" if live else None},
        h("caption", {"class": "hidden"}, caption),
        h("thead", None, h("tr", None, [h("th", {"scope": "col"}, name) for name in HEADINGS])),
        h("tbody", None, [alert_row(look, alert) for alert in alerts]),
    )
