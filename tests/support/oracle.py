"""What the engine must find, said the slow and obvious way.

Every reading ever accepted is kept in a list, every answer is worked out from the whole list again, and nothing is
remembered that could be computed. There are no quiet regions, panes, timers, machines or packed states here, and
nothing but the data types is shared with the engine.
"""

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

from rules.catalogue import Catalogue
from rules.clock import ClockState, advance
from rules.finding import Finding
from rules.frame import Frame
from rules.kinds.change import ChangeSpec
from rules.kinds.silence import SilenceSpec
from rules.kinds.stretch import StretchSpec
from rules.kinds.window import WindowSpec
from rules.levels import Levels
from rules.rule import Rule

REMEMBERED = 16


class Reading(NamedTuple):
    ts: int
    value: float
    offset: int


class Answer(NamedTuple):
    """What a finding says, but for its wording."""

    rule: str
    sensor: str
    metric: str
    revision: int
    severity: str
    was: str
    at: int
    onset: int
    value: float | None
    limit: float | None
    first: int
    last: int
    seen: tuple[tuple[int, float, int], ...]
    count: int
    wall: int
    change: str


def answer(finding: Finding) -> Answer:
    evidence = finding.evidence
    seen = tuple((each.ts, each.value, each.offset) for each in evidence.seen)
    return Answer(
        finding.rule,
        finding.sensor,
        finding.metric,
        finding.revision,
        finding.severity,
        finding.was,
        finding.at,
        finding.onset,
        finding.value,
        finding.limit,
        evidence.first,
        evidence.last,
        seen,
        evidence.count,
        finding.wall,
        finding.change,
    )


class Turn(NamedTuple):
    """A severity from `at` on, before it is known whether it differs from the one before. `word`: "undecided" for the
    doubt that it lasts, "decided" for the end of the doubt."""

    at: int
    severity: str
    limit: float | None
    value: float | None
    seen: tuple[Reading, ...]
    first: int
    count: int
    word: str = ""


class Judged:
    """One rule on one series: the readings it has accepted and what it has told."""

    def __init__(self, rule: Rule, sensor: str, metric: str) -> None:
        self.rule, self.sensor, self.metric = rule, sensor, metric
        self.readings: list[Reading] = []
        self.told: list[Answer] = []

    def tell(self, turns: list[Turn], offset: int, wall: int) -> Iterator[Answer]:
        """The answers among the turns, all since the beginning, that were not told before."""
        answers: list[Answer] = []
        severity, onset, revision, first = "", 0, 0, 0
        for turn in turns:
            if turn.severity == severity and not turn.word:
                continue
            if severity:
                revision += 1
            else:
                onset, revision, first = turn.at, 1, turn.first
            seen = tuple(tuple(each) for each in turn.seen)
            told = self.told[len(answers)] if len(answers) < len(self.told) else None
            last, heard = (told.last, told.wall) if told is not None else (offset, wall)
            answers.append(
                Answer(
                    self.rule.name,
                    self.sensor,
                    self.metric,
                    revision,
                    turn.severity,
                    severity,
                    turn.at,
                    onset,
                    turn.value,
                    turn.limit,
                    first,
                    last,
                    seen,
                    turn.count,
                    heard,
                    _change(turn, severity),
                )
            )
            severity = turn.severity
        assert answers[: len(self.told)] == self.told, "what was told cannot change"
        news = answers[len(self.told) :]
        self.told = answers
        yield from news


def _change(turn: Turn, severity: str) -> str:
    if turn.word == "undecided":
        return turn.word
    return "cleared" if not turn.severity else "changed" if severity else "fired"


