"""`urbanpulse replay`: recorded files, read by a map, played through MQTT at a speed of one's own choice."""

import logging
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, groupby

import msgspec

from rules.faults import Fault, FaultsError
from rules.registry import parse_registry
from rules.sensor import Channel, Sensor
from rules.units import METRICS
from simulators.device import time_text
from simulators.mapfile import Map, load_map
from simulators.message import Message, Step
from simulators.play import AFTER, Pace, play, run
from simulators.publish import Publisher
from simulators.published import Published, write
from simulators.recorded import Said, registry_rows, values
from simulators.settings import ReplaySettings
from simulators.stop import Stop, signals

log = logging.getLogger(__name__)


def message(sensor: Sensor, at: int, said: dict[str, float]) -> Message:
    """What the recorded sensor says: its values as they stand in the file. One that the city must refuse, because no
    such value can be (-999 that no map calls missing), is counted as that."""
    good, bad = [], []
    for index, (metric, value) in enumerate(said.items()):
        if possible(sensor.channels[metric], metric, value):
            good.append(metric)
        else:
            bad.append(("out_of_range", index))
    payload = f'{{"ts":{time_text(at, sensor.time)},"values":{msgspec.json.encode(said).decode()}}}'
    topic = f"city/{sensor.district}/{sensor.kind}/{sensor.id}"
    return Message(topic, payload.encode(), ((sensor.id, at, tuple(good)),) if good else (), tuple(bad))


def possible(channel: Channel, metric: str, value: float) -> bool:
    """Whether a recorded value, in canonical units, is within what its metric can be."""
    limits = METRICS[metric]
    return limits.lowest <= value * channel.scale + channel.shift <= limits.highest


def steps(map_: Map, sensors: dict[str, Sensor], said: Iterable[Said]) -> Iterator[Step]:
    """A step for each interval of the map in which something was said, and one more in which only the clock goes on.
    Where the record has a gap, the clock leaps over it."""
    length = map_.interval
    step: Step | None = None
    for number, group in groupby(said, key=lambda one: one[0] // length):
        end = (number + 1) * length
        if step is not None:
            yield step._replace(next=end)
        step = Step(end, end, [message(sensors[sensor], at, found) for at, sensor, found in group])
    if step is not None:
        yield step._replace(next=step.end + AFTER)
        yield Step(step.end + AFTER, step.end + AFTER, [])


def replay(
    settings: ReplaySettings, report: Callable[[str], None] = log.warning, stop: Stop | None = None
) -> Published:
    """Play the record and give the account of it, which is written to `settings.result` too. SIGTERM stops in order.
    Raises FaultsError for a map or file with faults, before anything is published; PublishError."""
    map_, faults = load_map(settings.map_file.read_text(encoding="utf-8"), str(settings.map_file))
    if map_ is None:
        raise FaultsError(faults)
    sensors, faults = parse_registry(registry_rows(map_, settings.files), "the recorded files")
    if faults:
        raise FaultsError(faults)
    said = values(map_, settings.files, settings.since, settings.until)
    every_step = steps(map_, sensors, said)
    first = next(every_step, None)
    if first is None:
        raise FaultsError([Fault("the recorded files", 0, "", "hold no value between the times that were asked for")])
    start, end = first.end - map_.interval, first.end
    asked = stop or Stop()
    publisher = Publisher(settings.mqtt, asked, report)
    ms_a_second, length = settings.speed * 1000.0, map_.interval

    def due(step: Step) -> float:
        return max(0, step.end - length - start) / ms_a_second

    def watched() -> Iterator[Step]:
        nonlocal end
        for step in chain([first], every_step):
            if step.messages:
                end = step.end
            yield step

    def through() -> Pace:
        return play(publisher, start, watched(), due if ms_a_second else None, report)

    with signals(asked):
        published = run(publisher, through, list, lambda: (start, end))
    if settings.result is not None:
        write(published, settings.result)
    return published
