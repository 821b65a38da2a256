"""Why a rule does not fire for a series: the plainest true reason first, then what else there is to know."""

from typing import Any

import msgspec

from rules.areas.areas import Areas
from rules.areas.composite import CompositeSpec
from rules.catalogue import Catalogue
from rules.duration import format_duration
from rules.faults import nearest
from rules.finding import Seen
from rules.geography import distance
from rules.hours import Spell
from rules.kinds.change import ChangeSpec
from rules.kinds.silence import UNSEEN, SilenceSpec
from rules.kinds.stretch import StretchSpec
from rules.kinds.window import WindowSpec
from rules.levels import FALLING, OFF, RISING, Levels
from rules.machine import FOREVER
from rules.rule import Rule
from rules.sensor import Sensor
from rules.text import number
from rules.where import Where, middle_of
from urbanpulse.authors.story import Heard, Story
from urbanpulse.authors.window_view import window_answer
from urbanpulse.commands.common import show_instant

PARTS = ("kind", "district", "department", "sensor")
STALE = 3
"""Intervals without a word after which the lack of readings is worth saying."""


class Answer(msgspec.Struct, frozen=True):
    """`code`: the reason, one of a closed list; `reason`: in a sentence; `more`: what else is so. `episode`: of what is
    firing."""

    code: str
    reason: str
    more: list[str] = []
    episode: str = ""


def not_watched(
    rule: Rule, sensor: Sensor, metric: str, has: bool = True, city: Catalogue | None = None
) -> Answer | None:
    """The reason in the files themselves, if there is one: the log need not be read for it. `has`: whether the sensor
    measures the metric, or it is derived for it. `city`: whose map says where the sensor stands."""
    if metric not in rule.metrics:
        return Answer("other_metric", f"{rule.name} is about {' and '.join(rule.metrics)}, not {metric}")
    if not has:
        known = ", ".join(sorted(sensor.channels))
        return Answer("not_measured", f"{sensor.id} does not measure {metric}; it measures {known}")
    for part in PARTS:
        wanted = getattr(rule.where, part)
        own = sensor.id if part == "sensor" else str(getattr(sensor, part))
        if wanted and own not in wanted:
            place = rule.place
            where = f"{place.file}:{place.line_of(f'where.{part}')}"
            words = " or ".join(wanted)
            return Answer("not_selected", f"{sensor.id} has the {part} {own}, `where` wants {words} ({where})")
    if city is not None and not city.selects(rule, sensor):
        return Answer("not_selected", f"{sensor.id} {_elsewhere(rule, sensor, city)}")
    return None


def of_groups(rule: Rule, sensor: Sensor, areas: Areas) -> Answer | None:
    """Of a rule on groups, which of them the sensor is in and why it may not be asked there; None for another rule."""
    if not isinstance(rule.spec, CompositeSpec):
        return None
    known = areas.rules.get(rule.name)
    keys = () if known is None else known.by_sensor.get(sensor.id, ())
    if known is None or not keys:
        return Answer("not_selected", f"{sensor.id} is in no group of {rule.name}")
    groups = [known.groups[key] for key in keys]
    names = ", ".join(f"{group.name} ({len(group.sensors)} sensors)" for group in groups)
    more = [f"{sensor.id} is {sensor.status}: it is left out of what is counted"] if sensor.status != "active" else []
    return Answer("group", f"{rule.name} judges groups of sensors together, this one in {names}", more)


def _elsewhere(rule: Rule, sensor: Sensor, city: Catalogue) -> str:
    """Where the sensor stands beside where the rule watches."""
    place, where = rule.place, rule.where
    if where.inside and not Where(inside=where.inside).stands(sensor, city.shapes, city.sensors):
        shapes = " or ".join(where.inside)
        return f"is not inside {shapes} ({place.file}:{place.line_of('where.inside')})"
    assert where.near is not None
    middle = middle_of(where.near, city.sensors)
    far = "nowhere" if middle is None else f"{distance(*middle, sensor.lat, sensor.lon) / 1000:.2f} km away"
    line = place.line_of("where.near")
    return f"is {far}, `near` wants {where.near.radius / 1000:g} km at most ({place.file}:{line})"


def unknown(what: str, name: str, known: list[str]) -> Answer:
    """A rule or sensor that the city has not."""
    return Answer(f"unknown_{what}", f"the city has no {what} {name!r}: {nearest(name, known)}")


