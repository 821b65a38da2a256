"""Flow, density, speed; congestion and level of service; incidents at one station and between two."""

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.indices import incident_california as california
from rules.indices import incident_deviate as deviate
from rules.indices.congestion import grade, grade_by_speed, lost_time, tpi
from rules.indices.service import level_of_service, per_mile
from rules.indices.traffic import density, density_from_occupancy, flow, free_flow_speed, space_mean_speed


def test_slow_vehicles_weigh_more() -> None:
    assert space_mean_speed([60, 30]) == pytest.approx(40)  # a km takes 1 and 2 minutes
    assert space_mean_speed([60, 30], [1, 3]) == pytest.approx(4 / (1 / 60 + 3 / 30))
    assert space_mean_speed([]) is None
    with pytest.raises(ValueError, match="above 0"):
        space_mean_speed([60, 0])
    with pytest.raises(ValueError):
        space_mean_speed([60], [1, 2])


@settings(deadline=None)
@given(st.lists(st.floats(1, 200), min_size=1, max_size=20))
def test_space_mean_is_never_above_time_mean(speeds: list[float]) -> None:
    found = space_mean_speed(speeds)
    assert found is not None
    assert min(speeds) - 1e-6 <= found <= sum(speeds) / len(speeds) + 1e-6


def test_the_fundamental_relation() -> None:
    assert flow(25, 80) == 2000
    assert density(2000, 80) == 25
    assert density(0, 0) is None
    assert density_from_occupancy(0.14) == pytest.approx(20)
    assert density_from_occupancy(0.2, vehicle_m=8, detector_m=2) == pytest.approx(20)


def test_free_flow_is_the_95th_percentile() -> None:
    assert free_flow_speed([float(one) for one in range(101)]) == pytest.approx(95)
    assert free_flow_speed([50]) == 50
    assert free_flow_speed([]) is None


@pytest.mark.parametrize(
    ("speed", "lost", "index", "local"),
    [
        (36, "0.4", "3", "基本畅通"), (24, "0.6", "6", "中度拥堵"), (12, "0.8", "26/3", "严重拥堵"),
        (42, "0.3", "2", "基本畅通"),  # exactly 70 %: the worse grade
        (42.1, "179/600", "179/90", "畅通"), (30, "0.5", "4", "轻度拥堵"), (18, "0.7", "8", "严重拥堵"),
        (60, "0", "0", "畅通"), (75, "0", "0", "畅通"), (0, "1", "10", "严重拥堵"),
    ],
)  # fmt: skip
def test_congestion(speed: float, lost: str, index: str, local: str) -> None:
    found = lost_time(speed, 60)
    assert found == Fraction(lost)
    assert tpi(found) == Fraction(index)
    assert grade(found).local == local


def test_a_free_speed_is_above_nothing() -> None:
    with pytest.raises(ValueError, match="free speed"):
        lost_time(30, 0)


