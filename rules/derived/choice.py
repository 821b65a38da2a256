"""Which derived metrics a sensor has: by what it measures, and how often. Nothing needs to be configured."""

from dataclasses import dataclass
from fractions import Fraction

from rules.derived import air, noise, traffic, water, weather
from rules.derived.collector import Collector
from rules.derived.program import HOUR, Program
from rules.derived.settings import Indices
from rules.indices.china_tables import POLLUTANTS
from rules.sensor import Sensor

DELAY = 120_000
"""How long (ms) readings of an hour are waited for, and of a shorter window a quarter of it."""

_WINDOWS = (300_000, 900_000, 1_800_000, HOUR)
_READINGS = 3
_HALF = Fraction(1, 2)
_TALLIES = {"noise": ("tenths",), "speed": ("slowness",)}
"""What the panes of an input keep for it."""


@dataclass(frozen=True)
class Choice:
    """The programs of a sensor, and the collector of each metric that they are made of."""

    programs: tuple[Program, ...]
    collectors: dict[str, Collector]

    @property
    def metrics(self) -> frozenset[str]:
        return frozenset(each.metric for each in self.programs)


def choose(sensor: Sensor, indices: Indices) -> Choice:
    """What is derived for the sensor. One that speaks less than once an hour has nothing that could be a mean."""
    measured, site = frozenset(sensor.channels), sensor.site
    if sensor.interval > HOUR:
        return Choice((), {})
    short = next((each for each in _WINDOWS if each >= _READINGS * sensor.interval), HOUR)
    programs = (
        *air.programs(measured, indices, site.air_class),
        *noise.programs(measured, indices, site.noise_area),
        *weather.programs(measured, short, indices),
        *traffic.programs(measured, short, indices, sensor.free_flow or indices.free_flow, site.lanes),
        *water.programs(measured, short, site.dry, indices.standards.depths),
    )
    inputs = {metric: program.every for program in programs for metric in program.inputs}
    return Choice(programs, {metric: _collector(metric, inputs[metric], sensor, indices) for metric in sorted(inputs)})


def _collector(metric: str, every: int, sensor: Sensor, indices: Indices) -> Collector:
    delay = DELAY if every == HOUR else DELAY // 4
    origin = indices.origin(every)
    energy, high, tallies = metric == "noise", metric == "temperature", _TALLIES.get(metric, ())
    return Collector(metric, every, delay, sensor.interval, _share(metric), origin, energy, high, tallies)


def _share(metric: str) -> Fraction:
    """How much of a window must be measured: as the standards say; all rain, of which there would be more than was
    summed; half where nobody says."""
    if metric in POLLUTANTS:
        return air.SHARE
    return {"noise": noise.SHARE, "rain": weather.WHOLE}.get(metric, _HALF)
