"""What the engine keeps for one series, that is one metric of one sensor, and how a reading changes it."""

from collections import deque
from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any

from rules.amend.amends import Amends, News
from rules.amend.windows import View
from rules.areas.health import HealthSpec
from rules.areas.member import WindowValues
from rules.derived.collector import Slice
from rules.episode import IN_ORDER, LATE, REPEAT, Episode, Found, Told, Verdict
from rules.finding import Seen
from rules.kinds.silence import SilenceMachine, SilenceSpec
from rules.machine import FOREVER, INFINITY, Change, Quiet, together
from rules.panes import MOST, TOTALS, Pane
from rules.scheduled import ScheduledSilence
from rules.sensor import Sensor
from rules.watch import Plan

RECENT = 16
"""Times of readings that a series remembers beside those in its open panes."""


class Series:
    """The region in which a reading is quiet, and all that is needed when it is not.

    The engine's hot path takes a reading with `last < at < until` and `lo <= value <= hi` by itself: it sets `last`
    and `offset`, calls `remember(at)` and appends the value to `fresh` unless that is None. All else is done here.
    `first` and `last`: oldest and newest time (ms); `offset`: of the record that brought the newest; `armed`: the
    clock's time at which the engine looks at the series, whether or not something is then due. `amends`: the books of
    the rules that late readings may correct, None where there is no such rule.
    """

    __slots__ = (
        "amends",
        "armed",
        "calm",
        "closing",
        "episodes",
        "first",
        "fresh",
        "hi",
        "last",
        "lo",
        "loud",
        "metric",
        "offset",
        "old",
        "open",
        "panes",
        "plan",
        "quiet",
        "quiets",
        "recent",
        "remember",
        "sensor",
        "states",
        "told",
        "until",
    )

    def __init__(self, sensor: Sensor, metric: str, plan: Plan) -> None:
        self.sensor, self.metric, self.plan = sensor, metric, plan
        self.states: list[Any] = list(plan.initials)
        self.episodes: list[Episode | None] = [None] * len(plan.watches)
        self.told: dict[int, Told] = {}
        self.first, self.last, self.offset = FOREVER, -1, -1
        self.recent: deque[int] = deque(maxlen=RECENT)
        self.panes: dict[int, Pane] = {}
        # Panes of another size, made while other rules were there: they take no readings, but their windows do.
        self.old: list[Pane] = []
        self.armed = FOREVER
        self.lo, self.hi, self.until = INFINITY, -INFINITY, -1
        # Readings before `open` go where those before them went, -1 when that is to be found out; `closing`: the
        # clock's time at which windows have something to decide.
        self.open, self.closing = -1, FOREVER
        self.remember: Callable[[int], None] = self.recent.append
        self.fresh: list[float] | None = None
        # Where each machine is quiet, and all of them together: asked anew only of a machine that has moved, so that
        # what the many others cost does not grow with their number. None while it is to be worked out.
        self.quiets = list(plan.quiets)
        self.loud, self.calm = plan.loud, plan.calm
        self.quiet: Quiet | None = plan.quiet
        self.amends = Amends(plan) if plan.amended else None

    def meet(self, clock: int) -> None:
        """For a series that is new at `clock`."""
        if self.amends is not None:
            self.amends.begin(clock)

    def begin(self, clock: int) -> None:
        """Gives the watches that have no state yet their first one: theirs are the readings from `clock` on that are
        newer than all before, for of those before not all was kept for them."""
        for place, state in enumerate(self.states):
            if state is None:
                begin = max(clock, self.last + 1)
                self.states[place] = self.plan.initial(place, begin)
                if self.amends is not None and self.plan.watches[place].amend:
                    self.amends.fresh(self.plan, place, begin)
        for index in range(len(self.quiets)):
            self._look(index)
        self.open = -1

    def await_first(self, clock: int) -> None:
        """Never seen so far, it is watched for silence: from `clock` on by the rules that have not done so before."""
        for index, (place, machine) in enumerate(self.plan.machines):
            if isinstance(machine, SilenceMachine | ScheduledSilence):
                self.states[place] = machine.watch(self.states[place], clock)
                self._look(index)
        for place, ledger in self.amends.readings.items() if self.amends is not None else ():
            if isinstance(ledger.machine, SilenceMachine | ScheduledSilence):
                self.states[place] = ledger.machine.watch(self.states[place], clock)
                ledger.base = ledger.machine.watch(ledger.base, clock)

    def read(self, reading: Seen, clock: int) -> tuple[Verdict, list[Found]]:
        """After a reading that the hot path did not take."""
        at = reading.ts
        if self.amends is None and self.last < at < self.open:
            # Only machines did not find it quiet: for the windows it is as any reading of the hot path.
            late, found = self._step(reading)
            self.remember(at)
            if self.fresh is not None:
                self.fresh.append(reading.value)
            self.last, self.offset = at, reading.offset
            return LATE if late else IN_ORDER, found
        if at <= self.last and self._knows(at, clock):
            return REPEAT, []
        newer = at > self.last
        # Too old for its pane's memory it might be a repeat, and counting twice is worse than not at all.
        forgotten = not newer and any(at <= pane.floor for pane in self._covering(at))
        late, found = self._step(reading) if newer else (self._overtaken(at), [])
        amending = kept = False
        for place, window in self.plan.windows:
            kept = kept or window.needs(self.states[place], at, clock)
            late = late or window.missed(self.states[place], at, clock)
        if self.plan.collector is not None:
            wanted = at >= self.plan.collector.through(clock)
            kept, late = kept or wanted, late or not wanted
        if kept and forgotten:
            kept, late = False, True
        if kept or newer:
            self.first = min(self.first, at)
        if self.amends is not None:
            found += self._room(self.amends, clock)
            last = self.last if self.last >= 0 else at
            taken = self.amends.read(self.states, reading, self.last, clock, self._view(-1), forgotten=forgotten)
            for place in taken.step:
                machine = self.amends.readings[place].machine
                self.states[place], changes = machine.step(self.states[place], last, reading)
                found += self._news(place, self.amends.told(place, changes, self.offset))
            kept, late, amending = kept or taken.kept, late or taken.late, taken.amending
            found.sort(key=itemgetter(0))
        if kept:
            TOTALS.add(self._pane(at, reading.offset), at, reading.value)
        elif newer:
            self.recent.append(at)
        if newer:
            self.last, self.offset = at, reading.offset
        self.open = -1
        return Verdict(False, late, amending) if amending else LATE if late else IN_ORDER, found

    def _step(self, reading: Seen) -> tuple[bool, list[Found]]:
        """Steps the machines that do not find a reading quiet, which is newer than all before: whether it is late for
        one of them, and what they found."""
        at, x = reading.ts, reading.value
        last = self.last if self.last >= 0 else at
        late, found = False, list[Found]()
        self._together()
        machines, quiets, states = self.plan.machines, self.quiets, self.states
        lo, hi, until = self.calm
        for index in self.loud if at < until and lo <= x <= hi else range(len(machines)):
            lo, hi, until = quiets[index]
            if at < until and lo <= x <= hi:
                continue
            place, machine = machines[index]
            state = states[place]
            if machine.late(state, self.last, at):
                late = True
                continue
            states[place], changes = machine.step(state, last, reading)
            if changes:
                found += self._found(place, changes)
            quiet = machine.quiet(states[place], at)
            if quiet != quiets[index]:
                quiets[index], self.quiet = quiet, None
        return late, found

    def _overtaken(self, at: int) -> bool:
        """Whether a machine would have wanted a reading that came behind a newer one."""
        return any(machine.late(self.states[place], self.last, at) for place, machine in self.plan.machines)

    def collect(self, before: int, clock: int) -> dict[int, Slice]:
        """The windows for derived metrics that `settle` with the same times lets go of: ask before it."""
        collector = self.plan.collector
        return {} if collector is None else collector.due(self.all_panes(), before, clock)

    def doubt(self, at: int, why: str) -> list[Found]:
        """When as of `at` nothing can be said of a derived metric, in the words of `why`: for each of its rules that
        are on, but for those on silence, which speaks for itself."""
        found: list[Found] = []
        for place, watch in enumerate(self.plan.watches):
            silent = isinstance(watch.rule.spec, SilenceSpec | HealthSpec | WindowValues)
            if silent or (watch.hours is not None and not watch.hours.on(at)):
                continue
            if watch.machine is not None:
                self.states[place], changes = watch.machine.due(self.states[place], self.last, at)
                found += self._found(place, changes)
            found += self._found(place, [Change(at, "", "", why=why)])
        for index in range(len(self.quiets)):
            self._look(index)
        return found

    def settle(self, before: int, clock: int, offset: int) -> list[Found]:
        """After the record at `offset` has moved the clock from `before` to `clock`."""
        found: list[Found] = []
        if self._together().until <= clock:
            for index, (place, machine) in enumerate(self.plan.machines):
                if self.quiets[index].until <= clock:
                    self.states[place], changes = machine.due(self.states[place], self.last, clock)
                    found += self._found(place, changes)
                    self._look(index)
        if self.plan.windows:
            panes, interval = self.all_panes(), self.sensor.interval
            for place, window in self.plan.windows:
                state = self.states[place]
                self.states[place], changes = window.due(state, panes, self.first, before, clock, offset, interval)
                found += self._found(place, changes)
        if self.amends is not None:
            for place, _ in self.plan.amended:
                found += self._decide_anew(self.amends, place, before, clock, offset)
        found.sort(key=itemgetter(0))
        self._drop_panes(clock)
        self.open = -1
        return found

    def tidy(self, clock: int) -> None:
        """Makes what is kept depend on the log alone, and not on when it was last looked at."""
        if self.amends is not None:
            self.amends.tidy(clock, self._view(-1))

    def rest(self, clock: int) -> int:
        """Sets the quiet region anew. The clock's time at which something falls due."""
        self.lo, self.hi, until = self._together()
        due = until if self.amends is None else min(until, self._rest(self.amends, clock))
        if self.open < 0:
            self._open(clock)
        if self.last < 0:  # the first reading is for `read`
            self.open = -1
        self.until = min(until, self.open)
        return min(due, self.closing)

    def _rest(self, amends: Amends, clock: int) -> int:
        """The clock's time at which something falls due for a rule that may take back what it said and judges readings:
        it wants each of them."""
        if amends.readings:
            self.lo, self.hi = INFINITY, -INFINITY
        due = clock if amends.stale else FOREVER
        for place, ledger in amends.readings.items():
            due = min(due, ledger.machine.quiet(self.states[place], self.last).until)
        return due

    def _open(self, clock: int) -> None:
        """Finds the pane that takes the next readings, and when there is something to decide for the windows."""
        self.remember, self.fresh = self.recent.append, None
        self.open = self.closing = FOREVER
        if not self.plan.size:
            return
        pane, panes = self.panes.get(self.last - self.last % self.plan.size), self.all_panes()
        for place, window in self.plan.windows:
            state = self.states[place]
            time = window.next_due(state, panes, self.first, clock)
            if time < self.closing:
                self.closing = time
            if pane is not None and window.missed(state, pane.start, clock):
                pane = None
        for place, book in self.amends.windows.items() if self.amends is not None else ():
            self.closing = min(self.closing, book.next_due(self.states[place], panes, self.first, clock))
            if pane is not None and book.window.missed(self.states[place], pane.start, clock):
                pane = None
        if (collector := self.plan.collector) is not None:
            self.closing = min(self.closing, collector.next_due(panes, clock))
            if pane is not None and pane.start < collector.through(clock):
                pane = None
        if pane is None:
            self.open = self._idle(self.last)
        else:
            pane.forget()
            self.remember, self.fresh = pane.ts.append, pane.fresh
            # A time is a whole number of ms, so before this instant the pane's memory cannot overflow.
            self.open = min(pane.end, self.last + MOST - len(pane.ts))

    def _idle(self, at: int) -> int:
        """Until when (ms) readings from `at` on need no pane; -1 when they do."""
        if self.plan.collector is not None or (self.amends is not None and self.amends.windows):
            return -1
        until = min(window.idle(at) for _, window in self.plan.windows)
        return until if until > at else -1

    def _look(self, index: int) -> None:
        """Asks a machine anew where it is quiet."""
        place, machine = self.plan.machines[index]
        quiet = machine.quiet(self.states[place], self.last)
        if quiet != self.quiets[index]:
            self.quiets[index], self.quiet = quiet, None

    def _together(self) -> Quiet:
        """Where all machines are quiet. Those that no value leaves alone are `loud`, the others are quiet in `calm`."""
        if self.quiet is None:
            self.loud, self.calm, self.quiet = together(self.quiets)
        return self.quiet

    def all_panes(self) -> list[Pane]:
        return [*self.old, *self.panes.values()]

    def _found(self, place: int, changes: Iterable[Change]) -> list[Found]:
        found = []
        for change in changes:
            # What there is to see of a silence is the last word heard before it.
            first = change.seen[0].offset if change.seen else self.offset
            found.append(Found(place, change, first if change.first is None else change.first))
        return found

    def _news(self, place: int, news: News) -> list[Found]:
        return [Found(place, change, entry.first, entry) for change, entry in news]

    def _view(self, record: int) -> View:
        return View(self.all_panes(), self.first, self.offset, record, self.sensor.interval)

    def _room(self, amends: Amends, clock: int) -> list[Found]:
        """Makes room for another reading among those that may be judged again."""
        if not amends.full:
            return []
        self.tidy(clock)
        found: list[Found] = []
        if amends.full:
            for place in amends.readings:
                found += self._decide_anew(amends, place, clock, clock, self.offset)
            amends.shorten(clock)
        return found

    def _decide_anew(self, amends: Amends, place: int, before: int, clock: int, offset: int) -> list[Found]:
        """What the watch at `place` says when the clock has moved from `before` to `clock`, of now and of before."""
        state, view = self.states[place], self._view(offset)
        self.states[place], news = amends.settle(place, state, self.last, before, clock, view)
        return self._news(place, news)

    def _covering(self, at: int) -> list[Pane]:
        return [pane for pane in self.all_panes() if pane.start <= at < pane.end]

    def _knows(self, at: int, clock: int) -> bool:
        return (
            at in self.recent
            or any(pane.holds(at) for pane in self._covering(at))
            or (self.amends is not None and self.amends.knows(at, clock))
        )

    def _pane(self, at: int, offset: int) -> Pane:
        start = at - at % self.plan.size
        pane = self.panes.get(start)
        if pane is None:
            collector, end = self.plan.collector, start + self.plan.size
            energy = 0 if collector is not None and collector.energy else None
            pane = self.panes[start] = Pane(start, end, offset, energy, self.plan.tallies)
        return pane

    def recall(self, times: Iterable[int]) -> None:
        """Remembers the newest of these times too."""
        newest = sorted({*self.recent, *times})
        self.recent.clear()
        self.recent.extend(newest)

    def _drop_panes(self, clock: int) -> None:
        """Lets go of panes that no window needs any more, keeping the newest of their times."""
        gone = set(self.all_panes())
        for place, window in self.plan.windows:
            state = self.states[place]
            gone = {pane for pane in gone if not window.needs(state, pane.start, clock)}
        for book in self.amends.windows.values() if self.amends is not None else ():
            gone = {pane for pane in gone if not book.needs(pane.start, clock)}
        if self.plan.collector is not None:
            through = self.plan.collector.through(clock)
            gone = {pane for pane in gone if pane.start < through}
        if gone:
            self.recall(at for pane in gone for at in pane.ts[-RECENT:])
            self.old = [pane for pane in self.old if pane not in gone]
            self.panes = {start: pane for start, pane in self.panes.items() if pane not in gone}
