"""The named days that a simulation can play."""

from rules.faults import nearest
from simulators.dead_gateway import DeadGateway
from simulators.flood import FlashFlood
from simulators.heat_wave import HeatWave
from simulators.jam import Jam
from simulators.noisy_night import NoisyNight
from simulators.scenario import Scenario, ScenarioError, Setting
from simulators.smog import Smog

SCENARIOS: dict[str, type[Scenario]] = {
    day.name: day for day in (Scenario, Smog, DeadGateway, FlashFlood, Jam, NoisyNight, HeatWave)
}


def scenario(name: str, setting: Setting) -> Scenario:
    """The day called `name`. Raises ScenarioError when there is none, or when this registry cannot play it."""
    if name not in SCENARIOS:
        raise ScenarioError(f"no scenario {name!r}; {nearest(name, SCENARIOS)}")
    return SCENARIOS[name](setting)
