"""The state of a road: how congested it is, how dense, and whether something has happened, of one short window each;
and how many vehicles passed in an hour."""

from collections.abc import Callable, Iterator
from fractions import Fraction

from rules.derived.program import HOUR, NOT_YET, NotYet, Program, View
from rules.derived.settings import Indices
from rules.derived.standards import Traffic
from rules.indices import incident_deviate as snd
from rules.indices.congestion import grade, lost_time, tpi
from rules.indices.service import level_of_service, per_mile
from rules.indices.traffic import density, density_from_occupancy

SHARE = Fraction(3, 4)
"""How many of an hour's windows must be there for its flow."""

DECIMALS = 3
_NAME = "incident_deviate"
_CRITICAL = f"{_NAME} critical"

Short = Callable[[View], float | None]


def programs(
    measured: frozenset[str], every: int, indices: Indices, free_flow: float, lanes: float
) -> Iterator[Program]:
    """For whatever counts vehicles. `every`: the short window (ms); `free_flow`: an empty road's speed (km/h); `lanes`:
    how many the sensor watches."""
    if "speed" in measured:
        speed: tuple[str, ...] = ("speed",)
        yield Program("tpi", speed, every, every, lambda view: _lost(view, free_flow, tpi))
        yield Program("congestion_grade", speed, every, every, lambda view: _lost(view, free_flow, _rank))
    if "flow" in measured:
        yield Program("flow_hour", ("flow",), every, HOUR, _flow_of_hour(indices))
    inputs = tuple(name for name in ("flow", "speed", "occupancy") if name in measured)
    if {"flow", "speed"} <= measured or "occupancy" in measured:
        if "speed" not in measured or "flow" not in measured:
            inputs = ("occupancy",)
        lengths = indices.standards.traffic
        yield Program("density", inputs, every, every, lambda view: _density(view, lanes, lengths))
        yield Program("level_of_service", inputs, every, every, lambda view: _service(view, lanes, lengths))
    if watched := next((name for name in ("occupancy", "speed") if name in measured), ""):
        yield _deviate(watched, every, indices.standards.traffic)


def _lost(view: View, free_flow: float, of: Callable[[Fraction], Fraction | int]) -> Fraction | int | None:
    speed = view.newest("speed")
    return None if speed is None else of(lost_time(speed.mean, free_flow))


def _rank(lost: Fraction) -> int:
    return grade(lost).rank


def _flow_of_hour(indices: Indices) -> Callable[[View], float | NotYet | None]:
    """Vehicles of the hour of the city's clock that just ended."""

    def of(view: View) -> float | NotYet | None:
        if (view.end - indices.origin(HOUR)) % HOUR:
            return NOT_YET
        windows = view.last("flow", HOUR // view.every)
        known = [each.mean for each in windows if each is not None]
        return float(sum(known) / len(known)) if known and len(known) >= SHARE * len(windows) else None

    return of


def _density(view: View, lanes: float, lengths: Traffic) -> float | None:
    """Vehicles per km and lane: of flow and space-mean speed; where these cannot tell (a vehicle stands, or none came)
    of occupancy, if that is measured."""

    def of() -> float | None:
        flow, speed, occupancy = (view.newest(name) for name in ("flow", "speed", "occupancy"))
        if flow is not None and speed is not None and flow.total > 0 and speed.harmonic is not None:
            dense = density(float(flow.mean), speed.harmonic)
            return None if dense is None else round(dense / lanes, DECIMALS)
        if occupancy is None:
            return None
        return round(density_from_occupancy(float(occupancy.mean), lengths.vehicle, lengths.loop), DECIMALS)

    return view.once("density", of)


def _service(view: View, lanes: float, lengths: Traffic) -> int | None:
    """1 (A) to 6 (F), of a freeway, a vehicle taken to be a car."""
    dense = _density(view, lanes, lengths)
    return None if dense is None else "ABCDEF".index(level_of_service("freeway", per_mile(dense))) + 1


def _deviate(metric: str, every: int, city: Traffic) -> Program:
    """How many standard deviations the newest window is worse than those before it, which are frozen while it is
    critical: too much occupancy, or where none is measured too little speed."""
    least = 1.0 if metric == "speed" else 0.01
    relearn = max(city.relearn // every, 2)
    spec = snd.Deviate(city.base, city.critical, least=least, relearn=relearn, falling=metric == "speed")
    keep = city.relearn + (city.base + 2) * every

    def of(view: View) -> float | None:
        newest = view.newest(metric)
        base, critical = view.trail(_NAME), view.trail(_CRITICAL)
        if newest is None:
            return None
        value = float(newest.mean)
        for at in sorted(base)[: -city.base]:  # left by a longer base, before the city shortened it
            del base[at]
        before = snd.State(tuple(base[at] for at in sorted(base)), len(critical))
        after, deviate, _ = snd.step(spec, before, value)
        if after.critical > before.critical:
            critical[view.end] = value
        else:
            if not after.critical:
                critical.clear()
            if len(after.base) == 1:
                base.clear()
            elif len(before.base) == len(after.base):
                del base[min(base)]
            base[view.end] = value
        return None if deviate is None else round(deviate, DECIMALS)

    return Program(_NAME, (metric,), every, city.base * every, of, ((_NAME, keep), (_CRITICAL, keep)))
