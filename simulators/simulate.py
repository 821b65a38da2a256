"""`urbanpulse simulate`: a seeded day of a whole city, played through MQTT."""

import logging
from collections.abc import Callable, Iterator

from simulators.badday import scenario
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
    """Play the day and give the account of it, which is written to `settings.result` too. SIGTERM stops in order.
    Raises ScenarioError before anything is published, PublishError."""
    asked, start = stop or Stop(), settings.start
    if start % HOUR:
        raise ScenarioError("a simulated day begins at a whole hour (UTC)")
    day = scenario(settings.scenario, Setting(settings.sensors, Schedule(settings.seed), settings.seed, start))
    city = City(day)
    publisher = Publisher(settings.mqtt, asked, report)
    share = settings.seconds / DAY

    def due(step: Step) -> float:
        return (step.end - settings.step - start) * share

    def through() -> Pace:
        return play(publisher, start, steps(city, start, settings.step), due, report)

    with signals(asked):
        published = run(publisher, through, day.expected, lambda: (start, start + DAY))
    if settings.result is not None:
        write(published, settings.result)
    return published
