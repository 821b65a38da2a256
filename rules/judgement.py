"""From a machine's change to the finding that the city reads."""

from typing import NamedTuple

from rules.aggregates import unit_of
from rules.derived.names import UNITS
from rules.duration import format_duration
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
from rules.series import Episode, Found, Series
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
    place, change, first = found
    watch, sensor, metric = series.plan.watches[place], series.sensor, series.metric
    rule = watch.rule
    departments = rule.notify or (sensor.department,)
    unit = _unit(watch, metric)
    before = series.episodes[place]
    onset, revision = (change.at, 1) if before is None else (before.onset, before.revision + 1)
    if change.why and before is not None:  # what was true is neither over nor worse for our not knowing
        change = change._replace(severity=before.severity, was=before.severity)
    first = first if before is None else before.first
    # Doubt where nothing was on begins nothing: its id is that of no episode, not even of one that begins just then.
    entity = f"{sensor.id}/{metric}" + ("?" if change.why and before is None else "")
    series.episodes[place] = (
        Episode(onset, revision, change.severity, first, watch.rule_hash, rule.kind, sensor.district, departments, unit)
        if change.severity
        else None
    )
    value = change.seen[-1].value if change.seen and not isinstance(rule.spec, SilenceSpec) else None
    count = change.readings if isinstance(rule.spec, WindowSpec | StretchSpec) else len(change.seen)
    return Finding(
        v=1,
        episode=episode_id(rule.name, entity, onset),
        revision=revision,
        change=_kind(change),
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
        text=_text(watch, sensor, metric, unit, value, change),
        evidence=Evidence(record.topic, record.partition, first, record.offset, change.seen, count),
        wall=record.wall,
        value=value,
        limit=change.limit,
        texts=_texts(watch, sensor, metric, unit, value, change),
    )


def withdraw(orphan: Orphan, record: Record, clock: int) -> Finding:
    """The end of an episode whose rule judges otherwise now, or no longer watches its series: nobody would ever
    clear it. It ends at `clock`, for those who were told of it."""
    episode = orphan.episode
    entity = f"{orphan.sensor}/{orphan.metric}"
    return Finding(
        v=1,
        episode=episode_id(orphan.rule, entity, episode.onset),
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


def _text(watch: Watch, sensor: Sensor, metric: str, unit: str, value: float | None, change: Change) -> str:
    rule = watch.rule
    own = rule.spec.text if isinstance(rule.spec, ChangeSpec) else KINDS[rule.kind].TEXT
    template: str = rule.text or own
    if change.why:
        return f"Cannot decide about {metric} at {sensor.id} ({sensor.district}): {change.why}"
    sentence = render(template, _words(watch, sensor, metric, unit, value, change))
    return sentence if change.severity else f"Cleared: {sentence}"


def _texts(watch: Watch, sensor: Sensor, metric: str, unit: str, value: float | None, change: Change) -> dict[str, str]:
    """The rule's sentences by language; none of what cannot be decided, of which they say nothing."""
    if change.why or not watch.rule.texts:
        return {}
    words = _words(watch, sensor, metric, unit, value, change)
    return {language: render(template, words) for language, template in watch.rule.texts}


def _words(watch: Watch, sensor: Sensor, metric: str, unit: str, value: float | None, change: Change) -> dict[str, str]:
    """What stands for the placeholders."""
    spec = watch.rule.spec
    return {
        "value": number(value),
        "unit": unit,
        "limit": format_duration(spec.after) if isinstance(spec, SilenceSpec) else number(change.limit),
        "sensor": sensor.id,
        "metric": metric,
        "district": sensor.district,
        "severity": change.severity or change.was,
        "rule": watch.rule.name,
    }
