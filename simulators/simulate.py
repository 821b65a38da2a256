"""`urbanpulse simulate`: a seeded day of a whole city, played through MQTT."""

import logging
import time
from collections.abc import Callable, Iterator

from simulators.badday import SCENARIOS, scenario
from simulators.city import City
from simulators.message import Step
from simulators.place import DAY, HOUR
from simulators.play import AFTER, Pace, even, play, run
from simulators.publish import Publisher
from simulators.published import Published, write
from simulators.scenario import ScenarioError, Setting
from simulators.schedule import Schedule
from simulators.settings import SimulateSettings
from simulators.stop import Stop, signals

log = logging.getLogger(__name__)

LIVE_STEP = 1_000
"""ms between two looks at who has something to say, by the wall clock."""
BEFORE = 1_800_000
"""A live simulation begins so many ms before the present, lest its board stay empty until everyone has spoken."""


def steps(city: City, start: int, length: int) -> Iterator[Step]:
    """A day of `city` in steps of `length` ms, and one step more in which only the clock goes on."""
    end = start + DAY
    for since, until in even(start, end, length):
        coming = min(until + length, end) if until < end else end + AFTER
        yield Step(until, coming, city.step(since, until))
    yield Step(end + AFTER, end + AFTER, [])


def simulate(
    settings: SimulateSettings, report: Callable[[str], None] = log.warning, stop: Stop | None = None
) -> Published:
    """Play the day (or live, as the settings say) and give the account of it, which is written to `settings.result`
    too. SIGTERM stops in order. Raises ScenarioError before anything is published, PublishError."""
    asked = stop or Stop()
    start = settings.start
    if settings.live:
        now = int(time.time() * 1000)
        start = now - now % HOUR - SCENARIOS[settings.scenario].worst if settings.scenario in SCENARIOS else 0
    elif start % HOUR:
        raise ScenarioError("a simulated day begins at a whole hour (UTC)")
    day = scenario(settings.scenario, Setting(settings.sensors, Schedule(settings.seed), settings.seed, start))
    city = City(day)
    publisher = Publisher(settings.mqtt, asked, report)
    with signals(asked):
        if settings.live:
            published = _live(publisher, city, settings.seconds)
        else:
            share = settings.seconds / DAY
            published = run(
                publisher,
                lambda: play(publisher, start, steps(city, start, settings.step),
                             lambda step: (step.end - settings.step - start) * share, report),
                day.expected,
                lambda: (start, start + DAY),
            )  # fmt: skip
    if settings.result is not None:
        write(published, settings.result)
    return published


def _live(publisher: Publisher, city: City, seconds: float) -> Published:
    """What was said just before, then readings at the present time, each when it is due, until `seconds` have passed
    (0: until asked to stop)."""
    begun = int(time.time() * 1000)
    start = told = begun - BEFORE

    def forever() -> Pace:
        nonlocal told
        until = begun + round(seconds * 1000) if seconds else None
        while until is None or told < until:
            now = int(time.time() * 1000)
            publisher.send(city.step(told, now))
            publisher.drain()
            told = now
            publisher.idle(LIVE_STEP / 1000)
        return Pace()

    return run(publisher, forever, list, lambda: (start, told))
