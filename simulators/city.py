"""A city that practises: every sensor of the registry measures the phenomena it stands in, step after step."""

from collections.abc import Callable, Iterator

from rules.sensor import Sensor
from rules.units import METRICS
from simulators import air, noise, traffic, water, weather
from simulators.chance import key
from simulators.device import Device
from simulators.message import Message
from simulators.mishaps import Mishaps
from simulators.scenario import Scenario
from simulators.weather import Sky

GATEWAY_OBJECTS = 200
"""As many objects as a gateway puts in one message, well below what the contract takes."""
Measure = Callable[[Sensor, int, int], dict[str, float]]


def _traffic(sensor: Sensor, source: int, at: int) -> dict[str, float]:
    road = traffic.RING if sensor.kind == "ringroad" else traffic.road_of(source)
    now = traffic.state(road, traffic.density(road, source, sensor.lon, at))
    return {"speed": now.speed, "flow": now.flow, "occupancy": now.occupancy}


def _noise(sensor: Sensor, source: int, at: int) -> dict[str, float]:
    level = noise.railside if sensor.kind == "railside" else noise.level
    return {"noise": level(source, sensor.lon, at)}


def _water(sky: Sky, sensor: Sensor, source: int, at: int) -> float:
    return (water.underpass if sensor.kind == "underpass" else water.level)(sky, source, at)


def measures(sky: Sky) -> dict[str, Measure]:
    """How each metric is measured, by metric; one call gives all that belong together."""
    together: tuple[tuple[tuple[str, ...], Measure], ...] = (
        (tuple(air.HIGHEST), lambda sensor, source, at: air.background(source, sensor.lon, at)),
        (
            ("temperature", "humidity", "pressure", "wind_speed", "wind_direction", "rain"),
            lambda sensor, source, at: weather.station(sky, source, at, sensor.interval),
        ),
        (("noise",), _noise),
        (("water_level",), lambda sensor, source, at: {"water_level": _water(sky, sensor, source, at)}),
        (("speed", "flow", "occupancy"), _traffic),
    )
    return {metric: measure for metrics, measure in together for metric in metrics}


class City:
    """`step(start, end)` gives the messages of a stretch of time; the same arguments give the same bytes."""

    def __init__(self, scenario: Scenario) -> None:
        setting = scenario.setting
        self._scenario, self._schedule = scenario, setting.schedule
        sensors = list(setting.sensors.values())
        lon = sum(sensor.lon for sensor in sensors) / len(sensors) if sensors else 0.0
        sky = Sky(setting.seed, lon, scenario.calm_from)
        known = measures(sky)
        self._members: list[tuple[Sensor, Device, int, list[Measure]]] = []
        for sensor in sensors:
            mine = list(dict.fromkeys(known[metric] for metric in sensor.channels if metric in known))
            if mine:
                self._members.append((sensor, Device(sensor), key(setting.seed, "sensor", sensor.id), mine))
        self.mishaps = Mishaps(setting)

    def _reports(self, start: int, end: int) -> Iterator[tuple[int, Device, dict[str, float]]]:
        scenario, schedule = self._scenario, self._schedule
        for sensor, device, source, mine in self._members:
            at = schedule.next(sensor, start)
            while at < end:
                if not scenario.silent(sensor, at):
                    values: dict[str, float] = {}
                    for measure in mine:
                        values |= measure(sensor, source, at)
                    scenario.alter(sensor, source, at, values)
                    yield at, device, values
                at += sensor.interval

    def step(self, start: int, end: int) -> list[Message]:
        """Everything said with start <= ts < end, in the order of time; a gateway speaks at the end for all."""
        alone: list[tuple[int, Message]] = [(at, message) for at, message in self.mishaps.messages(start, end)]
        shared: dict[str, list[tuple[int, str, tuple[str, int, tuple[str, ...]]]]] = {}
        for at, device, values in self._reports(start, end):
            refusals: tuple[tuple[str, int], ...] = ()
            metrics = tuple(metric for metric in device.sensor.channels if metric in values)
            if broken := self.mishaps.broken(device.sensor, at):
                values[broken] = METRICS[broken].highest * 2.0 + 30.0
                refusals = (("out_of_range", metrics.index(broken)),)
                reading = (device.sensor.id, at, tuple(metric for metric in metrics if metric != broken))
            else:
                reading = (device.sensor.id, at, metrics)
            text = device.say(at, values)
            if device.sensor.gateway:
                shared.setdefault(device.topic, []).append((at, text, reading))
                continue
            message = Message(device.topic, text.encode(), (reading,), refusals)
            alone += [(at, message)] * (2 if self.mishaps.again(device.sensor, at) else 1)
        messages = [message for _, message in sorted(alone, key=lambda pair: pair[0])]
        for topic, all_said in shared.items():
            all_said.sort()
            for said in (all_said[n : n + GATEWAY_OBJECTS] for n in range(0, len(all_said), GATEWAY_OBJECTS)):
                payload = "[" + ",".join(text for _, text, _ in said) + "]"
                messages.append(Message(topic, payload.encode(), tuple(reading for _, _, reading in said)))
        return messages
