"""What derived metrics must be, said the slow way: all readings that were ever in time are kept, and every window and
every index is worked out from all of them again. Formulas are written anew, but for the heat index.
"""

from collections.abc import Callable
from datetime import datetime, tzinfo
from fractions import Fraction
from functools import partial
from itertools import pairwise
from math import log10
from typing import NamedTuple

from rules.frame import Frame
from rules.indices.heat import heat_index
from tests.support import derived_means, derived_signals
from tests.support.derived_means import Means
from tests.support.derived_signals import Signals

HOUR = 3_600_000
DELAY = 120_000
PATIENCE = 2
REMEMBERED = 26
SPANS = {
    "leq_hour": 1, "leq_day": 16, "leq_night": 9, "lden": 25, "tpi": 1, "rain_3h": 3, "heat_index": 1
} | derived_signals.SPANS | derived_means.SPANS  # fmt: skip
INPUTS = dict.fromkeys(("leq_hour", "leq_day", "leq_night", "lden"), ("noise",)) | {
    "tpi": ("speed",), "rain_3h": ("rain",), "heat_index": ("temperature", "humidity")
}  # fmt: skip
SHARES = {"rain": Fraction(1)} | dict.fromkeys(("noise", "pm25", "pm10", "o3"), Fraction(3, 4))
POINTS = [(0.0, 0.0), (0.3, 2.0), (0.5, 4.0), (0.6, 6.0), (0.7, 8.0), (1.0, 10.0)]


class Made(NamedTuple):
    sensor: str
    metric: str
    ts: int
    value: float | None


