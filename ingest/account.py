"""What a bridge has done since it started, for its report."""

from collections import Counter
from collections.abc import Callable

from rules.refusal import Code

Report = Callable[[dict[str, object]], None]


class Account:
    """Counts of this process, not facts about the log: those are counted where the log is read."""

    def __init__(self) -> None:
        self.messages = self.readings = self.ticks = 0
        self.refused: Counter[Code] = Counter()

    def as_dict(self) -> dict[str, object]:
        return {
            "messages": self.messages,
            "readings": self.readings,
            "refused": {code.value: count for code, count in sorted(self.refused.items())},
            "ticks": self.ticks,
        }
