"""A bad day: one gateway loses its power, and twenty devices behind it fall silent for four hours.

The numbers below repeat what the silence rules of the sample city say, and a test holds them to the rule files.
"""

from rules.sensor import Sensor
from simulators.place import HOUR
from simulators.published import Expected
from simulators.scenario import Scenario, ScenarioError, Setting

MINUTE = 60_000
GATEWAY = "gw-harbour-quay"
DEAD = (9 * HOUR + 7 * MINUTE, 13 * HOUR + 2 * MINUTE)
"""From and to, after the beginning of the day."""
WATCHED = {
    "air": ("silent-air", ("pm25", "o3"), 30 * MINUTE, "yellow"),
    "weather": ("silent-weather", ("temperature",), 45 * MINUTE, "yellow"),
    "noise": ("silent-noise", ("noise",), 45 * MINUTE, "yellow"),
    "water": ("silent-water", ("water_level",), 45 * MINUTE, "orange"),
    "traffic": ("silent-traffic", ("flow",), 45 * MINUTE, "yellow"),
}
"""By kind of sensor: the rule, its metrics, the silence it bears, and its severity."""
PATIENCE, HEALTHY = 3, 50
"""Intervals after which a station of pm25 counts as silent for the rule on its district, and per cent of the district's
stations without which that rule cannot decide."""


class DeadGateway(Scenario):
    """See above: what would have been measured meanwhile is lost, not sent later."""

    name = "dead-gateway"

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._from, self._to = (setting.day + after for after in DEAD)
        self.behind = [sensor for sensor in setting.sensors.values() if sensor.gateway == GATEWAY]
        if not self.behind:
            raise ScenarioError(f"no sensor of the registry is behind the gateway {GATEWAY}")

    def silent(self, sensor: Sensor, at: int) -> bool:
        return sensor.gateway == GATEWAY and self._from <= at < self._to

    def expected(self) -> list[Expected]:
        found: list[Expected] = []
        schedule = self.setting.schedule
        for sensor in self.behind:
            if sensor.kind not in WATCHED:
                continue
            rule, metrics, after, severity = WATCHED[sensor.kind]
            last, back = schedule.last(sensor, self._from), schedule.next(sensor, self._to)
            for metric in metrics:
                if metric in sensor.channels:
                    found.append(Expected(rule, sensor.id, metric, last + after, "fired", severity))
                    found.append(Expected(rule, sensor.id, metric, back, "cleared", ""))
        return sorted([*found, *self._districts()])

    def _districts(self) -> list[Expected]:
        """Where so many stations are silent that nobody can say whether the district is in smog: that is told once, and
        nothing is when they are back, for no smog was on."""
        found = []
        stations = [sensor for sensor in self.setting.sensors.values() if "pm25" in sensor.channels]
        for district in {sensor.district for sensor in stations}:
            own = [sensor for sensor in stations if sensor.district == district]
            silent = sorted(
                self.setting.schedule.last(sensor, self._from) + PATIENCE * sensor.interval
                for sensor in own
                if sensor.gateway == GATEWAY
            )
            few = [at for number, at in enumerate(silent, 1) if 100 * (len(own) - number) < HEALTHY * len(own)]
            if few:
                found.append(Expected("smog-district", district, "pm25", few[0], "undecided", ""))
        return found
