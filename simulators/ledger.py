"""Counts what the broker has acknowledged, by identity: the same reading or refusal twice is one."""

from collections import Counter

from rules.identity import refusal_id
from simulators.message import Message

_TS_BITS = 44  # ms until the year 2527


class Ledger:
    """`messages` counts acknowledgements; `received` and `refused` count identities."""

    def __init__(self) -> None:
        self.messages = 0
        self._series: dict[tuple[str, str], int] = {}
        self._readings: set[int] = set()  # series number and ts in one integer: 60 bytes a reading
        self._refusals: dict[str, str] = {}

    def accept(self, message: Message) -> None:
        """The broker has `message`."""
        self.messages += 1
        series, add = self._series, self._readings.add
        for sensor, ts, metrics in message.readings:
            for metric in metrics:
                number = series.setdefault((sensor, metric), len(series))
                add(number << _TS_BITS | ts)
        for code, index in message.refusals:
            self._refusals[refusal_id(message.topic.encode(), message.payload, index)] = code

    @property
    def received(self) -> int:
        return len(self._readings)

    @property
    def refused(self) -> dict[str, int]:
        return dict(sorted(Counter(self._refusals.values()).items()))
