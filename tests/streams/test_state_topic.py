import random

import pytest

from rules.clock import ClockState, Tick
from rules.counts import Counts
from streams.facts import Ledger, PartitionsChangedError, recover
from streams.state_topic import (
    DamagedError,
    Gap,
    Marker,
    chunk_record,
    gap_record,
    marker_record,
    read,
    read_counts,
    read_gaps,
)

CLOCK = ClockState(50, {"north": Tick(50, 60)}, 10)


def marker(
    pos: int, versions: dict[int, int] | None = None, partitions: int = 4, clock: ClockState = CLOCK
) -> tuple[bytes, bytes]:
    return marker_record(Marker(pos, clock, versions or {}, partitions, Counts(1, 2, pos)))


def test_records_are_read_as_they_were_written() -> None:
    number, chunk = read(*chunk_record(1023, 77, CLOCK, b"\x00state"))  # type: ignore[misc]
    assert (number, chunk.pos, chunk.clock, chunk.state) == (1023, 77, CLOCK, b"\x00state")
    assert read(*marker(9, {5: 3})) == Marker(9, CLOCK, {5: 3}, 4, Counts(1, 2, 9))
    assert read(*gap_record(Gap(4, 8))) == Gap(4, 8)


def test_any_damage_is_named_and_nothing_else_is_raised() -> None:
    chance = random.Random(1)
    records = [chunk_record(5, 77, CLOCK, bytes(range(64))), marker(9, {5: 3, 9: 4}), gap_record(Gap(4, 8))]
    damaged = 0
    for key, value in records * 300:
        spoilt = bytearray(value)
        for _ in range(chance.randrange(1, 4)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        cut = bytes(spoilt[: chance.randrange(len(spoilt) + 1)])
        try:
            read(key, chance.choice((cut, bytes(spoilt))))
        except DamagedError:
            damaged += 1
    assert damaged > 600
    for key, value in [(None, b"x"), (b"m", None), (b"z", b"x"), (b"c", b"x"), (b"cx", b""), (b"c-1", b"\x80")]:
        with pytest.raises(DamagedError):
            read(key, value)


def test_a_state_with_one_bit_changed_is_damaged() -> None:
    key, value = chunk_record(5, 77, CLOCK, b"state of the sensors")
    at = value.index(b"sensors")
    with pytest.raises(DamagedError, match="checksum"):
        read(key, value[:at] + b"S" + value[at + 1 :])


def test_an_older_fact_stands_in_for_a_damaged_one() -> None:
    first, second = chunk_record(1, 10, CLOCK, b"old"), chunk_record(1, 20, CLOCK, b"new")
    facts = recover([first, marker(15, {1: 10}), (second[0], second[1][:-3]), marker(25, {1: 20})], 1, 4)
    assert facts.chunks[1] == (15, b"old") and facts.chunks[5] == (25, b"")
    assert facts.position == 15 and facts.furthest == 25 and len(facts.damaged) == 1


def test_the_clock_is_that_of_the_fact_that_gives_the_position() -> None:
    early, late = ClockState(10), ClockState(20)
    records = [chunk_record(c, 10, early, b"s") for c in range(1, 1024, 4)]
    assert recover(records, 1, 4).clock == early
    assert recover([*records, marker(30, dict.fromkeys(range(1, 1024, 4), 10), clock=late)], 1, 4).clock == late
    assert recover([], 1, 4).clock == ClockState()


def test_a_log_that_was_cut_leaves_a_gap_on_record() -> None:
    records = [chunk_record(1, 10, ClockState(10), b"s"), marker(30, {1: 10}, clock=ClockState(30))]
    facts = recover(records, 1, 4)
    assert facts.cut(30) == (facts, None)
    cut, gap = facts.cut(70)
    assert gap == Gap(30, 70) and cut.position == cut.furthest == 70 and cut.clock == ClockState(30)
    assert cut.chunks[1] == (70, b"s") and cut.gaps == (gap,)
    again = [*records, gap_record(gap), marker(30, {1: 10})]  # a late marker of a frozen worker
    assert recover(again, 1, 4).gaps == (gap,) and read_gaps(again) == [gap]


def test_a_changed_partition_count_is_refused() -> None:
    with pytest.raises(PartitionsChangedError, match="4 partitions"):
        recover([marker(10, partitions=4)], 1, 8)
    with pytest.raises(PartitionsChangedError):
        recover([chunk_record(5, 10, CLOCK, b"s")], 1, 8)  # no marker yet, but chunk 5 belongs elsewhere


def test_counts_are_those_of_the_furthest_marker() -> None:
    assert read_counts([marker(10), marker(30), marker(20), (b"m", b"junk"), (b"c1", b"x")]) == (30, Counts(1, 2, 30))
    assert read_counts([]) == (0, Counts())


def test_a_flush_writes_what_changed() -> None:
    ledger = Ledger(4)
    first = ledger.flush(10, CLOCK, {1: b"a", 5: b"b"}, Counts())
    assert [key for key, _ in first.chunks] == [b"c1", b"c5"]
    ledger.done(first)
    second = ledger.flush(20, CLOCK, {1: b"a", 5: b"B"}, Counts())
    assert [key for key, _ in second.chunks] == [b"c5"] and second.versions == {1: 10, 5: 20}
    ledger.done(second)
    third = ledger.flush(30, CLOCK, {5: b"B"}, Counts(), everything=True)  # chunk 1 is empty now
    assert [key for key, _ in third.chunks] == [b"c5"] and third.versions == {5: 30}
    facts = recover([*first.chunks, first.marker, *second.chunks, second.marker, *third.chunks, third.marker], 1, 4)
    assert facts.chunks[1] == (30, b"") and facts.chunks[5] == (30, b"B") and facts.chunks[9] == (30, b"")
