"""The log read again for one rule on groups of sensors: both stages, over all partitions, up to a time."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import msgspec

from rules.areas.compiled import Composite
from rules.areas.composite import CompositeSpec
from rules.areas.engine import AreaEngine
from rules.areas.event import group_partition
from rules.areas.judged import Judged
from rules.areas.summary import VERSION, Summary
from rules.catalogue import Catalogue
from rules.clock import ClockState, advance
from rules.engine import Engine
from rules.finding import Finding
from rules.frame import Columns, Frame, FrameError
from rules.rule import Rule

FOREVER = 1 << 62


@dataclass
class GroupStory:
    """Of the log up to `at` (ms): readings newer than that are left out, and the clock is stopped there. `clock`: the
    area stage's at last. `findings`: those of the rule, of one group in the order in which they were made; `whole`:
    whether the log begins at its beginning."""

    rule: Rule
    composite: Composite
    at: int
    clock: int = 0
    whole: bool = True
    findings: list[Finding] = field(default_factory=list)
    judged: dict[str, Judged] = field(default_factory=dict)

    def firing(self, name: str) -> Finding | None:
        """The newest finding of the episode of the group `name` that has not ended."""
        newest = {each.episode: each for each in self.about(name)}
        return max((each for each in newest.values() if each.severity), key=lambda each: each.onset, default=None)

    def about(self, name: str) -> list[Finding]:
        """The findings about the group `name`, in the order in which they were made."""
        return [each for each in self.findings if each.area is not None and each.area.name == name]


def needed(catalogue: Catalogue, name: str) -> Catalogue:
    """The catalogue with this rule and those that it refers to alone: others need not be judged for it."""
    by_name = {rule.name: rule for rule in catalogue.rules}
    wanted: list[str] = []
    left = [name]
    while left:
        if (each := left.pop()) in by_name and each not in wanted:
            wanted.append(each)
            spec = by_name[each].spec
            left += [member.rule for member in spec.members if member.rule] if isinstance(spec, CompositeSpec) else []
    return replace(catalogue, rules=tuple(rule for rule in catalogue.rules if rule.name in wanted))


def tell_group(
    records: Iterable[tuple[int, int, Frame | FrameError]],
    catalogue: Catalogue,
    rule: Rule,
    *,
    partitions: int = 1,
    at: int = FOREVER,
) -> GroupStory:
    """The story of a rule on groups in all partitions' `records` (partition, offset, frame), each partition in its
    order. Raises KeyError for a rule that has no groups."""
    alone = needed(catalogue, rule.name)
    composite = alone.areas.rules[rule.name]
    story = GroupStory(rule, composite, at)
    engines = [Engine(alone, partition=number, partitions=partitions) for number in range(partitions)]
    areas = [AreaEngine(alone, partition=number, partitions=partitions) for number in range(partitions)]
    passed: dict[int, ClockState] = {}
    for partition, offset, frame in records:
        engine = engines[partition]
        if partition not in passed:
            engine.start(offset, ClockState(), {})
            story.whole = story.whole and offset == 0
        clock = passed.setdefault(partition, ClockState())
        # A reading of the very instant comes after its tick, so only a clock beyond it ends the story.
        if clock.now > at:
            continue
        while engine.position < offset:
            engine.skip(engine.position)
        found = _step(engine, offset, frame, at)
        if isinstance(frame, Frame) and frame.tick:
            passed[partition] = advance(clock, frame.tick, frame.t, frame.wall, alone.bridges)
        wall = frame.wall if isinstance(frame, Frame) else 0
        for number, stage in enumerate(areas):
            events = tuple(each for each in engine.events if group_partition(each.group, partitions) == number)
            if events or engine.through >= 0:
                found += stage.summary(stage.position, Summary(VERSION, partition, wall, engine.through, events=events))
        story.findings += [each for each in found if each.rule == rule.name]
    story.clock = min(stage.clock.now for stage in areas)
    for key, group in composite.groups.items():
        judged = areas[group_partition(key, partitions)].judged(key)
        if judged is not None:
            story.judged[group.name] = judged
    return story


def _step(engine: Engine, offset: int, frame: Frame | FrameError, at: int) -> list[Finding]:
    """One record of the first stage, without what is newer than `at`."""
    if isinstance(frame, FrameError) or frame.catalogue:
        engine.skip(offset)
        return []
    if frame.tick:
        return engine.tick(offset, msgspec.structs.replace(frame, t=min(frame.t, at)))
    metrics = {name: _until(columns, at - frame.t) for name, columns in frame.metric.items()}
    return engine.frame(offset, msgspec.structs.replace(frame, metric=metrics))


def _until(columns: Columns, last: int) -> Columns:
    if not columns.ts or max(columns.ts) <= last:
        return columns
    rows = [row for row in zip(columns.sensor, columns.ts, columns.value, strict=True) if row[1] <= last]
    return Columns([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])
