"""What the engine must find, said the slow and obvious way.

Every reading ever accepted is kept in a list, every answer is worked out from the whole list again, and nothing is
remembered that could be computed. There are no quiet regions, panes, timers, machines or packed states here, and
nothing but the data types is shared with the engine.
"""

from datetime import tzinfo
from functools import cache

from rules.calendar import Calendar
from rules.catalogue import Catalogue
from rules.clock import ClockState, advance
from rules.frame import Frame
from rules.kinds.change import ChangeSpec
from rules.kinds.silence import SilenceSpec
from rules.kinds.stretch import StretchSpec
from rules.kinds.window import WindowSpec
from rules.rule import Rule
from rules.when import When
from tests.support.judging import T
from tests.support.oracle_judged import Answer, Judged, Reading, Turn, answer
from tests.support.oracle_levels import ChangeJudged, LevelJudged
from tests.support.oracle_scheduled import (
    ScheduledJudged,
    ScheduledSilenceJudged,
    ScheduledWindowJudged,
    Time,
    times_of,
)
from tests.support.oracle_windows import StretchJudged, WindowJudged

__all__ = ["Answer", "Oracle", "Reading", "answer"]

REMEMBERED = 16


class SilenceJudged(Judged):
    """A silence: every gap between two readings that is long enough, the one that is still open, and the wait for the
    first reading, if the clock had begun to wait for it."""

    def __init__(self, rule: Rule, sensor: str, metric: str) -> None:
        super().__init__(rule, sensor, metric)
        self.found_by_clock: set[int] = set()
        self.since: int | None = None
        self.unheard_by_clock = False

    def turns(self, clock: int | None, offset: int) -> list[Turn]:
        spec = self.rule.spec
        assert isinstance(spec, SilenceSpec)
        turns: list[Turn] = []
        if self.since is not None:
            onset = self.since + spec.after
            after = self.readings[0] if self.readings else None
            if after is None and clock is not None and onset <= clock:
                self.unheard_by_clock = True
            if self.unheard_by_clock or (after is not None and onset <= after.ts):
                first = self.told[0].first if self.told else offset
                turns.append(Turn(onset, spec.severity, None, None, (), first, 0))
                if after is not None:
                    turns.append(Turn(max(onset, after.ts), "", None, None, (after,), after.offset, 1))
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


KINDS = {SilenceSpec: SilenceJudged, ChangeSpec: ChangeJudged, StretchSpec: StretchJudged}
SPAN = T - 3_600_000, T + 3_600_000
"""Where the times of rules are looked for: an hour on either side of the tests' logs."""


@cache
def _times_of(when: tuple[When, ...], zone: tzinfo, calendars: tuple[tuple[str, Calendar], ...]) -> list[Time]:
    return times_of(when, *SPAN, zone, dict(calendars))


class SeriesJudged:
    def __init__(self, catalogue: Catalogue, sensor: str, metric: str) -> None:
        self.rules: list[Judged] = []
        for rule in catalogue.rules_for(sensor, metric):
            if rule.when:
                self.rules.append(self._scheduled(rule, catalogue, sensor, metric))
            elif isinstance(rule.spec, WindowSpec):
                self.rules.append(WindowJudged(rule, sensor, metric, catalogue.sensors[sensor].interval))
            else:
                self.rules.append(KINDS.get(type(rule.spec), LevelJudged)(rule, sensor, metric))
        self.accepted: list[int] = []

    def _scheduled(self, rule: Rule, catalogue: Catalogue, sensor: str, metric: str) -> Judged:
        known = catalogue.sensors[sensor]
        times = _times_of(rule.when, catalogue.zone(known.district), tuple(sorted(catalogue.calendars.items())))
        if isinstance(rule.spec, WindowSpec):
            return ScheduledWindowJudged(rule, sensor, metric, known.interval, times)
        if isinstance(rule.spec, SilenceSpec):
            return ScheduledSilenceJudged(rule, sensor, metric, times)
        return ScheduledJudged(rule, sensor, metric, times, KINDS.get(type(rule.spec), LevelJudged))

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
            elif isinstance(judged, ScheduledJudged):
                if judged.late(reading.ts, newer):
                    late = True
                elif newer:
                    answers += judged.tell(judged.read(reading), reading.offset, wall)
            elif isinstance(judged, ScheduledSilenceJudged):
                if newer:
                    answers += judged.tell(judged.read(reading), reading.offset, wall)
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
                answers += judged.tell(judged.turns(None, reading.offset), reading.offset, wall)
        if newer or used:
            self.accepted.append(reading.ts)
        return "late" if late else "", answers

    def settle(self, before: int, clock: int, offset: int, wall: int) -> list[Answer]:
        answers: list[Answer] = []
        for judged in self.rules:
            if isinstance(judged, WindowJudged) and self.accepted:
                judged.decide(min(self.accepted), before, clock, offset)
                answers += judged.tell(judged.decided, offset, wall)
            elif isinstance(judged, ScheduledJudged):
                answers += judged.tell(judged.settle(max(self.accepted, default=-1), clock), offset, wall)
            elif isinstance(judged, ScheduledSilenceJudged):
                answers += judged.tell(judged.settle(clock, offset), offset, wall)
            elif isinstance(judged, LevelJudged):
                newest = judged.readings[-1].ts if judged.readings else clock
                answers += judged.tell(judged.turns(max(clock, newest)), offset, wall)
            elif isinstance(judged, StretchJudged):
                answers += judged.tell(judged.turns(clock), offset, wall)
            elif isinstance(judged, SilenceJudged):
                answers += judged.tell(judged.turns(clock, offset), offset, wall)
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
        if not before and self.clock.now:
            self._await_first()
        self.findings += len(answers)
        return answers

    def _await_first(self) -> None:
        """From the clock's first time on, silence is watched for on all that was never seen."""
        for sensor in self._catalogue.sensors:
            for metric in self._catalogue.sensors[sensor].channels:
                if (sensor, metric) in self._series:
                    continue
                series = SeriesJudged(self._catalogue, sensor, metric)
                for judged in series.rules:
                    if isinstance(judged, SilenceJudged | ScheduledSilenceJudged):
                        judged.since = self.clock.now
                        self._series[sensor, metric] = series
