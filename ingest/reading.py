"""What a message yields: readings and refusals."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from rules.refusal import Code, Refusal


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One value of one metric of one sensor: `ts` in ms, `value` in the metric's canonical unit, calibrated."""

    sensor: str
    metric: str
    ts: int
    value: float


class Outcome(NamedTuple):
    """All that one message brought. Never both empty."""

    readings: Sequence[Reading]
    refusals: Sequence[Refusal]


class RefusedError(ValueError):
    """Inside the contract only: this value, object or message is refused."""

    def __init__(self, code: Code, detail: str) -> None:
        self.code, self.detail = code, detail
        super().__init__(f"{code}: {detail}")

    def at(self, index: int) -> Refusal:
        return Refusal(self.code, self.detail, index)


def shown(text: str, limit: int = 64) -> str:
    """A stranger's text, fit for a log line: quoted, ASCII, cut."""
    return ascii(text if len(text) <= limit else text[:limit] + "...")
