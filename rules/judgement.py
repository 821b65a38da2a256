"""From a machine's change to the finding that the city reads."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from rules.aggregates import unit_of
from rules.amend.account import Entry
from rules.amend.words import retold
from rules.derived.names import UNITS
from rules.duration import format_duration, say_duration
from rules.episode import Episode, Found
from rules.finding import Change as Kind
from rules.finding import Course, Evidence, Finding
from rules.identity import episode_id
from rules.kinds.change import ChangeSpec
from rules.kinds.silence import SilenceSpec
from rules.kinds.stretch import StretchSpec
from rules.kinds.window import WindowSpec
from rules.machine import Change
from rules.routes import severities_of, told_of
from rules.rule import Rule
from rules.rule_file import KINDS
from rules.scheduled import OUTSIDE
from rules.sensor import Sensor
from rules.series import Series
from rules.silent import reason_of
from rules.state import Orphan
from rules.text import instant, number, render
from rules.watch import Watch


class Record(NamedTuple):
    """The record that decides: where it is in the log, and when (wall ms) it was received."""

    topic: str
    partition: int
    offset: int
    wall: int


def conclude(
    series: Series, found: Found, record: Record, heard: Callable[[Series], Mapping[str, int]] = lambda series: {}
) -> Finding:
    """The finding that the change amounts to; the series' episode of that rule moves on with it. `heard`: tells when
    the sensor's other metrics were last heard (ms, -1 for never)."""
    place, change, begun, entry = found
    watch, sensor, metric = series.plan.watches[place], series.sensor, series.metric
    rule = watch.rule
    unit = _unit(watch, metric)
    before = series.episodes[place]
    # Doubt where nothing was on begins nothing: its id is that of no episode, not even of one that begins just then.
    idle = bool(change.why) and before is None and entry is None
    entity = f"{sensor.id}/{metric}" + ("?" if idle else "")
    # What was true is neither over nor worse for our not knowing.
    if change.why and before is not None and entry is None:
        change = change._replace(severity=before.severity, was=before.severity)
    entry = entry or _entry(before, change, begun)
    onset, revision = entry.onset, entry.revision
    # Where nothing was ever heard, the evidence begins with the record that decides.
    first = entry.first if entry.first >= 0 else before.first if before is not None else record.offset
    if change.outside:  # the rule's time may have been changed since it began
        change = change._replace(at=max(change.at, onset))
    if entry.was is None:
        departments = told_anew(rule, change.severity, (sensor.department,), before)
    else:
        departments = told_again(rule, entry.was, entry.now, (sensor.department,))
    silent = isinstance(rule.spec, SilenceSpec)
    if isinstance(rule.spec, SilenceSpec) and change.severity:
        change = change._replace(reason=reason_of(sensor, metric, change, rule.spec.after, heard(series)))
    if entry.current:
        whose = watch.rule_hash, rule.kind, sensor.district, departments, unit
        named = entry.named if entry.named != onset else -1
        series.episodes[place] = Episode(onset, revision, change.severity, first, *whose, named)
    elif before is not None and before.identity == entry.named:
        series.episodes[place] = None
    value = change.seen[-1].value if change.seen and not silent else None
    kind = entry.what or _kind(change)
    count = change.readings if isinstance(rule.spec, WindowSpec | StretchSpec) else len(change.seen)
    return Finding(
        v=1,
        episode=episode_id(rule.name, entity, entry.named),
        revision=revision,
        change=kind,
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
        lasted=change.at - onset if kind == "cleared" else None,
        reason=change.why or change.reason,
        texts=_texts(watch, sensor, metric, unit, value, change, onset),
        before=entry.was,
        after=entry.now,
    )


def withdraw(orphan: Orphan, record: Record, clock: int) -> Finding:
    """The end of an episode whose rule judges otherwise now, or no longer watches its series: nobody would ever
    clear it. It ends at `clock`, for those who were told of it."""
    episode = orphan.episode
    at = max(clock, episode.onset)
    lasted = at - episode.onset
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
        at=at,
        onset=episode.onset,
        unit=episode.unit,
        text=f"Cleared after {say_duration(lasted)}: the rule {orphan.rule} has changed or no longer watches {entity}",
        evidence=Evidence(record.topic, record.partition, episode.first, record.offset),
        wall=record.wall,
        lasted=lasted,
    )


def told_anew(rule: Rule, severity: str, own: tuple[str, ...], before: Episode | None) -> tuple[str, ...]:
    """The departments of a finding about `severity`. `own`: those of the sensors. Who was told of an episode hears of
    all that becomes of it."""
    known = before.departments if before is not None else ()
    if before is not None and not severity:
        return known
    told = told_of(severity, severities_of(rule.spec), rule.notify, rule.routes, own)
    return tuple(dict.fromkeys((*known, *told)))


def told_again(rule: Rule, was: Course, now: Course | None, own: tuple[str, ...]) -> tuple[str, ...]:
    """The departments of a finding about an episode that went as `now` and not as `was`, None for never:
    those who were told of it, and those who ought to have been."""
    steps = was.steps if now is None else (*was.steps, *now.steps)
    severities = dict.fromkeys(severity for _, severity in steps if severity)
    told = (told_of(each, severities_of(rule.spec), rule.notify, rule.routes, own) for each in severities)
    return tuple(dict.fromkeys(department for departments in told for department in departments))


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
    own = rule.spec.text if isinstance(rule.spec, ChangeSpec) else KINDS[rule.kind].TEXT
    template: str = rule.text or own
    if change.outside and entry.was is None:
        return f"Cleared: {rule.name} is {OUTSIDE} for {metric} at {sensor.id} ({sensor.district})"
    if change.why and entry.was is None:
        return f"Cannot decide about {metric} at {sensor.id} ({sensor.district}): {change.why}"
    sentence = render(template, _words(watch, sensor, metric, unit, value, change, entry.onset))
    if entry.was is not None:
        return retold(sentence, entry.was, entry.now)
    if not change.severity:
        return f"Cleared after {say_duration(change.at - entry.onset)}: {sentence}"
    return sentence if rule.text or not change.reason else f"{sentence}: {change.reason}"


def _texts(
    watch: Watch, sensor: Sensor, metric: str, unit: str, value: float | None, change: Change, onset: int
) -> dict[str, str]:
    """The rule's sentences by language; none of what cannot be decided or is outside of its hours, of which they say
    nothing."""
    if change.why or change.outside or not watch.rule.texts:
        return {}
    words = _words(watch, sensor, metric, unit, value, change, onset)
    return {language: render(template, words) for language, template in watch.rule.texts}


def _words(
    watch: Watch, sensor: Sensor, metric: str, unit: str, value: float | None, change: Change, onset: int
) -> dict[str, str]:
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
        "since": instant(onset),
        "lasted": say_duration(change.at - onset),
        "reason": change.reason,
    }
