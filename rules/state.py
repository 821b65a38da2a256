"""The state of a chunk of sensors as bytes: what judge-state keeps (docs/decisions/0004-state.md).

Only facts are stored; quiet regions, timers and plans are made anew from them. Equal state gives equal bytes, so
bytes that differ are what makes a chunk changed. A machine's state stands under the name and the judgement hash of
its rule: where the rule now judges otherwise, the state of the other rule is of no use and a fresh one takes its
place. A machine still in its first state is not stored.
"""

from collections.abc import Iterable, Mapping
from itertools import accumulate
from operator import sub

import msgspec

from rules.amend.packed import (
    PackedJournal,
    PackedLedger,
    pack_journal,
    pack_ledger,
    restore_journal,
    restore_ledger,
)
from rules.derived.packed import HALF, PackedStation, pack_station
from rules.derived.station import Station
from rules.episode import Episode, Told
from rules.panes import Pane
from rules.sensor import Sensor
from rules.series import Series
from rules.tallies.packing import Parts, pack_tallies, restore_tallies
from rules.watch import Plan

VERSION = 1

Rules = list[tuple[str, str]]
"""Name and judgement hash of the rules that watch a series of the chunk; series name them by their place."""


class PackedPane(msgspec.Struct, array_like=True):
    """`total` and `energy` as quotient and remainder by HALF; `ts` as differences.
    `tallies`: of those that have any."""

    start: int
    end: int
    first: int
    count: int
    total: tuple[int, int]
    low: float
    high: float
    floor: int
    ts: list[int]
    energy: tuple[int, int] | None = None
    tallies: Parts = {}


class PackedSeries(msgspec.Struct, array_like=True):
    """`rules`: those that watch it. `states` and `episodes` by rule, of those that are not in their first state, and
    what was `told` by those that area rules listen to. `books`: of the rules that late readings may correct; `journal`:
    the readings that these are written from."""

    sensor: str
    metric: str
    first: int
    last: int
    offset: int
    recent: list[int]
    panes: list[PackedPane]
    rules: list[int]
    states: dict[int, msgspec.Raw]
    episodes: dict[int, Episode]
    told: dict[int, Told] = {}
    books: dict[int, PackedLedger] = {}
    journal: PackedJournal | None = None
    told_anew: dict[int, Told] = {}


class Orphan(msgspec.Struct, frozen=True, array_like=True):
    """An episode of a rule that judges otherwise now or no longer watches the series; the next tick ends it."""

    sensor: str
    metric: str
    rule: str
    episode: Episode


class PackedChunk(msgspec.Struct, array_like=True):
    v: int
    late: int
    repeats: int
    findings: int
    rules: Rules
    series: list[PackedSeries]
    orphans: list[Orphan]
    derived: int = 0
    stations: list[PackedStation] = []
    amending: int = 0


class StateError(ValueError):
    """Bytes that are not the state of a chunk, or of another version than this one reads."""


class Chunk:
    """The series and stations of one chunk, what was counted among them, and episodes that nobody but the next tick
    will end."""

    __slots__ = ("amending", "derived", "findings", "late", "orphans", "repeats", "series", "stations")

    def __init__(self, late: int = 0, repeats: int = 0, findings: int = 0, derived: int = 0, amending: int = 0) -> None:
        self.late, self.repeats, self.findings, self.derived = late, repeats, findings, derived
        self.amending = amending
        self.series: list[Series] = []
        self.stations: list[Station] = []
        self.orphans: list[Orphan] = []


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(PackedChunk).decode


def pack(chunk: Chunk) -> bytes:
    """The chunk as bytes."""
    series = sorted(chunk.series, key=lambda each: (each.sensor.id, each.metric))
    # Few plans are behind many series.
    plans = {each.plan for each in series}
    rules = sorted({(watch.rule.name, watch.hash) for plan in plans for watch in plan.watches})
    numbers = {rule: number for number, rule in enumerate(rules)}
    places = {plan: [numbers[watch.rule.name, watch.hash] for watch in plan.watches] for plan in plans}
    packed = [_pack_series(each, places[each.plan]) for each in series]
    stations = sorted(chunk.stations, key=lambda each: each.sensor.id)
    return _encode(
        PackedChunk(
            VERSION,
            chunk.late,
            chunk.repeats,
            chunk.findings,
            rules,
            packed,
            chunk.orphans,
            chunk.derived,
            [found for each in stations if (found := pack_station(each)) is not None],
            chunk.amending,
        )
    )


def repack(packed: PackedChunk) -> bytes:
    """A chunk that was unpacked and is as it was."""
    return _encode(packed)


def unpack(data: bytes) -> PackedChunk:
    """The chunk in `data`, whole. Raises StateError."""
    try:
        packed = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise StateError(f"not the state of a chunk: {error}") from error
    if packed.v != VERSION:
        raise StateError(f"state of version {packed.v}, this judge reads {VERSION}")
    for series in packed.series:
        numbers = *series.rules, *series.states, *series.episodes, *series.told, *series.books, *series.told_anew
        if any(not 0 <= n < len(packed.rules) for n in numbers):
            raise StateError(f"{series.sensor}/{series.metric} names a rule that is not there")
    return packed


