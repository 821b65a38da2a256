"""What a place goes through on a bad day, as plateaus: since when it stands at which stage."""

from collections.abc import Sequence
from dataclasses import dataclass

from rules.sensor import Sensor
from simulators.schedule import Schedule


@dataclass(frozen=True)
class Stage:
    """What a place goes through between `since` and `until` (ms): stage 0 is an ordinary day, the last the worst."""

    since: int
    until: int
    stage: int


def stage_at(plan: list[Stage], at: int) -> int:
    """The stage at `at`; 0 outside the plan."""
    return next((part.stage for part in plan if part.since <= at < part.until), 0)


def ladder(begin: Sequence[int], end: Sequence[int], top: int) -> list[Stage]:
    """Up one stage after the other to `top`, and down again. Stage n begins at `begin[n - 1]` (ms, ascending) and is
    over at `end[n - 1]` (descending, all after the last beginning). A `top` of 0 is an empty plan."""
    rising = [Stage(begin[n - 1], begin[n], n) for n in range(1, top)]
    highest = [Stage(begin[top - 1], end[top - 1], top)] if top else []
    return rising + highest + [Stage(end[n], end[n - 1], n) for n in range(top - 1, 0, -1)]


def seen(plan: list[Stage], sensor: Sensor, schedule: Schedule) -> list[tuple[int, int]]:
    """(Instant of the sensor's first report, stage) of each plateau of a plan, and of what comes after it."""
    if not plan:
        return []
    ends = [(part.since, part.stage) for part in plan] + [(plan[-1].until, 0)]
    return [(schedule.next(sensor, at), stage) for at, stage in ends]
