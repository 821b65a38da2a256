"""From a machine's change to the finding that the city reads."""

from typing import NamedTuple

from rules.aggregates import unit_of
from rules.amend.ledger import Entry
from rules.amend.words import retold
from rules.derived.names import UNITS
from rules.duration import format_duration
from rules.episode import Episode, Found
from rules.finding import Change as Kind
from rules.finding import Evidence, Finding
from rules.identity import episode_id
from rules.kinds.change import ChangeSpec
from rules.kinds.silence import SilenceSpec
from rules.kinds.stretch import StretchSpec
from rules.kinds.window import WindowSpec
from rules.machine import Change
from rules.rule_file import KINDS
from rules.sensor import Sensor
from rules.series import Series
from rules.state import Orphan
from rules.text import number, render
from rules.watch import Watch


class Record(NamedTuple):
    """The record that decides: where it is in the log, and when (wall ms) it was received."""

    topic: str
    partition: int
    offset: int
    wall: int


def conclude(series: Series, found: Found, record: Record) -> Finding:
    """The finding that the change amounts to; the series' episode of that rule moves on with it."""
    place, change, _, entry = found
    watch, sensor, metric = series.plan.watches[place], series.sensor, series.metric
    rule = watch.rule
    departments = rule.notify or (sensor.department,)
    unit = _unit(watch, metric)
    before = series.episodes[place]
    # Doubt where nothing was on begins nothing: its id is that of no episode, not even of one that begins just then.
    idle = bool(change.why) and before is None and entry is None
    entity = f"{sensor.id}/{metric}" + ("?" if idle else "")
    # What was true is neither over nor worse for our not knowing.
    if change.why and before is not None and entry is None:
        change = change._replace(severity=before.severity, was=before.severity)
    entry = entry or _entry(before, change, found.first)
    onset, revision, first = entry.onset, entry.revision, entry.first
    if entry.current:
        whose = watch.rule_hash, rule.kind, sensor.district, departments, unit
        named = entry.named if entry.named != onset else -1
        series.episodes[place] = Episode(onset, revision, change.severity, first, *whose, named)
    elif before is not None and before.identity == entry.named:
        series.episodes[place] = None
    value = change.seen[-1].value if change.seen and not isinstance(rule.spec, SilenceSpec) else None
    count = change.readings if isinstance(rule.spec, WindowSpec | StretchSpec) else len(change.seen)
    return Finding(
        v=1,
        episode=episode_id(rule.name, entity, entry.named),
        revision=revision,
        change=entry.what or _kind(change),
        rule=rule.name,
        rule_hash=watch.rule_hash,
        kind=rule.kind,
        sensor=sensor.id,
        metric=metric,
        district=sensor.district,
        departments=departments,
        severity=change.severity,
        was=change.was,
        at=change.at,
        onset=onset,
        unit=unit,
        text=_text(watch, sensor, metric, unit, value, change, entry),
        evidence=Evidence(record.topic, record.partition, first, record.offset, change.seen, count),
        wall=record.wall,
        value=value,
        limit=change.limit,
        before=entry.was,
        after=entry.now,
    )


def withdraw(orphan: Orphan, record: Record, clock: int) -> Finding:
    """The end of an episode whose rule judges otherwise now, or no longer watches its series: nobody would ever
    clear it. It ends at `clock`, for those who were told of it."""
    episode = orphan.episode
    entity = f"{orphan.sensor}/{orphan.metric}"
    return Finding(
        v=1,
        episode=episode_id(orphan.rule, entity, episode.identity),
        revision=episode.revision + 1,
        change="cleared",
        rule=orphan.rule,
        rule_hash=episode.rule_hash,
        kind=episode.kind,
        sensor=orphan.sensor,
        metric=orphan.metric,
        district=episode.district,
        departments=episode.departments,
        severity="",
        was=episode.severity,
        at=max(clock, episode.onset),
        onset=episode.onset,
        unit=episode.unit,
        text=f"Cleared: the rule {orphan.rule} has changed or no longer watches {entity}",
        evidence=Evidence(record.topic, record.partition, episode.first, record.offset),
        wall=record.wall,
    )


def _entry(before: Episode | None, change: Change, first: int) -> Entry:
    """Which episode the change is of, for a rule that has one at a time and takes nothing back."""
    current = bool(change.severity)
    if before is None:
        return Entry(change.at, change.at, 1, first, current=current)
    return Entry(before.identity, before.onset, before.revision + 1, before.first, current=current)


def _kind(change: Change) -> Kind:
    if change.why:
        return "undecided"
    if not change.was:
        return "fired"
    return "changed" if change.severity else "cleared"


def _unit(watch: Watch, metric: str) -> str:
    spec = watch.rule.spec
    unit = UNITS[metric]
    if isinstance(spec, ChangeSpec):
        return spec.unit(unit)
    return unit_of(spec.aggregate, unit) if isinstance(spec, WindowSpec | StretchSpec) else unit


def _text(
    watch: Watch, sensor: Sensor, metric: str, unit: str, value: float | None, change: Change, entry: Entry
) -> str:
    rule = watch.rule
    limit = format_duration(rule.spec.after) if isinstance(rule.spec, SilenceSpec) else number(change.limit)
    own = rule.spec.text if isinstance(rule.spec, ChangeSpec) else KINDS[rule.kind].TEXT
    template: str = rule.text or own
    sentence = render(
        template,
        {
            "value": number(value),
            "unit": unit,
            "limit": limit,
            "sensor": sensor.id,
            "metric": metric,
            "district": sensor.district,
            "severity": change.severity or change.was,
            "rule": rule.name,
        },
    )
    if entry.was is not None:
        return retold(sentence, entry.was, entry.now)
    if change.why:
        return f"Cannot decide about {metric} at {sensor.id} ({sensor.district}): {change.why}"
    return sentence if change.severity else f"Cleared: {sentence}"
