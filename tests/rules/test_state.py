"""Packed state: what a change of rules, a damaged record or another version does to it."""

from dataclasses import replace

import msgspec
import pytest

from rules.catalogue import Catalogue
from rules.clock import ClockState
from rules.counts import Counts
from rules.engine import Engine
from rules.finding import Finding
from rules.frame import Frame
from rules.identity import chunk_of
from rules.state import VERSION, StateError, unpack
from tests.support.judging import T, catalogue, frame, judge, run, sensor, short, tick

LEVEL = "{name: level, kind: threshold, metric: pm25, above: {yellow: 10}, hold: 60s}"
HOUR = "{name: hour, kind: window, metric: pm25, aggregate: count, every: 1h, above: {yellow: 2}}"
MINUTE = "{name: minute, kind: window, metric: pm25, aggregate: count, every: 60s, above: {yellow: 0}}"
SILENT = "{name: silent, kind: silence, metric: pm25, after: 60s, severity: yellow}"


def moved(engine: Engine, to: Catalogue) -> Engine:
    """A judge of another catalogue that takes over where this one stands."""
    other = Engine(to, partition=0, partitions=1)
    facts = {number: (engine.position, data) for number, data in engine.pack().items()}
    other.start(engine.position, engine.clock, facts)
    return other


def after(rules: str, *records: Frame) -> Engine:
    engine = Engine(catalogue(rules), partition=0, partitions=1)
    run(engine, records)
    return engine


def test_an_episode_goes_on_across_a_restart() -> None:
    engine = after(LEVEL, frame(("a", "pm25", 0, 12)), tick(70))
    again = moved(engine, catalogue(LEVEL))
    [cleared] = run(again, [frame(("a", "pm25", 80, 1))])
    assert (cleared.change, cleared.revision, cleared.onset, cleared.evidence.first) == ("cleared", 2, T + 60_000, 0)
    assert again.counts() == Counts(findings=2)


def test_a_hold_goes_on_across_a_restart() -> None:
    again = moved(after(LEVEL, frame(("a", "pm25", 0, 12))), catalogue(LEVEL))
    assert short(run(again, [tick(100)])) == ["fired yellow @60"]


def test_whom_a_rule_tells_and_in_which_words_leaves_its_state_alone() -> None:
    engine = after(LEVEL, frame(("a", "pm25", 0, 12)))
    told = LEVEL.replace("}, hold", '}, notify: [health], text: "Look at {sensor}", hold')
    [found] = run(moved(engine, catalogue(told)), [tick(100)])
    assert (found.at, found.departments, found.text) == (T + 60_000, ("health",), "Look at a")
    [plain] = run(engine, [tick(100)])
    assert found.rule_hash != plain.rule_hash
    assert found.episode == plain.episode


def test_a_rule_that_judges_otherwise_begins_anew() -> None:
    engine = after(LEVEL, frame(("a", "pm25", 0, 12)))
    again = moved(engine, catalogue(LEVEL.replace("10", "11")))
    assert run(again, [tick(100)]) == []
    assert short(run(again, [frame(("a", "pm25", 101, 12)), tick(300)])) == ["fired yellow @161"]


