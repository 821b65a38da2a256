"""What all composite rules have in common: members, asked of the sensors of a group."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rules.areas.machine import GroupMachine
from rules.areas.member import Member, Resolved

By = Literal["sensor", "district", "city", "group", "neighbours", "radius", "inside"]


@dataclass(frozen=True, slots=True)
class Area:
    """How sensors are grouped: each by itself; by district; all of them; by the registry's column `group`; each pair
    of which the column `downstream` of one names the other; around each within `radius` metres; in each of the shapes
    `inside`."""

    by: By = "sensor"
    radius: int = 0
    inside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositeSpec(ABC):
    """A kind's own spec extends it with what it says beside. `delay`: how long events are waited for (ms), at least
    as long as its members' windows wait. `silent`: the ms after which a sensor counts as silent, 0 for thrice its
    interval."""

    members: tuple[Member, ...]
    area: Area = Area()
    delay: int = 0
    silent: int = 0

    @property
    def metrics(self) -> tuple[str, ...]:
        """Those that it names itself, each once."""
        return tuple(dict.fromkeys(member.metric for member in self.members if member.metric))

    @property
    def everyone(self) -> bool:
        """Whether a sensor is asked only where every member can be asked of it: for groups of one sensor."""
        return self.area.by == "sensor"

    @property
    def text(self) -> str:
        """The sentence of its findings, empty for the kind's own."""
        return ""

    @property
    def tells_doubt(self) -> bool:
        """Whether it is worth a finding that nothing can be said where nothing is on."""
        return True

    @abstractmethod
    def machine(self, members: Sequence[Resolved]) -> GroupMachine[Any]:
        """What judges the groups, `members` being what the catalogue makes of them."""

    def unit(self, members: Sequence[Resolved]) -> str:
        """The unit of the values and limits of its findings."""
        return ""

    @abstractmethod
    def severities(self) -> tuple[str, ...]:
        """Those that it may have, in order of gravity."""
