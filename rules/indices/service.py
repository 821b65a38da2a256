"""The US Highway Capacity Manual's levels of service, A (free) to F (breakdown)."""

from bisect import bisect_left
from collections.abc import Mapping
from types import MappingProxyType

from rules.indices.table import read, source_of

_TABLE = read("traffic")["service"]
SOURCE = source_of(_TABLE)
KM_PER_MILE = 1.609344

# The greatest value of levels A to E; above is F. Passenger cars per mile and lane, seconds per vehicle at signals.
LIMITS: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {facility: tuple(limits) for facility, limits in _TABLE["limits"].items()}
)


def level_of_service(facility: str, value: float, *, over_capacity: bool = False) -> str:
    """One letter, A to F, from the facility's own measure. Demand above capacity is F whatever the value.

    Raises KeyError for an unknown facility.
    """
    place = bisect_left(LIMITS[facility], value)
    return "F" if over_capacity else "ABCDEF"[place]


def per_mile(density: float) -> float:
    """From vehicles per km and lane to vehicles per mile and lane."""
    return density * KM_PER_MILE
