"""When each sensor reports: at its own second of its interval, for ever, lest a whole city speak at once."""

from rules.sensor import Sensor
from simulators.chance import key


class Schedule:
    """A sensor of interval i reports at every t = phase (mod i); phases are whole seconds and follow the seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._phases: dict[str, int] = {}

    def phase(self, sensor: Sensor) -> int:
        if (phase := self._phases.get(sensor.id)) is None:
            phase = key(self._seed, "phase", sensor.id) % max(1, sensor.interval // 1000) * 1000
            self._phases[sensor.id] = phase
        return phase

    def next(self, sensor: Sensor, at: int) -> int:
        """The first report at or after `at`."""
        return at + (self.phase(sensor) - at) % sensor.interval

    def last(self, sensor: Sensor, before: int) -> int:
        """The last report before `before`."""
        return self.next(sensor, before - sensor.interval)
