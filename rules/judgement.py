"""From a machine's change to the finding that the city reads."""

from typing import NamedTuple

from rules.duration import format_duration
from rules.finding import Change as Kind
from rules.finding import Evidence, Finding
from rules.identity import episode_id
from rules.kinds.silence import SilenceSpec
from rules.kinds.window import WindowSpec
from rules.machine import Change
from rules.rule_file import KINDS
from rules.sensor import Sensor
from rules.series import Episode, Series
from rules.text import number, render
from rules.units import METRICS
from rules.watch import Watch


class Record(NamedTuple):
    """The record that decides: where it is in the log, and when (wall ms) it was received."""

    topic: str
    partition: int
    offset: int
    wall: int


def conclude(series: Series, place: int, change: Change, record: Record) -> Finding:
    """The finding that the change amounts to; the series' episode of that rule moves on with it."""
    watch, sensor, metric = series.plan.watches[place], series.sensor, series.metric
    first = change.first if change.first is not None else record.offset
    before = series.episodes[place]
    episode = (
        Episode(change.at, 1, change.severity, first)
        if before is None
        else Episode(before.onset, before.revision + 1, change.severity, before.first)
    )
    series.episodes[place] = episode if change.severity else None
    rule = watch.rule
    value = change.seen[-1].value if change.seen and not isinstance(rule.spec, SilenceSpec) else None
    count = change.readings if isinstance(rule.spec, WindowSpec) else len(change.seen)
    unit = _unit(watch, metric)
    return Finding(
        v=1,
        episode=episode_id(rule.name, f"{sensor.id}/{metric}", episode.onset),
        revision=episode.revision,
        change=_kind(change),
        rule=rule.name,
        rule_hash=watch.rule_hash,
        kind=rule.kind,
        sensor=sensor.id,
        metric=metric,
        district=sensor.district,
        departments=rule.notify or (sensor.department,),
        severity=change.severity,
        was=change.was,
        at=change.at,
        onset=episode.onset,
        unit=unit,
        text=_text(watch, sensor, metric, unit, value, change),
        evidence=Evidence(record.topic, record.partition, episode.first, record.offset, change.seen, count),
        wall=record.wall,
        value=value,
        limit=change.limit,
    )


def _kind(change: Change) -> Kind:
    if not change.was:
        return "fired"
    return "changed" if change.severity else "cleared"


def _unit(watch: Watch, metric: str) -> str:
    spec = watch.rule.spec
    return "readings" if isinstance(spec, WindowSpec) and spec.aggregate == "count" else METRICS[metric].unit


def _text(watch: Watch, sensor: Sensor, metric: str, unit: str, value: float | None, change: Change) -> str:
    rule = watch.rule
    limit = format_duration(rule.spec.after) if isinstance(rule.spec, SilenceSpec) else number(change.limit)
    template: str = rule.text or KINDS[rule.kind].TEXT
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
    return sentence if change.severity else f"Cleared: {sentence}"
