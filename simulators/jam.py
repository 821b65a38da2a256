"""A bad day: a crash closes the ring road, and the end of the queue travels upstream over one detector after the other.

How fast is a matter of Greenshields' law alone, which the simulated roads obey (flow = density * speed, speed falls
linearly with density): the border between two densities k and m (shares of the jam density) moves at
free * (1 - k - m). So the queue grows against the traffic, and after the wreck is towed away it dissolves from its
head, faster than it grew. When each detector stands, and for how long, follows in closed form; a test holds the
numbers below to the rule files.
"""

from itertools import pairwise

from rules.sensor import Sensor
from simulators.chance import jitter
from simulators.place import HOUR, Place, metres, solar_hour, weekday
from simulators.published import Expected
from simulators.scenario import Scenario, ScenarioError, Setting, told
from simulators.traffic import CROWDED, RING, State, demand, state

MINUTE = 60_000
KIND = "ringroad"
CRASH, CLEARED = 11 * HOUR + 30 * MINUTE, 14 * HOUR
"""After the beginning of the day. The queue's end passes the last detector before the next clock hour, and its head
leaves at a full one: so each clock hour is blocked wholly or by half at most."""
AFTER_CRASH = 2
"""So many detectors, the last ones of the road, lie behind the crash: an empty road."""
DENSE, QUEUE, DISCHARGE, EMPTY = 0.25, 0.90, 0.50, 0.03
"""Densities as shares of the jam density: what arrives, the queue, what leaves its head, and behind the crash."""
DISCHARGES = 15 * MINUTE
"""For how long what leaves the queue passes a detector before the day is an ordinary one again there."""
SPREAD = 0.012

JAM_HOLD, CLOSED_HOLD, SLOW_HOLD = 10 * MINUTE, 20 * MINUTE, 5 * MINUTE
FALL, APART = 0.65, 0.5
"""The incident rule's thresholds: how far occupancy must fall downstream, and how much lower than upstream it must be,
both relative."""
INDEX = 15 * MINUTE
"""The congestion index is made of so long windows, of three reports each: three in the queue are red, two orange, and
one only while the queue dissolves, as what leaves it is slower than what arrives."""


def wave(before: float, behind: float) -> float:
    """At how many km/h the border between two densities travels upstream."""
    return RING.free * (before + behind - 1.0)


GROWS, DISSOLVES = wave(DENSE, QUEUE), wave(QUEUE, DISCHARGE)


def pass_at(begun: int, way: float, speed: float) -> int:
    """When (ms) a border that set out at `begun` has gone `way` metres at `speed` km/h."""
    return begun + round(way / 1000.0 / speed * HOUR)


