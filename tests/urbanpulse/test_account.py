"""The account from the counters of the stages: what moved, what waits, and that nothing is counted twice."""

from collections.abc import Iterator, Mapping

from rules.areas.event import Event, group_partition
from rules.areas.summary import Summary
from rules.areas.summary import encode as encode_summary
from rules.clock import ClockState
from rules.counts import Counts as JudgeCounts
from rules.frame import encode
from streams.state_topic import Gap, Marker, gap_record, marker_record
from streams.stores.port import Counts, Progress
from tests.support.frames import START, frame, sensors_of, tick
from urbanpulse import account, drain
from urbanpulse.kafka import Record

PARTITIONS = 2


def record(partition: int, offset: int, value: bytes, key: bytes | None = None, **headers: str) -> Record:
    return Record(partition, offset, key, value, {name: text.encode() for name, text in headers.items()})


def log() -> list[Record]:
    """Two partitions of four records each: two readings, a tick, poison, one reading."""
    records = []
    for partition in range(PARTITIONS):
        one, two, three = sensors_of(partition, PARTITIONS, 3)
        values = [
            encode(frame([(one, "pm25", START, 1.0), (two, "pm25", START, 2.0)])),
            encode(tick(START)),
            b"not a frame",
            encode(frame([(three, "pm25", START, 3.0)])),
        ]
        records += [record(partition, offset, value) for offset, value in enumerate(values)]
    return records


def made(partition: int) -> list[tuple[str, str, int, float]]:
    """Two readings that a judge has made."""
    return [(sensors_of(partition, PARTITIONS, 1)[0], name, START, 50.0) for name in ("aqi_cn", "tpi")]


def marker(partition: int, position: int, counts: JudgeCounts) -> Record:
    key, value = marker_record(Marker(position, ClockState(), {}, PARTITIONS, counts))
    return record(partition, position, value, key)


class Log:
    """Stands in for a Reader."""

    def __init__(self, topics: Mapping[str, list[Record]]) -> None:
        self.topics = topics

    def partitions(self, topic: str) -> list[int]:
        return list(range(PARTITIONS))

    def beginnings(self, topic: str) -> dict[int, int]:
        return dict.fromkeys(range(PARTITIONS), 0)

    def ends(self, topic: str) -> dict[int, int]:
        ends = self.beginnings(topic)
        for one in self.topics[topic]:
            ends[one.partition] = max(ends[one.partition], one.offset + 1)
        return ends

    def read(self, topic: str, starts: Mapping[int, int] | None = None) -> Iterator[Record]:
        return (one for one in self.topics[topic] if one.offset >= (starts or {}).get(one.partition, 0))


class Store:
    def __init__(self, progress: dict[int, Progress]) -> None:
        self.progress = progress

    def positions(self) -> dict[int, Progress]:
        return self.progress


class Desk:
    def __init__(self, taken: dict[int, int], waiting: int = 0) -> None:
        self.taken, self.waiting = taken, waiting

    def counts(self) -> dict[str, int]:
        return {"open": 1, "acknowledged": 0, "resolved": 2}

    def deliveries(self) -> dict[str, int]:
        return {"sent": 3, "waiting": self.waiting, "held": 0, "failed": 0}

    def positions(self, topic: str) -> dict[int, int]:
        assert topic == "findings"
        return self.taken


def topics(
    state: list[Record],
    findings: list[Record],
    refused: list[Record],
    summaries: list[Record] = [],  # noqa: B006
    areas: list[Record] = [],  # noqa: B006
) -> Log:
    derived = [record(partition, 0, encode(frame(made(partition)))) for partition in range(PARTITIONS)]
    named = {"readings": log(), "derived": derived, "judge-state": state, "findings": findings, "refused": refused}
    return Log(named | {"summaries": summaries, "area-state": areas})


def summary(partition: int, offset: int, events: int) -> Record:
    """Said to the second stage: some events and that all is said up to a time."""
    group = next(key for n in range(99) if group_partition(key := f"r#0|area {n}", PARTITIONS) == partition)
    said = tuple(Event(group, 0, "s", START, order, "red") for order in range(events))
    return record(partition, offset, encode_summary(Summary(1, 0, START, START, events=said)))


def test_a_city_that_is_level_with_its_log() -> None:
    every = Progress(4, Counts(readings=3, stored=2, repeats=1, bad_frames=1))
    state = [marker(0, 4, JudgeCounts(late=1, repeats=1, findings=2)), marker(1, 4, JudgeCounts(findings=1))]
    findings = [record(0, 0, b"f"), record(0, 1, b"f"), record(1, 0, b"f")]
    refused = [record(0, 0, b"x", id="r1", code="not_json"), record(0, 1, b"y", id="r2", code="empty")]
    kept = Progress(1, Counts(readings=2, stored=2))
    store = Store({0: every, 1: every, -1: kept, -2: kept})
    now = account.take(topics(state, findings, refused), store, Desk({0: 2, 1: 1}))
    assert now.derived == 4
    assert (now.readings, now.stored, now.repeats, now.bad_frames) == (6, 4, 2, 2)
    assert (now.late, now.findings) == (1, 3)
    assert now.refused == {"empty": 1, "not_json": 1}
    assert now.waiting == account.Waiting()
    assert now.balanced


