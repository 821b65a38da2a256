"""Why an alert about a group of sensors is there: its episode, found in the log of all partitions again."""

import msgspec

from alerts.views import AlertView
from rules.finding import Finding
from rules.text import number
from urbanpulse.authors.group_story import GroupStory
from urbanpulse.commands.common import show_instant


class GroupGrounds(msgspec.Struct, frozen=True):
    """`findings`: the episode's, as the log gives them now; `agrees`: they are what the alert says."""

    findings: list[Finding]
    agrees: bool
    notes: list[str]


def group_grounds(alert: AlertView, story: GroupStory) -> GroupGrounds:
    """What the story of the alert's rule says about it."""
    found = [each for each in story.findings if each.episode == alert.episode and each.revision <= alert.revision]
    newest = found[-1] if found else None
    agrees = newest is not None and (newest.revision, newest.at, newest.change, newest.value) == (
        alert.revision, alert.at, alert.change, alert.value,
    )  # fmt: skip
    notes = []
    if story.rule.hash != alert.rule_hash:
        notes.append("the rule has changed since: what follows is by the rule as it is now")
    if not story.whole:
        notes.append("the log does not begin at its beginning: retention has taken the rest")
    if not found:
        notes.append("the log, judged again, does not give this episode")
    elif not agrees:
        notes.append("the log, judged again, does not give the alert's newest finding")
    return GroupGrounds(found, agrees, notes)


def group_lines(alert: AlertView, story: GroupStory, grounds: GroupGrounds) -> list[str]:
    """For a terminal."""
    rule = story.rule
    text = [
        f"{alert.state}: {alert.text}",
        f"rule {rule.name} ({rule.place.file}:{rule.place.line}), for {alert.department}, episode {alert.episode}",
        *grounds.notes,
        "",
    ]
    for each in grounds.findings:
        text += _finding(each)
    return [*text, "", "the log, judged again, agrees with the alert"] if grounds.agrees else text


def _finding(each: Finding) -> list[str]:
    severity = each.severity or f"was {each.was}"
    value = "" if each.value is None else f", value {number(each.value)} {each.unit}".rstrip()
    limit = "" if each.limit is None else f", limit {number(each.limit)}"
    text = [f"{show_instant(each.at)} {each.change} ({severity}{value}{limit}): {each.text}"]
    area = each.area
    if area is None:
        return text
    if area.of:
        text.append(f"  {area.count} of {area.of} sensors")
    for sensor, state, amount, at in area.members:
        said = f"{state} {number(amount)}".strip()
        text.append(f"  {sensor} since {show_instant(at)}" + (f": {said}" if said else ""))
    text += [f"  {sensor} is left out: {why}" for sensor, why in area.left_out]
    return [*text, f"  and {area.more} more are left out"] if area.more else text
