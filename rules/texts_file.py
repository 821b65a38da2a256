"""The key `text` of a rule: one sentence, or one for each language."""

import re

from rules.faults import nearest
from rules.strict_yaml import Node
from rules.text import PLACEHOLDERS, strangers

LONGEST_TEXT = 500
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")

Texts = tuple[tuple[str, str], ...]


def parse_texts(node: Node) -> Texts | None:
    """(language, sentence), the first one being that of whoever wants no language; a sentence without a language stands
    alone. None after a fault."""
    if not node.is_mapping():
        text = _text(node)
        return None if text is None else (("", text),)
    entries = node.entries()
    if not entries:
        node.fault("no sentence in it", "such as {zh-CN: ..., en: ...}")
        return None
    found: list[tuple[str, str]] = []
    for language, each in entries.items():
        text = _text(each)
        if not LANGUAGE.fullmatch(language):
            each.fault(f"{language[:40]!r} is no language", "a tag such as en, de or zh-CN")
        elif text is not None:
            found.append((language, text))
    return tuple(found) if len(found) == len(entries) else None


def _text(node: Node) -> str | None:
    text = node.text()
    if text is None:
        return None
    if not 1 <= len(text) <= LONGEST_TEXT or not text.isprintable():
        node.fault(f"must be one line of 1 to {LONGEST_TEXT} printable characters")
        return None
    unknown = list(strangers(text))
    for name in unknown:
        node.fault(f"unknown placeholder {{{name}}}", nearest(name, PLACEHOLDERS))
    return None if unknown else text
