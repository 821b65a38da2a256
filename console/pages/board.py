"""The board: live alerts, what is open, and how the parts are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.html import Markup, Node, h
from console.pages.frame import Look, empty, page, pager, select
from console.pages.rows import alert_table
from console.ports import STATES, AlertFilter, AlertView, State
from console.pulse import PartPulse, Pulse
from console.query import PAGE, address
from console.words import number

# What "state" may be in the address, and what it asks for.
VIEWS: Mapping[str, tuple[State, ...]] = {
    "": ("open", "acknowledged"),
    "open": ("open",),
    "acknowledged": ("acknowledged",),
    "resolved": ("resolved",),
    "all": STATES,
}
_VIEW_NAMES = (
    ("", "live"),
    ("open", "open"),
    ("acknowledged", "acknowledged"),
    ("resolved", "resolved"),
    ("all", "all"),
)


@dataclass(frozen=True, slots=True)
class Board:
    """All that the board shows. `seq` is the number of the newest change that `alerts` includes; `resolved` are the
    last ones that are over, shown below while little is live."""

    alerts: Sequence[AlertView]
    resolved: Sequence[AlertView]
    total: int
    counts: Mapping[str, int]
    pulse: Pulse
    wanted: AlertFilter
    view: str
    number: int
    seq: int
    severities: Sequence[str]
    departments: Sequence[str]

    def address(self, number: int) -> str:
        return address(
            "/",
            state=self.view,
            severity=self.wanted.severity,
            department=self.wanted.department,
            page=number if number > 1 else None,
        )


def board_page(look: Look, board: Board) -> str:
    first = (board.number - 1) * PAGE
    last = first + len(board.alerts)
    stream = address(
        "/events",
        state=board.view,
        severity=board.wanted.severity,
        department=board.wanted.department,
        since=board.seq,
    )
    return page(
        look,
        "Board",
        "/",
        h("h1", {"class": "hidden"}, "Board"),
        strip(board.counts, board.pulse),
        h(
            "section",
            # Only the first page grows by itself; on a later one rows would slide from page to page while one reads.
            {"id": "board", "data-stream": stream, "data-first": "1" if board.number == 1 else None, "data-size": PAGE},
            _filters(board),
            alert_table(look, board.alerts, "Alerts, newest first", live=True),
            None if board.alerts else _nothing(board),
            pager(
                board.address(board.number - 1) if board.number > 1 else None,
                board.address(board.number + 1) if last < board.total else None,
                f"{number(first + 1 if last > first else 0)}–{number(last)} of {number(board.total)}",
            ),
        ),
        _lately(look, board.resolved),
    )


def _lately(look: Look, resolved: Sequence[AlertView]) -> Node:
    if not resolved:
        return None
    more = h("a", {"href": "/?state=resolved"}, "all resolved")
    return h(
        "section",
        {"id": "lately"},
        h("h2", None, "Lately resolved ", h("small", None, more)),
        alert_table(look, resolved, "Lately resolved alerts, the last one first"),
    )


def _nothing(board: Board) -> Markup:
    filtered = board.view or board.wanted.severity or board.wanted.department or board.number > 1
    if filtered:
        return empty("No alert matches. ", h("a", {"href": "/"}, "Show all live alerts"))
    return empty("All quiet: no alert is open.")


def _filters(board: Board) -> Markup:
    everyone = [("", "every severity"), *((name, name) for name in board.severities)]
    departments = [("", "every department"), *((name, name) for name in board.departments)]
    return h(
        "form",
        {"method": "get", "action": "/", "class": "filters"},
        select("state", "State", board.view, _VIEW_NAMES),
        select("severity", "Severity", board.wanted.severity, everyone),
        select("department", "Department", board.wanted.department, departments),
        h("button", {"type": "submit"}, "Show"),
    )


def strip(counts: Mapping[str, int], pulse: Pulse) -> Markup:
    """The figures above the board; the live stream sends the same piece again when one of them changes."""
    figures: list[Node] = [
        _figure(number(counts.get("open", 0)), "open", "/?state=open", "hot" if counts.get("open") else ""),
        _figure(number(counts.get("acknowledged", 0)), "acknowledged", "/?state=acknowledged"),
        _figure(number(counts.get("resolved", 0)), "resolved", "/?state=resolved"),
        _figure("–" if pulse.rate is None else number(round(pulse.rate)), "readings/s"),
        _figure("–" if pulse.waiting is None else number(pulse.waiting), "waiting to be stored"),
    ]
    return h(
        "section",
        {"id": "strip", "class": "strip", "aria-label": "The city at a glance"},
        h("div", {"class": "figures"}, figures),
        h(
            "ul",
            {"class": "parts", "aria-label": "Parts"},
            [_part(part) for part in pulse.parts],
        ),
    )


def _figure(value: str, words: str, href: str = "", tone: str = "") -> Markup:
    inside = [h("b", {"class": "num"}, value), h("span", None, words)]
    kind = f"figure {tone}".rstrip()
    return h("a", {"class": kind, "href": href}, inside) if href else h("div", {"class": kind}, inside)


def _part(part: PartPulse) -> Markup:
    words = h("em", None, part.trouble) if part.trouble else None
    kind = "part bad" if part.trouble else "part ok"
    return h("li", {"class": kind, "title": f"{part.name}: {part.trouble or part.state}"}, part.name, words)
