"""Rules at work: the machines of the rules that watch one series, and what collects its windows."""

from math import gcd
from typing import Any

from rules.areas.health import HealthMachine, HealthSpec, HealthState
from rules.areas.member import PlainValues, WindowValues
from rules.areas.reports import ConditionWindow, PlainMachine, PlainState, WindowReport
from rules.counted import CountedState
from rules.derived.collector import Collector
from rules.hours import Hours
from rules.kinds import threshold
from rules.kinds.change import ChangeMachine, ChangeSpec, ChangeState
from rules.kinds.silence import SilenceMachine, SilenceSpec, SilenceState
from rules.kinds.stretch import StretchMachine, StretchSpec, StretchState
from rules.kinds.window import WindowMachine, WindowSpec, WindowState
from rules.levels import LevelsState
from rules.machine import Machine, Retraceable, together
from rules.rule import Rule
from rules.scheduled import ScheduledMachine, ScheduledSilence, ScheduledState
from rules.scheduled_window import ScheduledWindow, ScheduledWindowState

State = LevelsState | CountedState | SilenceState | WindowState | StretchState | ChangeState | HealthState | PlainState


class Watch:
    """One rule, as it is for some sensors: either `machine` judges its readings or `window` its panes. `rule_hash`: of
    the rule as it is written. `hours`: when it is on, None for always. `amend`: how late (ms) a reading may change what
    was decided, 0 for never. Shared by all series it watches."""

    __slots__ = ("amend", "hash", "hours", "machine", "rule", "rule_hash", "state_type", "window")

    def __init__(self, rule: Rule, hours: Hours | None = None, rule_hash: str = "") -> None:
        self.rule, self.rule_hash, self.hash = rule, rule_hash or rule.hash, rule.judgement_hash
        self.hours, self.amend = hours, rule.amend
        self.machine: Machine[Any] | None = None
        self.window: WindowMachine | ScheduledWindow | None = None
        self.state_type: type[State] | type[ScheduledState[Any]] | type[ScheduledWindowState]
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
        if hours is not None:
            self._schedule(hours)

    def _schedule(self, hours: Hours) -> None:
        if isinstance(self.window, WindowMachine):
            assert isinstance(self.rule.spec, WindowSpec)
            self.window, self.state_type = ScheduledWindow(self.window, hours, self.rule.spec), ScheduledWindowState
            return
        self.state_type = ScheduledState[self.state_type]  # type: ignore[name-defined]
        if isinstance(self.machine, SilenceMachine):
            self.machine = ScheduledSilence(self.machine, hours)
        else:
            assert isinstance(self.machine, Retraceable)  # as every kind's that has times
            self.machine = ScheduledMachine(self.machine, hours)


class Plan:
    """All watches on one series in the order of the catalogue; `size`: the length of its panes in ms, 0 when no
    window watches it; `tallies`: the names of those that its panes keep. `machines` and `windows` carry the place of
    their watch and are of the rules that never take anything back; `amended`: the watches of those that do. `grains`:
    the lengths (ms) that windows are made of. `collector`: what cuts the series into windows for derived metrics, which
    share its panes. `awaits`: whether a rule wants to know that nothing was ever heard. `initials`: the first states;
    `quiets`, `loud`, `calm` and `quiet`: where the machines are quiet in them before the first reading
    (rules.machine.Together). All series share these: a city of many rules is not a thousand objects a sensor."""

    __slots__ = (
        "amended",
        "awaits",
        "calm",
        "collector",
        "grains",
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
        final = [(i, each) for i, each in enumerate(watches) if not each.amend]
        self.machines = [(i, each.machine) for i, each in final if each.machine is not None]
        self.windows = [(i, each.window) for i, each in final if each.window is not None]
        self.amended = [(i, each) for i, each in enumerate(watches) if each.amend]
        self.awaits = any(isinstance(each.machine, SilenceMachine | ScheduledSilence) for each in watches)
        windows = [each.window for each in watches if each.window is not None]
        tallies = {window.tally for window in windows if window.tally}
        self.tallies = tuple(sorted(tallies.union(collector.tallies if collector is not None else ())))
        self.grains = [window.grain for window in windows]
        cut = () if collector is None else (collector.every, collector.origin)
        self.size = gcd(*self.grains, *cut)
        self.initials = [self.initial(place) for place in range(len(watches))]
        self.quiets = [machine.quiet(self.initials[place], -1) for place, machine in self.machines]
        self.loud, self.calm, self.quiet = together(self.quiets)

    def initial(self, place: int, begin: int = 0) -> Any:
        """The first state of the watch at `place`. `begin`: readings before it (ms) were not all kept for it."""
        watch = self.watches[place]
        if isinstance(watch.machine, ScheduledSilence):
            return watch.machine.initial(begin)
        return watch.machine.initial() if watch.machine is not None else self.window(place).initial(begin)

    def window(self, place: int) -> WindowMachine | ScheduledWindow:
        window = self.watches[place].window
        assert window is not None
        return window
