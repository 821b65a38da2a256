"""Incident detection at one station by the standard normal deviate: how many standard deviations a value is away from
what the last minutes were like.

The base is frozen while values are critical; else the incident would become part of it and end its own alarm.
"""

from dataclasses import dataclass
from math import fsum, sqrt
from typing import Literal, NamedTuple

from rules.indices.source import Certainty, Source

SOURCE = Source(
    "standard normal deviate (Dudek, Messer and Nuckles)",
    "1974",
    Certainty.secondary,
    remark="From an abstract: occupancy, a base of 5 minutes, two critical values in a row. The critical value, "
    "commonly 2 to 3, is not confirmed and must be found for each site.",
)


@dataclass(frozen=True, slots=True)
class Deviate:
    """`base`: so many intervals before the present one; `critical`: so many deviations are too many; `persist`: so many
    critical values in a row make an alarm. `least`: a deviation smaller than this (in the unit of the values) is taken
    to be this, as nothing is infinitely steady. `relearn`: after so many critical intervals the road's new state
    is its ordinary one (a lane closed for weeks); the base begins anew. `falling`: too low is critical (speed), else
    too high (occupancy)."""

    base: int = 10
    critical: float = 3.0
    persist: int = 2
    least: float = 0.01
    relearn: int = 240
    falling: bool = False

    def __post_init__(self) -> None:
        if self.base < 2 or self.persist < 1 or not self.critical > 0 or not self.least > 0:
            raise ValueError("a base of 2 intervals, 1 critical value and positive limits are the least")
        if self.relearn < self.persist:
            raise ValueError("an alarm that is forgotten before it is raised")


class State(NamedTuple):
    """`base`: the values of the base, oldest first. `critical`: how many critical values there were in a row."""

    base: tuple[float, ...] = ()
    critical: int = 0


Change = Literal["fired", "cleared"]


def step(spec: Deviate, state: State, value: float | None) -> tuple[State, float | None, Change | None]:
    """One interval on: the new state, the deviate (positive means worse; None while the base is not full) and whether
    an alarm began or ended. An interval without a value changes nothing."""
    if value is None:
        return state, None, None
    if len(state.base) < spec.base:
        return State((*state.base, value), state.critical), None, None
    mean = fsum(state.base) / spec.base
    spread = sqrt(fsum((one - mean) ** 2 for one in state.base) / (spec.base - 1))
    deviate = (mean - value if spec.falling else value - mean) / max(spread, spec.least)
    if deviate < spec.critical:
        ended: Change | None = "cleared" if state.critical >= spec.persist else None
        return State((*state.base[1:], value), 0), deviate, ended
    row = state.critical + 1
    if row > spec.relearn:
        return State((value,), 0), deviate, "cleared"
    return State(state.base, row), deviate, "fired" if row == spec.persist else None
