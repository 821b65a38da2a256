"""What deciding anew may cost at most."""

from collections.abc import Iterable, Iterator

from rules.areas.composite import CompositeSpec
from rules.areas.member import WindowValues
from rules.duration import format_duration
from rules.faults import Fault
from rules.kinds.window_spec import WindowSpec
from rules.rule import Rule

MOST_KEPT = 4500
"""Panes of a series that wait, after their windows were decided, for what comes late."""

MOST_MERGED = 100_000
"""Panes that are put together again, about a quarter of a second's work, when one late reading has come."""


def too_much_anew(rules: Iterable[Rule]) -> Iterator[Fault]:
    """Windows of which so many, or of so many panes, may be decided anew that the judge would have no time for else."""
    for rule in rules:
        for spec in _windows(rule) if rule.amend else ():
            kept = (spec.length + spec.delay + rule.amend) // spec.grain
            windows = rule.amend // spec.every + 1
            merged = windows * (spec.length // spec.grain)
            if kept > MOST_KEPT or merged > MOST_MERGED:
                place, longest = rule.place, format_duration(rule.amend)
                message = f"for {longest} {windows} windows of {spec.length // spec.grain} panes can be decided anew"
                what = f"{MOST_KEPT} panes in all" if kept > MOST_KEPT else f"{MOST_MERGED} panes put together"
                key = f"{place.key}.amend"
                yield Fault(
                    place.file, place.line_of("amend"), key, f"{message}, {what} at most", "a longer every, or less"
                )
                break


def _windows(rule: Rule) -> Iterator[WindowSpec]:
    """Those that a rule judges, on single sensors or for a group."""
    asked = [each.spec for each in rule.spec.members] if isinstance(rule.spec, CompositeSpec) else [rule.spec]
    for spec in asked:
        window = spec.window if isinstance(spec, WindowValues) else spec
        if isinstance(window, WindowSpec):
            yield window
