"""A part of the sensors of a group: a number of them, or per cent."""

import re
from dataclasses import dataclass

from rules.strict_yaml import Node

MOST = 100_000
_FORM = re.compile(r"([0-9]{1,6})(%?)")


@dataclass(frozen=True, slots=True)
class Part:
    """`number` of sensors, or that many `percent` of those that are asked."""

    number: int
    percent: bool = False

    def least(self, total: int) -> int:
        """The least number of `total` sensors that is such a part, at least 1."""
        return max(1, -(-self.number * total // 100) if self.percent else self.number)

    def reached(self, count: int, total: int) -> bool:
        """Whether `count` of `total` sensors are as many or more."""
        return count * 100 >= self.number * total if self.percent else count >= self.number

    def __str__(self) -> str:
        return f"{self.number}%" if self.percent else str(self.number)


HALF = Part(50, True)


def parse_part(node: Node, lowest: int = 1) -> Part | None:
    """A whole number from `lowest`, or with a sign for per cent, up to 100."""
    text = node.scalar()
    if text is None:
        return None
    match = _FORM.fullmatch(text)
    if match is not None and lowest <= int(match[1]) <= (100 if match[2] else MOST):
        return Part(int(match[1]), bool(match[2]))
    node.fault(f"{text[:40]!r} is not a part of the sensors", "write a whole number such as 3, or per cent such as 30%")
    return None
