"""Why a rule on groups does not fire for one of them: how it stands, by the log."""

from collections.abc import Sequence

from rules.areas.combine_machine import CombineState
from rules.areas.compare_machine import CompareState
from rules.areas.conditions import Condition, leaves, truth
from rules.areas.event import Event
from rules.areas.group import Group
from rules.areas.incident_machine import IncidentState
from rules.areas.judged import Judged
from rules.areas.member import Member
from rules.areas.pairing import MEASURES, pair
from rules.areas.quorum_machine import QuorumState
from rules.areas.roll import absent
from rules.areas.sequence_machine import FIRST, THEN, SequenceState
from rules.areas.standing import View, view
from rules.areas.timed_machine import TimedState
from rules.duration import format_duration
from rules.kinds.combine import CombineSpec
from rules.kinds.compare import CompareSpec
from rules.kinds.quorum import QuorumSpec
from rules.kinds.sequence import SequenceSpec
from rules.levels import RISING
from rules.text import number
from urbanpulse.authors.answer import Answer, off_until
from urbanpulse.authors.group_story import GroupStory
from urbanpulse.commands.common import show_instant

KNOWN = {True: "yes", False: "no", None: "nobody knows"}


def why_not_group(story: GroupStory, group: Group) -> Answer:
    """Why the rule is not firing for the group at the story's end; that it is, when it is."""
    more = [f"the area stage's clock has come to {show_instant(story.clock)}"] if story.clock < story.at else []
    more += [] if story.whole else ["the log does not begin at its beginning: what was before is gone"]
    more += [f"{sensor} is {status}: it is left out" for sensor, status in sorted(group.away.items())]
    told = story.about(group.name)
    if told and told[-1].change == "withdrawn":
        more.append(f"what it had said of {show_instant(told[-1].onset)} was taken back: {told[-1].text}")
    judged, firing = story.judged.get(group.name), story.firing(group.name)
    if firing is not None:
        code = "undecided" if firing.change == "undecided" else "firing"
        return Answer(
            code,
            f"{group.name}: {firing.severity} since {show_instant(firing.onset)}: {firing.text}",
            more,
            firing.episode,
        )
    if judged is None:
        return Answer(
            "no_data", f"{group.name}: nothing was heard of its sensors: {', '.join(group.sensors[:8])}", more
        )
    if story.composite.hours is not None and not (spell := story.composite.hours(group).at(story.clock)).on:
        return Answer("calendar_off", f"{group.name}: {off_until(spell, story.clock)}", more)
    code, reason, others = _standing(story, judged, group)
    if judged.doubt:
        code, reason = "undecided", f"cannot decide: {judged.doubt}"
    return Answer(code, f"{group.name}: {reason}", [*others, *more])


def _standing(story: GroupStory, judged: Judged, group: Group) -> tuple[str, str, list[str]]:
    """Code, reason and more, of a group that the rule has looked at."""
    spec, state = story.composite.spec, judged.state
    if isinstance(state, TimedState):
        state = state.inner
    if isinstance(spec, SequenceSpec) and isinstance(state, SequenceState):
        return _sequence(story, spec, state, group)
    if isinstance(spec, CompareSpec) and isinstance(state, CompareState):
        return _compare(story, spec, state)
    if isinstance(spec, CombineSpec) and isinstance(state, CombineState):
        return _combine(story, spec, state, group)
    if isinstance(spec, QuorumSpec) and isinstance(state, QuorumState):
        return _quorum(spec, state, group)
    if isinstance(state, IncidentState):
        words = {
            "free": "no incident is begun",
            "tentative": "an incident is suspected: the next interval must confirm it",
        }
        wave = f"; {state.wave} intervals after a wave downstream none is begun" if state.wave else ""
        return "not_met", words.get(state.stage, state.stage) + wave, []
    return "not_met", "its condition is not met", []


def _sequence(story: GroupStory, spec: SequenceSpec, state: SequenceState, group: Group) -> tuple[str, str, list[str]]:
    within = format_duration(spec.order.within)
    shown = [
        f"{name}: {_on(_view(story, state.words, group, number))}"
        for number, name in ((FIRST, "first"), (THEN, "then"))
    ]
    if not state.open:
        return "not_begun", "the first condition has not come, or too long ago, or has been answered", shown
    newest = state.open[-1]
    came = f"the first came at {newest.sensor} at {show_instant(newest.at)}"
    past = format_duration(story.clock - newest.at)
    return "waiting", f"{came}: {past} of {within} have passed, the other has not come", shown


