"""The noisy night: the limits are those of the standard, the site moves on, and the day stays quiet."""

from collections import defaultdict

from rules.indices.noise import leq
from rules.indices.noise_areas import AREAS
from rules.levels import Levels
from simulators import noise, noisy_night
from simulators.noisy_night import NoisyNight
from simulators.place import DAY, HOUR, solar_hour
from simulators.settings import FIRST_DAY
from tests.support.sample_city import city_rules, played

AREA = AREAS["4b"]


def day(begins: int = 0) -> NoisyNight:
    found, _ = played("noisy-night", day=FIRST_DAY + begins * HOUR)
    assert isinstance(found, NoisyNight)
    return found


def test_the_rule_is_the_standards() -> None:
    night, day = (next(rule for rule in city_rules() if rule.name == f"railway-{part}") for part in ("night", "day"))
    assert isinstance(night.spec, Levels)
    assert isinstance(day.spec, Levels)
    assert (night.metrics, day.metrics) == (("leq_hour",), ("leq_day",))
    assert [level.limit for level in night.spec.levels] == [AREA.night, AREA.day]
    assert [level.limit for level in day.spec.levels] == [AREA.day]
    assert night.spec.levels[0].clear > noise.BESIDE_RAILS


def test_only_the_mean_by_energy_tells_how_loud_it_was() -> None:
    for stage, limit in ((1, AREA.night), (2, AREA.day)):
        both = [noisy_night.HAMMER[stage], noisy_night.PAUSE[stage]]
        assert leq(both) > limit + 1.0
        assert sum(both) / 2.0 < limit


def test_they_work_at_night_only_at_one_place_after_the_other() -> None:
    for begins in (0, 7, 19):
        this = day(begins)
        loud = defaultdict(list)
        for at in range(this.setting.day, this.setting.day + DAY, HOUR):
            for sensor in this.line:
                if this.stage(sensor.id, at) == 2:
                    loud[sensor.id].append(at)
                    assert not 7.0 <= solar_hour(at, sensor.lon) < 21.0
                values: dict[str, float] = {}
                this.alter(sensor, 3, at, values)
                assert bool(values) == (this.stage(sensor.id, at) > 0)
        assert [len(loud[sensor.id]) for sensor in this.line] == [1] * len(this.line)


def test_a_meter_hears_the_site_come_and_go() -> None:
    this = day(19)  # a day that has the whole night in one piece
    middle = this.line[3]
    mine = [(each.at - this.setting.day, each.change, each.severity) for each in this.expected()
            if each.sensor == middle.id]  # fmt: skip
    begin = next(at for at in range(0, DAY, HOUR) if this.stage(middle.id, this.setting.day + at))
    assert [(at, change) for at, change, _ in sorted(mine)] == [
        (begin + HOUR, "fired"), (begin + 2 * HOUR, "changed"),
        (begin + 3 * HOUR, "changed"), (begin + 4 * HOUR, "cleared"),
    ]  # fmt: skip
