"""A bad day: heat over the city, worst in its middle, where stone and tar keep it.

Temperature and humidity are plateaus by the stage of a place, whatever the season; they keep their distance from every
limit of the sample city. What must be told, and when, follows from the plan and the numbers below. A test holds these
to the rule files.
"""

import math

from rules.sensor import Sensor
from simulators.chance import jitter
from simulators.place import HOUR, Place, bump, metres
from simulators.published import Expected
from simulators.scenario import Scenario, ScenarioError, Setting, told
from simulators.stage import Stage, ladder, seen, stage_at

MINUTE = 60_000
REACH = (6_200.0, 4_300.0)
"""How near (m) to the middle a station must be to go through stage 1 and stage 2."""
BEGINS, ENDS = (10 * HOUR + 30 * MINUTE, 12 * HOUR), (19 * HOUR + 30 * MINUTE, 17 * HOUR)
"""After the beginning of the day, of each stage."""
HOT = (27.0, 36.7, 41.0)
"""degC by stage, give or take SPREAD; stage 0 grows by up to RISE in the afternoon."""
RISE, SPREAD = 4.5, 0.3
DAMP = (0.48, 0.42, 0.45)
"""Relative humidity by stage, give or take DAMP_SPREAD."""
DAMP_SPREAD = 0.01
HOLD = 30 * MINUTE
FEELS = 30 * MINUTE
"""The heat index is made of so long windows. A stage begins and ends with one, so that none is half of each."""


class HeatWave(Scenario):
    """See above. The day must begin at a whole hour."""

    name = "heat-wave"

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        if setting.day % HOUR:
            raise ScenarioError("a heat wave must begin at a whole hour (UTC)")
        stations = [each for each in setting.sensors.values() if "temperature" in each.channels]
        if not stations:
            raise ScenarioError("a heat wave needs sensors that measure temperature; the registry has none")
        count = len(stations)
        self.middle = Place(sum(each.lat for each in stations) / count, sum(each.lon for each in stations) / count)
        self._plans = {each.id: self._plan(each) for each in stations}

    def _plan(self, sensor: Sensor) -> list[Stage]:
        away = math.hypot(*metres(self.middle, Place(sensor.lat, sensor.lon)))
        day = self.setting.day
        return ladder([day + at for at in BEGINS], [day + at for at in ENDS], sum(away < near for near in REACH))

    def plan(self, sensor: str) -> list[Stage]:
        return self._plans.get(sensor, [])

    def alter(self, sensor: Sensor, source: int, at: int, values: dict[str, float]) -> None:
        if sensor.id not in self._plans:
            return
        stage = stage_at(self._plans[sensor.id], at)
        hour = (at - self.setting.day) / HOUR % 24.0
        hot = HOT[stage] if stage else HOT[0] + RISE * bump(hour, 14.5, 4.0)
        values["temperature"] = hot + SPREAD * jitter(source + 15, at)
        values["humidity"] = DAMP[stage] + DAMP_SPREAD * jitter(source + 16, at)
        values["rain"] = 0.0

    def expected(self) -> list[Expected]:
        found: list[Expected] = []
        for id_, plan in self._plans.items():
            when = seen(plan, self.setting.sensors[id_], self.setting.schedule)
            found += told("heat", id_, "temperature", when, ("yellow", "red"), HOLD, 0)
            felt = [(part.since + FEELS, part.stage) for part in plan] + [(part.until + FEELS, 0) for part in plan[-1:]]
            found += told("heat-index", id_, "heat_index", felt, ("orange", "red"), 0, 0)
        return sorted(found)