def orphans(packed: PackedSeries, rules: Rules, plan: Plan | None) -> Iterable[Orphan]:
    """The episodes of the series that no watch of `plan` goes on with."""
    watches = {(watch.rule.name, watch.hash) for watch in plan.watches} if plan is not None else set()
    for number, episode in packed.episodes.items():
        if rules[number] not in watches:
            yield Orphan(packed.sensor, packed.metric, rules[number][0], episode)


def restore(packed: PackedSeries, rules: Rules, sensor: Sensor, plan: Plan) -> Series:
    """The series that was packed, watched by `plan`; rules that did not watch it then have no state yet, so call
    `Series.begin`. Raises StateError."""
    series = Series(sensor, packed.metric, plan)
    series.first, series.last, series.offset = packed.first, packed.last, packed.offset
    series.recent.extend(accumulate(packed.recent))
    numbers = {rules[number]: number for number in packed.rules}
    for place, watch in enumerate(plan.watches):
        number = numbers.get((watch.rule.name, watch.hash))
        if number is None:
            series.states[place] = None
            continue
        if number in packed.states:
            try:
                series.states[place] = msgspec.msgpack.decode(packed.states[number], type=watch.state_type)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise StateError(f"the state of rule {watch.rule.name}: {error}") from error
        series.episodes[place] = packed.episodes.get(number)
        if number in packed.told:
            series.told[place] = packed.told[number]
        if series.amends is not None and number in packed.told_anew:
            series.amends.said[place] = packed.told_anew[number]
    _restore_amends(packed, numbers, series)
    for pane in map(_restore_pane, packed.panes):
        size = pane.end - pane.start
        if size == plan.size:
            series.panes[pane.start] = pane
        elif any(grain % size == 0 for grain in plan.grains) or (
            plan.collector is not None and plan.collector.fits(pane)
        ):
            series.old.append(pane)
        else:
            series.recall(pane.ts)
    return series


def _restore_amends(packed: PackedSeries, numbers: Mapping[tuple[str, str], int], series: Series) -> None:
    """The books of the rules that go on; the others' are of no use to anybody."""
    if series.amends is None:
        return
    try:
        if packed.journal is not None:
            restore_journal(packed.journal, series.amends)
        for place, watch in series.plan.amended:
            book = packed.books.get(numbers.get((watch.rule.name, watch.hash), -1))
            if book is not None:
                restore_ledger(book, series.amends.book(place), watch.state_type)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise StateError(f"what may be amended of {packed.sensor}/{packed.metric}: {error}") from error


def _pack_series(series: Series, rules: list[int]) -> PackedSeries:
    """`rules`: the number of each watch's rule."""
    plan = series.plan
    states = {
        rules[place]: msgspec.Raw(_encode(state))
        for place, (state, initial) in enumerate(zip(series.states, plan.initials, strict=True))
        if state is not initial and state != initial
    }
    episodes = {rules[place]: episode for place, episode in enumerate(series.episodes) if episode is not None}
    books: dict[int, PackedLedger] = {}
    journal, said = None, dict[int, Told]()
    if series.amends is not None:
        said = dict(sorted((rules[place], told) for place, told in series.amends.said.items()))
        journal = pack_journal(series.amends)
        for place, _ in plan.amended:
            books[rules[place]] = pack_ledger(series.amends.book(place), plan.initials[place], _encode)
    panes = [_pack_pane(pane) for pane in sorted(series.all_panes(), key=lambda pane: (pane.start, pane.end))]
    return PackedSeries(
        series.sensor.id,
        series.metric,
        series.first,
        series.last,
        series.offset,
        _differences(series.recent),
        panes,
        sorted(rules),
        dict(sorted(states.items())),
        dict(sorted(episodes.items())),
        dict(sorted((rules[place], told) for place, told in series.told.items())),
        dict(sorted(books.items())),
        journal,
        said,
    )


def _pack_pane(pane: Pane) -> PackedPane:
    pane.fold()
    total = divmod(pane.total, HALF)
    energy = None if pane.energy is None else divmod(pane.energy, HALF)
    ts = _differences(pane.ts)
    low, high, tallies = pane.low, pane.high, pack_tallies(pane.tallies)
    return PackedPane(pane.start, pane.end, pane.first, pane.count, total, low, high, pane.floor, ts, energy, tallies)


def _restore_pane(packed: PackedPane) -> Pane:
    pane = Pane(packed.start, packed.end, packed.first)
    pane.count, pane.total = packed.count, packed.total[0] * HALF + packed.total[1]
    pane.low, pane.high, pane.floor = packed.low, packed.high, packed.floor
    pane.energy = None if packed.energy is None else packed.energy[0] * HALF + packed.energy[1]
    pane.ts.extend(accumulate(packed.ts))
    try:
        pane.tallies = restore_tallies(packed.tallies)
    except (ValueError, TypeError) as error:
        raise StateError(f"the tallies of a pane: {error}") from error
    return pane


def _differences(times: Iterable[int]) -> list[int]:
    """Each time less the one before it: readings come at short intervals, so these are short numbers."""
    whole = list(times)
    return [*whole[:1], *map(sub, whole[1:], whole)]
