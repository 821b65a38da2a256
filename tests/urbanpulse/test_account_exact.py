"""The exact account: a planted loss, a planted duplicate with another value and a misrouted reading are named."""

from collections.abc import Iterable

import pytest

from rules.frame import encode
from rules.identity import partition_of
from streams.lanes import DERIVED as MADE
from tests.support.frames import START, frame, sensors_of
from urbanpulse.exact import ExactAccount, Log, Span, compare
from urbanpulse.kafka import Record

PARTITIONS = 2
Reading = tuple[str, str, int, float]
A, B = sensors_of(0, PARTITIONS, 2)
C, _ = sensors_of(1, PARTITIONS, 2)
ALWAYS = Span()
SOUND: list[Reading] = [(A, "pm25", START, 1.5), (B, "pm25", START, 2.5), (C, "co", START, 0.1)]


def records(readings: Iterable[Reading], first: int = 0) -> list[Record]:
    """Each reading a frame of its own, where its sensor belongs."""
    following = dict.fromkeys(range(PARTITIONS), first)
    found = []
    for reading in readings:
        home = partition_of(reading[0], PARTITIONS)
        found.append(Record(home, following[home], None, encode(frame([reading])), {}))
        following[home] += 1
    return found


def exact(
    log: list[Record],
    store: list[Reading],
    span: Span = ALWAYS,
    stored_at: int = 1000,
    cut: tuple[int, ...] = (),
    refused: frozenset[bytes] = frozenset(),
) -> ExactAccount:
    known = Log(PARTITIONS, span, dict.fromkeys(range(PARTITIONS), stored_at))
    known.read(log)
    inside = [reading for reading in store if span.holds(reading[2])]
    return compare(known, inside, PARTITIONS, cut, refused)


def test_equal_sets_are_exact() -> None:
    found = exact(records(SOUND), SOUND)
    assert found.exact
    assert (found.readings, found.stored, found.repeats) == (3, 3, 0)


def test_a_repeat_is_no_difference() -> None:
    found = exact(records([*SOUND, SOUND[0]]), SOUND)
    assert found.exact
    assert (found.readings, found.repeats) == (3, 1)


def test_a_loss_is_named() -> None:
    found = exact(records(SOUND), SOUND[1:])
    assert not found.exact
    assert found.missing.count == 1
    [lost] = found.missing.named
    assert (lost.sensor, lost.metric, lost.ts, lost.value) == SOUND[0]


def test_a_repeat_cannot_hide_a_loss() -> None:
    found = exact(records([*SOUND, SOUND[1]]), SOUND[1:])
    assert found.missing.count == 1


def test_what_the_log_has_not_is_named() -> None:
    stranger = (A, "pm25", START + 1, 9.0)
    found = exact(records(SOUND), [*SOUND, stranger])
    assert not found.exact
    assert [(one.sensor, one.ts) for one in found.extra.named] == [(A, START + 1)]


def test_a_duplicate_with_another_value_is_named_with_both() -> None:
    found = exact(records([*SOUND, (A, "pm25", START, 7.0)]), SOUND)
    assert not found.exact
    [conflict] = found.conflicting.named
    assert (conflict.sensor, conflict.value, conflict.other) == (A, 1.5, 7.0)
    assert (conflict.partition, conflict.offset) == (0, 2)


def test_another_value_in_the_store_is_named() -> None:
    found = exact(records(SOUND), [(A, "pm25", START, 1.4999), *SOUND[1:]])
    assert not found.exact
    [one] = found.differing.named
    assert (one.value, one.other) == (1.5, 1.4999)


@pytest.mark.parametrize("refused", [frozenset(), frozenset({b"1:1"})])
def test_a_misrouted_reading_is_named(refused: frozenset[bytes]) -> None:
    astray = Record(1, 1, None, encode(frame([(A, "pm25", START + 5, 1.0)])), {})
    found = exact([*records(SOUND), astray], SOUND, refused=refused)
    assert not found.exact
    [bad] = found.bad_frames
    assert (bad.partition, bad.offset, bad.code, bad.refused) == (1, 1, "misrouted", bool(refused))
    assert A in bad.detail


def test_what_record_has_still_before_it_waits_and_is_not_missing() -> None:
    found = exact(records(SOUND), [], stored_at=0)
    assert found.exact
    assert (found.readings, found.waiting, found.missing.count) == (0, 3, 0)


def test_a_repeat_behind_the_position_does_not_excuse_the_first() -> None:
    log = records(SOUND) + records([SOUND[0]], first=5)
    found = exact(log, SOUND[1:], stored_at=5)
    assert found.missing.count == 1


def test_a_span_limits_both_sides() -> None:
    later = (A, "pm25", START + 1000, 4.0)
    span = Span(START, START + 1000)
    found = exact(records([*SOUND, later]), SOUND, span)
    assert found.exact
    assert found.readings == 3


def test_what_retention_took_from_the_log_is_older_and_not_extra() -> None:
    old = (A, "pm25", START - 5_000, 1.0)
    assert exact(records(SOUND), [*SOUND, old]).extra.count == 1
    found = exact(records(SOUND), [*SOUND, old], cut=(0,))
    assert (found.older, found.extra.count, found.exact) == (1, 0, True)


def test_many_differences_are_counted_and_some_named() -> None:
    many = [(A, "pm25", START + n, 1.0) for n in range(80)]
    found = exact(records(many), [])
    assert found.missing.count == 80
    assert len(found.missing.named) == 50


def test_what_the_judge_made_is_compared_too_and_counted_apart() -> None:
    made: list[Reading] = [(A, "aqi_cn", START, 51.0), (C, "tpi", START, 2.5)]

    def settled(stored: list[Reading], cut: tuple[int, ...] = (), stored_at: int = 1000) -> ExactAccount:
        known = Log(PARTITIONS, ALWAYS, {0: 1000, 1: 1000, -1: stored_at, -2: stored_at})
        known.read(records(SOUND))
        known.read(records(made), MADE)
        return compare(known, [*SOUND, *stored], PARTITIONS, cut, frozenset())

    found = settled(made)
    assert (found.exact, found.readings, found.stored, found.derived) == (True, 5, 3, 2)
    lost = settled(made[:1])
    assert (lost.exact, [each.metric for each in lost.missing.named]) == (False, ["tpi"])
    assert settled(made[:1], stored_at=0).waiting == 1
    old = (A, "aqi_cn", START - 5_000, 40.0)
    assert settled([*made, old]).extra.count == 1
    assert settled([*made, old], cut=(0,)).extra.count == 1, "readings are gone, what was made is not"
    assert settled([*made, old], cut=(-1,)).older == 1
