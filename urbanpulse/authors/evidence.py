"""Why an alert is there: its episode, found in the log again, and the readings that it rests on."""

import msgspec

from alerts.views import AlertView
from rules.finding import Finding
from rules.rule import Rule
from rules.text import number
from urbanpulse.authors.story import Heard, Story
from urbanpulse.commands.common import show_instant

SHOWN = 40
"""Readings that are shown in full; of more, the first and the last ones."""


class Grounds(msgspec.Struct, frozen=True):
    """`findings`: the episode's, as the log gives them now; `agrees`: they are what the alert says. `readings`: those
    between the records of its evidence, and one before. `notes`: what to know about them."""

    findings: list[Finding]
    readings: list[Heard]
    agrees: bool
    notes: list[str]


def grounds(alert: AlertView, story: Story) -> Grounds:
    """What the story, told through the alert's own record, says about the alert."""
    found = [each for each in story.findings if each.episode == alert.episode]
    newest = found[-1] if found else None
    agrees = newest is not None and (newest.revision, newest.at, newest.change, newest.value) == (
        alert.revision, alert.at, alert.change, alert.value,
    )  # fmt: skip
    first, last = alert.evidence.first, alert.evidence.last
    before = [each for each in story.heard if each.offset < first and not each.repeat]
    within = [each for each in story.heard if first <= each.offset <= last and not each.repeat]
    notes = []
    if story.rule_hash != alert.rule_hash:
        notes.append("the rule has changed since: what follows is by the rule as it is now")
    if story.first > first:
        notes.append(f"the log begins at record {story.first}, the evidence at {first}: retention has taken the rest")
    if not found:
        notes.append("the log, judged again, does not give this episode")
    elif not agrees:
        notes.append("the log, judged again, does not give the alert's newest finding")
    return Grounds(found, [*before[-1:], *within], agrees, notes)


def lines(alert: AlertView, rule: Rule, found: Grounds) -> list[str]:
    """For a terminal."""
    place = rule.place
    text = [
        f"{alert.state}: {alert.text}",
        f"rule {rule.name} ({place.file}:{place.line}), for {alert.department}, episode {alert.episode}",
        *found.notes,
        "",
    ]
    for finding in found.findings:
        severity = finding.severity or f"was {finding.about}"
        value = "" if finding.value is None else f", value {number(finding.value)} {finding.unit}"
        limit = "" if finding.limit is None else f", limit {number(finding.limit)}"
        seen = "".join(f", rests on {number(each.value)} at {show_instant(each.ts)}" for each in finding.evidence.seen)
        text.append(f"{show_instant(finding.at)} {finding.change} ({severity}{value}{limit}{seen})")
        if finding.before is not None:
            text.append(f"  {finding.text}")
    if found.readings:
        text += ["", f"readings of {alert.sensor}/{alert.metric}, records {alert.evidence.first} to "
                 f"{alert.evidence.last} of partition {alert.evidence.partition}:"]  # fmt: skip
        text += _readings(found.readings)
    text += ["", "the log, judged again, agrees with the alert"] if found.agrees else []
    return text


def _readings(readings: list[Heard]) -> list[str]:
    rows = [f"  {show_instant(each.ts)} {number(each.value):>10}{each.remark}" for each in readings]
    if len(rows) <= SHOWN:
        return rows
    half = SHOWN // 2
    return [*rows[:half], f"  ... {len(rows) - 2 * half} more", *rows[-half:]]
