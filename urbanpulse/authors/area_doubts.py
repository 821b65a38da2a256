"""What is hardly meant in rules on groups: conditions that can never be, combinations that say nothing, times within
which no sensor says anything."""

from collections.abc import Iterator, Sequence
from itertools import product

from rules.areas.composite import CompositeSpec
from rules.areas.conditions import leaves, truth
from rules.catalogue import Catalogue
from rules.duration import format_duration
from rules.faults import Fault
from rules.kinds.combine import ONE_OF, CombineSpec
from rules.kinds.compare import CompareSpec
from rules.kinds.sequence import SequenceSpec
from rules.levels import Levels
from rules.rule import Rule
from rules.sensor import Sensor
from rules.units import METRICS

MOST = 10
"""Conditions of a combination whose cases are all tried."""


def members_of(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """The conditions on single sensors in a rule, each as the rule that it would be alone, and its key."""
    if not isinstance(rule.spec, CompositeSpec):
        return
    for number, member in enumerate(rule.spec.members):
        if member.spec is not None and not member.reports:
            kind = "threshold" if isinstance(member.spec, Levels) else "window"
            part = Rule(rule.name, kind, (member.metric,), member.spec, rule.where, place=rule.place)
            yield _key(rule, number), part


def _key(rule: Rule, number: int) -> str:
    lines = rule.place.lines
    if isinstance(rule.spec, SequenceSpec):
        return "first" if number == 0 else "missing" if rule.spec.order.missing else "then"
    return next((each for each in (*ONE_OF, "of") if each in lines), "name")


def measured(rule: Rule) -> tuple[float, float] | None:
    """Between which values what a comparison measures can lie."""
    if not isinstance(rule.spec, CompareSpec):
        return None
    known = [METRICS.get(member.metric) for member in rule.spec.members]
    left, right = known
    if left is None or right is None or any(member.spec != rule.spec.members[0].spec for member in rule.spec.members):
        return None
    measure = rule.spec.comparison.measure
    if measure == "difference":
        return left.lowest - right.highest, left.highest - right.lowest
    if measure == "distance":
        return 0.0, max(left.highest - right.lowest, right.highest - left.lowest)
    return (0.0, float("inf")) if left.lowest >= 0 and right.lowest >= 0 else None


def area_doubts(rule: Rule, catalogue: Catalogue) -> Iterator[Fault]:
    """Each with file, line, key and what to do."""
    if isinstance(rule.spec, CombineSpec):
        yield from _says_nothing(rule, rule.spec)
        for key in ("hold", "keep_firing"):
            wait = getattr(rule.spec.together, key)
            yield from _too_short(rule, key, wait, range(len(rule.spec.members)), catalogue, "a single reading ends it")
    elif isinstance(rule.spec, SequenceSpec):
        yield from _too_short(rule, "within", rule.spec.order.within, [1], catalogue, "what follows is seen too late")
    elif isinstance(rule.spec, CompareSpec):
        says = rule.spec.comparison
        yield from _too_short(rule, "age", says.age, [0, 1], catalogue, "most of the time there is nothing to compare")


def _fault(rule: Rule, key: str, message: str, suggestion: str) -> Fault:
    place = rule.place
    return Fault(place.file, place.line_of(key), f"{place.key}.{key}", message, suggestion)


def _says_nothing(rule: Rule, spec: CombineSpec) -> Iterator[Fault]:
    """A combination that is true, or false, whatever its conditions are."""
    known = list(dict.fromkeys((leaf.member, leaf.need) for leaf in leaves(spec.together.condition)))
    if len(known) > MOST:
        return
    found = set()
    for case in product((False, True), repeat=len(known)):
        now = dict(zip(known, case, strict=True))
        parts = [now[leaf.member, leaf.need] for leaf in leaves(spec.together.condition)]
        found.add(truth(spec.together.condition, parts))
    if len(found) == 1:
        message = (
            "fires whatever the conditions are"
            if True in found
            else "can never fire: its conditions exclude each other"
        )
        yield _fault(rule, _key(rule, 0), message, "write out the cases in which it must fire")


def _too_short(
    rule: Rule, key: str, wait: int, members: Sequence[int], catalogue: Catalogue, meaning: str
) -> Iterator[Fault]:
    """A time shorter than the interval of sensors that are asked."""
    slow = [sensor for number in members for sensor in _asked(rule, number, catalogue) if 0 < wait < sensor.interval]
    if slow:
        longest = max(slow, key=lambda sensor: sensor.interval)
        interval = format_duration(longest.interval)
        message = f"{format_duration(wait)} is shorter than the interval of {longest.id} ({interval}): {meaning}"
        hint = f"at least twice the interval, {format_duration(2 * longest.interval)}, or narrow `where`"
        yield _fault(rule, key, message, hint)


def _asked(rule: Rule, number: int, catalogue: Catalogue) -> list[Sensor]:
    found = catalogue.areas.rules.get(rule.name)
    if found is None or found.members[number].area:
        return []
    ids = found.members[number].sensors & found.by_sensor.keys()
    return [catalogue.sensors[each] for each in sorted(ids)]
