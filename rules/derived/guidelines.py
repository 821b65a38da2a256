"""How far a station is from the WHO's guidelines of 2021, by means up to now, and from a day's limits of GB 3095."""

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction

from rules.derived.firm import firm
from rules.derived.program import HOUR, NOT_YET, NotYet, Program, View, means
from rules.derived.settings import Indices
from rules.indices import means as valid
from rules.indices import who
from rules.indices.air_limits import edition_at, limit
from rules.indices.china_tables import POLLUTANTS

WORST = 5
_RANKS = {"AQG": 0, "IT-4": 1, "IT-3": 2, "IT-2": 3, "IT-1": 4, None: WORST}
_PERIODS = {"8h": (8, valid.HOURS_OF_8), "24h": (24, valid.HOURS_OF_DAY)}
_OF_DAY = {"so2": "day", "no2": "day", "co": "day", "o3": "8h", "pm10": "day", "pm25": "day"}


def programs(measured: frozenset[str], indices: Indices, area: int) -> Iterator[Program]:
    """For whatever measures a pollutant, in an area of class 1 or 2."""
    inputs = tuple(name for name in POLLUTANTS if name in measured)
    if inputs:
        keep = 24 * HOUR
        yield Program("who_level", inputs, HOUR, keep, lambda view: _level(view, inputs), (("who_level", keep),))
        yield Program("air_limit_day", inputs, HOUR, 25 * HOUR, lambda view: _of_day(view, inputs, indices, area))


def _level(view: View, inputs: tuple[str, ...]) -> int | None:
    """0 where all means meet the guideline, 1 to 4 where the worst meets interim target 4 to 1, 5 where it meets
    none."""
    ranks = []
    for name in inputs:
        period = "8h" if name == "o3" else "24h"
        count, needed = _PERIODS[period]
        mean = valid.mean(view.means(name, count), needed)
        if mean is not None:
            ranks.append(_RANKS[who.met(name, period, mean)])
    worst = max(ranks, default=0)
    return firm(view, "who_level", worst, len(ranks) == len(inputs) or worst == WORST)


def _of_day(view: View, inputs: tuple[str, ...], indices: Indices, area: int) -> float | NotYet | None:
    """The greatest share that a mean of the local day has of its limit for the class of area, as of the day's end:
    above 1 it is exceeded. None where one is missing and none of the others exceeds its own."""
    day = indices.day(view.end - 1)
    start = indices.instant(day, 0)
    if view.end != indices.instant(day + timedelta(1), 0):
        return NOT_YET
    edition, city, shares = edition_at(day), indices.standards.air, []
    for name in inputs:
        hours = means(view.slices(name, start, view.end))
        mean = city.ozone_day(hours) if name == "o3" else valid.day(hours)
        allowed = limit(edition, name, _OF_DAY[name], area)
        if mean is not None and allowed is not None:
            shares.append(mean / allowed)
    greatest = max(shares, default=Fraction(0))
    if len(shares) < len(inputs) and greatest <= 1:
        return None
    return float(greatest)
