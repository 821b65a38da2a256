"""Thresholds and changes, by the whole list of their readings."""

from collections.abc import Callable, Iterator

from rules.kinds.change import ChangeSpec
from rules.levels import Levels
from rules.rule import Rule
from tests.support.oracle_judged import Judged, Reading, Turn


class LevelJudged(Judged):
    """A threshold. A level fires `hold` after the start of a run of readings beyond its limit, if the run is that
    long; it clears `keep_firing` after the start of a run of readings not beyond its clear value."""

    def __init__(self, rule: Rule, sensor: str, metric: str) -> None:
        super().__init__(rule, sensor, metric)
        assert isinstance(rule.spec, Levels | ChangeSpec)
        self.spec = rule.spec if isinstance(rule.spec, Levels) else rule.spec.levels
        # A decision by the passing of time stands, even when readings come that would have prevented it.
        self.decided = 0

    def judged(self) -> list[Reading]:
        """The values that the levels judge."""
        return self.readings

    def first(self, seen: tuple[Reading, ...]) -> int:
        """The offset at which the evidence of a value begins, when it decides by itself."""
        return seen[0].offset

    def switches(self, now: int) -> list[tuple[int, int, int, bool, tuple[Reading, ...]]]:
        """(time, 0 by time or 1 by a reading, level, on or off, readings) of every level as of `now`."""
        spec = self.spec
        found = []
        for index, level in enumerate(spec.levels):

            def beyond(reading: Reading, bound: float) -> bool:
                return reading.value > bound if spec.above else reading.value < bound

            if spec.times > 1:
                found += self._counted(index, beyond, now)
                continue
            fires = _runs(self.judged(), [beyond(each, level.limit) for each in self.judged()], spec.hold, now)
            clears = _runs(
                self.judged(), [not beyond(each, level.clear) for each in self.judged()], spec.keep_firing, now
            )
            on = False
            # A run that clears and a run that fires share no reading, so the order of their starts is the order of
            # all that happens.
            events = [(start, True, spec.hold) for start in fires] + [(s, False, spec.keep_firing) for s in clears]
            for start, fire, wait in sorted(events, key=lambda event: event[0].ts):
                if fire != on:
                    on = fire
                    found.append((start.ts + wait, 0 if wait else 1, index, on, (start,)))
        return sorted(found, key=lambda switch: switch[:3])

    def _counted(
        self, index: int, beyond: Callable[[Reading, float], bool], now: int
    ) -> Iterator[tuple[int, int, int, bool, tuple[Reading, ...]]]:
        """The same of a level with `times`: looks back from every reading while it is off, ahead while it is on."""
        spec = self.spec
        level = spec.levels[index]
        harmless = _runs(
            self.judged(), [not beyond(each, level.clear) for each in self.judged()], spec.keep_firing, now
        )
        since = 0
        for place, reading in enumerate(self.judged()):
            if place < since:
                continue
            if spec.within:
                near = [each for each in self.judged()[since : place + 1] if each.ts >= reading.ts - spec.within]
                count = [each for each in near if beyond(each, level.limit)][-spec.times :]
            else:
                row = self.judged()[max(since, place + 1 - spec.times) : place + 1]
                count = row if all(beyond(each, level.limit) for each in row) else []
            if not beyond(reading, level.limit) or len(count) < spec.times:
                continue
            yield reading.ts, 1, index, True, tuple(count)
            end = next((each for each in harmless if each.ts > reading.ts), None)
            if end is None:
                return
            yield end.ts + spec.keep_firing, 0 if spec.keep_firing else 1, index, False, (end,)
            since = self.judged().index(end) + 1

    def turns(self, now: int) -> list[Turn]:
        spec = self.spec
        on = [False] * len(spec.levels)
        turns: list[Turn] = []
        before = -1
        switches = self.switches(now)
        self.decided = max([self.decided, *(switch[0] for switch in switches if switch[1] == 0)])
        for moment in sorted({switch[:2] for switch in switches}):
            here = [switch for switch in switches if switch[:2] == moment]
            for switch in here:
                on[switch[2]] = switch[3]
            gravest = max((index for index, state in enumerate(on) if state), default=-1)
            if gravest == before:
                continue
            limit = spec.levels[gravest].limit if gravest >= 0 else spec.levels[before].clear
            severity = spec.levels[gravest].severity if gravest >= 0 else ""
            fired = [switch[4] for switch in here if switch[2] == gravest and switch[3] and moment[1] == 1]
            seen = fired[0] if fired else here[-1][4][-1:]
            first = self.first(seen) if moment[1] == 1 else seen[0].offset
            turns.append(Turn(moment[0], severity, limit, seen[-1].value, seen, first, len(seen)))
            before = gravest
        return turns


def _runs(readings: list[Reading], marks: list[bool], wait: int, now: int) -> list[Reading]:
    """The first reading of every unbroken run of marked readings that lasted `wait` by `now`. A run ends with the
    next reading, and what is due at that very time comes before it."""
    found = []
    for index, reading in enumerate(readings):
        if not marks[index] or (index and marks[index - 1]):
            continue
        end = next((other.ts for other, mark in zip(readings[index:], marks[index:], strict=True) if not mark), now)
        if reading.ts + wait <= end:
            found.append(reading)
    return found


class ChangeJudged(LevelJudged):
    """A change: what each reading is beside those before it, judged by levels."""

    def judged(self) -> list[Reading]:
        return [Reading(at, value, offset) for at, value, offset, _ in self.signals()]

    def first(self, seen: tuple[Reading, ...]) -> int:
        [basis] = [basis for at, _, _, basis in self.signals() if at == seen[0].ts]
        return basis

    def signals(self) -> Iterator[tuple[int, float, int, int]]:
        """(time, value, offset, offset of the oldest reading it rests on) of each reading that has a value."""
        spec = self.rule.spec
        assert isinstance(spec, ChangeSpec)
        for place, reading in enumerate(self.readings):
            before = self.readings[:place]
            if spec.gap and before and reading.ts - before[-1].ts > spec.gap:
                before = []
            value, basis = None, reading
            if spec.measure == "range":
                near = [each for each in self.readings[: place + 1] if each.ts > reading.ts - spec.over]
                value = max(each.value for each in near) - min(each.value for each in near)
                high = [each for each in near if each.value == max(other.value for other in near)][-1]
                low = [each for each in near if each.value == min(other.value for other in near)][-1]
                basis = min(high, low)
            elif spec.measure == "stuck":
                for each in reversed(self.readings[:place]):
                    if each.value != reading.value or (spec.gap and basis.ts - each.ts > spec.gap):
                        break
                    basis = each
                value = (reading.ts - basis.ts) / 60_000
            elif before:
                basis = before[-1]
                delta = reading.value - basis.value
                if spec.measure in ("delta", "jump"):
                    value = abs(delta) if spec.measure == "jump" else delta
                elif spec.measure == "rate":
                    value = delta * spec.per / (reading.ts - basis.ts)
                elif basis.value != 0:
                    value = delta / abs(basis.value) * 100
            if value is not None:
                yield reading.ts, value + 0.0, reading.offset, basis.offset
