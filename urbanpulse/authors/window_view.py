"""Windows of one series as somebody sees them who asks why nothing came of them."""

from collections.abc import Sequence
from math import fsum

from rules.duration import format_duration
from rules.kinds.window import WindowSpec
from rules.text import number
from urbanpulse.authors.story import Heard, Story
from urbanpulse.commands.common import show_instant

THIN = 2
"""A window with less than one half of the readings that the sensor's interval promises is called thin."""


def window_answer(story: Story, spec: WindowSpec) -> tuple[str, str, list[str]]:
    """Code, reason and more, for a series with readings whose rule is not firing."""
    counted, every = story.counted, spec.every
    through = story.clock - spec.delay
    decided = through - through % every
    waiting: dict[int, str] = {}
    for end in sorted({each.ts - each.ts % every + every for each in counted}):
        if end > decided:
            when = show_instant(end + spec.delay)
            waiting[end] = f"{_window(story, spec, end)}, not closed yet: decided at {when}"
    limit = _limit(spec)
    for end, words in waiting.items():
        if _beyond(spec, _result(spec, _of(counted, spec, end))):
            return "window_open", f"{words}, limit {limit}", []
    others = list(waiting.values())
    if counted[0].ts >= decided:
        return "window_open", others[0], others[1:]
    readings = _of(counted, spec, decided)
    if story.hours is not None and story.hours.at(decided - spec.length).end < decided:
        return "window_outside", f"the window {_span(spec, decided)} is not all within the rule's hours", others
    if spec.demanding and _too_thin(story, spec, decided):
        wanted = f"{spec.least_count} readings" if spec.least_count else format_duration(spec.least_time)
        return "thin", f"{_window(story, spec, decided)}: less than the {wanted} that at_least asks for", others
    if not readings and spec.aggregate != "count":
        return "window_empty", f"no reading in the window {_span(spec, decided)}: it decides nothing", others
    side, code = ("above", "below_limit") if spec.levels.above else ("below", "above_limit")
    reason = f"{_window(story, spec, decided)}, not {side} {limit}"
    return code, reason, [*_thin(story, readings, spec.length), *others]


def _too_thin(story: Story, spec: WindowSpec, end: int) -> bool:
    """As the engine sees it: a reading stands for one interval of its sensor, within the window."""
    start = end - spec.length
    times = [each.ts for each in story.counted if start <= each.ts < end]
    measured, edge = 0, start
    for at in times:
        until = min(at + story.sensor.interval, end)
        measured += max(0, until - max(at, edge))
        edge = max(edge, until)
    return len(times) < spec.least_count or measured < spec.least_time


def _of(counted: Sequence[Heard], spec: WindowSpec, end: int) -> list[float]:
    return [each.value for each in counted if end - spec.length <= each.ts < end]


def _result(spec: WindowSpec, values: Sequence[float]) -> float | None:
    """What the window comes to; None for an aggregate that needs the engine's own hand."""
    if spec.aggregate == "count":
        return float(len(values))
    if not values:
        return None
    if spec.aggregate == "mean":
        return fsum(values) / len(values)
    return {"max": max(values), "min": min(values), "sum": fsum(values)}.get(spec.aggregate)


def _beyond(spec: WindowSpec, value: float | None) -> bool:
    limit = spec.levels.levels[0].limit
    return value is not None and (value > limit if spec.levels.above else value < limit)


def _limit(spec: WindowSpec) -> str:
    return f"{number(spec.levels.levels[0].limit)} ({spec.levels.levels[0].severity})"


def _window(story: Story, spec: WindowSpec, end: int) -> str:
    values = _of(story.counted, spec, end)
    result = _result(spec, values)
    what = f"{spec.aggregate} {number(result)}" if result is not None else spec.aggregate
    return f"{what} of {len(values)} readings in the window {_span(spec, end)}"


def _thin(story: Story, values: Sequence[float], length: int) -> list[str]:
    promised = length // story.sensor.interval
    if promised < 2 or len(values) * THIN >= promised:
        return []
    return [f"the window was thin: {len(values)} of {promised} readings that the sensor's interval promises"]


def _span(spec: WindowSpec, end: int) -> str:
    return f"{show_instant(end - spec.length)} to {show_instant(end)}"
