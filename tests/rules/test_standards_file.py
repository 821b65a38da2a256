"""standards.yaml: what a city sets, what is national without it, and every fault in the file."""

from datetime import date
from fractions import Fraction

import pytest

from rules.derived.standards import NATIONAL, Standards
from rules.indices.heavy_pollution import HOURS, OF_2018, OF_2024, Spell
from rules.indices.high_temperature import Step as HeatStep
from rules.indices.noise_areas import AREAS
from rules.indices.rainstorm import Step as RainStep
from rules.indices.warning import Colour
from rules.indices.waterlogging import Depths
from rules.standards_file import parse_standards

CITY = """
noise:
  source: order 12/2026
  day_begins: 7
  night_begins: 23
  limits:
    4b: {day: 70, night: 65}
waterlogging:
  source: water authority
  depths: {blue: 0.1, yellow: 0.2, orange: 0.3, red: 0.45}
  ahead: 20min
high_temperature:
  source: weather service
  red: {at: 42}
  orange: {at: 38}
  yellow: {at: 36, days: 2}
rainstorm:
  source: weather service
  blue: {mm: 40, hours: 6}
  red: {mm: 120, hours: 3}
heavy_pollution:
  source: plan of 2026
  since: 2026-07-01
  yellow: {above: 200}
  orange: [{above: 200, hours: 48}, {above: 150, hours: 72}]
  red: [[{above: 200, hours: 120}, {above: 300}]]
air:
  source: letter of the centre
  ties: up
  ozone_from: 9
  ozone_needed: 12
traffic:
  source: survey of 2025
  vehicle: 4.6
  loop: 1.8
  base: 6
  critical: 2.5
  relearn: 90min
"""


def standards(text: str = CITY) -> Standards:
    found, faults = parse_standards(text, "standards.yaml")
    assert not faults, faults
    return found


def told(text: str) -> list[str]:
    return [str(fault) for fault in parse_standards(text, "s.yaml")[1]]


def test_each_section_takes_the_place_of_what_is_national() -> None:
    city = standards()
    assert (city.noise.day_begins, city.noise.night_begins) == (7, 23)
    assert (city.noise.areas["4b"].night, city.noise.areas["4b"].use) == (65.0, AREAS["4b"].use)
    assert city.noise.areas["2"] == AREAS["2"]
    assert city.depths == Depths(0.1, 0.2, 0.3, 0.45, 20.0)
    assert city.heat == (
        HeatStep(Colour.red, 42.0, 1),
        HeatStep(Colour.orange, 38.0, 1),
        HeatStep(Colour.yellow, 36.0, 2),
    )
    assert city.rain == (RainStep(Colour.red, 120.0, 3), RainStep(Colour.blue, 40.0, 6))
    assert (city.air.ties, city.air.ozone_from, city.air.ozone_needed) == ("up", 9, 12)
    assert (city.traffic.vehicle, city.traffic.loop) == (4.6, 1.8)
    assert (city.traffic.base, city.traffic.critical, city.traffic.relearn) == (6, 2.5, 5_400_000)


def test_who_says_so_is_kept() -> None:
    assert standards().sources["noise"] == "order 12/2026"
    assert list(standards().sources) == list(CITY_SECTIONS)


CITY_SECTIONS = ("noise", "waterlogging", "high_temperature", "rainstorm", "heavy_pollution", "air", "traffic")


def test_warnings_of_the_city_are_in_force_from_their_day() -> None:
    city = standards()
    assert city.warnings(date(2026, 6, 30)) is OF_2024
    assert city.warnings(date(2020, 1, 1)) is OF_2018
    own = city.warnings(date(2026, 7, 1))
    assert list(own.conditions) == [Colour.red, Colour.orange, Colour.yellow]
    assert own.conditions[Colour.red] == ((Spell(Fraction(200), 120), Spell(Fraction(300), 24)),)
    assert own.conditions[Colour.orange] == ((Spell(Fraction(200), 48),), (Spell(Fraction(150), 72),))
    assert own.conditions[Colour.yellow] == ((Spell(Fraction(200), 24),),)
    assert (city.warning_hours, NATIONAL.warning_hours) == (120, HOURS)


def test_the_index_rounds_as_the_city_says() -> None:
    day = date(2026, 4, 1)
    assert standards().scales(day).ties == "up"
    assert NATIONAL.scales(day).ties == "even"


