"""The sentence of a finding. Only `{name}` for the names below is replaced; nothing else has a meaning, so a
rule's author can reach no attribute and break no finding."""

import re
from collections.abc import Iterator, Mapping

PLACEHOLDERS = ("value", "unit", "limit", "sensor", "metric", "district", "severity", "rule", "area", "k", "n")
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def render(template: str, values: Mapping[str, str]) -> str:
    """The template with its placeholders replaced, once: a value that looks like a placeholder stays as it is."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), template)


def strangers(template: str) -> Iterator[str]:
    """The placeholders in the template that nobody fills."""
    return (name for name in _PLACEHOLDER.findall(template) if name not in PLACEHOLDERS)


def number(value: float | None) -> str:
    """At most three decimals, no trailing zeros, never "-0"; "" for none.

    >>> number(61.0), number(-0.0001)
    ('61', '0')
    """
    if value is None:
        return ""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
