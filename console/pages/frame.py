"""What every page stands in: head, navigation, footer; and the small pieces that several pages use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from console.html import Markup, Node, h, render
from console.severity import severity_class
from console.words import instant, iso

_NAV = (("/", "Board"), ("/sensors", "Sensors"), ("/rules", "Rules"), ("/silences", "Silences"))


@dataclass(frozen=True, slots=True)
class Look:
    """How this console presents itself: the city's name, its clock and the addresses of the style and script."""

    city: str = "urbanpulse"
    zone: tzinfo = UTC
    style: str = "/static/console.css"
    script: str = "/static/console.js"
    icon: str = "/static/icon.svg"

    def when(self, ms: int, *, seconds: bool = True) -> Markup:
        return h("time", {"datetime": iso(ms), "title": iso(ms)}, instant(ms, self.zone, seconds=seconds))

    def stamp(self, ms: int) -> Markup:
        """The same on two lines, for a column: the time of day above its date."""
        date, _, clock = instant(ms, self.zone).rpartition(" ")
        return h("time", {"datetime": iso(ms), "title": iso(ms)}, clock, h("span", {"class": "sub"}, date))


def page(look: Look, title: str, here: str, *body: Node) -> str:
    """A whole document. `here` is the address of the navigation entry to mark."""
    head = h(
        "head",
        None,
        h("meta", {"charset": "utf-8"}),
        h("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        h("meta", {"name": "color-scheme", "content": "light dark"}),
        h("title", None, f"{title} · {look.city}"),
        h("link", {"rel": "icon", "type": "image/svg+xml", "href": look.icon}),
        h("link", {"rel": "stylesheet", "href": look.style}),
        h("script", {"src": look.script, "defer": True}),
    )
    links = [h("a", {"href": href, "aria-current": "page" if href == here else None}, name) for href, name in _NAV]
    top = h(
        "header",
        {"class": "top"},
        h("a", {"class": "skip", "href": "#main"}, "Skip to content"),
        h(
            "a",
            {"class": "brand", "href": "/", "aria-label": f"{look.city}: board"},
            _pulse(),
            h("span", None, look.city),
        ),
        h("nav", {"aria-label": "Pages"}, links),
        h("span", {"id": "live", "class": "live", "role": "status", "hidden": True}),
    )
    foot = h(
        "footer",
        {"class": "foot"},
        h("span", None, f"Times are {look.zone}."),
        h(
            "span",
            None,
            h("a", {"href": "/openapi.json"}, "API"),
            h("a", {"href": "/metrics"}, "Metrics"),
            h("a", {"href": "/healthz"}, "Health"),
        ),
    )
    document = h("html", {"lang": "en"}, head, h("body", None, top, h("main", {"id": "main"}, body), foot))
    return "<!doctype html>\n" + document


def _pulse() -> Markup:
    """The mark of the project: a heartbeat line."""
    return h(
        "svg",
        {"class": "pulse", "viewBox": "0 0 32 20", "width": 32, "height": 20, "aria-hidden": "true"},
        h("path", {"d": "M1 11h7l3-8 5 15 4-10 2 3h9"}),
    )


def badge(severity: str) -> Markup:
    """A severity: colour and name."""
    return h("span", {"class": f"badge {severity_class(severity)}"}, severity or "cleared")


def heading(title: Node, *beside: Node) -> Markup:
    return h("div", {"class": "heading"}, h("h1", None, title), *beside)


def empty(sentence: str, *more: Node) -> Markup:
    return h("p", {"class": "empty"}, sentence, *more)


def facts(pairs: Sequence[tuple[str, Node]]) -> Markup:
    """Names and values in two columns; pairs without a value are left out."""
    shown = [(name, render(value)) for name, value in pairs]
    return h("dl", {"class": "facts"}, [(h("div", None, h("dt", None, n), h("dd", None, v))) for n, v in shown if v])


def select(name: str, label: str, chosen: str, choices: Sequence[tuple[str, str]]) -> Markup:
    """A labelled choice of (value, words)."""
    options = [h("option", {"value": value, "selected": value == chosen}, words) for value, words in choices]
    return h("label", {"class": "field"}, h("span", None, label), h("select", {"name": name}, options))


def pager(before: str | None, after: str | None, words: str) -> Markup | None:
    """Links to the neighbouring pages; nothing when there are none."""
    if before is None and after is None:
        return None
    return h(
        "nav",
        {"class": "pager", "aria-label": "Pages of the list"},
        h("a", {"href": before, "rel": "prev"}, "← Previous") if before else h("span", None),
        h("span", None, words),
        h("a", {"href": after, "rel": "next"}, "Next →") if after else h("span", None),
    )