def _compare(story: GroupStory, spec: CompareSpec, state: CompareState) -> tuple[str, str, list[str]]:
    says, unit = spec.comparison, spec.unit(story.composite.members)
    shown = [f"{name}: {_value(side)}" for name, side in (("left", state.left), ("right", state.right))]
    found = pair(MEASURES[says.measure], *state.newest) if state.newest else None
    if found is None:
        return "undecided", "nothing was compared yet", shown
    level = says.levels.levels[0]
    side = "above" if says.levels.above else "below"
    what = f"the {says.measure} {number(found.value)} {unit}".rstrip()
    if state.levels.phases[0] == RISING and (since := state.levels.begun[0]) is not None:
        past = format_duration(story.clock - since.ts)
        return (
            "holding",
            f"{what} is {side} {number(level.limit)} for {past} of {format_duration(says.levels.hold)}",
            shown,
        )
    code = "below_limit" if says.levels.above else "above_limit"
    return code, f"{what} is not {side} {number(level.limit)} ({level.severity})", shown


def _combine(story: GroupStory, spec: CombineSpec, state: CombineState, group: Group) -> tuple[str, str, list[str]]:
    together = spec.together
    parts = list(leaves(together.condition))
    views = [_view(story, state.words, group, leaf.member) for leaf in parts]
    truths = [shown.truth(leaf.need) for leaf, shown in zip(parts, views, strict=True)]
    shown = [
        f"{_condition(spec.members[leaf.member])}: {KNOWN[known]}, {_on(seen)}"
        for leaf, known, seen in zip(parts, truths, views, strict=True)
    ]
    found = truth(together.condition, truths)
    words = _formula(together.condition, spec.members)
    if found and state.since >= 0:
        past = format_duration(story.clock - state.since)
        return "holding", f"{words} is true for {past} of {format_duration(together.hold)}", shown
    if found is None:
        return "undecided", f"nobody knows whether {words}", shown
    if inhibitors := _inhibitors(together.condition, truths):
        names = " and ".join(_formula(each, spec.members) for each in inhibitors)
        return "inhibited", f"all else is so, but {names} is on, which holds it back", shown
    return "not_met", f"{words} is not true", shown


def _inhibitors(condition: Condition, truths: Sequence[bool | None]) -> list[Condition]:
    """What stands behind `not` and alone keeps an `all` from being true; none where anything else is missing too."""
    if condition.op != "all":
        return []
    found, rest = [], list(truths)
    for part in condition.parts:
        count = len(list(leaves(part)))
        known, rest = truth(part, rest[:count]), rest[count:]
        if known is False and part.op == "not":
            found.append(part.parts[0])
        elif known is not True:
            return []
    return found if len(found) < len(condition.parts) else []


def _quorum(spec: QuorumSpec, state: QuorumState, group: Group) -> tuple[str, str, list[str]]:
    left_out = absent(group, state.votes, True)
    asked = [name for name in group.sensors if name not in left_out]
    saying = [name for name in asked if name in state.votes and (state.votes[name].on or state.votes[name].off >= 0)]
    least = spec.steps[0]
    reason = f"{len(saying)} of {len(asked)} sensors say so, {least.severity} needs {least.least}"
    return "quorum", reason, [f"{name} is left out: {why}" for name, why in left_out.items()][:20]


def _view(story: GroupStory, words: dict[str, dict[str, Event]], group: Group, member: int) -> View:
    return view(words, group, member, story.composite.members[member], group.sensors)


def _on(shown: View) -> str:
    on = ", ".join(f"{each.sensor} since {show_instant(each.at)}" for each in shown.on[:5])
    rest = shown.reason() if shown.doubtful or shown.left_out else ""
    return f"on at {on}" if on else f"on nowhere, off at {shown.off}" + (f"; {rest}" if rest else "")


def _value(side: Sequence[Event]) -> str:
    if not side:
        return "no value"
    newest = side[-1]
    value = number(newest.value) if newest.value is not None else newest.why
    return f"{value} at {newest.sensor} at {show_instant(newest.at)}"


def _condition(member: Member) -> str:
    return f"rule {member.rule}" if member.rule else member.metric


def _formula(condition: Condition, members: Sequence[Member]) -> str:
    """In words: all of (a, not b)."""
    if condition.op == "is":
        return _condition(members[condition.member])
    parts = [_formula(part, members) for part in condition.parts]
    return f"not {parts[0]}" if condition.op == "not" else f"{condition.op} of ({', '.join(parts)})"