def not_in_force(story: Story) -> Answer:
    """Why a rule that the city has had at some time said nothing then: the catalogue of that time."""
    when, rule, sensor = show_instant(story.clock), story.rule, story.sensor
    catalogue = story.in_force
    if catalogue is None:
        return Answer("no_catalogue", f"at {when} no rules were in force yet")
    if rule.name not in {each.name for each in catalogue.rules}:
        return Answer("not_in_force", f"at {when} the rule {rule.name} was not in force")
    if sensor.id not in catalogue.sensors:
        return Answer("not_in_force", f"at {when} the sensor {sensor.id} was not in the registry")
    known = catalogue.sensors[sensor.id]
    found = not_watched(rule, known, story.metric, catalogue.has(known, story.metric))
    more = ["so said the rules and the registry that were in force then"]
    return Answer(found.code, found.reason, more) if found else Answer("not_selected", f"{rule.name} did not watch it")


def why_not(story: Story) -> Answer:
    """Why the rule is not firing at the story's end; that it is, when it is."""
    more = [*_lateness(story), *_history(story), *_clock(story)]
    firing, counted, spec = story.firing, story.counted, story.rule.spec
    if firing is not None:
        code, reason = _firing(story)
    elif story.hours is not None and not story.on(story.clock):
        code, reason = "calendar_off", off_until(story.hours.at(story.clock), story.clock)
    elif not counted:
        code = "no_data"
        reason = f"no reading of {story.metric} by {story.sensor.id} in the log up to {show_instant(story.clock)}"
        if isinstance(spec, SilenceSpec) and story.state is not None:
            code, waited = "never_seen", _part(story.clock - story.state.since, spec.after)
            reason += f": never seen since {show_instant(story.state.since)}, silent for {waited}"
    elif (late := _would_have_mattered(story)) is not None:
        code = "late"
        reason = f"{_said(late)} came when the log's clock stood at {show_instant(late.clock)}: "
        reason += "too late for the rule" if late.late else "it was not there yet"
    elif isinstance(spec, Levels):
        code, reason = _level(story, spec, counted[-1])
    elif isinstance(spec, WindowSpec):
        code, reason, others = window_answer(story, spec)
        more = [*others, *more]
    elif isinstance(spec, (ChangeSpec, StretchSpec)):
        code, reason = _other(story, spec.levels, spec.measure if isinstance(spec, ChangeSpec) else spec.aggregate)
    elif isinstance(spec, SilenceSpec):
        past = max(0, story.clock - counted[-1].ts)
        code = "heard"
        reason = f"heard at {show_instant(counted[-1].ts)}: silent for {_part(past, spec.after)}"
    else:
        code, reason = "not_met", f"the condition was not met; the newest reading is {_said(counted[-1])}"
    if counted and not isinstance(spec, SilenceSpec):
        more = [*_stale(story, counted[-1]), *more]
    return Answer(code, reason, more, "" if firing is None else firing.episode)


def off_until(spell: Spell, clock: int) -> str:
    if spell.end >= FOREVER:
        return f"its calendar is off at {show_instant(clock)}, and never on again"
    return f"calendar off until {show_instant(spell.end)}: the rule is outside of its hours"


def _firing(story: Story) -> tuple[str, str]:
    firing = story.firing
    assert firing is not None
    reason = f"it is firing: {firing.severity} since {show_instant(firing.at)}, episode {firing.episode}"
    spec = story.rule.spec
    levels = spec if isinstance(spec, Levels) else getattr(spec, "levels", None)
    if firing.change == "undecided":
        return "undecided", f"{reason}; the newest window was too thin to decide"
    if isinstance(levels, Levels) and FALLING in phases_of(story):
        begun = next(each for each in levels_state(story).begun if each is not None)
        past = story.clock - begun.ts
        return "keep_firing", f"{reason}; harmless for {_part(past, levels.keep_firing)} (keep_firing)"
    unseen = isinstance(spec, SilenceSpec) and not story.counted
    return "firing", f"{reason}; {UNSEEN}" if unseen else reason


def _level(story: Story, spec: Levels, newest: Heard) -> tuple[str, str]:
    level = spec.levels[0]
    side = "above" if spec.above else "below"
    phase = (phases_of(story) or (OFF,))[0]
    limit = f"{number(level.limit)} ({level.severity})"
    if phase == RISING:
        return "holding", _holding(story, spec)
    if spec.times > 1 and story.state is not None and (run := story.state.runs[0]):
        within = f" within {format_duration(spec.within)}" if spec.within else " in a row"
        return (
            "counting",
            f"{side} {limit}: {len(run)} of {spec.times} readings{within}, the first {_said_seen(run[0])}",
        )
    if newest.value > level.limit if spec.above else newest.value < level.limit:
        return "not_met", f"{_said(newest)} is {side} {limit}, but what else the rule asks for was not so yet"
    return side_code(spec), f"{_said(newest)} is not {side} {limit}"


