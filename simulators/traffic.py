"""Traffic at one detector: flow = density x speed, always; the density follows the day and the road."""

from typing import NamedTuple

from simulators.chance import drift, jitter, unit
from simulators.place import HOUR, bump, solar_hour, weekday

VEHICLE = 7.0
"""Metres of road that a vehicle holds a detector occupied: its own length and the loop's."""
CROWDED = 0.42
"""The greatest share of the jam density on a road where nothing has happened."""


class Road(NamedTuple):
    """One carriageway: free speed km/h, jam density veh/km a lane, lanes, how busy it gets (share of CROWDED)."""

    free: float
    jam: float
    lanes: int
    busy: float


class State(NamedTuple):
    """density: veh/km of the whole carriageway; speed km/h; flow veh/h = density * speed; occupancy 0 to 1."""

    density: float
    speed: float
    flow: float
    occupancy: float


def road_of(source: int) -> Road:
    """The road that a detector lies on: its own for as long as the city stands."""
    free = 48.0 + 12.0 * int(4 * unit(source, -1))  # 48 to 84 km/h
    return Road(free, 130.0, 1 + int(3 * unit(source, -2)), 0.65 + 0.3 * unit(source, -3))


RING = Road(60.0, 130.0, 2, 0.8)
"""The ring road, all along."""


def state(road: Road, density: float) -> State:
    """Greenshields: each vehicle more takes the same from the speed. `density` in veh/km a lane, below jam."""
    speed = road.free * (1.0 - density / road.jam)
    total = density * road.lanes
    return State(total, speed, total * speed, density * VEHICLE / 1000.0)


def demand(hour: float, working: bool) -> float:
    """The share, 0 to 1, of a road's busiest hour: two peaks on a working day, one long hump on others."""
    if working:
        peaks = 0.80 * bump(hour, 8.0, 1.2) + 0.45 * bump(hour, 12.8, 2.6) + 0.85 * bump(hour, 17.3, 1.6)
        return min(1.0, 0.08 + peaks)
    return min(1.0, 0.08 + 0.62 * bump(hour, 15.0, 4.0))


def density(road: Road, source: int, lon: float, at: int) -> float:
    """veh/km a lane on an ordinary day: at most CROWDED of the jam density, so that the mean speed stays at or
    above 58 % of the free one."""
    share = demand(solar_hour(at, lon), weekday(at, lon) < 5) * road.busy
    share *= 1.0 + 0.06 * drift(source, at, HOUR // 2) + 0.04 * jitter(source, at)
    return CROWDED * road.jam * min(1.0, max(0.01, share))


def blocked(road: Road, source: int, at: int) -> float:
    """veh/km a lane behind an accident: a speed of 5 to 8 km/h whatever the road."""
    speed = 6.5 + 1.5 * jitter(source, at)
    return road.jam * (1.0 - speed / road.free)
