"""Levels of sound over hours, days and nights, by energy. Windows are hours; of an hour, and of the hours of a part of
the day, three quarters must be measured: no standard that we have read says how many, so we ask of sound what GB 3095
asks of air."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from fractions import Fraction
from math import fsum

from rules.derived.collector import EXCEEDED, Slice
from rules.derived.program import HOUR, NOT_YET, NotYet, Program, View
from rules.derived.settings import Indices
from rules.indices import noise
from rules.indices.noise_areas import Part, excess

SHARE = Fraction(3, 4)
_EVENING, _NIGHT, _MORNING = 19, 23, 7
"""Hours at which evening, night and day of directive 2002/49/EC begin."""

DECIMALS = 3

Answer = Callable[[View], float | NotYet | None]


def programs(measured: frozenset[str], indices: Indices, area: str = "") -> Iterator[Program]:
    """For whatever measures sound; `area`: its functional area, if the registry says it."""
    if "noise" not in measured:
        return
    yield Program("leq_hour", ("noise",), HOUR, HOUR, lambda view: _rounded(_level([view.newest("noise")])))
    parts = _parts(indices)
    yield Program("leq_day", ("noise",), HOUR, _length(indices, "day"), parts["day"])
    yield Program("leq_night", ("noise",), HOUR, _length(indices, "night"), parts["night"])
    yield Program("lden", ("noise",), HOUR, 25 * HOUR, _lden(indices))
    for place, percent in enumerate(EXCEEDED):
        yield Program(f"l{percent}_hour", ("noise",), HOUR, HOUR, _exceeded(place))
    if area:
        yield Program("noise_excess", ("noise",), HOUR, _length(indices, "day"), _excess(area, indices))


def _parts(indices: Indices) -> dict[Part, Answer]:
    city = indices.standards.noise
    return {
        "day": _part(indices, city.day_begins, city.night_begins),
        "night": _part(indices, city.night_begins, city.day_begins),
    }


def _length(indices: Indices, part: Part) -> int:
    """How long (ms) the part of a day is, the night with the hour by which it is longer when summer time ends."""
    city = indices.standards.noise
    day = city.night_begins - city.day_begins
    return (day if part == "day" else 25 - day) * HOUR


def _part(indices: Indices, begins: int, ends: int) -> Answer:
    """The level of the part of the day between two local hours, as of its end (GB 3096)."""

    def of(view: View) -> float | NotYet | None:
        day = indices.day(view.end)
        if view.end != indices.instant(day, ends):
            return NOT_YET
        start = indices.instant(day if begins < ends else day - timedelta(1), begins)
        return _rounded(_level(view.slices("noise", start, view.end)))

    return of


def _exceeded(place: int) -> Answer:
    """The level exceeded for so many percent of the newest hour. None where they were not kept from its beginning."""

    def of(view: View) -> float | None:
        hour = view.newest("noise")
        return None if hour is None or hour.levels is None else _rounded(hour.levels[place])

    return of


def _excess(area: str, indices: Indices) -> Answer:
    """By how many dB the day or the night that just ended was above its limit (GB 3096); below it, less than 0."""
    parts, areas = _parts(indices), indices.standards.noise.areas

    def of(view: View) -> float | NotYet | None:
        for part, level in parts.items():
            if (found := level(view)) is not NOT_YET:
                return None if found is None else _rounded(excess(area, part, found, areas))
        return NOT_YET

    return of


def _lden(indices: Indices) -> Answer:
    """Of day, evening and the night that follows, as of the morning."""

    def of(view: View) -> float | NotYet | None:
        day = indices.day(view.end)
        if view.end != indices.instant(day, _MORNING):
            return NOT_YET
        before = day - timedelta(1)
        borders = [indices.instant(before, hour) for hour in (_MORNING, _EVENING, _NIGHT)]
        parts = [
            _level(view.slices("noise", start, end))
            for start, end in zip(borders, [*borders[1:], view.end], strict=True)
        ]
        known = [part for part in parts if part is not None]
        return _rounded(noise.lden(*known) if len(known) == len(parts) else None)

    return of


def _level(hours: list[Slice | None]) -> float | None:
    energies = [each.mean_energy for each in hours if each is not None]
    known = [energy for energy in energies if energy is not None]
    if not known or len(known) < SHARE * len(hours):
        return None
    return noise.level(fsum(known) / len(known))


def _rounded(level: float | None) -> float | None:
    return None if level is None else round(level, DECIMALS)
