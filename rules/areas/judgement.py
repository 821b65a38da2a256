"""From the outcome of an area rule's machine to the finding that the city reads."""

from collections.abc import Mapping

from rules.amend.account import Entry
from rules.amend.words import retold
from rules.areas.judged import Judged
from rules.areas.machine import Outcome
from rules.areas.state import AreaOrphan
from rules.duration import say_duration
from rules.episode import Episode
from rules.finding import MOST_NAMED, AreaFacts, Evidence, Finding
from rules.finding import Change as Kind
from rules.identity import episode_id
from rules.judgement import Record, told_again, told_anew
from rules.rule_file import KINDS
from rules.scheduled import OUTSIDE
from rules.sensor import Sensor
from rules.text import instant, number, render


def conclude(
    judged: Judged, outcome: Outcome, record: Record, sensors: Mapping[str, Sensor], entry: Entry | None = None
) -> Finding | None:
    """The finding that the outcome amounts to; None where nothing is on, for the end of a doubt and for a doubt that is
    not worth a finding then. The group's episode and doubt move on with it. `entry`: which episode it is of, for a rule
    that may take back what it said."""
    group, composite, rule = judged.group, judged.composite, judged.composite.rule
    before = judged.episode
    judged.doubt = outcome.why
    # Doubt where nothing is on begins nothing: its id is that of no episode.
    idle = bool(outcome.why) and before is None and entry is None
    if entry is None and not (outcome.why or outcome.severity or outcome.was):
        return None
    if idle and not composite.spec.tells_doubt:
        return None
    if outcome.why and entry is None:  # what was true is neither over nor worse for our not knowing
        standing = "" if before is None else before.severity
        outcome = outcome._replace(severity=standing, was=standing)
    entry = entry or _entry(before, outcome, record)
    onset, severity = entry.onset, outcome.severity
    own = tuple(sorted({sensors[each].department for each in group.sensors}))
    if entry.was is None:
        departments = told_anew(rule, severity, own, before)
    else:
        departments = told_again(rule, entry.was, entry.now, own)
    unit = composite.spec.unit(composite.members)
    entity = f"{judged.sensor or group.name}/{composite.metric}"
    if entry.current:
        whose = rule.hash, rule.kind, group.district, departments, unit
        named = entry.named if entry.named != onset else -1
        judged.episode = Episode(onset, entry.revision, severity, entry.first, *whose, named)
    elif before is not None and before.identity == entry.named:
        judged.episode = None
    kind = entry.what or _kind(outcome)
    return Finding(
        v=1,
        episode=episode_id(rule.name, entity + ("?" if idle else ""), entry.named),
        revision=entry.revision,
        change=kind,
        rule=rule.name,
        rule_hash=rule.hash,
        kind=rule.kind,
        sensor=judged.sensor,
        metric=composite.metric,
        district=group.district,
        departments=departments,
        severity=severity,
        was=outcome.was,
        at=outcome.at,
        onset=onset,
        unit=unit,
        text=_text(judged, outcome, unit, entry),
        evidence=Evidence(record.topic, record.partition, entry.first, record.offset, (), outcome.count),
        wall=record.wall,
        value=outcome.value,
        limit=outcome.limit,
        texts=_texts(judged, outcome, unit, onset),
        area=_facts(group.name, outcome),
        lasted=outcome.at - onset if kind == "cleared" else None,
        reason=OUTSIDE if outcome.outside else outcome.why,
        before=entry.was,
        after=entry.now,
    )


def _entry(before: Episode | None, outcome: Outcome, record: Record) -> Entry:
    """Which episode it is of, for a rule that has one at a time and takes nothing back."""
    current = bool(outcome.severity)
    if before is None:
        return Entry(outcome.at, outcome.at, 1, record.offset, current=current)
    return Entry(before.identity, before.onset, before.revision + 1, before.first, current=current)


def withdraw(orphan: AreaOrphan, record: Record, clock: int) -> Finding:
    """The end of an episode whose rule judges otherwise now or whose group is no more, as of `clock` (ms)."""
    episode = orphan.episode
    entity = f"{orphan.sensor or orphan.area}/{orphan.metric}"
    at = max(clock, episode.onset)
    lasted = at - episode.onset
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
        text=f"Cleared after {say_duration(lasted)}: the rule {orphan.rule} has changed or no longer watches "
        f"{orphan.area}",
        evidence=Evidence(record.topic, record.partition, episode.first, record.offset),
        wall=record.wall,
        area=AreaFacts(orphan.area),
        lasted=lasted,
    )


def _kind(outcome: Outcome) -> Kind:
    if outcome.why:
        return "undecided"
    if not outcome.was:
        return "fired"
    return "changed" if outcome.severity else "cleared"


def _facts(name: str, outcome: Outcome) -> AreaFacts:
    named = outcome.left_out[:MOST_NAMED]
    members = tuple((each.sensor, each.severity, each.value, each.at) for each in outcome.seen[:MOST_NAMED])
    return AreaFacts(name, outcome.count, outcome.of, named, len(outcome.left_out) - len(named), members)


def _text(judged: Judged, outcome: Outcome, unit: str, entry: Entry) -> str:
    group, rule = judged.group, judged.composite.rule
    if outcome.why and entry.was is None:
        return f"Cannot decide about {rule.name} in {group.name}: {outcome.why}"
    if outcome.outside and entry.was is None:
        return f"Cleared: {rule.name} is {OUTSIDE} in {group.name}"
    template: str = rule.text or judged.composite.spec.text or KINDS[rule.kind].TEXT
    sentence = render(template, _words(judged, outcome, unit, entry.onset))
    if entry.was is not None:
        return retold(sentence, entry.was, entry.now)
    return sentence if outcome.severity else f"Cleared after {say_duration(outcome.at - entry.onset)}: {sentence}"


def _texts(judged: Judged, outcome: Outcome, unit: str, onset: int) -> dict[str, str]:
    """The rule's sentences by language; none of what cannot be decided or is outside of its hours."""
    texts = judged.composite.rule.texts
    if outcome.why or outcome.outside or not texts:
        return {}
    words = _words(judged, outcome, unit, onset)
    return {language: render(template, words) for language, template in texts}


def _words(judged: Judged, outcome: Outcome, unit: str, onset: int) -> dict[str, str]:
    """What stands for the placeholders."""
    composite, group = judged.composite, judged.group
    return {
        "value": number(outcome.value),
        "unit": unit,
        "limit": number(outcome.limit),
        "sensor": judged.sensor or group.name,
        "metric": composite.metric,
        "district": group.district or group.name,
        "severity": outcome.severity or outcome.was,
        "rule": composite.rule.name,
        "area": group.name,
        "k": str(outcome.count),
        "n": str(outcome.of),
        "since": instant(onset),
        "lasted": say_duration(outcome.at - onset),
        "reason": outcome.why,
    }
