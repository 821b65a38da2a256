"""How a value changes, or that it does not, beyond a limit: a signal of the series judged by levels."""

from dataclasses import dataclass

import msgspec

from rules.duration import format_duration
from rules.finding import Seen
from rules.kinds import threshold
from rules.levels import LevelMachine, Levels, LevelsState
from rules.machine import FOREVER, INFINITY, NEVER, Change, Quiet
from rules.signals import SIGNALS, Memory, Reach
from rules.strict_yaml import Node

REQUIRED = ("metric", "measure")
OPTIONAL = ("per", "over", "gap", "above", "below", "clear", "hold", "keep_firing")
METRICS = 1
TEXT = "{metric} at {sensor} ({district}) changed by {value} {unit}, limit {limit}"
_TEXTS = {
    "range": "{metric} at {sensor} ({district}) varied by {value} {unit}, limit {limit}",
    "stuck": "{metric} at {sensor} ({district}) unchanged for {value} {unit}, limit {limit}",
}
MEASURES = tuple(SIGNALS)
_OWN = {"per": "rate", "over": "range"}
"""Keys that belong to one measure, which needs them."""


@dataclass(frozen=True, slots=True)
class ChangeSpec:
    """`measure`: the name of the signal that `levels` judge; `per`, `over` and `gap` as in `rules.signals.Reach`."""

    measure: str
    levels: Levels
    per: int = 0
    over: int = 0
    gap: int = 0

    @property
    def text(self) -> str:
        return _TEXTS.get(self.measure, TEXT)

    def unit(self, unit: str) -> str:
        """The unit of the signal of a metric in `unit`."""
        if self.measure == "percent":
            return "%"
        if self.measure == "stuck":
            return "min"
        if self.measure != "rate":
            return unit
        per = format_duration(self.per)
        return f"{unit}/{per[1:] if per[0] == '1' and per[1:].isalpha() else per}"


def parse(rule: Node, fields: dict[str, Node]) -> ChangeSpec | None:
    """The spec in a rule's own keys; None when there is a fault among them."""
    measure = fields["measure"].choice(SIGNALS) if "measure" in fields else None
    lengths = {key: fields[key].duration(1) if key in fields else 0 for key in ("per", "over", "gap")}
    levels = threshold.parse(rule, fields)
    sound = True
    for key, owner in _OWN.items() if measure is not None else ():
        if key in fields and measure != owner:
            fields[key].fault(f"belongs to the measure {owner!r}", f"leave it out for {measure!r}")
            sound = False
        if key not in fields and measure == owner:
            rule.fault(f"the key {key!r} is missing", f"such as {key}: 1h")
            sound = False
    if "gap" in fields and measure == "range":
        fields["gap"].fault("a range compares all readings within 'over'", "leave it out for 'range'")
        sound = False
    if measure is None or levels is None or not sound:
        return None
    per, over, gap = lengths.values()
    return None if per is None or over is None or gap is None else ChangeSpec(measure, levels, per, over, gap)


class ChangeState(msgspec.Struct, frozen=True, array_like=True):
    """`memory`: the readings that the next ones are compared with."""

    levels: LevelsState
    memory: Memory = ()


class ChangeMachine:
    """Judges one series by `ChangeSpec`. Every reading counts, so none is quiet."""

    def __init__(self, spec: ChangeSpec) -> None:
        self._signal, self._reach = SIGNALS[spec.measure], Reach(spec.per, spec.over, spec.gap)
        self._levels = LevelMachine(spec.levels)

    def initial(self) -> ChangeState:
        return ChangeState(self._levels.initial())

    def late(self, state: ChangeState, last: int, at: int) -> bool:
        return self._levels.late(state.levels, last, at)

    def passed(self, state: ChangeState, at: int) -> bool:
        return self._levels.passed(state.levels, at)

    def step(self, state: ChangeState, last: int, reading: Seen) -> tuple[ChangeState, list[Change]]:
        value, first, memory = self._signal(state.memory, reading, self._reach)
        if value is not None and self._levels.rests(state.levels, value):
            return ChangeState(state.levels, memory), []
        levels, changes = self._levels.due(state.levels, last, reading.ts)
        if value is not None:
            levels, found = self._levels.step(levels, last, Seen(reading.ts, value + 0.0, reading.offset))
            changes += [change._replace(first=first) for change in found]
        return ChangeState(levels, memory), changes

    def due(self, state: ChangeState, last: int, clock: int) -> tuple[ChangeState, list[Change]]:
        levels, changes = self._levels.due(state.levels, last, clock)
        return ChangeState(levels, state.memory), changes

    def quiet(self, state: ChangeState, last: int) -> Quiet:
        until = self._levels.quiet(state.levels, last).until
        return NEVER if until == FOREVER else Quiet(INFINITY, -INFINITY, until)
