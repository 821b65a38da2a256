"""What a day may bring: the part every scenario shares, which is also the ordinary day, on which nothing happens."""

from dataclasses import dataclass

from rules.sensor import Sensor
from simulators.published import Expected
from simulators.schedule import Schedule


class ScenarioError(ValueError):
    """The scenario cannot be played with this registry or at this start; the message says why."""


@dataclass(frozen=True)
class Setting:
    """The stage: who is there, when they report, the seed, and the first instant of the day (ms)."""

    sensors: dict[str, Sensor]
    schedule: Schedule
    seed: int
    day: int


class Scenario:
    """A day. Its values never come near a limit of the sample city but where its `expected` says so."""

    name = "ordinary"
    calm_from: float | None = None
    """Where a hardly noticeable wind comes from (degrees) on a day under an inversion; None on other days."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    def silent(self, sensor: Sensor, at: int) -> bool:
        """Whether the sensor says nothing at `at`."""
        return False

    def alter(self, sensor: Sensor, source: int, at: int, values: dict[str, float]) -> None:
        """Change the canonical `values` that an ordinary day would give; `source` is the sensor's own chance."""

    def expected(self) -> list[Expected]:
        """Every finding that the day must cause, and no other may come."""
        return []


def told(rule: str, sensor: str, metric: str, seen: list[tuple[int, int]], names: tuple[str, ...],
         hold: int, keep: int) -> list[Expected]:  # fmt: skip
    """What a rule with plateaus says. `seen`: (instant of the first reading, rank) of one plateau after the other,
    rank 0 being clean and n the severity `names[n - 1]`. A graver rank is told `hold` ms after its first reading, a
    lesser one `keep` ms after. Every plateau must outlast both."""
    findings: list[Expected] = []
    rank = 0
    for at, now in seen:
        if now == rank:
            continue
        change = "fired" if rank == 0 else "cleared" if now == 0 else "changed"
        severity = names[now - 1] if now else ""
        findings.append(Expected(rule, sensor, metric, at + (hold if now > rank else keep), change, severity))
        rank = now
    return findings
