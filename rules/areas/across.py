"""What the values of many sensors are made into. Sums are exact before they are rounded once, so no order of the
sensors matters."""

from collections.abc import Callable, Mapping, Sequence
from math import fsum, log10
from types import MappingProxyType

ACROSS: Mapping[str, Callable[[Sequence[float], int], float]] = MappingProxyType(
    {
        "mean": lambda values, percent: fsum(values) / len(values),
        "max": lambda values, percent: values[-1],
        "min": lambda values, percent: values[0],
        "sum": lambda values, percent: fsum(values),
        "count": lambda values, percent: float(len(values)),
        "median": lambda values, percent: _rank(values, 50),
        "percentile": lambda values, percent: _rank(values, percent),
        "leq": lambda values, percent: 10.0 * log10(fsum(map(_energy, values)) / len(values)),
    }
)
"""By name, of values in ascending order, at least one."""


def across(name: str, values: Sequence[float], percent: int) -> float:
    """The value of all `values` together. -0.0 is 0.0."""
    return ACROSS[name](sorted(values), percent) + 0.0


def _energy(level: float) -> float:
    """Of a sound level; none is outside 0 to 200 dB, and one that says so must not stop the judge."""
    return float(10.0 ** (min(max(level, 0.0), 200.0) / 10.0))


def _rank(values: Sequence[float], percent: int) -> float:
    """The value of rank ⌊percent · (n - 1) / 100⌋ from the least, counted from 0."""
    return values[percent * (len(values) - 1) // 100]