@settings(deadline=None)
@given(st.integers(0, 1200), st.integers(0, 1200))
def test_slower_is_never_better(one: int, other: int) -> None:
    slow, fast = (lost_time(speed / 10, 60) for speed in sorted((one, other)))
    assert tpi(slow) >= tpi(fast)
    assert grade(slow).rank >= grade(fast).rank
    assert grade(slow).rank == min(int(tpi(slow) // 2) + 1, 5)


@pytest.mark.parametrize(
    ("road", "speed", "rank"),
    [
        ("expressway", 65.1, 1), ("expressway", 65, 2), ("expressway", 20, 5), ("arterial", 25, 3),
        ("expressway", 50.1, 2), ("expressway", 50, 3), ("expressway", 35.1, 3), ("expressway", 35, 4),
        ("arterial", 40.1, 1), ("arterial", 40, 2), ("arterial", 30.1, 2), ("arterial", 30, 3), ("arterial", 20, 4),
        ("arterial", 15, 5), ("secondary", 35, 2), ("secondary", 25, 3), ("secondary", 15, 4), ("secondary", 10, 5),
        ("local", 35.1, 1), ("local", 35, 2), ("local", 25, 3), ("local", 15, 4),
        ("arterial", 15.1, 4),
        ("secondary", 36, 1), ("local", 10, 5),
    ],
)  # fmt: skip
def test_grades_by_speed(road: str, speed: float, rank: int) -> None:
    assert grade_by_speed(road, speed).rank == rank


@pytest.mark.parametrize(
    ("facility", "value", "letter"),
    [
        ("freeway", 11, "A"), ("freeway", 11.1, "B"), ("freeway", 26, "C"), ("freeway", 35, "D"), ("freeway", 45, "E"),
        ("freeway", 45.1, "F"), ("multilane weaving", 24, "B"), ("signal delay", 35, "C"), ("signal delay", 81, "F"),
        ("freeway", 18, "B"), ("freeway", 18.1, "C"), ("freeway", 26.1, "D"), ("freeway", 35.1, "E"),
        ("multilane weaving", 12, "A"), ("multilane weaving", 12.1, "B"), ("multilane weaving", 32, "C"),
        ("multilane weaving", 36, "D"), ("multilane weaving", 40, "E"), ("multilane weaving", 40.1, "F"),
        ("signal delay", 10, "A"), ("signal delay", 20, "B"), ("signal delay", 20.1, "C"), ("signal delay", 55, "D"),
        ("signal delay", 80, "E"), ("signal delay", 80.1, "F"),
    ],
)  # fmt: skip
def test_level_of_service(facility: str, value: float, letter: str) -> None:
    assert level_of_service(facility, value) == letter


def test_more_than_the_road_can_take_is_f() -> None:
    assert level_of_service("freeway", 5, over_capacity=True) == "F"
    with pytest.raises(KeyError):
        level_of_service("footpath", 5)


@pytest.mark.parametrize(("per_km", "per_mi"), [(6.8, 11), (11.2, 18), (16.2, 26), (21.7, 35), (28.0, 45)])
def test_per_km_and_per_mile(per_km: float, per_mi: float) -> None:
    assert per_mile(per_km) == pytest.approx(per_mi, abs=0.1)


def changes(spec: deviate.Deviate, values: Sequence[float | None]) -> tuple[str, deviate.State]:
    """One letter an interval: f fired, c cleared, a dot for neither."""
    state, told = deviate.State(), ""
    for value in values:
        state, _, change = deviate.step(spec, state, value)
        told += change[0] if change else "."
    return told, state


CALM: list[float | None] = [0.10, 0.12, 0.11, 0.10, 0.12]
SPEC = deviate.Deviate(base=5)


#          base   incident           over
# occupancy 10 %  40 % ------------  11 %
#           .....  . f . . . . . .   c
def test_an_incident_lasts_as_long_as_it_lasts() -> None:
    told, state = changes(SPEC, [*CALM, *[0.4] * 8, 0.11])
    assert told == "....." + ".f......" + "c"
    assert state.base == (0.12, 0.11, 0.10, 0.12, 0.11)


def test_a_base_that_moves_on_would_have_ended_it() -> None:
    told, _ = changes(SPEC, [*CALM, 0.4, 0.4, *[0.4] * 100])
    assert told.count("c") == 0


def test_one_critical_value_is_not_enough() -> None:
    assert changes(SPEC, [*CALM, 0.4, 0.11, 0.4, 0.11])[0] == "........."


def test_a_missing_interval_changes_nothing() -> None:
    assert changes(SPEC, [*CALM, 0.4, None, None, 0.4])[0] == "........f"  # the row goes on


def test_a_steady_road_has_a_least_deviation() -> None:
    assert changes(SPEC, [0.1] * 5 + [0.129] * 5)[0] == "." * 10
    assert changes(SPEC, [0.1] * 5 + [0.131] * 2)[0] == "......f"


def test_falling_speed() -> None:
    assert changes(deviate.Deviate(base=5, falling=True, least=1.0), [80, 82, 81, 80, 82, 30, 30])[0] == "......f"
    assert changes(deviate.Deviate(base=5, falling=True, least=1.0), [80, 82, 81, 80, 82, 130, 130])[0] == "......."


def test_what_lasts_for_hours_becomes_ordinary() -> None:
    told, state = changes(deviate.Deviate(base=5, relearn=10), [*CALM, *[0.4] * 20])
    assert told == "....." + ".f" + "........" + "c" + "........."
    assert state == ((0.4,) * 5, 0)


def test_the_deviate_itself() -> None:
    state = deviate.State((0.10, 0.12, 0.11, 0.10, 0.12))
    _, score, _ = deviate.step(SPEC, state, 0.14)
    assert score == pytest.approx(3.0)  # mean 0.11, deviation 0.01


@pytest.mark.parametrize(
    "wrong", [{"base": 1}, {"persist": 0}, {"critical": 0}, {"least": 0}, {"relearn": 1, "persist": 2}]
)
def test_a_detector_that_cannot_be(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        deviate.Deviate(**wrong)  # type: ignore[arg-type]


def test_the_thresholds_of_algorithm_8() -> None:
    assert california.California() == california.California(
        difference=0.08, surge=-0.4, relative=0.5, drop=0.3, dense=0.30
    )


def story(pairs: list[tuple[float | None, float | None]]) -> tuple[str, list[california.State]]:
    """One letter an interval: t tentative, f fired, c cleared, 1 to 5 a wave's age, a dot for nothing."""
    state, told, states = california.State(), "", []
    for upstream, downstream in pairs:
        before = state.stage
        state, change = california.step(california.California(), state, upstream, downstream)
        states.append(state)
        if change:
            told += change[0]
        elif state.stage == "tentative" and before != "tentative":
            told += "t"
        else:
            told += str(state.wave or ".")
    return told, states


FLOWING = [(0.12, 0.12)] * 3


def test_a_crash_between_two_stations() -> None:
    told, _ = story([*FLOWING, (0.35, 0.06), (0.40, 0.05), (0.40, 0.05), (0.15, 0.14)])
    assert told == "..." + "tf." + "c"


def test_congestion_downstream_is_no_incident_between() -> None:
    assert story([*FLOWING, *[(0.40, 0.40)] * 5])[0] == "...11234"  # it came with a surge: a wave


def test_a_wave_silences_for_five_intervals() -> None:
    # the wave passes downstream, then all looks like an incident: nothing is begun while it is remembered
    told, _ = story([*FLOWING, (0.12, 0.35), (0.40, 0.10), *[(0.40, 0.07)] * 5])
    assert told[:8] == "...12345"
    assert "f" not in told


def test_a_tentative_incident_that_was_a_wave() -> None:
    told, states = story([(0.12, 0.12), (0.12, 0.12), (0.35, 0.06), (0.40, 0.35)])
    assert told == "..t1"
    assert states[-1].stage == "free"


def test_a_tentative_incident_that_was_nothing() -> None:
    assert story([*FLOWING, (0.35, 0.06), (0.12, 0.12), (0.12, 0.12)])[0] == "...t.."


def test_a_surge_ends_a_confirmed_incident_without_a_wave() -> None:
    assert story([*FLOWING, (0.35, 0.06), (0.4, 0.05), (0.4, 0.35), (0.12, 0.12)])[0] == "...tfc."


def test_empty_roads_divide_by_nothing() -> None:
    assert story([(0.0, 0.0)] * 5)[0] == "....."


def test_a_missing_interval_breaks_the_row() -> None:
    assert story([*FLOWING, (0.35, 0.06), (None, 0.05), (0.4, 0.05), (0.4, 0.05), (0.4, 0.05)])[0] == "...t...."
    told, states = story([*FLOWING, (0.35, 0.06), (0.4, 0.05), (0.4, None), (0.4, 0.05), (0.4, 0.05), (0.12, 0.12)])
    assert told == "...tf...c"
    assert states[5].stage == "confirmed"
