"""Waiting until all that was published has come through: log, judge, record, alerts, webhooks."""

import time
from collections.abc import Callable, Iterable

from streams.lanes import split
from urbanpulse import account
from urbanpulse.account import LogReader
from urbanpulse.tally import Frames, Tally, count
from urbanpulse.trouble import TroubleError


class StillWaitingError(TroubleError):
    """Something did not come through in time. The text says what."""


class Patience:
    """Waits for one thing after another, all together for so many seconds. `look` is called meanwhile, so that
    parts are watched; `say` hears what is waited for."""

    def __init__(self, seconds: float, look: Callable[[], None], say: Callable[[str], None]) -> None:
        self._end = time.monotonic() + seconds
        self._seconds, self._look, self._say = seconds, look, say

    def wait(self, what: Callable[[], str]) -> None:
        """Until `what` returns nothing; what it returns is what is waited for. Raises StillWaitingError."""
        told = time.monotonic() + 3.0
        while pending := what():
            now = time.monotonic()
            if now > self._end:
                raise StillWaitingError(f"after {self._seconds:g} s still waiting for {pending}")
            if now > told:
                told = now + 5.0
                self._say(f"waiting for {pending}")
            self._look()
            time.sleep(0.2)


class Ticks:
    """Whether the log has come to a time: every bridge's tick of it, in every partition. What a broker was given
    before the publisher told that time is then in the log too."""

    def __init__(self, reader: LogReader, partitions: int, bridges: Iterable[str], until: int) -> None:
        self._reader, self._frames, self._until = reader, Frames(partitions), until
        self._left = {(partition, bridge) for partition in range(partitions) for bridge in bridges}
        self._at: dict[int, int] = {}

    def pending(self) -> str:
        for record, frame in self._frames.read(self._reader.read(account.READINGS, self._at)):
            self._at[record.partition] = record.offset + 1
            tally = Tally()
            count(frame, tally)
            self._left -= {(record.partition, bridge) for bridge, t in tally.ticks.items() if t >= self._until}
        return f"the bridge: its last tick is not in {len(self._left)} partitions" if self._left else ""


def pending_stages(reader: LogReader, store: account.StorePositions, desk: account.DeskFigures) -> str:
    """What record, judge and alerts have still before them; empty when they are level with the log.

    In this order, and by record rather than by reading: the judge's findings, derived readings and summaries are
    durable before its position is, so a judge that has everything behind it has told all, and its second stage, which
    comes after it, has all that it will get. The store's positions are asked for first: what it has by then it has for
    good.
    """
    ends = reader.ends(account.READINGS)
    measured, made = split(account.stored_at(store.positions()))
    if behind := _behind(ends, measured):
        return f"record: {behind} records of the log"
    judged = _judged(reader, account.STATE)
    if behind := _behind(ends, judged):
        return f"judge: {behind} records of the log"
    areas = _judged(reader, account.AREA_STATE)
    if behind := _behind(reader.ends(account.SUMMARIES), areas):
        return f"judge: {behind} summaries for the rules on areas"
    if behind := _behind(reader.ends(account.DERIVED), made):
        return f"record: {behind} records of derived readings"
    if behind := _behind(reader.ends(account.FINDINGS), desk.positions(account.FINDINGS)):
        return f"alerts: {behind} findings"
    waiting = desk.deliveries().get("waiting", 0)
    return f"delivery: {waiting} messages to departments" if waiting else ""


def _judged(reader: LogReader, state: str) -> dict[int, int]:
    return {number: facts[0] for number, facts in account.judge_counts(reader.read(state)).items()}


def _behind(ends: dict[int, int], positions: dict[int, int]) -> int:
    return sum(max(0, end - positions.get(number, 0)) for number, end in ends.items())