def test_an_episode_whose_rule_judges_otherwise_now_is_ended_by_the_next_tick() -> None:
    engine = after(LEVEL, frame(("a", "pm25", 0, 12)), tick(70))
    [fired] = judge(catalogue(LEVEL), [frame(("a", "pm25", 0, 12)), tick(70)])
    again = moved(engine, catalogue(LEVEL.replace("10", "9")))
    assert run(again, [frame(("a", "pm25", 71, 12))]) == []
    assert len(unpack(again.pack()[chunk_of("a")]).orphans) == 1
    [cleared] = run(again, [tick(80)])
    assert unpack(again.pack()[chunk_of("a")]).orphans == []
    assert (cleared.episode, cleared.revision, cleared.change) == (fired.episode, 2, "cleared")
    assert (cleared.severity, cleared.was, cleared.at, cleared.onset) == ("", "yellow", T + 80_000, T + 60_000)
    assert (cleared.rule_hash, cleared.kind, cleared.unit) == (fired.rule_hash, "threshold", "ug/m3")
    assert (cleared.evidence.first, cleared.evidence.last, cleared.value) == (0, 3, None)
    assert cleared.text == "Cleared after 20 s: the rule level has changed or no longer watches a/pm25"
    assert again.counts().findings == 2
    assert short(run(again, [tick(131)])) == ["fired yellow @131"]
    assert again.pack()[chunk_of("a")] == moved(again, catalogue(LEVEL.replace("10", "9"))).pack()[chunk_of("a")]


def test_it_is_ended_for_those_who_were_told_even_when_rule_or_sensor_are_gone() -> None:
    told = LEVEL.replace("}, hold", "}, notify: [health], hold") + "\n" + SILENT
    both = (sensor("b"), sensor("a", "pm25", "pm10"))
    engine = Engine(catalogue(told, *both), partition=0, partitions=1)
    run(engine, [frame(("a", "pm25", 0, 12), ("b", "pm25", 0, 12)), tick(65)])
    for to in (catalogue(SILENT.replace("pm25", "pm10"), *both), catalogue(told, sensor("c"))):
        found = run(moved(moved(engine, to), to), [tick(70), tick(80)])
        assert [each.change for each in found] == ["cleared"] * 4
        assert sorted((each.sensor, each.rule, each.departments) for each in found) == [
            ("a", "level", ("health",)),
            ("a", "silent", ("env",)),
            ("b", "level", ("health",)),
            ("b", "silent", ("env",)),
        ]


def test_a_window_rule_that_is_new_does_not_judge_windows_it_has_seen_half_of() -> None:
    #   0         60        120       180 s
    #   |x    x   |x   [new]|x        |
    engine = after(LEVEL, frame(*(("a", "pm25", at, 1) for at in (0, 40, 61))), tick(90))
    again = moved(engine, catalogue(f"{LEVEL}\n{MINUTE}"))
    assert run(again, [frame(("a", "pm25", 100, 1)), tick(120)]) == []
    assert again.counts().late == 0
    assert short(run(again, [frame(("a", "pm25", 121, 1)), tick(180)])) == ["fired yellow @180"]


@pytest.mark.parametrize(
    ("newest", "clock", "half_seen", "whole"),
    [(61, 200, 210, 250), (130, 10, 140, 190)],
    ids=["clock ahead of the readings", "readings ahead of the clock"],
)
def test_a_new_rule_begins_behind_both_the_clock_and_the_newest_reading(
    newest: float, clock: float, half_seen: float, whole: float
) -> None:
    again = moved(after(LEVEL, frame(("a", "pm25", newest, 1)), tick(clock)), catalogue(f"{LEVEL}\n{MINUTE}"))
    end = whole - whole % 60
    assert run(again, [frame(("a", "pm25", half_seen, 1)), frame(("a", "pm25", whole, 1)), tick(end)]) == []
    assert short(run(again, [tick(end + 60)])) == [f"fired yellow @{end + 60}"]


def test_a_rule_that_selects_another_sensor_of_the_chunk_begins_anew_there() -> None:
    # Both sensors are in one chunk, and the minute rule so far watches only the first.
    one, other = _neighbours()
    rules = f"{HOUR}\n{MINUTE.replace('every', f'where: {{sensor: {one}}}, every')}"
    city = [sensor(one), sensor(other)]
    engine = Engine(catalogue(rules, *city), partition=0, partitions=1)
    run(engine, [frame((one, "pm25", 0, 1), (other, "pm25", 0, 1)), tick(10)])
    again = moved(engine, catalogue(f"{HOUR}\n{MINUTE}", *city))
    assert [each.sensor for each in run(again, [frame((other, "pm25", 20, 1)), tick(60)])] == [one]
    found = run(again, [frame((other, "pm25", 70, 1)), tick(120)])
    assert [each.value for each in found if each.sensor == other] == [1.0]


