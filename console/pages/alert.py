"""One alert: what is so, why it was decided, what was done about it."""

from collections.abc import Container, Sequence

from console.html import Markup, Node, h
from console.pages.area import area_section, around
from console.pages.frame import Look, badge, empty, facts, heading, page
from console.pages.silences import because, how_long, your_name
from console.ports import AlertFile, AlertView, Dispatch, Reason, Step
from console.words import measure, number, span

_END = {"withdrawn": "Withdrawn: never was since"}
_WORDS = {
    "amended": "amended, for readings came late",
    "withdrawn": "withdrawn, for readings came late: it never was",
    "reopened": "reopened: it is not over after all",
    "silenced": "silenced: the department is not told",
    "heard again": "heard again: the silence has ended",
}
"""What happened to an alert, where one word does not say it."""
_VALUES = 50


def alert_page(look: Look, file: AlertFile, officer: str, sensors: Container[str] = ()) -> str:
    """`sensors`: the ids of the registry, which have a page to go to."""
    alert = file.alert
    state = h("span", {"class": f"state is-{alert.state}"}, alert.state)
    crumbs = h("p", {"class": "crumbs"}, h("a", {"href": "/"}, "Board"), " / ", alert.rule)
    return page(
        look,
        f"{alert.rule} at {alert.place}",
        "/",
        crumbs,
        heading([alert.rule, " ", h("small", None, f"at {alert.place}")], badge(alert.severity), state),
        h("p", {"class": "lead"}, alert.text),
        facts(_facts(look, alert)),
        _acknowledge(alert, officer),
        _silence(alert, officer),
        area_section(look, alert, sensors),
        h("h2", None, "History"),
        h("ol", {"class": "history"}, [_step(look, alert, step) for step in file.history])
        if file.history
        else empty("No step is kept."),
        h("h2", None, "Evidence"),
        _reason(look, alert, file.reason) if file.reason else empty("None came with the finding."),
        h("h2", None, "Messages to the department"),
        _dispatches(look, file.dispatches) if file.dispatches else empty("Nothing was to be sent."),
    )


def _facts(look: Look, alert: AlertView) -> list[tuple[str, Node]]:
    acknowledged: Node = None
    if alert.acknowledged_at is not None:
        acknowledged = [alert.acknowledged_by, ", ", look.when(alert.acknowledged_at)]
    area = alert.area
    over = alert.state == "resolved"
    return [
        ("Value", measure(alert.value, alert.metric, alert.unit) if alert.value is not None else None),
        ("Limit", measure(alert.limit, alert.metric, alert.unit) if alert.limit is not None else None),
        ("Since", look.when(alert.since)),
        (_END.get(alert.change, "Resolved"), look.when(alert.changed) if over else None),
        ("Lasted", span(alert.changed - alert.since) if over and alert.change != "withdrawn" else None),
        ("Sensor", h("a", {"href": f"/sensors/{alert.sensor}"}, alert.sensor) if alert.sensor else None),
        ("Area", area.name if area is not None and area.name != alert.sensor else None),
        ("Sensors that say so", f"{number(area.count)} of {number(area.of)}" if area is not None and area.of else None),
        ("Chart", h("a", {"href": around(alert.sensor, alert.since)}, "the hours around it") if alert.sensor else None),
        ("Metric", alert.metric),
        ("District", alert.district),
        ("Department", alert.department),
        ("Acknowledged by", acknowledged),
        ("Silenced until", look.when(alert.silenced_until) if alert.silenced_until is not None else None),
        ("Note", alert.note),
    ]


def _acknowledge(alert: AlertView, officer: str) -> Node:
    if alert.state != "open":
        return None
    return h(
        "form",
        {"method": "post", "action": f"/alerts/{alert.id}/acknowledge", "class": "ack wide"},
        your_name(officer),
        h("button", {"type": "submit"}, "Acknowledge"),
    )


def _silence(alert: AlertView, officer: str) -> Node:
    """The rule at this place, for this department: the narrowest silence there is."""
    if alert.state == "resolved":
        return None
    return h(
        "details",
        {"class": "silence"},
        h("summary", None, f"Do not tell {alert.department} of {alert.rule} at {alert.place} for a while"),
        h(
            "form",
            {"method": "post", "action": f"/alerts/{alert.id}/silence", "class": "wide"},
            how_long(),
            because(),
            your_name(officer),
            h("button", {"type": "submit"}, "Silence"),
        ),
    )


def _step(look: Look, alert: AlertView, step: Step) -> Markup:
    """A finding stands at its event time, a person's act at the time on the wall."""
    if step.by:
        when, words = step.wall, h("p", None, h("strong", None, step.what), f" by {step.by}")
        told = None
    else:
        figure = measure(step.value, alert.metric, alert.unit) if step.value is not None else None
        tag = badge(step.severity) if step.severity else None
        when, words = (
            step.at,
            h("p", {"class": "num"}, h("strong", None, _WORDS.get(step.what, step.what)), " ", tag, " ", figure),
        )
        told = h("p", {"class": "sub"}, f"revision {step.revision}, at the desk ", look.when(step.wall))
    note = h("p", {"class": "text"}, step.note) if step.note else None
    return h("li", None, look.when(when), h("div", None, words, note, told))


def _reason(look: Look, alert: AlertView, reason: Reason) -> Node:
    records = f"{number(reason.first)} to {number(reason.last)}" if reason.last > reason.first else number(reason.last)
    rule = [h("a", {"href": f"/rules#{alert.rule}"}, alert.rule), " ", h("code", None, alert.rule_hash)]
    told = facts(
        [
            ("Topic", reason.topic),
            ("Partition", number(reason.partition)),
            ("Records", records),
            ("Values looked at", number(reason.count)),
            ("Rule and its hash", rule),
            ("Episode", h("code", None, alert.episode)),
            ("Alert", h("code", None, alert.id)),
        ]
    )
    if not reason.values:
        return told
    rows = [
        h(
            "tr",
            None,
            h("td", None, look.when(ts)),
            h("td", {"class": "num"}, measure(value, alert.metric, alert.unit)),
            h("td", {"class": "num"}, number(offset)),
        )
        for ts, value, offset in reason.values[-_VALUES:]
    ]
    head = h("tr", None, [h("th", {"scope": "col"}, name) for name in ("Read at", "Value", "Record")])
    return [told, h("table", {"class": "plain"}, h("thead", None, head), h("tbody", None, rows))]


def _dispatches(look: Look, dispatches: Sequence[Dispatch]) -> Markup:
    names = ("Revision", "Channel", "Outcome", "Attempts", "At", "Answer")
    rows = []
    for one in dispatches:
        cells: tuple[Node, ...] = (
            str(one.revision),
            one.channel,
            one.state,
            str(one.attempts),
            look.when(one.at),
            one.detail,
        )
        tds = [h("td", {"data-label": name}, cell) for name, cell in zip(names, cells, strict=True)]
        rows.append(h("tr", None, tds))
    head = h("tr", None, [h("th", {"scope": "col"}, name) for name in names])
    return h("table", {"class": "sends"}, h("thead", None, head), h("tbody", None, rows))
