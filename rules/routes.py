"""Who is told of which severity."""

from collections.abc import Sequence
from typing import Any

from rules.faults import nearest
from rules.kinds.silence import SilenceSpec
from rules.level_fields import SEVERITY
from rules.levels import Levels
from rules.strict_yaml import Node
from rules.word_fields import parse_words

Routes = tuple[tuple[str, tuple[str, ...]], ...]
"""Departments by severity, in the order of the file."""


def severities_of(spec: Any) -> tuple[str, ...]:
    """The severities that a rule of this spec may have, in order of gravity; none for what has none."""
    if isinstance(spec, SilenceSpec):
        return (spec.severity,)
    levels = spec if isinstance(spec, Levels) else getattr(spec, "levels", None)
    if isinstance(levels, Levels):
        return tuple(level.severity for level in levels.levels)
    found = getattr(spec, "severities", None)
    return tuple(found()) if callable(found) else ()


def told_of(
    severity: str, severities: Sequence[str], notify: tuple[str, ...], routes: Routes, own: tuple[str, ...]
) -> tuple[str, ...]:
    """The departments that are told of a severity: those of its route, else of the nearest milder one that has a route,
    else `notify`, else `own`, the sensor's. No severity counts as the mildest."""
    by_severity = dict(routes)
    place = severities.index(severity) if severity in severities else 0
    for milder in reversed(severities[: place + 1]):
        if milder in by_severity:
            return by_severity[milder]
    return notify or own


def parse_notify(node: Node) -> tuple[tuple[str, ...], Routes] | None:
    """Departments for every severity, or by severity."""
    if not node.is_mapping():
        words = parse_words(node)
        return None if words is None else (words, ())
    entries = node.entries() or {}
    if not entries:
        node.fault("no severity", "such as notify: {yellow: [environment], red: [environment, emergency]}")
        return None
    found = [(severity, parse_words(value)) for severity, value in entries.items()]
    for severity, _ in found:
        if not SEVERITY.fullmatch(severity):
            entries[severity].fault(f"{severity[:64]!r} is not a severity", "use a-z, 0-9, - and _, a letter first")
            return None
    routes = tuple((severity, words) for severity, words in found if words is not None)
    return ((), routes) if len(routes) == len(found) else None


def strange_routes(node: Node, routes: Routes, severities: Sequence[str]) -> bool:
    """Whether routes name severities that the rule has not; each is a fault."""
    strange = [severity for severity, _ in routes if severity not in severities]
    for severity in strange:
        node.fault(f"the rule has no severity {severity!r}", nearest(severity, severities), severity)
    return bool(strange)