def _neighbours() -> tuple[str, str]:
    names: dict[int, str] = {}
    for number in range(5000):
        name = f"s{number}"
        if (other := names.setdefault(chunk_of(name), name)) != name:
            return other, name
    raise AssertionError("5,000 sensors in 1,024 chunks, and no two together")


def test_a_half_seen_window_of_many_panes_is_not_judged_either() -> None:
    #   0         60        120       180 s
    #   |x    x   |x   [new]|x        |        panes of 30 s from 90 on
    half = MINUTE.replace("minute", "half").replace("60s", "30s").replace("yellow: 0", "yellow: 9")
    engine = after(LEVEL, frame(*(("a", "pm25", at, 1) for at in (0, 40, 61))), tick(90))
    again = moved(engine, catalogue(f"{LEVEL}\n{MINUTE}\n{half}"))
    assert run(again, [frame(("a", "pm25", 100, 1)), tick(120)]) == []


def test_evidence_begins_with_the_first_record_whatever_the_order_of_the_panes() -> None:
    rules = f"{MINUTE}\n{MINUTE.replace('minute', 'half').replace('60s', '30s').replace('yellow: 0', 'yellow: 9')}"
    engine = after(rules, frame(("a", "pm25", 40, 1)), frame(("a", "pm25", 5, 1)))
    [found] = run(moved(engine, catalogue(rules)), [tick(60)])
    assert (found.evidence.first, found.evidence.count) == (0, 2)


def test_a_shorter_window_beside_a_longer_one_changes_nothing_in_its_answer() -> None:
    #   0                             1800         3600 s
    #   |x       x          x   [new] |  x      x  |       pane of an hour so far, of a minute from then on
    before = [frame(*(("a", "pm25", at, 1) for at in (0, 600, 1700))), tick(1790)]
    later = [frame(("a", "pm25", 1850, 1)), frame(("a", "pm25", 600, 1), ("a", "pm25", 700, 1)), tick(3600)]
    again = moved(after(HOUR, *before), catalogue(f"{HOUR}\n{MINUTE}"))
    hour = [each for each in run(again, later) if each.rule == "hour"]
    assert hour == judge(catalogue(HOUR), [*before, *later])
    assert (hour[0].value, hour[0].evidence.first) == (5.0, 0)
    assert again.counts().repeats == 1


def test_the_old_panes_are_stored_too_and_let_go_when_nobody_needs_them() -> None:
    engine = after(HOUR, frame(("a", "pm25", 0, 1)), tick(10))
    both = catalogue(f"{HOUR}\n{MINUTE}")
    again = moved(moved(engine, both), both)
    run(again, [frame(("a", "pm25", 3599, 1)), tick(3600)])
    [series] = unpack(again.pack()[chunk_of("a")]).series
    assert series.panes == []
    run(again, [frame(("a", "pm25", 0, 1))])
    assert again.counts().repeats == 1


def test_a_longer_window_takes_over_the_panes_of_a_shorter_one() -> None:
    both = catalogue(f"{HOUR}\n{MINUTE}")
    engine = Engine(both, partition=0, partitions=1)
    run(engine, [frame(*(("a", "pm25", at, 1) for at in (0, 70, 71))), tick(200)])
    again = moved(engine, catalogue(HOUR))
    [found] = run(again, [frame(("a", "pm25", 70, 1)), tick(3600)])
    assert (found.value, again.counts().repeats) == (3.0, 1)


