"""Incident detection between two stations: the California algorithm, number 8.

An incident holds traffic back: occupancy is high upstream and low downstream of it. A compression wave looks the same
for a moment, so after one has passed downstream no incident is begun for five intervals (of a minute).
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from rules.indices.source import Certainty, Source

SOURCE = Source(
    "California algorithm 8 (Payne and Tignor)",
    "1978",
    Certainty.secondary,
    remark="The decisions and the starting values of the thresholds are those of one public implementation; they must "
    "be found for each site. In a public comparison it won no case against fixed thresholds: an option, no default.",
)
WAVE = 5


@dataclass(frozen=True, slots=True)
class California:
    """Occupancies are parts of 1. `difference`: the least of upstream less downstream (T1); `surge`: a relative fall of
    downstream's occupancy below this, so a rise, is a wave (T2); `relative`: the least of the difference over upstream
    (T3); `drop`: the least relative fall downstream (T4); `dense`: downstream from here on is dense (T5)."""

    difference: float = 0.08
    surge: float = -0.4
    relative: float = 0.5
    drop: float = 0.3
    dense: float = 0.30


Stage = Literal["free", "tentative", "confirmed"]
Change = Literal["fired", "cleared"]


class State(NamedTuple):
    """`stage`, `wave`: since how many intervals a compression wave is remembered (0 for none), `before`: downstream's
    occupancy at the last two intervals, oldest first."""

    stage: Stage = "free"
    wave: int = 0
    before: tuple[float, ...] = ()


def step(
    spec: California, state: State, upstream: float | None, downstream: float | None
) -> tuple[State, Change | None]:
    """One interval on: the new state and whether an incident was confirmed or has ended.

    An interval without both occupancies breaks the row: two later ones must come before anything is decided, and a
    confirmed incident stays until then.
    """
    if upstream is None or downstream is None:
        stage: Stage = "confirmed" if state.stage == "confirmed" else "free"
        return State(stage, 0, ()), None
    if len(state.before) < 2:
        return state._replace(before=(*state.before, downstream)), None
    earlier = state.before[0]
    apart = upstream - downstream
    relative = apart / upstream if upstream > 0 else 0.0
    fall = (earlier - downstream) / earlier if earlier > 0 else 0.0
    wave = downstream >= spec.dense and fall < spec.surge
    before = (state.before[1], downstream)
    if state.stage != "free":
        if relative >= spec.relative:
            return State("confirmed", 0, before), None if state.stage == "confirmed" else "fired"
        begun = int(wave and state.stage == "tentative")
        return State("free", begun, before), "cleared" if state.stage == "confirmed" else None
    if wave:
        return State("free", 1, before), None
    if state.wave:
        return State("free", (state.wave + 1) % (WAVE + 1), before), None
    suspicious = apart >= spec.difference and relative >= spec.relative and fall >= spec.drop
    return State("tentative" if suspicious and downstream < spec.dense else "free", 0, before), None