class LevelJudged(Judged):
    """A threshold. A level fires `hold` after the start of a run of readings beyond its limit, if the run is that
    long; it clears `keep_firing` after the start of a run of readings not beyond its clear value."""

    def __init__(self, rule: Rule, sensor: str, metric: str) -> None:
        super().__init__(rule, sensor, metric)
        assert isinstance(rule.spec, Levels | ChangeSpec)
        self.spec = rule.spec if isinstance(rule.spec, Levels) else rule.spec.levels
        # A decision by the passing of time stands, even when readings come that would have prevented it.
        self.decided = 0

    def judged(self) -> list[Reading]:
        """The values that the levels judge."""
        return self.readings

    def first(self, seen: tuple[Reading, ...]) -> int:
        """The offset at which the evidence of a value begins, when it decides by itself."""
        return seen[0].offset

    def switches(self, now: int) -> list[tuple[int, int, int, bool, tuple[Reading, ...]]]:
        """(time, 0 by time or 1 by a reading, level, on or off, readings) of every level as of `now`."""
        spec = self.spec
        found = []
        for index, level in enumerate(spec.levels):

            def beyond(reading: Reading, bound: float) -> bool:
                return reading.value > bound if spec.above else reading.value < bound

            if spec.times > 1:
                found += self._counted(index, beyond, now)
                continue
            fires = _runs(self.judged(), [beyond(each, level.limit) for each in self.judged()], spec.hold, now)
            clears = _runs(
                self.judged(), [not beyond(each, level.clear) for each in self.judged()], spec.keep_firing, now
            )
            on = False
            # A run that clears and a run that fires share no reading, so the order of their starts is the order of
            # all that happens.
            events = [(start, True, spec.hold) for start in fires] + [(s, False, spec.keep_firing) for s in clears]
            for start, fire, wait in sorted(events, key=lambda event: event[0].ts):
                if fire != on:
                    on = fire
                    found.append((start.ts + wait, 0 if wait else 1, index, on, (start,)))
        return sorted(found, key=lambda switch: switch[:3])

    def _counted(
        self, index: int, beyond: Callable[[Reading, float], bool], now: int
    ) -> Iterator[tuple[int, int, int, bool, tuple[Reading, ...]]]:
        """The same of a level with `times`: looks back from every reading while it is off, ahead while it is on."""
        spec = self.spec
        level = spec.levels[index]
        harmless = _runs(
            self.judged(), [not beyond(each, level.clear) for each in self.judged()], spec.keep_firing, now
        )
        since = 0
        for place, reading in enumerate(self.judged()):
            if place < since:
                continue
            if spec.within:
                near = [each for each in self.judged()[since : place + 1] if each.ts >= reading.ts - spec.within]
                count = [each for each in near if beyond(each, level.limit)][-spec.times :]
            else:
                row = self.judged()[max(since, place + 1 - spec.times) : place + 1]
                count = row if all(beyond(each, level.limit) for each in row) else []
            if not beyond(reading, level.limit) or len(count) < spec.times:
                continue
            yield reading.ts, 1, index, True, tuple(count)
            end = next((each for each in harmless if each.ts > reading.ts), None)
            if end is None:
                return
            yield end.ts + spec.keep_firing, 0 if spec.keep_firing else 1, index, False, (end,)
            since = self.judged().index(end) + 1

    def turns(self, now: int) -> list[Turn]:
        spec = self.spec
        on = [False] * len(spec.levels)
        turns: list[Turn] = []
        before = -1
        switches = self.switches(now)
        self.decided = max([self.decided, *(switch[0] for switch in switches if switch[1] == 0)])
        for moment in sorted({switch[:2] for switch in switches}):
            here = [switch for switch in switches if switch[:2] == moment]
            for switch in here:
                on[switch[2]] = switch[3]
            gravest = max((index for index, state in enumerate(on) if state), default=-1)
            if gravest == before:
                continue
            limit = spec.levels[gravest].limit if gravest >= 0 else spec.levels[before].clear
            severity = spec.levels[gravest].severity if gravest >= 0 else ""
            fired = [switch[4] for switch in here if switch[2] == gravest and switch[3] and moment[1] == 1]
            seen = fired[0] if fired else here[-1][4][-1:]
            first = self.first(seen) if moment[1] == 1 else seen[0].offset
            turns.append(Turn(moment[0], severity, limit, seen[-1].value, seen, first, len(seen)))
            before = gravest
        return turns