def _holding(story: Story, spec: Levels) -> str:
    level = spec.levels[0]
    since = levels_state(story).begun[0]
    side = "above" if spec.above else "below"
    held = _part(story.clock - since.ts, spec.hold)
    return f"{side} {number(level.limit)} ({level.severity}) since {show_instant(since.ts)}: holding {held}"


def _other(story: Story, spec: Levels, what: str) -> tuple[str, str]:
    """For what is worked out from readings one by one: the machine alone knows its value."""
    if (phases_of(story) or (OFF,))[0] == RISING:
        return "holding", f"{what} {_holding(story, spec)}"
    side, level = "above" if spec.above else "below", spec.levels[0]
    return side_code(spec), f"{what} is not {side} {number(level.limit)} ({level.severity})"


def levels_state(story: Story) -> Any:
    """The state of the rule's levels: the machine's own, or a part of it."""
    return getattr(story.state, "levels", story.state)


def phases_of(story: Story) -> tuple[int, ...]:
    """Of the levels, as the machine has them; none for a machine that keeps no phases."""
    return tuple(getattr(levels_state(story), "phases", ()))


def side_code(spec: Levels) -> str:
    """The reason's name: the value is on the harmless side."""
    return "below_limit" if spec.above else "above_limit"


def _would_have_mattered(story: Story) -> Heard | None:
    """The newest reading beyond the limit that came too late for the rule, or only after the time that is asked for."""
    spec = story.rule.spec
    # What a change or an unusual aggregate would have come to with one reading more, nobody can say here.
    plain = getattr(spec, "aggregate", "mean") in ("mean", "min", "max") and not isinstance(spec, ChangeSpec)
    levels = spec if isinstance(spec, Levels) else getattr(spec, "levels", None) if plain else None
    late = [*(each for each in story.heard if each.late and not each.repeat), *story.later]
    late = [each for each in late if story.on(each.ts)]
    if not isinstance(levels, Levels):
        return None
    limit = levels.levels[0].limit
    beyond = [each for each in late if (each.value > limit if levels.above else each.value < limit)]
    return max(beyond, key=lambda each: each.ts) if beyond else None


def _stale(story: Story, newest: Heard) -> list[str]:
    gap, interval = story.clock - newest.ts, story.sensor.interval
    if gap < STALE * interval:
        return []
    return [f"no data since {show_instant(newest.ts)}; the sensor's interval is {format_duration(interval)}"]


def _lateness(story: Story) -> list[str]:
    late = [each for each in story.heard if each.late and not each.repeat]
    found = [f"{len(late)} readings came too late for the rule, the last one {_said(late[-1])}"] if late else []
    if anew := [each for each in story.heard if each.amending]:
        found.append(f"{len(anew)} readings came late and were decided upon anew, the last one {_said(anew[-1])}")
    if story.later:
        found.append(f"{len(story.later)} readings of before then came only afterwards")
    return found


def _history(story: Story) -> list[str]:
    last = story.findings[-1] if story.findings else None
    if last is None or last.severity:
        return []
    if last.change == "withdrawn":
        return [f"what it had said of {show_instant(last.onset)} was taken back: {last.text}"]
    return [f"it last fired at {show_instant(last.onset)} and cleared at {show_instant(last.at)}"]


def _clock(story: Story) -> list[str]:
    found = []
    if story.clock < story.at:
        found.append(f"the log's clock has come to {show_instant(story.clock)} only")
    if story.first > 0:
        found.append(f"the log begins at record {story.first}: what was before is gone")
    return found


def _said(each: Heard) -> str:
    return f"{number(each.value)} at {show_instant(each.ts)}"


def _said_seen(each: Seen) -> str:
    return f"{number(each.value)} at {show_instant(each.ts)}"


def _part(past: int, whole: int) -> str:
    """
    >>> _part(42_000, 60_000), _part(90_500, 7_200_000)
    ('42 of 60 s', '1.5 of 120 min')
    """
    unit, name = (1000, "s") if whole < 120_000 else (60_000, "min")
    return f"{number(round(past / unit, 1))} of {number(round(whole / unit, 1))} {name}"