class Jam(Scenario):
    """See above. The day must begin at a whole hour; the detectors stand along the road in the order of their ids."""

    name = "jam"

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        if setting.day % HOUR:
            raise ScenarioError("a day with a jam must begin at a whole hour (UTC)")
        road = sorted((each for each in setting.sensors.values() if each.kind == KIND), key=lambda each: each.id)
        if len(road) <= AFTER_CRASH:
            raise ScenarioError(f"a jam needs more than {AFTER_CRASH} detectors of the kind {KIND} in a row")
        self.crash, self.cleared = setting.day + CRASH, setting.day + CLEARED
        self.behind = frozenset(each.id for each in road[-AFTER_CRASH:])
        self.upstream = road[-AFTER_CRASH - 1 :: -1]
        """The detectors that the queue reaches, the nearest first."""
        self._spans: dict[str, tuple[int, int]] = {}
        way = 0.0
        for near, far in pairwise((road[-AFTER_CRASH], *self.upstream)):
            east, north = metres(Place(near.lat, near.lon), Place(far.lat, far.lon))
            step = (east * east + north * north) ** 0.5
            way += step / 2.0 if far is self.upstream[0] else step  # they crash half way between two detectors
            self._spans[far.id] = pass_at(self.crash, way, GROWS), pass_at(self.cleared, way, DISSOLVES)

    def span(self, sensor: str) -> tuple[int, int] | None:
        """From when to when (ms) the queue stands at the detector."""
        return self._spans.get(sensor)

    def alter(self, sensor: Sensor, source: int, at: int, values: dict[str, float]) -> None:
        share = self._share(sensor.id, at)
        if share is not None:
            now: State = state(RING, RING.jam * (share + SPREAD * jitter(source + 13, at)))
            values |= {"speed": now.speed, "flow": now.flow, "occupancy": now.occupancy}

    def _share(self, sensor: str, at: int) -> float | None:
        """The density there, None for that of an ordinary day."""
        if sensor in self.behind:
            return EMPTY if self.crash <= at < self.cleared else None
        if (span := self.span(sensor)) is None:
            return None
        begin, end = span
        if begin <= at < end:
            return QUEUE
        if end <= at < end + DISCHARGES:
            return DISCHARGE
        return DENSE if self.crash <= at < begin else None

    def expected(self) -> list[Expected]:
        found: list[Expected] = []
        first = self.setting.schedule.next
        for sensor in self.upstream:
            begin, end = self._spans[sensor.id]
            seen = [(first(sensor, begin), 1), (first(sensor, end), 0)]
            found += told("jam", sensor.id, "speed", seen, ("yellow",), JAM_HOLD, 0)
            whole = begin + -begin % HOUR, end - end % HOUR
            hours = [(whole[0] + HOUR, 1), (whole[1] + HOUR, 0)]  # decided at the end of the clock hour
            found += told("blocked-hour", sensor.id, "speed", hours, ("orange",), 0, 0)
            found += self._congestion(sensor, begin, end)
            closed = [(first(sensor, begin) + JAM_HOLD, 1), (first(sensor, end), 0)]
            found += told("road-closed", sensor.id, "speed", closed, ("red",), CLOSED_HOLD, 0)
        return sorted([*found, *self._between()])

    def _between(self) -> list[Expected]:
        """Of pairs of neighbours: the queue that grows from one to the other, and what lies at its head."""
        found: list[Expected] = []
        first = self.setting.schedule.next
        for lower, upper in pairwise(self.upstream):
            grown, gone = first(upper, self._spans[upper.id][0]), first(upper, self._spans[upper.id][1])
            # The one that the queue reaches first need not be the first to say so.
            if lower.id in upper.downstream and first(lower, self._spans[lower.id][0]) < grown:
                found += told(
                    "queue-grows", f"{upper.id}>{lower.id}", "speed", [(grown, 1), (gone, 0)], ("orange",), 0, 0
                )
        head, behind = self.upstream[0], min(self.behind)
        if behind not in head.downstream:
            return found
        begin, end = self._spans[head.id]
        place = f"{head.id}>{behind}"
        slow = [(first(head, begin), 1), (first(head, end), 0)]
        found += told("bottleneck", place, "speed", slow, ("orange",), SLOW_HOLD, 0)
        return found + self._crash(place, head, end)

    def _crash(self, place: str, head: Sensor, end: int) -> list[Expected]:
        """The incident: as of the second interval after the crash, if the road was busy enough before it that its
        emptiness behind the crash is seen; until what arrives downstream is as much as what passes upstream."""
        if self._usual(self.crash) * (1.0 - FALL) < EMPTY:
            return []
        # What leaves the queue passes for a while, and is dense beside the road behind, unless that is busy itself.
        held = (DISCHARGE - self._usual(self.cleared)) / DISCHARGE >= APART
        told_last = self.setting.schedule.next(head, end + DISCHARGES if held else end)
        over = told_last - told_last % head.interval + head.interval
        seen = [(self.crash + 2 * head.interval, 1), (over, 0)]
        return told("crash", place, "occupancy", seen, ("red",), 0, 0)

    def _usual(self, at: int) -> float:
        """The density on the ring road on an ordinary day, without its jitter, as a share of the jam density."""
        lon = self.upstream[0].lon
        return CROWDED * RING.busy * demand(solar_hour(at, lon), weekday(at, lon) < 5)

    def _congestion(self, sensor: Sensor, begin: int, end: int) -> list[Expected]:
        """Of the windows in which the queue stands at the detector, and the one after them."""
        ranks: list[tuple[int, int]] = []
        for start in range(begin - begin % INDEX, end + INDEX, INDEX):
            first = self.setting.schedule.next(sensor, start)
            queue = sum(begin <= at < end for at in range(first, start + INDEX, sensor.interval))
            leaving = start + INDEX > end
            ranks.append((start + INDEX, {0: 0, 1: int(leaving), 2: 1}.get(queue, 2)))
        return told("congestion", sensor.id, "tpi", ranks, ("orange", "red"), 0, 0)
