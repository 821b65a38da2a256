"""The jam: the queue obeys Greenshields' law and continuity, and passes one detector after the other."""

import itertools

import pytest

from rules.indices.congestion import lost_time, tpi
from rules.kinds.combine import CombineSpec
from rules.kinds.compare import CompareSpec
from rules.kinds.incident import IncidentSpec
from rules.kinds.sequence import SequenceSpec
from rules.kinds.window import WindowSpec
from rules.levels import Levels
from simulators import jam, traffic
from simulators.jam import Jam
from simulators.place import HOUR
from simulators.traffic import RING, State, state
from tests.support.sample_city import catalogue, city_rules, played


def day() -> Jam:
    found, _ = played("jam")
    assert isinstance(found, Jam)
    return found


def spec(name: str) -> object:
    return next(rule.spec for rule in city_rules() if rule.name == name)


def test_the_numbers_are_those_of_the_rule_files() -> None:
    at_once, hour = spec("jam"), spec("blocked-hour")
    assert isinstance(at_once, Levels)
    assert isinstance(hour, WindowSpec)
    assert (at_once.hold, at_once.keep_firing) == (jam.JAM_HOLD, 0)
    assert (hour.every, hour.aggregate) == (HOUR, "mean")
    queue, dense, leaves = (state(RING, RING.jam * share).speed for share in (jam.QUEUE, jam.DENSE, jam.DISCHARGE))
    assert queue < hour.levels.levels[0].limit < at_once.levels[0].limit < at_once.levels[0].clear < leaves < dense


def test_the_index_of_any_mix_of_queue_and_road_is_well_on_one_side() -> None:
    """Of three reports of a window, so many in the queue and the rest before or after it."""
    spec_of = spec("congestion")
    assert isinstance(spec_of, Levels)
    limits = [level.limit for level in spec_of.levels]
    queue, dense, leaves = (state(RING, RING.jam * share).speed for share in (jam.QUEUE, jam.DENSE, jam.DISCHARGE))
    for other, ranks in ((dense, (0, 0, 1, 2)), (leaves, (0, 1, 1, 2))):
        for number, rank in enumerate(ranks):
            found = float(tpi(lost_time((number * queue + (3 - number) * other) / 3.0, RING.free)))
            assert sum(found > limit for limit in limits) == rank
            assert min(abs(found - limit) for limit in limits) > 0.3
    assert catalogue().indices is not None
    assert catalogue().indices.free_flow == RING.free


@pytest.mark.parametrize(("before", "behind", "speed"), [
    (jam.DENSE, jam.QUEUE, jam.GROWS), (jam.QUEUE, jam.DISCHARGE, jam.DISSOLVES)])  # fmt: skip
def test_no_vehicle_is_lost_at_the_border_of_two_densities(before: float, behind: float, speed: float) -> None:
    """Rankine and Hugoniot: what flows in and does not flow out stays within the stretch that the border has passed."""
    one, other = state(RING, RING.jam * before), state(RING, RING.jam * behind)
    assert (one.flow - other.flow) == pytest.approx(speed * (other.density - one.density))
    assert speed > 0.0


def test_the_border_passes_the_detectors_in_turn_and_leaves_them_in_turn() -> None:
    this = day()
    spans = [this.span(sensor.id) for sensor in this.upstream]
    assert len(spans) == 10
    for one, further in itertools.pairwise(spans):
        assert one is not None
        assert further is not None
        # 450 m of road: three minutes at 9 km/h, 67 s at 24 km/h
        assert further[0] - one[0] == pytest.approx(180_000, rel=0.01)
        assert further[1] - one[1] == pytest.approx(67_500, rel=0.01)
    last = spans[-1]
    assert last is not None
    assert this.crash < last[0] < this.crash + HOUR // 2
    assert last[1] - last[0] > jam.JAM_HOLD + HOUR
    assert all(this.span(each) is None for each in this.behind)


def test_each_detector_is_told_after_the_one_before_it() -> None:
    this = day()
    fired = {each.sensor: each.at for each in this.expected() if (each.rule, each.change) == ("jam", "fired")}
    assert list(fired) != []
    order = [fired[sensor.id] for sensor in this.upstream]
    assert max(one - further for one, further in itertools.pairwise(order)) < 300_000  # but for when they report
    assert order[-1] - order[0] == pytest.approx(9 * 180_000, abs=300_000)


def test_no_speed_says_free_behind_a_queue() -> None:
    this = day()
    for sensor in this.upstream:
        begin, end = this.span(sensor.id) or (0, 0)
        for at in range(begin, end, 60_000):
            values: dict[str, float] = {}
            this.alter(sensor, 5, at, values)
            assert 4.5 < values["speed"] < 8.0
            assert values["flow"] == pytest.approx(values["occupancy"] * 1000 / 7 * RING.lanes * values["speed"])
    behind = next(iter(this.behind))
    empty: dict[str, float] = {}
    this.alter(this.setting.sensors[behind], 5, this.crash + HOUR, empty)
    assert empty["speed"] > 55.0
    assert empty["flow"] < 700.0


def test_the_rules_on_pairs_see_the_road_as_the_day_means_it() -> None:
    """Every density that the day brings is well on one side of what the rules on neighbours ask."""
    grows, slow, closed, crash = (spec(name) for name in ("queue-grows", "bottleneck", "road-closed", "crash"))
    assert isinstance(grows, SequenceSpec) and isinstance(slow, CompareSpec)
    assert isinstance(closed, CombineSpec) and isinstance(crash, IncidentSpec)
    assert (slow.levels.hold, closed.together.hold) == (jam.SLOW_HOLD, jam.CLOSED_HOLD)
    assert (crash.scale.limits.drop, crash.scale.limits.relative) == (jam.FALL, jam.APART)

    def at(share: float) -> tuple[State, State]:
        return state(RING, RING.jam * (share - jam.SPREAD)), state(RING, RING.jam * (share + jam.SPREAD))

    queue, leaves, empty = (at(share) for share in (jam.QUEUE, jam.DISCHARGE, jam.EMPTY))
    [level] = slow.levels.levels
    # the head of the queue beside the road behind it; beside the road before it when the queue is but half told
    busiest = state(RING, RING.jam * traffic.CROWDED * 0.68)
    assert queue[0].speed - busiest.speed < level.limit - 2.0
    # what leaves the queue beside the emptiest road, and beside the queue that is still there
    assert leaves[1].speed - empty[0].speed > level.clear + 2.0
    assert queue[1].speed - leaves[0].speed > level.limit + 2.0
    # no jitter of an empty road is a fall, and an ordinary morning's end is one
    assert 1.0 - empty[0].occupancy / empty[1].occupancy < jam.FALL - 0.05
    this = day()
    assert 1.0 - jam.EMPTY / this._usual(this.crash) > jam.FALL + 0.1
    assert within(grows) >= 2 * 300_000 + 180_000


def within(found: SequenceSpec) -> int:
    return found.order.within


def test_the_shock_wave_is_judged_pair_by_pair() -> None:
    this = day()
    expected = this.expected()
    crash = [(each.sensor, each.at - this.crash) for each in expected if (each.rule, each.change) == ("crash", "fired")]
    assert crash == [("ringroad-10>ringroad-11", 600_000)]
    grown = [each for each in expected if (each.rule, each.change) == ("queue-grows", "fired")]
    order = [each.sensor for each in sorted(grown, key=lambda each: each.at)]
    assert len(order) >= 5
    assert order == sorted(order, reverse=True)
    slow = [each.sensor for each in expected if (each.rule, each.change) == ("bottleneck", "fired")]
    assert slow == ["ringroad-10>ringroad-11"]
