"""A request that could not be answered, said plainly."""

from collections.abc import Sequence

from console.html import h
from console.pages.frame import Look, heading, page


def fault_page(look: Look, status: int, title: str, reasons: Sequence[str]) -> str:
    return page(
        look,
        title,
        "",
        heading(title),
        h("ul", {"class": "reasons"}, [h("li", None, reason) for reason in reasons]) if reasons else None,
        h("p", None, h("a", {"href": "/"}, "To the board")),
        h("p", {"class": "sub"}, f"HTTP {status}"),
    )
