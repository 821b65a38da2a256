"""Windows of all sorts, each worked out anew from the readings inside it."""

import math
from collections.abc import Iterator
from fractions import Fraction

from rules.kinds.stretch import StretchSpec
from rules.kinds.window import WindowSpec
from rules.rule import Rule
from tests.support.oracle_judged import Judged, Reading, Turn


class WindowJudged(Judged):
    """A window: one value for each window that has ended, in order, each switching levels with hysteresis."""

    def __init__(self, rule: Rule, sensor: str, metric: str, interval: int) -> None:
        super().__init__(rule, sensor, metric)
        self.interval = interval
        self.decided: list[Turn] = []
        self.on: list[bool] = []
        self.doubt = False

    @property
    def spec(self) -> WindowSpec:
        assert isinstance(self.rule.spec, WindowSpec)
        return self.rule.spec

    @property
    def length(self) -> int:
        return self.spec.over or self.spec.every

    def through(self, clock: int) -> int:
        return (clock - self.spec.delay) // self.spec.every * self.spec.every

    def used(self, ts: int, clock: int) -> bool:
        """Whether a window that is still open holds `ts`."""
        return any(end - self.length <= ts < end for end in self._ends_of(ts) if end > self.through(clock))

    def missed(self, ts: int, clock: int) -> bool:
        """Whether a window that is closed holds `ts`."""
        return any(end - self.length <= ts < end for end in self._ends_of(ts) if end <= self.through(clock))

    def _ends_of(self, ts: int) -> range:
        every = self.spec.every
        return range(ts // every * every + every, ts + self.length + 1, every)

    def decide(self, first: int, before: int, clock: int, offset: int) -> None:
        every = self.spec.every
        oldest = max(self.through(before), first // every * every) + every
        for end in range(oldest, self.through(clock) + 1, every):
            inside = sorted(each for each in self.readings if end - self.length <= each.ts < end)
            if inside or self.spec.aggregate == "count" or self._thin(inside, end):
                self._decide(end, inside, offset)

    def _thin(self, inside: list[Reading], end: int) -> bool:
        # The stretches that readings stand for, to the half second in which all times of these tests are.
        stands = [
            at
            for at in range(end - self.length, end, 500)
            if any(each.ts <= at < each.ts + self.interval for each in inside)
        ]
        return len(inside) < self.spec.least_count or len(stands) * 500 < self.spec.least_time

    def _decide(self, end: int, inside: list[Reading], offset: int) -> None:
        levels = self.spec.levels.levels
        on = self.on or [False] * len(levels)
        was = max((index for index, state in enumerate(on) if state), default=-1)
        first = min((each.offset for each in inside), default=offset)
        value = None if self._thin(inside, end) else aggregate(self.spec, inside, end)
        if value is None:
            if was >= 0 and not self.doubt:
                self.doubt = True
                severity, limit = levels[was].severity, levels[was].limit
                self.decided.append(Turn(end, severity, limit, None, (), first, len(inside), "undecided"))
            return
        sign = 1 if self.spec.levels.above else -1
        self.on = [
            sign * value > sign * (level.clear if state else level.limit)
            for level, state in zip(levels, on, strict=True)
        ]
        now = max((index for index, state in enumerate(self.on) if state), default=-1)
        limit = levels[now].limit if now >= 0 else levels[was].clear
        severity = levels[now].severity if now >= 0 else ""
        word, self.doubt = "decided" if self.doubt else "", False
        self.decided.append(Turn(end, severity, limit, value, (Reading(end, value, offset),), first, len(inside), word))


class StretchJudged(Judged):
    """A window that readings begin and end: all such windows since the beginning, and a value for each."""

    def __init__(self, rule: Rule, sensor: str, metric: str) -> None:
        super().__init__(rule, sensor, metric)
        # Sessions that the clock has ended stay ended.
        self.ended: set[int] = set()

    def late(self, ts: int) -> bool:
        return any(ts < end for end in self.ended)

    def turns(self, clock: int | None) -> list[Turn]:
        spec = self.rule.spec
        assert isinstance(spec, StretchSpec)
        on = [False] * len(spec.levels.levels)
        sign = 1 if spec.levels.above else -1
        turns = []
        for inside, end in self._stretches(spec, clock):
            value = aggregate(spec, inside, end)
            if value is None:
                continue
            was = max((index for index, state in enumerate(on) if state), default=-1)
            on = [
                sign * value > sign * (level.clear if state else level.limit)
                for level, state in zip(spec.levels.levels, on, strict=True)
            ]
            now = max((index for index, state in enumerate(on) if state), default=-1)
            if now == was:
                continue
            level = spec.levels.levels[max(now, was) if now < 0 else now]
            severity, limit = (level.severity, level.limit) if now >= 0 else ("", level.clear)
            seen = (Reading(end, value, inside[-1].offset),)
            turns.append(Turn(end, severity, limit, value, seen, inside[0].offset, len(inside)))
        return turns

    def _stretches(self, spec: StretchSpec, clock: int | None) -> Iterator[tuple[list[Reading], int]]:
        readings = self.readings
        if spec.by == "sliding":
            for place, reading in enumerate(readings):
                yield [each for each in readings[: place + 1] if each.ts > reading.ts - spec.size], reading.ts
        elif spec.by == "readings":
            for start in range(0, len(readings) - spec.size + 1, spec.size):
                yield readings[start : start + spec.size], readings[start + spec.size - 1].ts
        else:
            start = 0
            for place, reading in enumerate(readings):
                end = reading.ts + spec.size
                after = readings[place + 1].ts if place + 1 < len(readings) else None
                if after is None and clock is not None and end <= clock:
                    self.ended.add(end)
                if end in self.ended or (after is not None and end <= after):
                    yield readings[start : place + 1], end
                    start = place + 1


def aggregate(spec: WindowSpec | StretchSpec, inside: list[Reading], end: int) -> float | None:
    """The value of the readings, in the order of time, by the book."""
    values = [each.value + 0.0 for each in inside]
    micro = [round(each * 1e6) for each in values]
    count, name = len(values), spec.aggregate
    if name == "count":
        return float(count)
    if name == "mean":
        return float(Fraction(sum(micro), count * 1_000_000))
    if name == "sum":
        return float(Fraction(sum(micro), 1_000_000))
    if name in ("max", "min"):
        return max(values) if name == "max" else min(values)
    if name in ("first", "last"):
        return values[0] if name == "first" else values[-1]
    if name in ("median", "percentile"):
        return percentile(values, 50 if name == "median" else spec.percent)
    if name == "stddev":
        mean = Fraction(sum(micro), count)
        return math.sqrt(sum((each - mean) ** 2 for each in micro) / count) / 1e6
    if name == "leq":
        return 10 * math.log10(Fraction(sum(round(10 ** (max(x, 0.0) / 10) * 1e6) for x in values), count * 1_000_000))
    if name == "share_above":
        above = 0
        for reading, until in zip(inside, [*(each.ts for each in inside[1:]), end], strict=True):
            above += until - reading.ts if reading.value > spec.mark else 0
        return above / (end - inside[0].ts) if end > inside[0].ts else None
    assert name == "slope"
    middle = Fraction(sum(each.ts for each in inside), count)
    spread = sum((each.ts - middle) ** 2 for each in inside)
    rise = sum((each.ts - middle) * x for each, x in zip(inside, micro, strict=True))
    return float(Fraction(rise) / spread * 3_600_000 / 1_000_000) if spread else None


def percentile(values: list[float], percent: int) -> float:
    """The reading of that rank, to the half per cent: as the middle of the stretch between two bounds that holds it."""
    x = sorted(values)[percent * (len(values) - 1) // 100]
    if abs(x) < 1e-6:
        middle = 0.0
    else:
        growth = 1.005 / 0.995
        steps = math.ceil(math.log(abs(x) / 1e-6) / math.log(growth))
        middle = math.copysign(1e-6 * growth**steps * 2 / (growth + 1), x)
    return min(max(middle, min(values)), max(values))
