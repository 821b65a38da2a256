"""Lists of names in a file."""

from rules.sensor import ID
from rules.strict_yaml import Node


def parse_words(node: Node) -> tuple[str, ...] | None:
    """One name or a list of them, each once."""
    items = node.one_or_more()
    if items is None:
        return None
    words = [(item, item.text()) for item in items]
    sound = True
    for item, word in words:
        if word is not None and not ID.fullmatch(word):
            item.fault(f"{word[:80]!r} is not a name", "use letters, digits and . _ : -, 64 at most")
            sound = False
    return distinct(words) if sound else None


def distinct(words: list[tuple[Node, str | None]]) -> tuple[str, ...] | None:
    """The words in the order of the file; a word given twice is a fault, so that order and number mean nothing."""
    found: list[str] = []
    sound = True
    for item, word in words:
        if word is None:
            sound = False
        elif word in found:
            item.fault(f"{word!r} is there twice")
            sound = False
        else:
            found.append(word)
    return tuple(found) if sound else None
