"""Rules on areas in words: who is judged together, and when it fires."""

from collections.abc import Callable
from functools import singledispatch

from console.words import number, span
from rules.areas.composite import Area
from rules.areas.conditions import Condition
from rules.areas.member import Member
from rules.areas.part import Part
from rules.kinds.area import AreaSpec
from rules.kinds.combine import CombineSpec
from rules.kinds.compare import CompareSpec
from rules.kinds.incident import IncidentSpec
from rules.kinds.quorum import QuorumSpec
from rules.kinds.sequence import SequenceSpec

Asked = Callable[[Member], str]
"""What a member asks of a sensor, in words."""

_AREAS = {
    "sensor": "at one sensor",
    "district": "in a district",
    "city": "in the whole city",
    "group": "in a group",
    "neighbours": "between a sensor and the next one downstream",
}
_ROLES = {"": "", "upstream": " upstream", "downstream": " downstream"}


def where(area: Area) -> str:
    """Who is judged together."""
    if area.by == "radius":
        metres = f"{number(area.radius / 1000)} km" if area.radius >= 1000 else f"{area.radius} m"
        return f"within {metres} of a sensor"
    return f"in {' or '.join(area.inside)}" if area.by == "inside" else _AREAS[area.by]


@singledispatch
def sentence(spec: object, asked: Asked) -> str:
    """When a rule on areas fires. Empty for a kind without words of its own."""
    return ""


@sentence.register
def _quorum(spec: QuorumSpec, asked: Asked) -> str:
    [member] = spec.members
    after = f" A sensor counts for {span(spec.within)} more." if spec.within else ""
    return f"Enough sensors {where(spec.area)}: {asked(member)}.{after}{_healthy(spec.healthy)}"


@sentence.register
def _area(spec: AreaSpec, asked: Asked) -> str:
    [member] = spec.members
    across = f"{spec.rank}th percentile" if spec.across == "percentile" else spec.across
    side = "above" if spec.levels.above else "below"
    return f"The {across} {where(spec.area)} of {asked(member)}, {side} a limit.{_healthy(spec.healthy)}"


def _healthy(part: Part) -> str:
    return f" Cannot decide while fewer than {part} of them can be asked."


@sentence.register
def _sequence(spec: SequenceSpec, asked: Asked) -> str:
    order = spec.order
    first, other = (f"{asked(m)}{_ROLES[side]}" for m, side in zip(spec.members, order.sides, strict=True))
    then = "not followed" if order.missing else "followed"
    return f"{first}, {then} within {span(order.within)} by {other}, {where(spec.area)}."


@sentence.register
def _compare(spec: CompareSpec, asked: Asked) -> str:
    comparison = spec.comparison
    left, right = (
        f"{asked(member)}{f' at {name}' if name else _ROLES[side]}"
        for member, side, name in zip(spec.members, comparison.sides, comparison.named, strict=True)
    )
    near = f"not older than {span(comparison.age)}" if comparison.age >= 0 else f"{span(comparison.within)} apart"
    side = "above" if spec.levels.above else "below"
    return f"The {comparison.measure} of {left} and {right}, {near}, {where(spec.area)}, {side} a limit."


@sentence.register
def _combine(spec: CombineSpec, asked: Asked) -> str:
    hold = f" for {span(spec.together.hold)}" if spec.together.hold else ""
    return f"{_said(spec.together.condition, spec, asked)}, {where(spec.area)}{hold}."


def _said(condition: Condition, spec: CombineSpec, asked: Asked) -> str:
    if condition.op == "is":
        count = {0: " at all sensors", 1: ""}.get(condition.need, f" at {condition.need} sensors")
        return asked(spec.members[condition.member]) + count
    if condition.op == "not":
        return f"not ({_said(condition.parts[0], spec, asked)})"
    word = " and " if condition.op == "all" else " or "
    parts = [_said(part, spec, asked) for part in condition.parts]
    nested = [f"({said})" if part.op in ("all", "any") else said
              for part, said in zip(condition.parts, parts, strict=True)]  # fmt: skip
    return word.join(nested)


@sentence.register
def _incident(spec: IncidentSpec, asked: Asked) -> str:
    return (
        f"The road is full upstream and empty downstream, {where(spec.area)}, in intervals of {span(spec.scale.every)}."
    )
