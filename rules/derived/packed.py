"""A station as part of its chunk's packed state."""

from collections.abc import Mapping
from itertools import accumulate

import msgspec

from rules.derived.choice import Choice
from rules.derived.collector import Slice
from rules.derived.station import Group, Station
from rules.sensor import Sensor

HALF = 1 << 62
"""Whole numbers are kept as quotient and remainder by it, because msgpack's integers end at 64 bits."""


class PackedSlice(msgspec.Struct, array_like=True):
    metric: str
    total: tuple[int, int]
    count: int
    energy: tuple[int, int] | None
    high: float | None = None
    levels: tuple[float, ...] | None = None
    harmonic: float | None = None


class PackedGroup(msgspec.Struct, array_like=True):
    """`trails`: by metric, times as differences."""

    every: int
    since: int
    told: list[tuple[str, bool]]
    windows: list[tuple[int, list[PackedSlice]]]
    trails: list[tuple[str, list[tuple[int, float]]]] = []


class PackedStation(msgspec.Struct, array_like=True):
    sensor: str
    groups: list[PackedGroup]


def pack_station(station: Station) -> PackedStation | None:
    """None for one that remembers nothing."""
    groups = [_pack_group(every, group) for every, group in station.groups.items() if group.remembers]
    return PackedStation(station.sensor.id, groups) if groups else None


def restore_station(packed: PackedStation, sensor: Sensor, choice: Choice) -> Station | None:
    """The station that was packed, as far as `choice` still has use for it; None when it has none."""
    if not choice.programs:
        return None
    station = Station(sensor, choice)
    for each in packed.groups:
        if (group := station.groups.get(each.every)) is not None:
            _restore_group(each, group, choice)
    return station


def _pack_group(every: int, group: Group) -> PackedGroup:
    windows = [
        (start, [_pack_slice(metric, each) for metric, each in sorted(group.windows[start].items())])
        for start in sorted(group.windows)
    ]
    trails = [(name, _differences(trail)) for name, trail in sorted(group.trails.items()) if trail]
    return PackedGroup(every, group.since, sorted(group.told.items()), windows, trails)


def _differences(trail: Mapping[int, float]) -> list[tuple[int, float]]:
    times = sorted(trail)
    return [(at - before, trail[at]) for before, at in zip([0, *times], times, strict=False)]


def _pack_slice(metric: str, each: Slice) -> PackedSlice:
    energy = None if each.energy is None else divmod(each.energy, HALF)
    return PackedSlice(metric, divmod(each.total, HALF), each.count, energy, each.high, each.levels, each.harmonic)


def _restore_group(packed: PackedGroup, group: Group, choice: Choice) -> None:
    metrics = {program.metric for program in group.programs}
    group.since = packed.since
    group.told = {metric: value for metric, value in packed.told if metric in metrics}
    for name, trail in packed.trails:
        if name in group.keep:
            times = accumulate(difference for difference, _ in trail)
            group.trails[name] = {at: value for at, (_, value) in zip(times, trail, strict=True)}
    for start, slices in packed.windows:
        if group.collector.start_of(start) != start:  # of a time zone with other minutes
            continue
        for each in slices:
            collector = choice.collectors.get(each.metric)
            if collector is not None and collector.every == packed.every:
                energy = None if each.energy is None else _whole(each.energy)
                more = each.high, each.levels, each.harmonic
                group.add(each.metric, {start: Slice(_whole(each.total), each.count, energy, *more)})


def _whole(parts: tuple[int, int]) -> int:
    return parts[0] * HALF + parts[1]
