"""The sample city as tests need it: its registry and its rules, read once."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ingest.contract import Contract
from ingest.reading import Reading
from rules.catalogue import Catalogue, parse_rules
from rules.registry import parse_registry
from rules.rule import Rule
from rules.sensor import Sensor
from simulators.badday import scenario
from simulators.city import City
from simulators.dead_gateway import GATEWAY
from simulators.place import DAY
from simulators.scenario import Scenario, Setting
from simulators.schedule import Schedule
from simulators.settings import FIRST_DAY
from simulators.simulate import steps
from urbanpulse.catalogue_folder import rule_files
from urbanpulse.city import load

CONCERNED = {
    "flash-flood": frozenset({"weather", "water", "underpass"}),
    "jam": frozenset({"ringroad"}),
    "noisy-night": frozenset({"railside"}),
    "heat-wave": frozenset({"weather"}),
}
"""The kinds of sensors that a bad day happens to."""
FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "sample-city"


@cache
def sensors() -> dict[str, Sensor]:
    found, faults = parse_registry((FOLDER / "sensors.csv").read_text(encoding="utf-8"), "sensors.csv")
    assert not faults, faults
    return found


@cache
def catalogue() -> Catalogue:
    """The city as its judge knows it, with one bridge."""
    return replace(load(FOLDER, {}).catalogue, bridges=("b1",))


@cache
def city_rules() -> tuple[Rule, ...]:
    rules: list[Rule] = []
    for file in rule_files(FOLDER / "rules"):
        found, faults = parse_rules(file.read_text(encoding="utf-8"), file.name)
        assert not faults, faults
        rules += found
    return tuple(rules)


def played(name: str, seed: int = 1, day: int = FIRST_DAY) -> tuple[Scenario, City]:
    """A scenario on the sample city, and the city that plays it."""
    setting = Setting(sensors(), Schedule(seed), seed, day)
    return (this := scenario(name, setting)), City(this)


class Heard(NamedTuple):
    """A step of a day as a bridge reads it: what the contract accepts, and the end of the step (ms)."""

    end: int
    readings: list[Reading]


def heard_sensors(name: str) -> dict[str, Sensor]:
    """Whom `heard` listens to: all on the day of smog, on the others all that it is about and one of three. The
    gateway's day is about the stations of air too: their district can be judged while some are silent."""
    everyone = enumerate(sensors().items())
    concerned = CONCERNED.get(name, frozenset({"air"} if name == "dead-gateway" else ()))
    return {
        id_: s
        for number, (id_, s) in everyone
        if name == "smog" or number % 3 == 0 or s.kind in concerned or s.gateway == GATEWAY
    }


@cache
def heard(name: str) -> list[Heard]:
    """A day of a scenario through the contract, by the publisher's clock."""
    contract, now, day = Contract(sensors()), FIRST_DAY, []
    setting = Setting(heard_sensors(name), Schedule(1), 1, FIRST_DAY)
    for step in steps(City(scenario(name, setting)), FIRST_DAY, 300_000):
        readings: list[Reading] = []
        for message in step.messages:
            readings += contract.read(message.topic, message.payload, now - 7 * DAY, step.end + 60_000).readings
        day.append(Heard(step.end, readings))
        now = step.end
    return day