def _runs(readings: list[Reading], marks: list[bool], wait: int, now: int) -> list[Reading]:
    """The first reading of every unbroken run of marked readings that lasted `wait` by `now`. A run ends with the
    next reading, and what is due at that very time comes before it."""
    found = []
    for index, reading in enumerate(readings):
        if not marks[index] or (index and marks[index - 1]):
            continue
        end = next((other.ts for other, mark in zip(readings[index:], marks[index:], strict=True) if not mark), now)
        if reading.ts + wait <= end:
            found.append(reading)
    return found


class ChangeJudged(LevelJudged):
    """A change: what each reading is beside those before it, judged by levels."""

    def judged(self) -> list[Reading]:
        return [Reading(at, value, offset) for at, value, offset, _ in self.signals()]

    def first(self, seen: tuple[Reading, ...]) -> int:
        [basis] = [basis for at, _, _, basis in self.signals() if at == seen[0].ts]
        return basis

    def signals(self) -> Iterator[tuple[int, float, int, int]]:
        """(time, value, offset, offset of the oldest reading it rests on) of each reading that has a value."""
        spec = self.rule.spec
        assert isinstance(spec, ChangeSpec)
        for place, reading in enumerate(self.readings):
            before = self.readings[:place]
            if spec.gap and before and reading.ts - before[-1].ts > spec.gap:
                before = []
            value, basis = None, reading
            if spec.measure == "range":
                near = [each for each in self.readings[: place + 1] if each.ts > reading.ts - spec.over]
                value = max(each.value for each in near) - min(each.value for each in near)
                high = [each for each in near if each.value == max(other.value for other in near)][-1]
                low = [each for each in near if each.value == min(other.value for other in near)][-1]
                basis = min(high, low)
            elif spec.measure == "stuck":
                for each in reversed(self.readings[:place]):
                    if each.value != reading.value or (spec.gap and basis.ts - each.ts > spec.gap):
                        break
                    basis = each
                value = (reading.ts - basis.ts) / 60_000
            elif before:
                basis = before[-1]
                delta = reading.value - basis.value
                if spec.measure in ("delta", "jump"):
                    value = abs(delta) if spec.measure == "jump" else delta
                elif spec.measure == "rate":
                    value = delta * spec.per / (reading.ts - basis.ts)
                elif basis.value != 0:
                    value = delta / abs(basis.value) * 100
            if value is not None:
                yield reading.ts, value + 0.0, reading.offset, basis.offset


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


class SilenceJudged(Judged):
    """A silence: every gap between two readings that is long enough, and the one that is still open."""

    def __init__(self, rule: Rule, sensor: str, metric: str) -> None:
        super().__init__(rule, sensor, metric)
        self.found_by_clock: set[int] = set()

    def turns(self, clock: int | None) -> list[Turn]:
        spec = self.rule.spec
        assert isinstance(spec, SilenceSpec)
        turns: list[Turn] = []
        for index, reading in enumerate(self.readings):
            onset = reading.ts + spec.after
            after = self.readings[index + 1] if index + 1 < len(self.readings) else None
            if after is None and clock is not None and onset <= clock:
                self.found_by_clock.add(onset)
            if onset in self.found_by_clock or (after is not None and onset <= after.ts):
                turns.append(Turn(onset, spec.severity, None, None, (), reading.offset, 0))
                if after is not None:
                    turns.append(Turn(max(onset, after.ts), "", None, None, (after,), after.offset, 1))
        return turns