def test_without_its_windows_a_series_still_knows_what_it_has_read() -> None:
    engine = after(f"{LEVEL}\n{HOUR}", frame(("a", "pm25", 0, 1), ("a", "pm25", 10, 1)))
    again = moved(engine, catalogue(LEVEL))
    run(again, [frame(("a", "pm25", 0, 1), ("a", "pm25", 10, 1), ("a", "pm25", 5, 1))])
    assert again.counts() == Counts(late=1, repeats=2)


def test_a_series_that_nobody_watches_any_more_is_dropped_and_the_counts_stay() -> None:
    engine = after(LEVEL, frame(("a", "pm25", 0, 12), ("a", "pm25", 0, 12)))
    for to in (catalogue(LEVEL, sensor("b")), catalogue(LEVEL.replace("pm25", "noise"), sensor("a", "noise"))):
        again = moved(engine, to)
        assert run(again, [tick(100)]) == []
        assert again.counts() == Counts(repeats=1)
        assert unpack(again.pack()[chunk_of("a")]).series == []


def test_a_silence_rule_that_is_new_judges_by_what_the_series_knows() -> None:
    again = moved(after(LEVEL, frame(("a", "pm25", 0, 1)), tick(50)), catalogue(f"{LEVEL}\n{SILENT}"))
    assert short(run(again, [tick(70)])) == ["fired yellow @60"]


def test_sums_beyond_64_bits_survive() -> None:
    rule = "{name: w, kind: window, metric: pm25, aggregate: mean, every: 60s, above: {red: 1}}"
    engine = after(rule, frame(*(("a", "pm25", at, 1e12) for at in range(59))))
    [found] = run(moved(engine, catalogue(rule)), [tick(60)])
    assert found.value == 1e12


@pytest.mark.parametrize(
    "data",
    [
        b"\xc1",
        b"\x90",
        b"nonsense",
        msgspec.msgpack.encode([VERSION + 1, 0, 0, 0, [], [], []]),
        b"\x97\x01\x00\x00\x00\x90\x90\x90" * 2,
    ],
    ids=["no msgpack", "too short", "text", "version", "trailing bytes"],
)
def test_bytes_that_are_no_state_are_refused(data: bytes) -> None:
    engine = Engine(catalogue(LEVEL), partition=0, partitions=1)
    with pytest.raises(StateError):
        engine.start(0, ClockState(), {chunk_of("a"): (0, data)})


def test_a_rule_that_is_not_there_is_refused() -> None:
    packed = unpack(after(LEVEL, frame(("a", "pm25", 0, 12))).pack()[chunk_of("a")])
    packed.series[0].rules = [1]
    with pytest.raises(StateError, match="a/pm25 names a rule"):
        unpack(msgspec.msgpack.encode(packed))


def test_a_damaged_state_of_a_rule_is_refused_when_its_turn_comes() -> None:
    packed = unpack(after(LEVEL, frame(("a", "pm25", 0, 12))).pack()[chunk_of("a")])
    packed.series[0].states[0] = msgspec.Raw(b"\xa3abc")
    engine = Engine(catalogue(LEVEL), partition=0, partitions=1)
    engine.start(0, ClockState(), {chunk_of("a"): (1, msgspec.msgpack.encode(packed))})
    with pytest.raises(StateError, match="level"):
        engine.skip(0)


def test_equal_state_has_equal_bytes_whatever_the_order_in_which_it_came_to_be() -> None:
    city = catalogue(f"{LEVEL}\n{HOUR}", sensor("a", "pm25", "pm10"))
    engines = [Engine(city, partition=0, partitions=1) for _ in range(2)]
    for engine, order in zip(engines, ((0, 1), (1, 0)), strict=True):
        readings = [("a", "pm25", 0, 1.0), ("a", "pm25", 5, 2.0)]
        run(engine, [frame(readings[order[0]], readings[order[1]])])
    # The same readings in another order, except that one was late for the level: only that count may differ.
    first, second = (unpack(engine.pack()[chunk_of("a")]) for engine in engines)
    assert (first.late, second.late) == (0, 1)
    second.late = 0
    assert msgspec.msgpack.encode(first) == msgspec.msgpack.encode(second)


