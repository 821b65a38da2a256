"""Severities as levels with hysteresis: what thresholds and window results have in common."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """On when a value is beyond `limit` (strictly); stays on while values are beyond `clear` (strictly)."""

    severity: str
    limit: float
    clear: float


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels in order of gravity. `above`: beyond means greater; else less. A level is on once values have been
    beyond its limit for `hold` ms without a break, and off once they have not been beyond its `clear` for
    `keep_firing` ms without a break."""

    above: bool
    levels: tuple[Level, ...]
    hold: int = 0
    keep_firing: int = 0
