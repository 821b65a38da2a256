"""HTML that escapes by default: elements are function calls, every string is text until it is wrapped on purpose.

There is no template language, so a sensor's name or an alert's text can never be read as one, and mypy checks the
pages like any other code. `Markup` marks text that is HTML already; only this module and the page skeleton make it.
"""

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

# Characters that reorder the text around them; shown as a visible mark, so that a name cannot pretend to be another.
_BIDI = dict.fromkeys(
    [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\N{REPLACEMENT CHARACTER}"
)
_CONTROL = dict.fromkeys(
    [n for n in [*range(32), 127, *range(128, 160)] if n not in (9, 10)], "\N{REPLACEMENT CHARACTER}"
)
_UNSEEN = {**_BIDI, **_CONTROL}

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Node: TypeAlias = "str | int | Iterable[Node] | None"
Attribute: TypeAlias = "str | int | float | bool | None"


def text(value: str) -> Markup:
    """`value` as HTML text or attribute value.

    >>> text("<b> & 'x'")
    '&lt;b&gt; &amp; &#x27;x&#x27;'
    """
    return Markup(escape(value.translate(_UNSEEN), quote=True))


def render(node: Node) -> Markup:
    """Nodes joined in order; None is nothing."""
    if isinstance(node, Markup):
        return node
    if node is None:
        return Markup("")
    if isinstance(node, str):
        return text(node)
    if isinstance(node, int):
        return Markup(node)
    return Markup("".join(map(render, node)))


def h(tag: str, attributes: dict[str, Attribute] | None = None, *children: Node) -> Markup:
    """One element. An attribute that is None or False is left out, one that is True stands without a value.

    >>> h("a", {"href": "/?a=1&b=2"}, "<x>")
    '<a href="/?a=1&amp;b=2">&lt;x&gt;</a>'
    """
    parts = [f"<{tag}"]
    for name, value in (attributes or {}).items():
        if value is None or value is False:
            continue
        parts.append(f" {name}" if value is True else f' {name}="{text(str(value))}"')
    parts.append(">")
    if tag not in _VOID:
        parts.append(render(children))
        parts.append(f"</{tag}>")
    return Markup("".join(parts))
