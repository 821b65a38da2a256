"""What is silenced, and the form to silence more."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.html import Attribute, Markup, Node, h
from console.pages.frame import Look, empty, heading, page, select
from console.ports import Silence
from console.query import NAME_LIMIT
from console.words import number

HOURS = {"1": "1 hour", "4": "4 hours", "8": "8 hours", "24": "a day", "72": "3 days", "168": "a week"}
"""For how long a silence lasts, by the value of the form."""
_HEADINGS = ("What", "From", "Until", "Why", "By", "")
_REASON = 200


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form offers."""

    rules: Sequence[str]
    districts: Sequence[str]
    departments: Sequence[str]


def silences_page(look: Look, silences: Sequence[Silence], choices: Choices, officer: str, now: int) -> str:
    return page(
        look,
        "Silences",
        "/silences",
        heading("Silences", h("span", {"class": "count num"}, number(len(silences)))),
        h(
            "p",
            {"class": "lead"},
            "Departments are not told of what is silenced. The board shows it as ever, and when a silence ends, "
            "departments hear how things stand then.",
        ),
        _table(look, silences, now) if silences else empty("Nothing is silenced."),
        h("h2", None, "Silence more"),
        h(
            "form",
            {"method": "post", "action": "/silences", "class": "wide"},
            select("rule", "Rule", "", [("", "every rule"), *((name, name) for name in choices.rules)]),
            h("label", {"class": "field"}, h("span", None, "Sensor"), h("input", {**_text("sensor", 64), "size": 14})),
            select("district", "District", "", [("", "every district"), *((name, name) for name in choices.districts)]),
            select(
                "department",
                "Department",
                "",
                [("", "every department"), *((name, name) for name in choices.departments)],
            ),
            how_long(),
            because(),
            your_name(officer),
            h("button", {"type": "submit"}, "Silence"),
        ),
    )


def how_long() -> Markup:
    return select("hours", "For", "1", list(HOURS.items()))


def because() -> Markup:
    field = {**_text("because", _REASON), "required": True}
    return h("label", {"class": "field reason"}, h("span", None, "Why"), h("input", field))


def your_name(officer: str) -> Markup:
    name = {**_text("by", NAME_LIMIT), "value": officer, "autocomplete": "name"}
    return h("label", {"class": "field"}, h("span", None, "Your name"), h("input", name))


def _text(name: str, longest: int) -> dict[str, Attribute]:
    return {"type": "text", "name": name, "maxlength": longest}


def _table(look: Look, silences: Sequence[Silence], now: int) -> Markup:
    rows = []
    for one in silences:
        cells: tuple[Node, ...] = (
            _scope(one),
            [
                look.when(one.begins, seconds=False),
                h("span", {"class": "sub"}, "not yet") if one.begins > now else None,
            ],
            look.when(one.ends, seconds=False),
            h("span", {"class": "text"}, one.because),
            one.by,
            h(
                "form",
                {"method": "post", "action": f"/silences/{one.id}/end", "class": "ack"},
                h("button", {"type": "submit", "aria-label": f"End silence {one.id}"}, "End now"),
            ),
        )
        labelled = zip(cells, _HEADINGS, strict=True)
        rows.append(
            h("tr", {"id": f"s-{one.id}"}, [h("td", {"data-label": name or None}, cell) for cell, name in labelled])
        )
    return h(
        "table",
        {"class": "silences"},
        h("caption", {"class": "hidden"}, "Silences, the one that ends last first"),
        h("thead", None, h("tr", None, [h("th", {"scope": "col"}, name) for name in _HEADINGS])),
        h("tbody", None, rows),
    )


def _scope(one: Silence) -> Node:
    names = (("rule", one.rule), ("at", one.sensor), ("in", one.district), ("for", one.department))
    return [[f"{word} ", h("strong", None, name), " "] for word, name in names if name]
