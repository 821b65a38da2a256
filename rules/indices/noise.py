"""Levels of sound over time. Sound adds by energy: 60 and 70 dB for equal times are 67.4 dB, not 65."""

from collections.abc import Iterable, Sequence
from math import fsum, log10

# Day, evening and night of directive 2002/49/EC: hours and what is added for being annoying.
_DEN = ((12, 0.0), (4, 5.0), (8, 10.0))


def energy(level: float) -> float:
    """Mean square pressure over its reference: what may be summed and averaged.

    >>> energy(70.0)
    10000000.0
    """
    return float(10.0 ** (level / 10.0))


def level(mean_energy: float) -> float:
    """The level (dB) of an energy above 0."""
    return 10.0 * log10(mean_energy)


def leq(levels: Iterable[float], seconds: Iterable[float] | None = None) -> float:
    """The steady level of the same energy as `levels`, each held for its time; for equal times without `seconds`.

    Raises ValueError for nothing at all, for lists of different length and for times whose sum is not above 0.
    """
    known = list(levels)
    weights = [1.0] * len(known) if seconds is None else list(seconds)
    total = fsum(weights)
    if not total > 0:
        raise ValueError("a mean over no time")
    return level(fsum(energy(one) * weight for one, weight in zip(known, weights, strict=True)) / total)


def exceeded(levels: Sequence[float], percent: float) -> float:
    """L10, L50, L90: the level that was exceeded during so many percent of the time (0 to 100).

    `levels` stand for equal times, in any order; between two of them the line is straight. Raises ValueError for none.
    """
    if not levels or not 0 <= percent <= 100:
        raise ValueError("percentiles from 0 to 100 of at least one level")
    falling = sorted(levels, reverse=True)
    place = percent / 100 * (len(falling) - 1)
    below = int(place)
    above = min(below + 1, len(falling) - 1)
    return falling[below] + (place - below) * (falling[above] - falling[below])


def lden(day: float, evening: float, night: float) -> float:
    """The European level of a whole day (dB) from those of 12 hours of day, 4 of evening and 8 of night."""
    parts = zip((day, evening, night), _DEN, strict=True)
    return level(fsum(hours * energy(one + extra) for one, (hours, extra) in parts) / 24)
