"""How far the second stage is behind the first, in time, and whose word it waits for. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime

from streams.ports import AreaJudge, JudgeEngine

STANDS = 60.0
"""Seconds for which the clock of areas may stand still while sensors go on. Restarting this part is no repair for it:
the partition that is waited for may be another worker's."""


class AreaClock:
    """`behind`: ms of the log's time from the second stage's clock to the newest time that anybody has told; 0 while a
    city has no rules on areas."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self.forget()

    def forget(self) -> None:
        """The assignment ended."""
        self.behind = 0
        self._clock = -1
        self._since = 0.0
        self._silent: list[int] = []

    def saw(self, now: float, frames: Sequence[JudgeEngine], areas: Sequence[AreaJudge]) -> None:
        """The engines of the moment; `now` in seconds of a steady clock."""
        told = [source.t for area in areas for source in area.clock.bridges.values()]
        told += [engine.clock.now for engine in frames if engine.composite]
        if not told or not areas:
            self.forget()
            return
        last = min(areas, key=lambda area: area.clock.now)
        clock, newest = last.clock.now, max(told)
        if clock != self._clock or clock >= newest:
            self._clock, self._since = clock, now
        self.behind = max(0, newest - clock) if clock else 0
        heard = {source: tick.t for source, tick in last.clock.bridges.items()}
        self._silent = [number for number in range(self._partitions) if heard.get(str(number), -1) <= clock]

    def why(self, now: float) -> str:
        """The reason for red, or ""."""
        if self._clock < 0 or now - self._since <= STANDS:
            return ""
        since = datetime.fromtimestamp(self._clock / 1000, UTC).isoformat(timespec="seconds")
        stand = f"stand at {since}" if self._clock else "have not begun"
        partitions = ", ".join(map(str, self._silent[:8])) + (" ..." if len(self._silent) > 8 else "")
        seconds = f"{now - self._since:.0f} s"
        return f"rules on areas {stand}: for {seconds} no word from partition {partitions} of the readings"
