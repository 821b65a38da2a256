"""What area and quorum rules find, worked out the slow way: for each instant from the whole history of readings. Knows
no machine, no state and no event; of the rules it takes the numbers alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from tests.support.area_logs import Clock, Log

Answer = tuple[str, str, str, str, str, int, float | None, int, int, tuple[tuple[str, str], ...]]
"""Rule, area, change, severity, what it was, when, value, k, n, who was left out and why."""


@dataclass(frozen=True)
class Group:
    """`away`: sensors out of service, with the word for it."""

    name: str
    sensors: tuple[str, ...]
    away: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Quorum:
    """At least so many of the sensors, or per cent, above `limit` and not back at `clear`, or so `within` ms."""

    name: str
    metric: str
    limit: float
    clear: float
    steps: tuple[tuple[str, int], ...]
    floor: float
    within: int = 0
    percent: bool = False
    keeps: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Mean:
    """Of each sensor the mean of `length` ms every `every`, of these `across`, above one of the limits."""

    name: str
    metric: str
    every: int
    length: int
    across: Callable[[Sequence[Fraction]], Fraction]
    steps: tuple[tuple[str, float, float], ...]
    floor: float
    least: int = 0


class History:
    """All readings of one metric that were taken, by sensor in the order of time, and through what time (ms) all that
    happened is decided."""

    def __init__(self, log: Log, metric: str, silent: int, delay: int) -> None:
        self.silent = silent
        self.readings: dict[str, list[tuple[int, float]]] = {}
        for each in log:
            if not isinstance(each, Clock) and each.metric == metric:
                self.readings.setdefault(each.sensor, []).append((each.at, each.value))
        ticks = [each.at for each in log if isinstance(each, Clock)]
        self.decided = max(ticks, default=-1) - delay if ticks else -1

    def before(self, sensor: str, at: int) -> list[tuple[int, float]]:
        return [each for each in sorted(self.readings.get(sensor, [])) if each[0] <= at]

    def health(self, sensor: str, at: int) -> str:
        heard = self.before(sensor, at)
        if not heard:
            return "never heard"
        return "silent" if at >= heard[-1][0] + self.silent else ""

    def changes(self, sensor: str, limit: float, clear: float, at: int) -> list[tuple[int, bool]]:
        """When up to `at` the sensor went beyond the limit and when it came back."""
        found: list[tuple[int, bool]] = []
        on = False
        for time, value in self.before(sensor, at):
            now = value > (clear if on else limit)
            if now != on:
                found.append((time, now))
            on = now
        return found


def quorum(rule: Quorum, group: Group, history: History) -> list[Answer]:
    instants: set[int] = set()
    for sensor in group.sensors:
        for time, _ in history.before(sensor, history.decided):
            instants |= {time, time + history.silent, time + rule.within}
    answers: list[Answer] = []
    severity, known, on = "", "", dict.fromkeys([name for name, _ in rule.steps], False)
    for at in sorted(instant for instant in instants if instant <= history.decided):
        out = {s: group.away.get(s) or history.health(s, at) for s in group.sensors}
        left_out = tuple((s, why) for s, why in out.items() if why)
        asked = [s for s in group.sensors if not out[s]]
        count = sum(_counts(history.changes(s, rule.limit, rule.clear, at), at, rule.within) for s in asked)
        k, n = count, len(asked)
        if n < max(1, ceil(rule.floor * len(group.sensors)) if rule.floor < 1 else rule.floor):
            if known == "decided":
                answers.append((rule.name, group.name, "undecided", severity, severity, at, None, k, n, left_out))
                known = "doubt"
            continue
        keeps = dict(rule.keeps)
        for name, least in rule.steps:
            share = Fraction(100 * k, n) if rule.percent else Fraction(k)
            on[name] = share > keeps[name] if on[name] and name in keeps else share >= least
        now = next((name for name, _ in rule.steps[::-1] if on[name]), "")
        if now != severity or (known == "doubt" and now):
            value = 100.0 * k / n if rule.percent else float(k)
            answers.append((rule.name, group.name, _change(severity, now), now, severity, at, value, k, n, left_out))
        severity, known = now, "decided"
    return answers


def mean(rule: Mean, group: Group, history: History) -> list[Answer]:
    answers: list[Answer] = []
    severity, known, on = "", "", dict.fromkeys([name for name, _, _ in rule.steps], False)
    first = min((own[0][0] for own in history.readings.values()), default=0)
    for end in range(first - first % rule.every, history.decided + 1, rule.every):
        values: dict[str, Fraction] = {}
        out: dict[str, str] = {}
        for sensor in group.sensors:
            inside = [x for time, x in history.before(sensor, end - 1) if time >= end - rule.length]
            if sensor in group.away:
                out[sensor] = group.away[sensor]
            elif not inside:
                out[sensor] = history.health(sensor, end) or "no reading in the window"
            elif len(inside) < rule.least:
                out[sensor] = f"{len(inside)} reading{'' if len(inside) == 1 else 's'} in the window"
            else:
                values[sensor] = Fraction(float(sum(map(Fraction, inside), Fraction(0)) / len(inside)))
        left_out, n = tuple(out.items()), len(values)
        if n < max(1, ceil(rule.floor * len(group.sensors)) if rule.floor < 1 else rule.floor):
            if known == "decided":
                answers.append((rule.name, group.name, "undecided", severity, severity, end, None, n, n, left_out))
                known = "doubt"
            continue
        value = rule.across(list(values.values()))
        for name, limit, clear in rule.steps:
            on[name] = value > (Fraction(clear) if on[name] else Fraction(limit))
        now = next((name for name, _, _ in rule.steps[::-1] if on[name]), "")
        if now != severity or (known == "doubt" and now):
            change = _change(severity, now)
            answers.append((rule.name, group.name, change, now, severity, end, float(value), n, n, left_out))
        severity, known = now, "decided"
    return answers


def average(values: Sequence[Fraction]) -> Fraction:
    """Of doubles: the sum is rounded to one, and so is the quotient."""
    return Fraction(float(sum(values, Fraction(0))) / len(values))


def median(values: Sequence[Fraction]) -> Fraction:
    """The one in the middle, of an even number the lower."""
    return sorted(values)[floor(Fraction(len(values) - 1, 2))]


def _counts(changes: Sequence[tuple[int, bool]], at: int, within: int) -> bool:
    """Whether the last of the changes leaves it on, or ended it less than `within` ago."""
    return bool(changes) and (changes[-1][1] or at < changes[-1][0] + within)


def _change(was: str, now: str) -> str:
    return ("changed" if was else "fired") if now else "cleared"


def in_order(log: Log) -> bool:
    """Whether no reading of a series is older than one before it."""
    last: dict[tuple[str, str], list[int]] = {}
    for each in log:
        if not isinstance(each, Clock):
            last.setdefault((each.sensor, each.metric), []).append(each.at)
    return all(one < two for times in last.values() for one, two in pairwise(times))
