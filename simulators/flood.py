"""A bad day: a thunderstorm crosses the city, underpasses fill within the hour, and the river follows hours later.

The storm comes from the west and lasts five clock hours at each rain gauge, the stronger the nearer to its core. A
report of rain, water on a road and the river are plateaus that keep their distance from every limit of the sample city,
so what must be told, and when, follows from the plan and the numbers below. A test holds these to the rule files.
"""

import math

from rules.sensor import Sensor
from simulators.chance import jitter
from simulators.place import DAY, HOUR, Place, metres
from simulators.published import Expected
from simulators.scenario import Scenario, ScenarioError, Setting, told
from simulators.stage import Stage, ladder, seen, stage_at

MINUTE = 60_000
STORM = 9 * HOUR
"""After the beginning of the day, in the west; east of the middle an hour later."""
FELL = (12.0, 48.0, 84.0, 24.0, 6.0)
"""mm in each clock hour of the storm, at its core."""
REACH = ((3_500.0, 1.0), (6_000.0, 0.5), (math.inf, 0.25))
"""Up to how far (m) from the core which share of that falls."""
SPREAD = 0.03
CLOUDBURST = (5.0, 12.0)
"""mm in one report: yellow, red."""
RAINSTORM = (
    ("rainstorm-12h", 12, (50.0,), ("blue",)),
    ("rainstorm-6h", 6, (50.0,), ("yellow",)),
    ("rainstorm-3h", 3, (50.0, 100.0), ("orange", "red")),
)
"""The rule, its hours, and how many mm in them call for which severity."""

PONDING = (0.0, 0.20, 0.33, 0.44, 0.60)
"""m of water in an underpass, by stage."""
FILLS = tuple(minutes * MINUTE for minutes in (80, 105, 130, 160))
DRAINS = tuple(minutes * MINUTE for minutes in (420, 370, 310, 260))
"""After the storm's arrival: when each stage begins, and when it is over."""
FILLED = {1.0: 4, 0.5: 2, 0.25: 0}
"""The worst stage, by the share of the rain."""
PONDING_HOLD, PONDING_KEEP = 5 * MINUTE, 15 * MINUTE

RIVER = (0.0, 3.45, 4.55, 5.80)
"""m on a gauge of the river, by stage."""
VALLEY, SHARPNESS = 133.0, (900.0, 1_900.0, 3_000.0)
"""Where the river flows (degrees), and how near (m) to it a gauge must be to reach stages 3, 2 and 1."""
CREST, LENGTH = 1.4, 8_000.0
"""m/s at which the water comes down the valley, over so many metres before and behind the middle."""
RISES = tuple(minutes * MINUTE for minutes in (0, 50, 100))
FALLS = tuple(minutes * MINUTE for minutes in (400, 320, 240))
SWELLS = 11 * HOUR
RIVER_HOLD = 10 * MINUTE


class FlashFlood(Scenario):
    """See above. The day must begin at a whole hour."""

    name = "flash-flood"

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        if setting.day % HOUR:
            raise ScenarioError("a flash flood must begin at a whole hour (UTC)")
        everyone = list(setting.sensors.values())
        self.rain = {sensor.id: sensor for sensor in everyone if "rain" in sensor.channels}
        gauges = [sensor for sensor in everyone if "water_level" in sensor.channels]
        if not self.rain or not gauges:
            raise ScenarioError("a flash flood needs sensors that measure rain and water_level")
        count = len(self.rain)
        self.core = Place(
            sum(sensor.lat for sensor in self.rain.values()) / count,
            sum(sensor.lon for sensor in self.rain.values()) / count,
        )
        self._plans = {gauge.id: self._underpass(gauge) if gauge.kind == "underpass" else self._gauge(gauge)
                       for gauge in gauges}  # fmt: skip

    def plan(self, sensor: str) -> list[Stage]:
        """What the gauge goes through."""
        return self._plans.get(sensor, [])

    def _off(self, sensor: Sensor) -> tuple[float, float]:
        return metres(self.core, Place(sensor.lat, sensor.lon))

    def share(self, sensor: Sensor) -> float:
        """Of the rain at the core, what falls at the sensor."""
        away = math.hypot(*self._off(sensor))
        return next(share for reach, share in REACH if away < reach)

    def arrival(self, sensor: Sensor) -> int:
        """When the storm comes to the sensor (ms)."""
        return self.setting.day + STORM + (HOUR if self._off(sensor)[0] > 0.0 else 0)

    def fell(self, sensor: Sensor, at: int) -> float:
        """mm in the clock hour of `at`."""
        hour = (at - self.arrival(sensor)) // HOUR
        return self.share(sensor) * FELL[hour] if 0 <= hour < len(FELL) else 0.0

    def _underpass(self, gauge: Sensor) -> list[Stage]:
        begun = self.arrival(gauge)
        return ladder([begun + at for at in FILLS], [begun + at for at in DRAINS], FILLED[self.share(gauge)])

    def _gauge(self, gauge: Sensor) -> list[Stage]:
        east, north = self._off(gauge)
        angle = math.radians(VALLEY)
        along = east * math.sin(angle) + north * math.cos(angle)
        aside = abs(east * math.cos(angle) - north * math.sin(angle))
        way = min(max(along, -LENGTH), LENGTH) + LENGTH
        begun = self.setting.day + SWELLS + round(1000.0 * way / CREST)
        top = sum(aside < near for near in SHARPNESS)
        return ladder([begun + at for at in RISES], [begun + at for at in FALLS], top)

    def alter(self, sensor: Sensor, source: int, at: int, values: dict[str, float]) -> None:
        if sensor.id in self.rain:
            last_hour = self.fell(sensor, at) * sensor.interval / HOUR
            values["rain"] = last_hour * (1.0 + SPREAD * jitter(source + 11, at))
        if stage := stage_at(self.plan(sensor.id), at):
            under = sensor.kind == "underpass"
            wobble = jitter(source + 12, at)
            values["water_level"] = PONDING[stage] + 0.01 * wobble if under else RIVER[stage] + 0.03 * wobble

    def expected(self) -> list[Expected]:
        found: list[Expected] = []
        for sensor in self.rain.values():
            found += self._storm(sensor)
        schedule = self.setting.schedule
        for id_, plan in self._plans.items():
            gauge = self.setting.sensors[id_]
            when = seen(plan, gauge, schedule)
            if gauge.kind == "underpass":
                colours = ("blue", "yellow", "orange", "red")
                found += told("waterlogging", id_, "water_level", when, colours, PONDING_HOLD, PONDING_KEEP)
            elif gauge.kind == "water":
                found += told("high-water", id_, "water_level", when, ("yellow", "orange", "red"), RIVER_HOLD, 0)
        return sorted(found)

    def _storm(self, sensor: Sensor) -> list[Expected]:
        """All is decided as of the end of a clock hour; a sum of some hours once the day has had so many."""
        begin, end = self.setting.day, self.setting.day + DAY
        hours = [
            (at + HOUR, sum(self.fell(sensor, at) * sensor.interval / HOUR > limit for limit in CLOUDBURST))
            for at in range(begin, end, HOUR)
        ]
        found = told("cloudburst", sensor.id, "rain", hours, ("yellow", "red"), 0, 0)
        for rule, count, limits, severities in RAINSTORM:
            sums = []
            for at in range(begin + count * HOUR, end + 1, HOUR):
                fell = sum(self.fell(sensor, at - back * HOUR) for back in range(1, count + 1))
                sums.append((at, sum(fell > limit for limit in limits)))
            found += told(rule, sensor.id, f"rain_{count}h", sums, severities, 0, 0)
        return found
