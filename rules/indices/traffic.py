"""The three quantities of a traffic stream, and the means that belong to them."""

from collections.abc import Sequence
from math import fsum

from rules.indices.source import Certainty, Source

SOURCE = Source(
    "fundamental relation of traffic flow",
    "",
    Certainty.read,
    remark="q = k v is read in the Highway Capacity Manual; density from occupancy is general knowledge.",
)


def space_mean_speed(speeds: Sequence[float], counts: Sequence[float] | None = None) -> float | None:
    """The speed (km/h) that goes with density: the harmonic mean of the speeds of vehicles that pass a point, each
    counted once, or `counts` times.

    None for no vehicle at all. Raises ValueError for a speed that is not above 0 (a vehicle that passed moved) and for
    lists of different length.
    """
    weights = [1.0] * len(speeds) if counts is None else list(counts)
    if any(not speed > 0 for speed in speeds):
        raise ValueError("a vehicle that passed has a speed above 0")
    total = fsum(weights)
    if not total:
        return None
    return total / fsum(weight / speed for speed, weight in zip(speeds, weights, strict=True))


def flow(density: float, speed: float) -> float:
    """Vehicles per hour from density (veh/km) and space-mean speed (km/h)."""
    return density * speed


def density(flow: float, speed: float) -> float | None:
    """Vehicles per km from flow (veh/h) and space-mean speed (km/h); None for a standstill: a loop cannot tell."""
    return flow / speed if speed > 0 else None


def density_from_occupancy(occupancy: float, vehicle_m: float = 5.0, detector_m: float = 2.0) -> float:
    """Vehicles per km of one lane from the part of time (0 to 1) that a loop is covered, by the mean length of vehicles
    and of the loop."""
    return occupancy / (vehicle_m + detector_m) * 1000.0


def free_flow_speed(speeds: Sequence[float], percent: float = 95.0) -> float | None:
    """The speed (km/h) of an empty road as the data show it: their 95th percentile, between two on a straight line.

    None without data.
    """
    if not speeds:
        return None
    rising = sorted(speeds)
    place = percent / 100.0 * (len(rising) - 1)
    below = int(place)
    above = min(below + 1, len(rising) - 1)
    return rising[below] + (place - below) * (rising[above] - rising[below])
