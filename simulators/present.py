"""A bad day whose worst hours are now: its morning in a few seconds, then on at the pace of the wall clock, for ever.

The publisher owns the clock all the time, and from the present on its clock is the wall's. So a city that has just
been started has a history to show and alerts to act on, and a reading sent by hand now is judged like any other.
"""

import logging
import time
from collections.abc import Callable, Iterator

from simulators.badday import scenario
from simulators.city import City
from simulators.message import Step
from simulators.place import HOUR
from simulators.play import Pace, even, play, run
from simulators.publish import Publisher
from simulators.published import Published, write
from simulators.scenario import Setting
from simulators.schedule import Schedule
from simulators.settings import SimulateSettings
from simulators.stop import Stop, signals

log = logging.getLogger(__name__)

WORST = 13 * HOUR
"""How long after its beginning a bad day is at its worst."""
LIVE_STEP = 1_000


def day_of(now: int) -> int:
    """The whole hour at which a day must begin to be at its worst `now` (ms)."""
    return now - now % HOUR - WORST


def present(
    settings: SimulateSettings,
    told: Callable[[int], None] = lambda _: None,
    since: int | None = None,
    report: Callable[[str], None] = log.warning,
    stop: Stop | None = None,
) -> Published:
    """Play the day that began at `settings.start` until asked to stop. `since` (ms): from there on only, because the
    rest was published before. `told` hears the time up to which everything is. Raises ScenarioError, PublishError."""
    asked = stop or Stop()
    setting = Setting(settings.sensors, Schedule(settings.seed), settings.seed, settings.start)
    city = City(scenario(settings.scenario, setting))
    publisher = Publisher(settings.mqtt, asked, report)
    first = settings.start if since is None else since
    reached = first

    def steps(begin: int, end: int | None, length: int) -> Iterator[Step]:
        nonlocal reached
        for at, until in even(begin, end, length) if end is not None else _endless(begin, length):
            yield Step(until, until + length, city.step(at, until))
            reached = until
            told(until)

    def through() -> Pace:
        while (now := _wall() // LIVE_STEP * LIVE_STEP) > reached:  # what passed meanwhile is the past too
            play(publisher, reached, steps(reached, now, settings.step), None, report)
        live, wall = reached, _wall()
        return play(publisher, live, steps(live, None, LIVE_STEP), lambda step: (step.end - wall) / 1000.0, report)

    with signals(asked):
        published = run(publisher, through, list, lambda: (first, reached))
    if settings.result is not None:
        write(published, settings.result)
    return published


def _endless(begin: int, length: int) -> Iterator[tuple[int, int]]:
    at = begin
    while True:
        yield at, at + length
        at += length


def _wall() -> int:
    return time.time_ns() // 1_000_000
