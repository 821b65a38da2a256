"""The log read again for one rule and one series: what came, when, and what the engine made of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import msgspec

from rules.calendar import Calendar
from rules.catalogue import Catalogue
from rules.clock import ClockState, advance
from rules.derived.names import DERIVED
from rules.derived.settings import Indices
from rules.engine import Engine
from rules.finding import Finding
from rules.frame import Columns, Frame, FrameError
from rules.geography import Shape
from rules.hours import Hours
from rules.rule import Rule
from rules.sensor import Sensor
from urbanpulse.authors.logged import Logged, narrow

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
    offset at which the log begins, not 0 when retention has cut it. `in_force`: the catalogue at the end of the story,
    None for none or where the log was not asked; `watched`: whether the rule watches the series by it. `rule`: as it is
    for the sensor; `rule_hash`: as it is written; `hours`: when it is on, None for always.
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
    in_force: Catalogue | None = None
    watched: bool = True
    hours: Hours | None = None
    rule_hash: str = ""

    @property
    def counted(self) -> list[Heard]:
        """The readings that the rule took, by their own time."""
        taken = (each for each in self.heard if not each.late and not each.repeat)
        return sorted((each for each in taken if self.on(each.ts)), key=lambda each: each.ts)

    def on(self, at: int) -> bool:
        """Whether the rule is on at a time (ms)."""
        return self.hours is None or self.hours.on(at)

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
    shapes: Mapping[str, Shape] | None = None,
    calendars: Mapping[str, Calendar] | None = None,
    partition: int = 0,
    partitions: int = 1,
    at: int = FOREVER,
    through: int | None = None,
    logged: Logged | None = None,
) -> Story:
    """The story of one series in its partition's `records` (offset, frame), in their order. It ends when the clock
    goes beyond `at` (ms), or after the record `through`. `logged`: judge by the catalogues that were in force along the
    log, whatever `rule`, `sensor` and the rest say; the story has those of its end then."""
    # That it watches the sensor is settled; where others stand is not known here.
    alone = replace(rule, where=replace(rule.where, inside=(), near=None))
    catalogue = Catalogue({sensor.id: sensor}, (alone,), bridges, indices, shapes or {}, calendars or {})
    story = Story(rule, sensor, metric, at, watched=logged is None)
    _as_it_is(story, catalogue, rule)
    derived = metric in DERIVED
    inputs = tuple(catalogue.choice(sensor.id).collectors) if derived else (metric,)
    engine = Engine(catalogue if logged is None else None, partition=partition, partitions=partitions)
    begun, passed = False, ClockState()
    for offset, frame in records:
        if not begun:
            if logged is not None and offset > 0 and isinstance(frame, Frame):
                story.in_force = logged.at(frame.wall)
                mine_alone = narrow(story.in_force, rule.name, sensor.id, metric)
                engine = Engine(mine_alone, partition=partition, partitions=partitions)
                bridges = _now(story, mine_alone)
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
        elif frame.catalogue and logged is not None:
            if engine.news(frame):
                story.in_force = logged.of(frame.catalogue)
            mine_alone = narrow(story.in_force, rule.name, sensor.id, metric)
            engine.switch(offset, frame, mine_alone)
            bridges = _now(story, mine_alone)
            inputs = tuple(mine_alone.choice(sensor.id).collectors) if derived and mine_alone.sensors else inputs
        elif frame.tick:
            passed = advance(passed, frame.tick, frame.t, frame.wall, bridges)
            tick = msgspec.structs.replace(frame, t=min(frame.t, at))
            story.findings += [each for each in engine.tick(offset, tick) if each.metric == metric]
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
    state = None if series is None else series.states[0]
    story.state = getattr(state, "inner", state)
    return story


def _now(story: Story, alone: Catalogue) -> tuple[str, ...]:
    """The story goes on under another catalogue, narrowed to it; the bridges of that one."""
    story.watched = bool(alone.rules)
    if story.in_force is not None and story.sensor.id in story.in_force.sensors:
        story.sensor = story.in_force.sensors[story.sensor.id]
        rule = next((each for each in story.in_force.rules if each.name == story.rule.name), None)
        if rule is not None:
            _as_it_is(story, story.in_force, rule)
    return alone.bridges


def _as_it_is(story: Story, catalogue: Catalogue, rule: Rule) -> None:
    """What the rule says of the story's sensor, and when."""
    story.rule, story.rule_hash = catalogue.own(rule, story.sensor), rule.hash
    story.hours = catalogue.hours(rule, story.sensor)


def _hear(story: Story, engine: Engine, offset: int, frame: Frame, reading: tuple[str, int, float]) -> Heard:
    metric, ts, value = reading
    before = engine.counts()
    # Each reading as a record of its own, so that the counters tell of each; only the last one moves on.
    if engine.position > offset:
        engine.position = offset
    columns = {metric: Columns([story.sensor.id], [ts - frame.t], [value])}
    found = engine.frame(offset, Frame(frame.v, frame.t, frame.wall, columns))
    story.findings += [each for each in found if each.metric == story.metric]
    after = engine.counts()
    late, repeat = after.late > before.late, after.repeats > before.repeats
    return Heard(ts, value, offset, engine.clock.now, late, repeat, after.amending > before.amending)


def _readings(frame: Frame, sensor: str, metrics: Iterable[str], at: int) -> Iterable[tuple[str, int, float]]:
    for metric in metrics:
        columns = frame.metric.get(metric, NONE)
        for name, delta, value in zip(columns.sensor, columns.ts, columns.value, strict=True):
            if name == sensor and frame.t + delta <= at:
                yield metric, frame.t + delta, value
