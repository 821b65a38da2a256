"""Conditions of conditions, three-valued after Kleene: true, false, and None where nobody can know.

all   false if any part is false, else unknown if any is unknown        not   unknown of unknown
any   true if any part is true, else unknown if any is unknown
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Condition:
    """`op` "is": a member, that at least `need` sensors of the group have on, 0 for all of them; else what the op makes
    of its parts, of which "not" has one."""

    op: Literal["is", "all", "any", "not"]
    parts: tuple["Condition", ...] = ()
    member: int = -1
    need: int = 1


def truth(condition: Condition, members: Sequence[bool | None]) -> bool | None:
    """`members`: the truth of each "is", in the order of `leaves`."""
    return _truth(condition, iter(members))


def _truth(condition: Condition, members: Iterator[bool | None]) -> bool | None:
    if condition.op == "is":
        return next(members)
    parts = [_truth(part, members) for part in condition.parts]
    if condition.op == "not":
        return None if parts[0] is None else not parts[0]
    decisive = condition.op == "any"
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


def leaves(condition: Condition) -> Iterator[Condition]:
    """Each "is", from left to right."""
    if condition.op == "is":
        yield condition
    for part in condition.parts:
        yield from leaves(part)
