"""A value beyond a limit: several severities, hysteresis, a hold or a number of readings before it fires, a delay
before it clears."""

from rules.counted import CountedMachine, CountedState
from rules.level_fields import parse_levels
from rules.levels import LevelMachine, Levels, LevelsState
from rules.strict_yaml import Node

REQUIRED = ("metric",)
OPTIONAL = ("above", "below", "clear", "hold", "keep_firing", "times", "within")
METRICS = 1
TEXT = "{metric} {value} {unit} at {sensor} ({district}), limit {limit}"
MOST_TIMES = 50
"""Each of the readings that count is kept, for they are the evidence."""

ThresholdSpec = Levels


def machine(spec: ThresholdSpec) -> tuple[LevelMachine | CountedMachine, type[LevelsState | CountedState]]:
    """What judges one series by `spec`, and the type of its states."""
    return (CountedMachine(spec), CountedState) if spec.times > 1 else (LevelMachine(spec), LevelsState)


def parse(rule: Node, fields: dict[str, Node]) -> ThresholdSpec | None:
    """The spec in a rule's own keys; None when there is a fault among them."""
    hold = fields["hold"].duration() if "hold" in fields else 0
    keep_firing = fields["keep_firing"].duration() if "keep_firing" in fields else 0
    times = fields["times"].whole(2, MOST_TIMES) if "times" in fields else 1
    within = fields["within"].duration(1) if "within" in fields else 0
    levels = parse_levels(rule, fields)
    if "within" in fields and "times" not in fields:
        fields["within"].fault("without 'times' it says nothing", "add times, such as times: 3")
        return None
    if "times" in fields and "hold" in fields:
        fields["times"].fault("give either times or hold", "a hold is a length of time, times a number of readings")
        return None
    if hold is None or keep_firing is None or times is None or within is None or levels is None:
        return None
    return Levels(levels.above, levels.levels, hold, keep_firing, times, within)
