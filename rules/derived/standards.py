"""Numbers of standards that a city sets for itself: what no source confirms, and what is its own choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from rules.indices import china_tables, heavy_pollution, high_temperature, means, rainstorm
from rules.indices.exact import Number, Ties
from rules.indices.noise_areas import AREAS, DAY_BEGINS, NIGHT_BEGINS, Area
from rules.indices.waterlogging import DEFAULT, Depths

SECTIONS = ("noise", "waterlogging", "high_temperature", "rainstorm", "heavy_pollution", "air", "traffic")
"""The parts of standards.yaml."""

MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Noise:
    """Hours of local time at which day and night begin, and the limits of each functional area by its name."""

    day_begins: int = DAY_BEGINS
    night_begins: int = NIGHT_BEGINS
    areas: Mapping[str, Area] = field(default_factory=lambda: AREAS)


@dataclass(frozen=True, slots=True)
class Air:
    """`ties`: how GB/T 8170 rounds what lies exactly between two. The day of ozone takes the windows that end after
    `ozone_from` hours or later, of which `ozone_needed` must be valid."""

    ties: Ties = "even"
    ozone_from: int = 8
    ozone_needed: int = 14

    def ozone_day(self, hours: Sequence[Number | None]) -> Fraction | None:
        """The greatest 8-hour mean of a day, by its hourly means."""
        return means.ozone_day(hours, first=self.ozone_from, needed=self.ozone_needed)


@dataclass(frozen=True, slots=True)
class Traffic:
    """Mean lengths (m) of a vehicle and of a loop. The incident deviate: of a base of so many windows, so many
    deviations are critical, and after `relearn` (ms) of them the road's new state is its ordinary one."""

    vehicle: float = 5.0
    loop: float = 2.0
    base: int = 10
    critical: float = 3.0
    relearn: int = 120 * MINUTE


@dataclass(frozen=True, slots=True)
class Standards:
    """All of them. `heat` and `rain`: signals from the gravest; `pollution`: the city's own edition of heavy-pollution
    warnings, in force from its first day. `sources`: who set the numbers of each section that the city has."""

    noise: Noise = Noise()
    depths: Depths = DEFAULT
    heat: tuple[high_temperature.Step, ...] = high_temperature.STEPS
    rain: tuple[rainstorm.Step, ...] = rainstorm.STEPS
    pollution: heavy_pollution.Edition | None = None
    air: Air = Air()
    traffic: Traffic = Traffic()
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def sections(self) -> Mapping[str, object]:
        """What is set, by the names of SECTIONS."""
        own = self.noise, self.depths, self.heat, self.rain, self.pollution, self.air, self.traffic
        return dict(zip(SECTIONS, own, strict=True))

    def warnings(self, day: date) -> heavy_pollution.Edition:
        """The edition of heavy-pollution warnings that is in force in the city on that day."""
        if self.pollution is not None and self.pollution.source.holds(day):
            return self.pollution
        return heavy_pollution.edition_at(day)

    @property
    def warning_hours(self) -> int:
        """The hours of the longest spell of any edition."""
        own = 0 if self.pollution is None else heavy_pollution.longest(self.pollution)
        return max(heavy_pollution.HOURS, own)

    def scales(self, day: date) -> china_tables.Edition:
        """The edition of the Chinese index that is in force on that day, which rounds as the city says."""
        return china_tables.rounding(china_tables.edition_at(day), self.air.ties)


NATIONAL = Standards()
"""Those of a city that sets none."""
