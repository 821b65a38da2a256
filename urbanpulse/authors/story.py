"""The log read again for one rule and one series: what came, when, and what the engine made of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from rules.catalogue import Catalogue
from rules.clock import ClockState, advance
from rules.derived.names import DERIVED
from rules.derived.settings import Indices
from rules.engine import Engine
from rules.finding import Finding
from rules.frame import Columns, Frame, FrameError
from rules.rule import Rule
from rules.sensor import Sensor

FOREVER = 1 << 62
NONE = Columns([], [], [])


class Heard(NamedTuple):
    """A reading of the series, or a value derived for it. `clock`: where the log's clock stood when it came; `late`: it
    came after the rule had decided beyond it; `repeat`: it had come before; `amending`: it came after the rule had
    decided, and the rule decided anew."""

    ts: int
    value: float
    offset: int
    clock: int
    late: bool = False
    repeat: bool = False
    amending: bool = False

    @property
    def remark(self) -> str:
        """What is to be said of its coming, for the end of a line."""
        return "  (late)" if self.late else "  (late, decided anew)" if self.amending else ""


@dataclass
class Story:
    """Of the log up to `at` (ms): readings newer than that are left out, and the clock is stopped there.

    `clock`: where it stands at last, less than `at` when the log ends before. `state`: the machine's, None while
    the series is unknown. `later`: readings of before `at` that came after the clock had passed it. `first`: the
    offset at which the log begins, not 0 when retention has cut it.
    """

    rule: Rule
    sensor: Sensor
    metric: str
    at: int
    clock: int = 0
    first: int = 0
    heard: list[Heard] = field(default_factory=list)
    later: list[Heard] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    state: Any = None

    @property
    def counted(self) -> list[Heard]:
        """The readings that the rule took, by their own time."""
        return sorted((each for each in self.heard if not each.late and not each.repeat), key=lambda each: each.ts)

    @property
    def firing(self) -> Finding | None:
        """The newest finding of the episode that has not ended."""
        newest = {finding.episode: finding for finding in self.findings}
        return max((each for each in newest.values() if each.severity), key=lambda each: each.onset, default=None)


def tell(
    records: Iterable[tuple[int, Frame | FrameError]],
    rule: Rule,
    sensor: Sensor,
    metric: str,
    *,
    bridges: tuple[str, ...] = (),
    indices: Indices | None = None,
    partition: int = 0,
    partitions: int = 1,
    at: int = FOREVER,
    through: int | None = None,
) -> Story:
    """The story of one series in its partition's `records` (offset, frame), in their order. It ends when the clock
    goes beyond `at` (ms), or after the record `through`."""
    story = Story(rule, sensor, metric, at)
    catalogue = Catalogue({sensor.id: sensor}, (rule,), bridges, indices)
    derived = metric in DERIVED
    inputs = tuple(catalogue.choice(sensor.id).collectors) if derived else (metric,)
    engine = Engine(catalogue, partition=partition, partitions=partitions)
    begun, passed = False, ClockState()
    for offset, frame in records:
        if not begun:
            engine.start(offset, ClockState(), {})
            story.first, begun = offset, True
        mine = [] if isinstance(frame, FrameError) else list(_readings(frame, sensor.id, inputs, at))
        # A reading of the very instant comes after its tick, so only a clock beyond it ends the story.
        if passed.now > at:
            if isinstance(frame, Frame) and frame.tick:
                passed = advance(passed, frame.tick, frame.t, frame.wall, bridges)
            story.later += [Heard(ts, value, offset, passed.now) for _, ts, value in mine if not derived]
            continue
        while engine.position < offset:
            engine.skip(engine.position)
        if isinstance(frame, FrameError):
            engine.skip(offset)
        elif frame.tick:
            passed = advance(passed, frame.tick, frame.t, frame.wall, bridges)
            tick = msgspec.structs.replace(frame, t=min(frame.t, at))
            story.findings += engine.tick(offset, tick)
            made = [each for each in engine.derived if each.metric == metric]
            story.heard += [Heard(each.ts, each.value, offset, engine.clock.now) for each in made]
        else:
            for name, ts, value in mine:
                heard = _hear(story, engine, offset, frame, (name, ts, value))
                story.heard += [] if derived else [heard]
            if engine.position == offset:
                engine.skip(offset)
        if through is not None and offset >= through:
            break
    story.clock = engine.clock.now
    series = engine.series(sensor.id, metric)
    story.state = None if series is None else series.states[0]
    return story


def _hear(story: Story, engine: Engine, offset: int, frame: Frame, reading: tuple[str, int, float]) -> Heard:
    metric, ts, value = reading
    before = engine.counts()
    # Each reading as a record of its own, so that the counters tell of each; only the last one moves on.
    if engine.position > offset:
        engine.position = offset
    columns = {metric: Columns([story.sensor.id], [ts - frame.t], [value])}
    story.findings += engine.frame(offset, Frame(frame.v, frame.t, frame.wall, columns))
    after = engine.counts()
    late, repeat = after.late > before.late, after.repeats > before.repeats
    return Heard(ts, value, offset, engine.clock.now, late, repeat, after.amending > before.amending)


def _readings(frame: Frame, sensor: str, metrics: Iterable[str], at: int) -> Iterable[tuple[str, int, float]]:
    for metric in metrics:
        columns = frame.metric.get(metric, NONE)
        for name, delta, value in zip(columns.sensor, columns.ts, columns.value, strict=True):
            if name == sensor and frame.t + delta <= at:
                yield metric, frame.t + delta, value