class SeriesJudged:
    def __init__(self, catalogue: Catalogue, sensor: str, metric: str) -> None:
        self.rules: list[Judged] = []
        for rule in catalogue.rules_for(sensor, metric):
            if isinstance(rule.spec, WindowSpec):
                self.rules.append(WindowJudged(rule, sensor, metric, catalogue.sensors[sensor].interval))
            else:
                kinds = {SilenceSpec: SilenceJudged, ChangeSpec: ChangeJudged, StretchSpec: StretchJudged}
                self.rules.append(kinds.get(type(rule.spec), LevelJudged)(rule, sensor, metric))
        self.accepted: list[int] = []

    def known(self, ts: int, clock: int) -> bool:
        """Remembered are the times in windows still open and the newest others."""
        windows = [judged for judged in self.rules if isinstance(judged, WindowJudged)]
        open_ = [t for t in self.accepted if any(window.used(t, clock) for window in windows)]
        others = sorted(set(self.accepted) - set(open_))
        return ts in open_ or ts in others[-REMEMBERED:]

    def read(self, reading: Reading, clock: int, wall: int) -> tuple[str, list[Answer]]:
        if self.known(reading.ts, clock):
            return "repeat", []
        newer = all(reading.ts > ts for ts in self.accepted)
        late = used = False
        answers: list[Answer] = []
        for judged in self.rules:
            if isinstance(judged, WindowJudged):
                late = late or judged.missed(reading.ts, clock)
                if judged.used(reading.ts, clock):
                    used = True
                    judged.readings.append(reading)
            elif isinstance(judged, LevelJudged):
                if newer and reading.ts >= judged.decided:
                    judged.readings.append(reading)
                    answers += judged.tell(judged.turns(reading.ts), reading.offset, wall)
                else:
                    late = True
            elif isinstance(judged, StretchJudged):
                if newer and not judged.late(reading.ts):
                    judged.readings.append(reading)
                    answers += judged.tell(judged.turns(None), reading.offset, wall)
                else:
                    late = True
            elif isinstance(judged, SilenceJudged) and newer:
                judged.readings.append(reading)
                answers += judged.tell(judged.turns(None), reading.offset, wall)
        if newer or used:
            self.accepted.append(reading.ts)
        return "late" if late else "", answers

    def settle(self, before: int, clock: int, offset: int, wall: int) -> list[Answer]:
        answers: list[Answer] = []
        for judged in self.rules:
            if isinstance(judged, WindowJudged):
                judged.decide(min(self.accepted), before, clock, offset)
                answers += judged.tell(judged.decided, offset, wall)
            elif isinstance(judged, LevelJudged):
                newest = judged.readings[-1].ts if judged.readings else clock
                answers += judged.tell(judged.turns(max(clock, newest)), offset, wall)
            elif isinstance(judged, SilenceJudged | StretchJudged):
                answers += judged.tell(judged.turns(clock), offset, wall)
        return answers


class Oracle:
    """Judges a log from its beginning, with the engine's calls."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._series: dict[tuple[str, str], SeriesJudged] = {}
        self.clock = ClockState()
        self.late = self.repeats = self.findings = 0

    def frame(self, offset: int, frame: Frame) -> list[Answer]:
        answers: list[Answer] = []
        for metric, columns in frame.metric.items():
            for sensor, delta, value in zip(columns.sensor, columns.ts, columns.value, strict=True):
                if not self._catalogue.rules_for(sensor, metric):
                    continue
                key = sensor, metric
                series = self._series.setdefault(key, SeriesJudged(self._catalogue, sensor, metric))
                reading = Reading(frame.t + delta, value, offset)
                verdict, found = series.read(reading, self.clock.now, frame.wall)
                self.late += verdict == "late"
                self.repeats += verdict == "repeat"
                answers += found
        self.findings += len(answers)
        return answers

    def tick(self, offset: int, frame: Frame) -> list[Answer]:
        before = self.clock.now
        self.clock = advance(self.clock, frame.tick, frame.t, frame.wall, self._catalogue.bridges)
        answers: list[Answer] = []
        for _, series in sorted(self._series.items()):
            answers += series.settle(before, self.clock.now, offset, frame.wall)
        self.findings += len(answers)
        return answers
