"""A member of a composite rule: what is asked of each single sensor."""

from dataclasses import dataclass, field
from math import gcd

from rules.aggregates import tally_of, unit_of
from rules.content import ADDED
from rules.derived.names import UNITS
from rules.kinds.change import ChangeSpec
from rules.kinds.silence import SilenceSpec
from rules.kinds.stretch import StretchSpec
from rules.kinds.threshold import ThresholdSpec
from rules.kinds.window import WindowSpec


@dataclass(frozen=True, slots=True)
class WindowValues:
    """The value of each window of a sensor, as in `rules.kinds.window_spec.WindowSpec`, whatever it is."""

    aggregate: str
    every: int
    delay: int = 0
    over: int = field(default=0, metadata=ADDED)
    percent: int = field(default=50, metadata=ADDED)
    mark: float = field(default=0.0, metadata=ADDED)
    least_count: int = field(default=0, metadata=ADDED)
    least_time: int = field(default=0, metadata=ADDED)

    @property
    def length(self) -> int:
        return self.over or self.every

    @property
    def grain(self) -> int:
        return gcd(self.every, self.length)

    @property
    def demanding(self) -> bool:
        return self.least_count > 0 or self.least_time > 0

    @property
    def tally(self) -> str:
        return tally_of(self.aggregate, self.mark)


@dataclass(frozen=True, slots=True)
class PlainValues:
    """Each reading of a sensor."""

    plain: bool = True


Condition = ThresholdSpec | WindowSpec | StretchSpec | ChangeSpec | SilenceSpec
Values = WindowValues | PlainValues


@dataclass(frozen=True, slots=True)
class Member:
    """Either a condition on `metric`, or its values; or the state of another rule: on while its severity is
    `severity` or graver, empty for any, and then `metric` says which one is meant of a rule on several."""

    metric: str = ""
    spec: Condition | Values | None = None
    rule: str = ""
    severity: str = ""

    @property
    def reports(self) -> bool:
        """Whether its events bring values."""
        return isinstance(self.spec, WindowValues | PlainValues)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a member turns out to be in a catalogue. `metric` and its `unit`, that of the member's values included;
    both empty for an area rule without one. `severities` in order of gravity. `area`: it is an area rule's state, of
    which there is no health: it says itself when it cannot decide."""

    metric: str
    unit: str
    severities: tuple[str, ...] = ()
    area: bool = False


def unit_of_values(metric: str, spec: Condition | Values | None) -> str:
    """The unit of the values that a member's events bring."""
    unit = UNITS[metric]
    if isinstance(spec, ChangeSpec):
        return spec.unit(unit)
    return unit_of(spec.aggregate, unit) if isinstance(spec, WindowValues | WindowSpec | StretchSpec) else unit
