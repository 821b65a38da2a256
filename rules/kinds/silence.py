"""A sensor that has spoken before says nothing for too long."""

import re
from dataclasses import dataclass

from rules.strict_yaml import Node

REQUIRED = ("metric", "after", "severity")
OPTIONAL = ()
METRICS = 32
TEXT = "No {metric} from {sensor} ({district}) for {limit}"
SHORTEST = 1000
_SEVERITY = re.compile(r"[a-z][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class SilenceSpec:
    """Silent once `after` ms have passed since the newest reading."""

    after: int
    severity: str


def parse(rule: Node, fields: dict[str, Node]) -> SilenceSpec | None:
    """The spec in a rule's own keys; None when there is a fault among them."""
    after = fields["after"].duration(SHORTEST) if "after" in fields else None
    severity = fields["severity"].text() if "severity" in fields else None
    if severity is not None and not _SEVERITY.fullmatch(severity):
        fields["severity"].fault(f"{severity[:64]!r} is not a severity", "use a-z, 0-9, - and _, a letter first")
        return None
    return None if after is None or severity is None else SilenceSpec(after, severity)
