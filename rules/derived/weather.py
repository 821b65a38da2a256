"""What the air feels like, of means over one short window, rain of some hours, and the signals that heat and rain call
for, from 0 (none) to 4 (red)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from fractions import Fraction

from rules.derived.firm import firm
from rules.derived.program import HOUR, Program, View
from rules.derived.settings import Indices
from rules.indices import high_temperature, rainstorm
from rules.indices import means as valid
from rules.indices.derived import DERIVED, Derived
from rules.units import METRICS

WHOLE = Fraction(1)
DECIMALS = 3
DAY = 24 * HOUR
_COLDEST, _HOTTEST = METRICS["temperature"].lowest, METRICS["temperature"].highest

KNOWN = Fraction(valid.HOURS_OF_DAY, 24)
"""How much of a day must be measured for its greatest temperature to be known: what GB 3095 asks of a day's mean."""


def programs(measured: frozenset[str], every: int, indices: Indices) -> Iterator[Program]:
    """For stations with the inputs; temperatures over windows of `every` ms."""
    for name in ("heat_index", "wind_chill"):
        if measured.issuperset(DERIVED[name].inputs):
            yield _felt(DERIVED[name], every, indices)
    if "temperature" in measured:
        yield _heat_signal(every, indices)
    if "rain" in measured:
        yield from (_rain(DERIVED[f"rain_{hours}h"], indices) for hours in (3, 6, 12))
        yield _rain_signal(indices.standards.rain)


def _heat_signal(every: int, indices: Indices) -> Program:
    days = max(step.days for step in indices.standards.heat)
    keep = days * DAY + HOUR  # with the hour by which a day is longer when summer time ends
    trails = tuple((name, keep) for name in ("heat_signal", "heat_signal highs", "heat_signal windows"))
    return Program("heat_signal", ("temperature",), every, DAY, _heat(indices, days), trails)


def _heat(indices: Indices, days: int) -> Callable[[View], int | None]:
    """For the temperatures of today up to now, and of the `days` less one before. A day of which too little is known is
    at least as hot as what is known of it."""
    steps = indices.standards.heat

    def of(view: View) -> int | None:
        today = indices.day(view.end - 1)
        highs, windows = view.trail("heat_signal highs"), view.trail("heat_signal windows")
        start = indices.instant(today, 0)
        newest = view.newest("temperature")
        if newest is not None and newest.high is not None:
            highs[start] = max(highs.get(start, newest.high), newest.high)
            windows[start] = windows.get(start, 0.0) + 1.0
        known: list[float] = []
        sure: list[bool] = []
        for back in reversed(range(days)):
            start = indices.instant(today - timedelta(back), 0)
            end = min(view.end, indices.instant(today - timedelta(back - 1), 0))
            known.append(highs.get(start, _COLDEST))
            sure.append(windows.get(start, 0.0) * view.every >= KNOWN * (end - start))
        least = high_temperature.high_temperature(known, steps).colour
        most = high_temperature.high_temperature(
            [high if whole else _HOTTEST for high, whole in zip(known, sure, strict=True)], steps
        ).colour
        return firm(view, "heat_signal", int(least or 0), least == most)

    return of


def _rain_signal(steps: Sequence[rainstorm.Step]) -> Program:
    hours = max(step.hours for step in steps)

    def of(view: View) -> int | None:
        verdict = rainstorm.rainstorm(_sums(view, hours), steps)
        return firm(view, "rain_signal", int(verdict.colour or 0), verdict.sure)

    return Program("rain_signal", ("rain",), HOUR, hours * HOUR, of, (("rain_signal", hours * HOUR),))


def _felt(one: Derived, every: int, indices: Indices) -> Program:
    def of(view: View) -> float | None:
        value = one.of({metric: view.means(metric, 1) for metric in one.inputs}, indices.day(view.end - 1))
        return None if value is None else round(float(value), DECIMALS)

    return Program(one.name, one.inputs, every, every, of)


def _rain(one: Derived, indices: Indices) -> Program:
    def of(view: View) -> float | None:
        value = one.of({"rain": _sums(view, one.hours)}, indices.day(view.end - 1))
        return None if value is None else float(value)

    return Program(one.name, one.inputs, HOUR, one.hours * HOUR, of)


def _sums(view: View, hours: int) -> list[Fraction | None]:
    """The rain (mm) of the last hours."""
    return [None if each is None else each.mean * each.count for each in view.last("rain", hours)]