class DerivedOracle:
    """Sensors that speak every `interval` ms, three times an hour at most, so that every window is an hour; in a `zone`
    of whole hours."""

    def __init__(self, sensors: dict[str, tuple[str, ...]], interval: int, zone: tzinfo) -> None:
        self._sensors, self._interval, self._zone = sensors, interval, zone
        self._taken: dict[tuple[str, str], dict[int, float]] = {}
        self._told: dict[str, dict[str, bool]] = {}
        self._means = {name: Means(metrics, zone, partial(self._window, name)) for name, metrics in sensors.items()}
        self._signals = {
            name: Signals(metrics, zone, partial(self._window, name), self._means[name])
            for name, metrics in sensors.items()
        }
        self._since: dict[str, int] = {}
        self._known: dict[tuple[str, str, int], list[float]] = {}
        self.clock = 0

    def frame(self, frame: Frame) -> None:
        for metric, columns in frame.metric.items():
            for sensor, delta, value in zip(columns.sensor, columns.ts, columns.value, strict=True):
                at = frame.t + delta
                if metric in self._sensors.get(sensor, ()) and at >= self._through(self.clock):
                    self._taken.setdefault((sensor, metric), {}).setdefault(at, value)

    def tick(self, clock: int) -> list[Made]:
        """`clock`: the log's clock after the tick. None for what cannot be decided and would have been expected."""
        first, last = self._through(self.clock), self._through(clock)
        self.clock = max(clock, self.clock)
        made: list[Made] = []
        for sensor, metrics in sorted(self._sensors.items()):
            oldest = min((at for metric in metrics for at in self._taken.get((sensor, metric), {})), default=last)
            for end in range(max(first, oldest // HOUR * HOUR) + HOUR, last + 1, HOUR):
                made += self._as_of(sensor, metrics, end)
        return made

    def _through(self, clock: int) -> int:
        return (clock - DELAY) // HOUR * HOUR

    def _as_of(self, sensor: str, metrics: tuple[str, ...], end: int) -> list[Made]:
        recent = range(end - REMEMBERED * HOUR, end, HOUR)
        used = {name for metric in SPANS for name in _inputs(metric, metrics)}
        if not any(self._window(sensor, metric, start) for metric in used for start in recent):
            self._told.pop(sensor, None)
            self._since.pop(sensor, None)
            return []
        since = self._since.setdefault(sensor, end)
        told = self._told.setdefault(sensor, {})
        made: list[Made] = []
        for metric in SPANS:
            if not _inputs(metric, metrics) or not self._is_due(metric, end):
                continue
            value = self._value(sensor, metric, end)
            if value is not None:
                told[metric] = True
                made.append(Made(sensor, metric, end, value))
            elif told.get(metric, end - since >= PATIENCE * SPANS[metric] * HOUR):
                told[metric] = False
                made.append(Made(sensor, metric, end, None))
        return made

    def _is_due(self, metric: str, end: int) -> bool:
        if metric in derived_signals.SPANS:
            return derived_signals.is_due(metric, end, self._zone)
        if metric in derived_means.SPANS:
            return derived_means.is_due(metric, end, self._zone)
        hour = datetime.fromtimestamp(end / 1000, self._zone).hour
        return {"leq_day": 22, "leq_night": 6, "lden": 7}.get(metric, hour) == hour

    def _window(self, sensor: str, metric: str, start: int) -> list[float]:
        """What a window that is over has, worked out once."""
        key = sensor, metric, start
        if key not in self._known:
            self._known[key] = self._closed(*key)
        return self._known[key]

    def _closed(self, sensor: str, metric: str, start: int) -> list[float]:
        """The values of a window in order of time; none unless enough was measured."""
        inside = sorted(
            (at, x) for at, x in self._taken.get((sensor, metric), {}).items() if start <= at < start + HOUR
        )
        times = [at for at, _ in inside]
        if not times:
            return []
        gaps = [b - a for a, b in pairwise(times)]
        stands = sum(self._interval if gap >= self._interval * 0.75 else gap for gap in gaps)
        measured = Fraction(min(stands, times[-1] - times[0]) + self._interval)
        whole = int(measured / self._interval + Fraction(1, 2)) * self._interval
        values = [x for _, x in inside]
        if whole < SHARES.get(metric, Fraction(1, 2)) * HOUR:
            return []
        return values if metric != "humidity" or all(0 <= x <= 1 for x in values) else []

    def _value(self, sensor: str, metric: str, end: int) -> float | None:
        if metric in derived_signals.SPANS:
            return self._signals[sensor].value(metric, end)
        if metric in derived_means.SPANS:
            return self._means[sensor].value(metric, end)

        def windows(name: str, first: int, last: int = 0) -> list[list[float]]:
            return [self._window(sensor, name, end - hours * HOUR) for hours in range(first, last, -1)]

        known: Callable[[str], list[float]] = lambda name: windows(name, 1)[0]  # noqa: E731
        if metric == "tpi":
            speeds = known("speed")
            return _tpi(_mean(speeds)) if speeds else None
        if metric == "rain_3h":
            hours = windows("rain", 3)
            return float(sum(sum(_micro(x) for x in hour) for hour in hours)) if all(hours) else None
        if metric == "heat_index":
            warm, moist = known("temperature"), known("humidity")
            return round(heat_index(float(_mean(warm)), float(_mean(moist))), 3) if warm and moist else None
        if metric == "lden":
            parts = [_energy(windows("noise", 24, 12)), _energy(windows("noise", 12, 8)), _energy(windows("noise", 8))]
            if None in parts:
                return None
            day, evening, night = (10 * log10(part or 0.0) for part in parts)
            whole = 12 * 10 ** (day / 10) + 4 * 10 ** ((evening + 5) / 10) + 8 * 10 ** ((night + 10) / 10)
            return round(10 * log10(whole / 24), 3)
        energy = _energy(windows("noise", {"leq_hour": 1, "leq_day": 16, "leq_night": 8}[metric]))
        return None if energy is None else round(10 * log10(energy), 3)


def _inputs(metric: str, measured: tuple[str, ...]) -> tuple[str, ...]:
    """What it is made of at a sensor that measures all this; nothing where it is not."""
    if metric in derived_signals.SPANS:
        return derived_signals.inputs_of(metric, measured)
    if metric in derived_means.SPANS:
        return derived_means.inputs_of(metric, measured)
    return INPUTS[metric] if set(INPUTS[metric]) <= set(measured) else ()


def _micro(x: float) -> Fraction:
    return Fraction(round(x * 1e6), 1_000_000)


def _mean(values: list[float]) -> Fraction:
    return sum(map(_micro, values), Fraction()) / len(values)


def _energy(hours: list[list[float]]) -> float | None:
    there = [sum(10 ** (x / 10) for x in hour) / len(hour) for hour in hours if hour]
    return sum(there) / len(there) if there and 4 * len(there) >= 3 * len(hours) else None


def _tpi(speed: Fraction) -> float:
    lost = min(max(1 - float(speed) / 60, 0.0), 1.0)
    for (low, bottom), (high, top) in pairwise(POINTS):
        if lost <= high:
            return bottom + (top - bottom) * (lost - low) / (high - low)
    raise AssertionError(lost)
