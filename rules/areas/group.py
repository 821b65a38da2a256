"""A group: the sensors that one composite rule judges together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

NOBODY: Mapping[str, str] = MappingProxyType({})
NO_ROLES: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Group:
    """`key` is its identity, `name` what people call the area. `sensors`: ids, sorted. `district`: the one that all of
    them are in, else empty. `roles`: who is what, such as {"upstream": (a,), "downstream": (b,)}. `away`: those that
    the registry takes out of service, with its word for it: maintained or quarantined."""

    key: str
    rule: str
    name: str
    sensors: tuple[str, ...]
    district: str = ""
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_ROLES)
    away: Mapping[str, str] = field(default_factory=lambda: NOBODY)

    def role(self, sensor: str) -> str:
        """The part that the sensor plays; "" for none."""
        return next((name for name, ids in self.roles.items() if sensor in ids), "")