def test_a_machine_in_its_first_state_takes_no_room() -> None:
    engine = after(f"{LEVEL}\n{HOUR}\n{SILENT}", frame(("a", "pm25", 0, 1)))
    [series] = unpack(engine.pack()[chunk_of("a")]).series
    assert (series.rules, series.states, series.episodes) == ([0, 1, 2], {}, {})
    run(engine, [frame(("a", "pm25", 1, 12))])
    assert set(unpack(engine.pack()[chunk_of("a")]).series[0].states) == {1}


def test_series_are_packed_by_name_whichever_spoke_first() -> None:
    city = catalogue(f"{LEVEL}\n{LEVEL.replace('pm25', 'pm10').replace('level', 'other')}", sensor("a", "pm25", "pm10"))
    packs = []
    for order in (("pm25", "pm10"), ("pm10", "pm25")):
        engine = Engine(city, partition=0, partitions=1)
        run(engine, [frame(*(("a", metric, 0, 1) for metric in order))])
        packs.append(engine.pack())
    assert packs[0] == packs[1]


def test_packing_changes_nothing() -> None:
    records = [frame(*(("a", "pm25", at, at) for at in range(30))), frame(("a", "pm25", 31, 3)), tick(3600)]
    packing = Engine(catalogue(HOUR), partition=0, partitions=1)
    found: list[Finding] = []
    for record in records:
        packing.pack()
        found += run(packing, [record])
    assert found == judge(catalogue(HOUR), records)


def test_other_rules_in_the_catalogue_leave_the_bytes_alone() -> None:
    plain = after(LEVEL, frame(("a", "pm25", 0, 12)))
    beside = Engine(catalogue(f"{LEVEL}\n{HOUR.replace('pm25', 'pm10')}"), partition=0, partitions=1)
    run(beside, [frame(("a", "pm25", 0, 12))])
    assert plain.pack() == beside.pack()


def test_a_registry_that_changed_elsewhere_keeps_the_state() -> None:
    engine = after(LEVEL, frame(("a", "pm25", 0, 12)))
    [found] = run(moved(engine, catalogue(LEVEL, replace(sensor("a"), district="west"))), [tick(100)])
    assert found.district == "west"


AMENDING = LEVEL.replace("}, hold", "}, amend: 1h, hold")


@pytest.mark.parametrize(
    ("journal", "book"),
    [
        ([[0], [], []], None),
        (None, "what is no base"),
    ],
)
def test_books_that_nobody_can_read_are_no_state(journal: object, book: str | None) -> None:
    engine = after(AMENDING, tick(0), frame(("a", "pm25", 0, 12)), tick(10))
    [(number, data)] = engine.pack().items()
    chunk = msgspec.msgpack.decode(data)
    series = chunk[5][0]
    *_, books, written, _ = series
    assert written is not None and len(books) == 1
    if journal is not None:
        series[-2] = journal
    if book is not None:
        books[0][2] = book
    again = Engine(catalogue(AMENDING), partition=0, partitions=1)
    with pytest.raises(StateError, match="what may be amended of a/pm25"):
        again.start(engine.position, engine.clock, {number: (engine.position, msgspec.msgpack.encode(chunk))})


def test_state_of_before_there_were_books_is_read() -> None:
    engine = after(LEVEL, tick(0), frame(("a", "pm25", 0, 12)), tick(10))
    [(number, data)] = engine.pack().items()
    chunk = msgspec.msgpack.decode(data)
    chunk[5][0] = chunk[5][0][:10]
    again = Engine(catalogue(LEVEL), partition=0, partitions=1)
    again.start(engine.position, engine.clock, {number: (engine.position, msgspec.msgpack.encode(chunk[:9]))})
    assert short(run(again, [tick(100)])) == ["fired yellow @60"]
    assert again.pack().keys() == {number}
