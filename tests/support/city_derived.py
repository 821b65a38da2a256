"""Derived metrics of a simulated day, made of its readings plainly and without the engine."""

import math
from collections import defaultdict
from datetime import datetime
from itertools import groupby
from statistics import fmean
from zoneinfo import ZoneInfo

from rules.indices.congestion import lost_time, tpi
from rules.indices.heat import heat_index
from simulators.place import HOUR
from simulators.traffic import RING

Pairs = list[tuple[int, float]]
Series = dict[tuple[str, str], Pairs]
MINUTE = 60_000
ZONE = ZoneInfo("Europe/Berlin")


def cut(pairs: Pairs, length: int) -> dict[int, list[float]]:
    """The values of each window of `length` ms, by its end."""
    found = groupby(pairs, lambda pair: pair[0] // length)
    return {(number + 1) * length: [value for _, value in some] for number, some in found}


def energetic(levels: list[float]) -> float:
    return 10.0 * math.log10(fmean(10.0 ** (level / 10.0) for level in levels))


def made_of(measured: Series, end: int) -> Series:
    """What rules of the sample city watch and nobody measures, as of windows that end at `end` (ms) or before."""
    made: Series = defaultdict(list)
    for (sensor, metric), pairs in measured.items():
        if metric == "rain":
            hours = {at: sum(values) for at, values in cut(pairs, HOUR).items()}
            for count in (3, 6, 12):
                for at in hours:
                    last = [hours.get(at - back * HOUR) for back in range(count)]
                    known = [value for value in last if value is not None]
                    if len(known) == count:
                        made[sensor, f"rain_{count}h"].append((at, sum(known)))
        elif metric == "noise":
            for at, values in cut(pairs, HOUR).items():
                made[sensor, "leq_hour"].append((at, energetic(values)))
            made[sensor, "leq_day"] = _day(pairs)
        elif metric == "speed":
            for at, values in cut(pairs, 15 * MINUTE).items():
                made[sensor, "tpi"].append((at, float(tpi(lost_time(fmean(values), RING.free)))))
        elif metric == "temperature":
            damp = cut(measured[sensor, "humidity"], 30 * MINUTE)
            for at, values in cut(pairs, 30 * MINUTE).items():
                made[sensor, "heat_index"].append((at, heat_index(fmean(values), fmean(damp[at]))))
    return {key: [(at, value) for at, value in pairs if at <= end] for key, pairs in made.items()}


def _day(pairs: Pairs) -> Pairs:
    """Of a day that is wholly there; its end is that of its last hour."""
    parts: dict[str, Pairs] = defaultdict(list)
    for at, level in pairs:
        local = datetime.fromtimestamp(at / 1000, ZONE)
        if 6 <= local.hour < 22:
            parts[local.date().isoformat()].append((at, level))
    whole = [part for part in parts.values() if part[-1][0] - part[0][0] > 15 * HOUR]
    return [(part[-1][0] - part[-1][0] % HOUR + HOUR, energetic([level for _, level in part])) for part in whole]
