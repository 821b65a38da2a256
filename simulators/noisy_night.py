"""A bad night: they work on the railway, and the site moves on along the line from hour to hour.

Beside a railway (class 4b of GB 3096) the night may have 60 dB(A), the day 70. By day nothing is loud here; at night
the meter at the site and those to both sides of it are over the limit for as many clock hours as the site is near.
They hammer half of the time, so that only the mean by energy tells how loud an hour was: a plain mean of decibels is
6 to 9 dB too low, and says nothing is wrong beside the site. What must be told follows from that; a test holds the
numbers below to the rule files.
"""

from rules.sensor import Sensor
from simulators.chance import jitter
from simulators.place import DAY, HOUR
from simulators.published import Expected
from simulators.scenario import Scenario, ScenarioError, Setting, told

KIND = "railside"
NIGHT, HOURS = 22, 8
"""The night begins at 22 o'clock and has eight hours."""
HAMMER, PAUSE = (0.0, 69.0, 80.0), (0.0, 50.0, 55.0)
"""dB(A) by stage (1 beside the site, 2 at it), of every other report."""
SPREAD = 0.5


class NoisyNight(Scenario):
    """See above. The day must begin at a whole hour; the meters stand along the line in the order of their ids. Night
    is by the sun, in whole hours: this day's part of it is played, at whatever hour the day begins."""

    name = "noisy-night"

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        if setting.day % HOUR:
            raise ScenarioError("a noisy night must be part of a day that begins at a whole hour (UTC)")
        line = sorted((each for each in setting.sensors.values() if each.kind == KIND), key=lambda each: each.id)
        if not line:
            raise ScenarioError(f"a noisy night needs sound meters of the kind {KIND}")
        self.line = line
        self._number = {each.id: number for number, each in enumerate(line)}
        self._zone = round(sum(each.lon for each in line) / len(line) / 15.0)

    def site(self, at: int) -> int | None:
        """Which hour of the night `at` is in, from 0, which is also the number of the meter they work at; None by
        day."""
        hour = (at // HOUR + self._zone - NIGHT) % 24
        return hour if hour < HOURS else None

    def stage(self, sensor: str, at: int) -> int:
        """How near the site is to the meter: 2 at it, 1 beside it, 0 elsewhere."""
        site, number = self.site(at), self._number.get(sensor)
        return 0 if site is None or number is None else max(0, 2 - abs(site - number))

    def alter(self, sensor: Sensor, source: int, at: int, values: dict[str, float]) -> None:
        if stage := self.stage(sensor.id, at):
            sound = (HAMMER if at // sensor.interval % 2 else PAUSE)[stage]
            values["noise"] = sound + SPREAD * jitter(source + 14, at)

    def expected(self) -> list[Expected]:
        found: list[Expected] = []
        begin = self.setting.day
        for sensor in self.line:
            hours = [(at + HOUR, self.stage(sensor.id, at)) for at in range(begin, begin + DAY, HOUR)]
            found += told("railway-night", sensor.id, "leq_hour", hours, ("yellow", "orange"), 0, 0)
        return sorted(found)