def test_what_is_left_out_is_national() -> None:
    assert standards("air: {source: us, ties: even}").traffic == NATIONAL.traffic
    one = standards("noise: {source: us, day_begins: 7}")
    assert (one.noise.day_begins, one.noise.night_begins, one.noise.areas["3"]) == (7, 22, AREAS["3"])
    assert one.depths == NATIONAL.depths and one.warnings(date(2026, 1, 1)) is OF_2024
    later = standards("waterlogging: {source: us, ahead: 30min}")
    assert later.depths == NATIONAL.depths._replace(ahead=30.0)
    length = standards("traffic: {source: us, loop: 1.5}")
    assert (length.traffic.vehicle, length.traffic.loop) == (5.0, 1.5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nosie: {source: us}", ["s.yaml:1: nosie: unknown key. did you mean 'noise'?"]),
        ("3", ["must be a mapping"]),
        ("", ["the file is empty"]),
        ("noise: 3", ["noise: must be a mapping"]),
        ("noise: {day_begins: 7}", ["the key 'source' is missing. name the decree"]),
        ("noise: {source: us}", ["it sets nothing. give one of day_begins"]),
        ("noise: {source: 7, day_begins: 7}", ["noise.source: must be text"]),
        ("noise: {source: '  ', day_begins: 7}", ["must be 1 to 200 characters"]),
        ("noise: {source: us, day_begins: 6.5}", ["noise.day_begins: must be a whole number from 0 to 23"]),
        ("noise: {source: us, day_begins: 22}", ["the day from 22:00 to 22:00 is none"]),
        ("noise: {source: us, limits: {5: {day: 1, night: 1}}}", ["noise.limits.5: unknown key"]),
        ("noise: {source: us, limits: {1: {day: 55}}}", ["the key 'night' is missing"]),
        (
            "noise: {source: us, limits: {1: {day: 0, night: 200}}}",
            ["limits.1.day: must be above 0", "1.night: must be"],
        ),
        ("waterlogging: {source: us, depths: {blue: 0.1}}", ["the key 'yellow' is missing", "'orange' is", "'red' is"]),
        (
            "waterlogging: {source: us, depths: {blue: 0.1, yellow: 0.3, orange: 0.2, red: 0.5}}",
            [
                "s.yaml:1: waterlogging.depths.yellow: is never seen, since whatever calls for it calls for orange "
                "too. ask more for orange, or less for yellow"
            ],
        ),
        (
            "waterlogging: {source: us, depths: {blue: 0, yellow: 0.3, orange: 0.2, red: 0.5}}",
            ["depths.blue: must be above 0 and at most 10 m", "depths.yellow: is never seen"],
        ),
        ("waterlogging: {source: us, ahead: 2h}", ["ahead: must be an hour at most"]),
        ("waterlogging: {source: us, ahead: 1s}", ["too short"]),
        ("high_temperature: {source: us, green: {at: 3}}", ["high_temperature.green: unknown key", "it sets nothing"]),
        ("high_temperature: {source: us, red: {days: 3}}", ["the key 'at' is missing"]),
        ("high_temperature: {source: us, red: {at: 400}}", ["must be above -60 and at most 60 °C"]),
        ("high_temperature: {source: us, red: {at: 40, days: 9}}", ["must be a whole number from 1 to 7"]),
        ("rainstorm: {source: us, red: {mm: 100}}", ["the key 'hours' is missing"]),
        (
            "rainstorm: {source: us, red: {mm: 0, hours: 25}}",
            ["hours: must be a whole number from 1 to 24", "mm: must be"],
        ),
        ("heavy_pollution: {source: us, red: {above: 200}}", ["the key 'since' is missing. from which local day"]),
        ("heavy_pollution: {source: us, since: 2026-01-01}", ["it names no colour. give one of blue"]),
        ("heavy_pollution: {source: us, since: [1], red: {above: 200}}", ["since: must be a single value"]),
        ("heavy_pollution: {source: us, since: yesterday, red: {above: 200}}", ["'yesterday' is no day"]),
        ("heavy_pollution: {source: us, since: 2026-01-01, red: []}", ["red: an empty list"]),
        ("heavy_pollution: {source: us, since: 2026-01-01, red: {hours: 24}}", ["the key 'above' is missing"]),
        (
            "heavy_pollution: {source: us, since: 2026-01-01, red: {above: 700, hours: 3}}",
            ["above: must be above 0 and at most 500 of the index", "hours: must be a whole number from 24 to 240"],
        ),
        ("air: {source: us, ties: odd}", ["air.ties: unknown: 'odd'"]),
        ("air: {source: us, ozone_from: 20}", ["14 windows are needed, but only 5 end from 20:00 on"]),
        ("traffic: {source: us, vehicle: 0}", ["vehicle: must be above 0 and at most 50 m"]),
        ("traffic: {source: us, critical: -1}", ["critical: must be above 0"]),
        ("traffic: {source: us, base: 1}", ["base: must be a whole number from 2 to 50"]),
        ("traffic: {source: us, relearn: 8d}", ["relearn: must be a week at most"]),
    ],
)
def test_what_is_wrong(text: str, words: list[str]) -> None:
    faults = told(text)
    assert len(faults) == len(words), faults
    assert all(any(word in fault for fault in faults) for word in words), faults


