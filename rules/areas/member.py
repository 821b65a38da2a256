"""A member of a composite rule: what is asked of each single sensor."""

from dataclasses import dataclass

from rules.aggregates import unit_of
from rules.derived.names import UNITS
from rules.kinds.change import ChangeSpec
from rules.kinds.silence import SilenceSpec
from rules.kinds.stretch import StretchSpec
from rules.kinds.threshold import ThresholdSpec
from rules.kinds.window import WindowSpec


@dataclass(frozen=True, slots=True)
class WindowValues:
    """The value of each window of a sensor, whatever it is: `window` has no levels."""

    window: WindowSpec


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
    both empty for an area rule without one. `severities` in order of gravity. `area`: it is an area rule's state.
    `health`: whether there is news of the sensor's health beside: not where silence is what is asked for, and not of
    an area rule, which says itself when it cannot decide."""

    metric: str
    unit: str
    severities: tuple[str, ...] = ()
    area: bool = False
    health: bool = True


def unit_of_values(metric: str, spec: object) -> str:
    """The unit of the values that a member's events bring."""
    unit = UNITS[metric]
    if isinstance(spec, ChangeSpec):
        return spec.unit(unit)
    window = spec.window if isinstance(spec, WindowValues) else spec
    return unit_of(window.aggregate, unit) if isinstance(window, WindowSpec | StretchSpec) else unit
