"""A bad day: a plume of fine particles drifts over the city, and in the haze an accident blocks a road for two hours.

The plan of the plume gives each station plateaus (clean, haze, smog, dense smog) that lie between the limits of the
sample city, so far from them that no noise of an instrument crosses one. What must be told, and when, follows from
the plan and the numbers below; the rules themselves are not asked. A test holds the numbers to the rule files.
"""

from rules.sensor import Sensor
from simulators.chance import jitter
from simulators.place import HOUR, Place, metres, moved
from simulators.plume import Plume, stages
from simulators.published import Expected
from simulators.scenario import Scenario, ScenarioError, Setting, told
from simulators.stage import Stage, seen, stage_at
from simulators.traffic import blocked, road_of, state

MINUTE = 60_000
LEVELS = (75.0, 115.0, 150.0)
"""ug/m3 of pm25 at which haze, smog and dense smog begin: the limits of the rule smog-pm25."""
PLATEAU = {"pm25": (0.0, 95.0, 130.0, 190.0), "pm10": (0.0, 120.0, 190.0, 300.0)}
"""ug/m3 by stage, give or take SPREAD of it."""
SPREAD = 0.04
STALE = {"so2": 2.0, "no2": 1.3, "co": 2.0, "o3": 0.6}
"""What the still air does to the rest: its share of the ordinary value."""
SHORTEST = 60 * MINUTE
"""The least that the worst stage of a place lasts; every other one lasts at least half as long."""

HOLD, KEEP = 15 * MINUTE, 10 * MINUTE
EMERGENCY = 30 * MINUTE
DISTRICT = ((30, "orange"), (60, "red"))
"""Per cent of a district's stations that stand at `WIDESPREAD` or beyond, and the severity from there."""
WIDESPREAD = 2
JAM_HOLD = 10 * MINUTE
ACCIDENT = (9 * HOUR, 11 * HOUR)
"""From and to, after the beginning of the day: whole clock hours, so that no hour is half blocked."""
DETECTORS = 6


def plume(sensors: dict[str, Sensor], day: int) -> Plume:
    """The plume of the day: from the west, its middle over the middle of the stations at noon."""
    stations = [sensor for sensor in sensors.values() if "pm25" in sensor.channels]
    if not stations:
        raise ScenarioError("a day of smog needs sensors that measure pm25; the registry has none")
    lat = sum(sensor.lat for sensor in stations) / len(stations)
    lon = sum(sensor.lon for sensor in stations) / len(stations)
    return Plume(Place(lat, lon), day + 12 * HOUR, 82.0, 0.9, 9_000.0, 3_400.0, 320.0)


class Smog(Scenario):
    """See above. The day must begin at a whole hour."""

    name = "smog"

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        if setting.day % HOUR:
            raise ScenarioError("a day of smog must begin at a whole hour (UTC)")
        self.plume = plume(setting.sensors, setting.day)
        self.calm_from = (self.plume.heading + 180.0) % 360.0
        self._plans = {
            sensor.id: stages(self.plume, Place(sensor.lat, sensor.lon), LEVELS, SHORTEST)
            for sensor in setting.sensors.values()
            if "pm25" in sensor.channels
        }
        self._blocked = frozenset(self._nearest())
        self._from, self._to = (setting.day + hours for hours in ACCIDENT)

    def _nearest(self) -> list[str]:
        """The detectors where the traffic backs up: those nearest to a point three kilometres east."""
        point = moved(self.plume.origin, 3000.0, 0.0)

        def away(sensor: Sensor) -> tuple[float, str]:
            east, north = metres(point, Place(sensor.lat, sensor.lon))
            return east * east + north * north, sensor.id

        everyone = self.setting.sensors.values()
        detectors = [sensor for sensor in everyone if sensor.kind == "traffic" and "speed" in sensor.channels]
        return [sensor.id for sensor in sorted(detectors, key=away)[:DETECTORS]]

    def plan(self, sensor: str) -> list[Stage]:
        return self._plans.get(sensor, [])

    def alter(self, sensor: Sensor, source: int, at: int, values: dict[str, float]) -> None:
        if sensor.id in self._blocked and self._from <= at < self._to:
            road = road_of(source)
            now = state(road, blocked(road, source, at))
            values |= {"speed": now.speed, "flow": now.flow, "occupancy": now.occupancy}
        if sensor.id in self._plans:
            stage = stage_at(self._plans[sensor.id], at)
            if not stage:
                return
            for number, (metric, plateaus) in enumerate(PLATEAU.items()):
                values[metric] = plateaus[stage] * (1.0 + SPREAD * jitter(source + 7 + number, at))
            for metric, share in STALE.items():
                values[metric] *= share

    def expected(self) -> list[Expected]:
        found: list[Expected] = []
        for sensor, plan in self._plans.items():
            found += self._station(self.setting.sensors[sensor], plan)
        for sensor in self._blocked:
            found += self._detector(self.setting.sensors[sensor])
        return sorted(found + self._districts())

    def _station(self, sensor: Sensor, plan: list[Stage]) -> list[Expected]:
        when = seen(plan, sensor, self.setting.schedule)
        three = ("yellow", "orange", "red")
        found = told("smog-pm25", sensor.id, "pm25", when, three, HOLD, KEEP)
        dense = [(at, int(stage == 3)) for at, stage in when]
        found += told("smog-emergency", sensor.id, "pm25", dense, ("red",), EMERGENCY, EMERGENCY)
        if "pm10" in sensor.channels:  # its limits lie one stage further up
            found += told("smog-pm10", sensor.id, "pm10", [(at, max(0, s - 1)) for at, s in when], three, HOLD, KEEP)
        return found

    def _districts(self) -> list[Expected]:
        """Of each district: when so many of its stations have reported a stage that the whole of it is in smog."""
        stations: dict[str, dict[str, list[tuple[int, int]]]] = {}
        for sensor, plan in self._plans.items():
            known = self.setting.sensors[sensor]
            stations.setdefault(known.district, {})[sensor] = seen(plan, known, self.setting.schedule)
        found: list[Expected] = []
        for district, own in stations.items():
            reports = sorted((at, sensor, stage) for sensor, plateaus in own.items() for at, stage in plateaus)
            bad: set[str] = set()
            ranks: dict[int, int] = {}
            for at, sensor, stage in reports:
                bad = bad | {sensor} if stage >= WIDESPREAD else bad - {sensor}
                ranks[at] = sum(100 * len(bad) >= part * len(own) for part, _ in DISTRICT)
            names = tuple(severity for _, severity in DISTRICT)
            found += told("smog-district", district, "pm25", sorted(ranks.items()), names, 0, 0)
        return found

    def _detector(self, sensor: Sensor) -> list[Expected]:
        first = self.setting.schedule.next
        seen = [(first(sensor, self._from), 1), (first(sensor, self._to), 0)]
        hours = [(self._from + HOUR, 1), (self._to + HOUR, 0)]  # decided at the end of the clock hour
        return told("jam", sensor.id, "speed", seen, ("yellow",), JAM_HOLD, 0) + told(
            "blocked-hour", sensor.id, "speed", hours, ("orange",), 0, 0
        )
