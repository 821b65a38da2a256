"""Rules at work: the machines of the rules that watch one series, and what collects its windows."""

from math import gcd
from typing import Any

from rules.areas.health import HealthMachine, HealthSpec, HealthState
from rules.areas.member import PlainValues, WindowValues
from rules.areas.reports import ConditionWindow, PlainMachine, PlainState, WindowReport
from rules.counted import CountedState
from rules.derived.collector import Collector
from rules.kinds import threshold
from rules.kinds.change import ChangeMachine, ChangeSpec, ChangeState
from rules.kinds.silence import SilenceMachine, SilenceSpec, SilenceState
from rules.kinds.stretch import StretchMachine, StretchSpec, StretchState
from rules.kinds.window import WindowMachine, WindowSpec, WindowState
from rules.levels import LevelsState
from rules.machine import Machine, together
from rules.rule import Rule

State = LevelsState | CountedState | SilenceState | WindowState | StretchState | ChangeState | HealthState | PlainState


class Watch:
    """One rule: either `machine` judges its readings or `window` its panes. Shared by all series it watches."""

    __slots__ = ("hash", "machine", "rule", "rule_hash", "state_type", "window")

    def __init__(self, rule: Rule) -> None:
        self.rule, self.rule_hash, self.hash = rule, rule.hash, rule.judgement_hash
        self.machine: Machine[Any] | None = None
        self.window: WindowMachine | None = None
        self.state_type: type[State]
        if isinstance(rule.spec, WindowSpec):
            window = ConditionWindow if rule.hidden else WindowMachine
            self.window, self.state_type = window(rule.spec), WindowState
        elif isinstance(rule.spec, WindowValues):
            self.window, self.state_type = WindowReport(rule.spec), WindowState
        elif isinstance(rule.spec, PlainValues):
            self.machine, self.state_type = PlainMachine(), PlainState
        elif isinstance(rule.spec, HealthSpec):
            self.machine, self.state_type = HealthMachine(rule.spec), HealthState
        elif isinstance(rule.spec, SilenceSpec):
            self.machine, self.state_type = SilenceMachine(rule.spec), SilenceState
        elif isinstance(rule.spec, StretchSpec):
            self.machine, self.state_type = StretchMachine(rule.spec), StretchState
        elif isinstance(rule.spec, ChangeSpec):
            self.machine, self.state_type = ChangeMachine(rule.spec), ChangeState
        else:
            assert isinstance(rule.spec, threshold.ThresholdSpec)
            self.machine, self.state_type = threshold.machine(rule.spec)


class Plan:
    """All watches on one series in the order of the catalogue; `size`: the length of its panes in ms, 0 when no
    window watches it; `tallies`: the names of those that its panes keep. `machines` and `windows` carry the place of
    their watch. `collector`: what cuts the series into windows for derived metrics, which share its panes. `initials`:
    the first states; `quiets`, `loud`, `calm` and `quiet`: where the machines are quiet in them before the first
    reading (rules.machine.Together). All series share these, so that a city of many rules is not a thousand objects a
    sensor."""

    __slots__ = (
        "calm",
        "collector",
        "initials",
        "loud",
        "machines",
        "quiet",
        "quiets",
        "size",
        "tallies",
        "watches",
        "windows",
    )

    def __init__(self, watches: tuple[Watch, ...], collector: Collector | None = None) -> None:
        self.watches, self.collector = watches, collector
        self.machines = [(i, each.machine) for i, each in enumerate(watches) if each.machine is not None]
        self.windows = [(i, each.window) for i, each in enumerate(watches) if each.window is not None]
        self.tallies = tuple(sorted({window.tally for _, window in self.windows if window.tally}))
        lengths = [window.grain for _, window in self.windows]
        if collector is not None:
            lengths += [collector.every, collector.origin]
        self.size = gcd(*lengths)
        self.initials = [self.initial(place) for place in range(len(watches))]
        self.quiets = [machine.quiet(self.initials[place], -1) for place, machine in self.machines]
        self.loud, self.calm, self.quiet = together(self.quiets)

    def initial(self, place: int, begin: int = 0) -> Any:
        """The first state of the watch at `place`. `begin`: readings before it (ms) were not all kept for it."""
        watch = self.watches[place]
        return watch.machine.initial() if watch.machine is not None else self.window(place).initial(begin)

    def window(self, place: int) -> WindowMachine:
        window = self.watches[place].window
        assert window is not None
        return window