def test_what_is_behind_each_position_waits() -> None:
    stored = {0: Progress(1, Counts(readings=2, stored=2)), 1: Progress(4, Counts(readings=3, stored=3, bad_frames=1))}
    state = [marker(0, 3, JudgeCounts()), marker(1, 0, JudgeCounts())]
    findings = [record(1, 0, b"f"), record(1, 1, b"f")]
    now = account.take(topics(state, findings, []), Store(stored), Desk({1: 1}, waiting=7))
    assert now.readings == 6, "two stored and one behind in partition 0, three in partition 1"
    assert now.waiting == account.Waiting(record=1, derived=4, judge=1 + 3, alerts=1, delivery=7)
    assert not now.balanced


def test_derived_readings_are_counted_apart_and_have_to_settle_too() -> None:
    every = Progress(4, Counts(readings=3, stored=3))
    for kept, waits in ((Progress(0, Counts()), 2), (Progress(1, Counts(readings=2, stored=1)), 0)):
        store = Store({0: every, 1: every, -1: Progress(1, Counts(readings=2, stored=2)), -2: kept})
        now = account.take(topics([], [], []), store, Desk({}))
        assert (now.readings, now.stored, now.derived) == (6, 6, 2 + kept.counts.stored)
        assert now.waiting.derived == waits
        assert not now.balanced


def test_a_city_that_has_just_begun_has_everything_waiting() -> None:
    now = account.take(topics([], [], []), Store({}), Desk({}))
    assert (now.readings, now.stored, now.waiting.record, now.waiting.judge) == (6, 0, 6, 6)


def test_counters_that_do_not_add_up_are_not_balanced() -> None:
    lost = Progress(4, Counts(readings=3, stored=2))
    now = account.take(topics([], [], []), Store({0: lost, 1: lost}), Desk({}))
    assert not now.balanced


def test_a_refusal_that_a_killed_bridge_wrote_twice_is_one() -> None:
    twice = [
        record(0, 0, b"x", b"s", id="a", code="not_json"),
        record(0, 1, b"x", b"s", id="a", code="not_json"),
        record(0, 2, b"p", b"1:7", code="bad_frame"),
        record(0, 3, b"p", b"1:7", code="bad_frame"),
        record(0, 4, b"p", b"1:8", code="bad_frame"),
    ]
    assert account.refused_by_code(twice) == {"bad_frame": 2, "not_json": 1}


def test_the_furthest_marker_counts_whenever_it_was_written() -> None:
    late = [marker(0, 9, JudgeCounts(findings=5)), marker(0, 4, JudgeCounts(findings=2))]
    assert account.judge_counts(late)[0][:2] == (9, JudgeCounts(findings=5))


def test_gaps_in_the_log_are_in_the_account() -> None:
    key, value = gap_record(Gap(10, 20))
    state = [marker(1, 20, JudgeCounts()), record(1, 21, value, key)]
    every = Progress(4, Counts(readings=3, stored=3))
    now = account.take(topics(state, [], []), Store({0: every, 1: every}), Desk({}))
    assert now.expired == [(1, 10, 20)]


def test_both_stages_of_the_judge_are_summed_and_what_the_second_has_not_judged_waits() -> None:
    summaries = [summary(0, 0, 3), summary(0, 1, 0), record(0, 2, b"none"), summary(1, 0, 2), summary(1, 1, 1)]
    key, value = gap_record(Gap(2, 5))
    areas = [marker(0, 1, JudgeCounts(findings=10)), marker(1, 1, JudgeCounts(findings=20)), record(1, 9, value, key)]
    state = [marker(0, 4, JudgeCounts(findings=2)), marker(1, 4, JudgeCounts(findings=1))]
    every = Progress(4, Counts(readings=3, stored=3))
    now = account.take(topics(state, [], [], summaries, areas), Store({0: every, 1: every}), Desk({}))
    assert now.findings == 33
    assert now.waiting.areas == 1, "one event in partition 1 lies behind; that all is said up to a time is no event"
    assert (now.expired, now.expired_areas) == ([], [(1, 2, 5)])
    none = account.take(topics(state, [], [], summaries), Store({0: every, 1: every}), Desk({}))
    assert (none.findings, none.waiting.areas) == (3, 6)


def test_a_drain_waits_for_the_second_stage_behind_the_first() -> None:
    every = Progress(4, Counts(readings=3, stored=3))
    kept = Progress(1, Counts(readings=2, stored=2))
    store = Store({0: every, 1: every, -1: kept, -2: kept})
    state = [marker(0, 4, JudgeCounts()), marker(1, 3, JudgeCounts())]
    said = [summary(0, 0, 3), summary(1, 0, 0), summary(1, 1, 0)]
    areas = [marker(0, 1, JudgeCounts()), marker(1, 1, JudgeCounts())]
    findings = [record(0, 0, b"f")]

    def pending(state: list[Record], areas: list[Record], taken: dict[int, int]) -> str:
        return drain.pending_stages(topics(state, findings, [], said, areas), store, Desk(taken))

    assert pending(state, areas, {}) == "judge: 1 records of the log"
    level = [*state, marker(1, 4, JudgeCounts())]
    assert pending(level, areas, {}) == "judge: 1 summaries for the rules on areas"
    assert pending(level, [*areas, marker(1, 2, JudgeCounts())], {}) == "alerts: 1 findings"
    assert pending(level, [*areas, marker(1, 2, JudgeCounts())], {0: 1}) == ""