def hidden(section: str, steps: str) -> list[str]:
    """The colours of a section that are told as never seen, each with the graver one that is seen in its place."""
    colours = []
    for fault in parse_standards(f"{section}: {{source: us, {steps}}}", "s.yaml")[1]:
        assert fault.suggestion.startswith("ask more for "), fault
        colours.append(f"{fault.key.removeprefix(section + '.')} {fault.suggestion.split()[3].rstrip(',')}")
    return colours


@pytest.mark.parametrize(
    ("section", "steps", "colours"),
    [
        ("waterlogging", "depths: {blue: 0.1, yellow: 0.1, orange: 0.3, red: 0.5}", ["depths.blue yellow"]),
        (
            "waterlogging",
            "depths: {blue: 0.2, yellow: 0.3, orange: 0.4, red: 0.1}",
            ["depths.blue red", "depths.orange red", "depths.yellow red"],
        ),
        ("high_temperature", "orange: {at: 40}, red: {at: 38}", ["orange red"]),
        ("high_temperature", "orange: {at: 40}, red: {at: 40}", ["orange red"]),
        ("high_temperature", "yellow: {at: 40, days: 3}, red: {at: 40}", ["yellow red"]),
        ("high_temperature", "orange: {at: 40}, red: {at: 38, days: 2}", []),  # one day of 40 °C is orange
        ("rainstorm", "orange: {mm: 50, hours: 3}, red: {mm: 40, hours: 3}", ["orange red"]),
        ("rainstorm", "blue: {mm: 50, hours: 3}, red: {mm: 50, hours: 6}", ["blue red"]),
        ("rainstorm", "orange: {mm: 50, hours: 3}, red: {mm: 40, hours: 1}", []),  # 20 mm in each of three hours
        ("heavy_pollution", "since: 2026-01-01, orange: {above: 200}, red: {above: 150}", ["orange red"]),
        ("heavy_pollution", "since: 2026-01-01, orange: {above: 200, hours: 48}, red: {above: 200}", ["orange red"]),
        ("heavy_pollution", "since: 2026-01-01, orange: {above: 150, hours: 48}, red: {above: 200}", []),
        (
            "heavy_pollution",
            "since: 2026-01-01, orange: [{above: 300}, {above: 200, hours: 48}], red: [{above: 250}]",
            [],  # of orange the second way remains
        ),
        (
            "heavy_pollution",
            "since: 2026-01-01, orange: [[{above: 200, hours: 72}, {above: 300}]], red: {above: 300}",
            [],  # a day above 300, then two above 200: red on the first, orange on the third
        ),
    ],
)
def test_a_colour_that_a_graver_one_always_hides_is_a_fault(section: str, steps: str, colours: list[str]) -> None:
    assert hidden(section, steps) == colours


def test_a_step_at_fault_hides_nothing() -> None:
    assert len(told("rainstorm: {source: us, blue: {mm: 50, hours: 3}, red: {mm: 0, hours: 3}}")) == 1
    assert len(told("high_temperature: {source: us, orange: {at: 40, days: 2}, red: {at: 38, days: 9}}")) == 1
    spells = "orange: {above: 300}, red: [[{above: 200}, {above: 300, hours: 3}]]"
    assert len(told(f"heavy_pollution: {{source: us, since: 2026-01-01, {spells}}}")) == 1
