"""Windows that overlap. A digit is a reading of that value, one place is a second; each line below is a window."""

from rules.engine import Engine
from rules.kinds.window import WindowMachine
from rules.rule_file import parse_rules
from tests.support.judging import Play, catalogue, frame, judge, run, sensor, short, tick
from tests.support.oracle import answer

HOP = "{name: w, kind: window, metric: pm25, aggregate: mean, every: 5s, over: 10s, delay: 2s, above: {yellow: 5}}"


def test_a_window_ends_each_hop_and_reaches_back_its_whole_length() -> None:
    #   0    5    10   15   20
    #   |4        |    |    |
    #   |    9    |    |    |
    #   |-4  |                     ends at 5:  4
    #   |---------|                ends at 10: 6.5
    #        |---------|           ends at 15: 9
    #             |---------|      ends at 20: nothing
    play = Play(HOP)
    play.read(0, 4)
    play.read(5, 9)
    assert play.clock(7) == []
    assert play.clock(11.999) == []
    assert play.clock(12) == ["fired yellow @10"]
    play.read(15, 1)
    assert play.clock(17) == []
    assert play.clock(22) == ["cleared yellow @20"]


def test_a_straggler_that_missed_one_window_still_counts_in_the_next() -> None:
    #   0    5    10   15
    #   |4        |    |        ^7 decides the window that ends at 5; then 9 at second 3 comes
    play = Play(HOP)
    play.read(0, 4)
    play.read(6, 4)
    assert play.clock(7) == []
    assert play.read(3, 9) == []
    assert play.engine.counts().late == 1
    assert play.clock(12) == ["fired yellow @10"]


def test_a_repeat_is_known_while_a_window_holds_it() -> None:
    play = Play(HOP.replace("mean", "count").replace("yellow: 5", "yellow: 1"))
    play.read(3)
    play.clock(7)
    play.read(3)
    assert play.engine.counts().repeats == 1
    assert play.clock(12) == []


def test_one_leap_of_the_clock_decides_every_window_that_holds_something() -> None:
    play = Play(HOP)
    play.read(0, 9)
    play.read(20, 9)
    play.read(12, 1)
    assert play.clock(3600) == ["fired yellow @5", "cleared yellow @15", "fired yellow @25"]
    assert play.engine.pack() != {}
    [series] = play.engine._tables["pm25"].values()
    assert series.all_panes() == []


def test_a_length_that_is_no_multiple_of_the_hop() -> None:
    #   0   4   8   12  16        over 10, every 4: panes of 2
    #   |9
    #   x--x                      ends at 4
    #   |-------|                 ends at 8
    #     |---------|             ends at 12, holds 2 to 12
    rule = "{name: w, kind: window, metric: pm25, aggregate: count, every: 4s, over: 10s, below: {yellow: 1}}"
    play = Play(rule)
    play.read(1.9)
    [series] = play.engine._tables["pm25"].values()
    assert series.plan.size == 2000
    assert play.clock(8) == []
    assert play.clock(12) == ["fired yellow @12"]


def test_a_new_rule_judges_no_window_that_reaches_behind_its_beginning() -> None:
    #   0    5    10   15   20   25
    #   |9      [new]  9    |    |        the first whole window is the one from 15 to 25
    city = catalogue("{name: level, kind: threshold, metric: pm25, above: {yellow: 50}}")
    both = catalogue("{name: level, kind: threshold, metric: pm25, above: {yellow: 50}}\n" + HOP)
    old = Engine(city, partition=0, partitions=1)
    run(old, [frame(("a", "pm25", 0, 9)), tick(11)])
    new = Engine(both, partition=0, partitions=1)
    new.start(old.position, old.clock, {number: (old.position, data) for number, data in old.pack().items()})
    assert short(run(new, [frame(("a", "pm25", 15, 9)), tick(22)])) == []
    assert new.counts().late == 0
    assert short(run(new, [tick(27)])) == ["fired yellow @25"]


def test_a_new_rule_of_an_odd_length_begins_with_a_window_in_line() -> None:
    # Windows of 10 s that end at multiples of 4 s begin at 2, 6, 10, 14, ... s.
    [rule] = parse_rules(f"rules:\n  - {HOP.replace('5s', '4s')}", "r.yaml")[0]
    machine = WindowMachine(rule.spec)  # type: ignore[arg-type]
    assert [machine.initial(begin).begin for begin in (2000, 2001, 6000, 7000)] == [2000, 6000, 6000, 10_000]


def test_a_reading_before_the_first_window_of_a_new_rule_is_not_late_for_it() -> None:
    [rule] = parse_rules(f"rules:\n  - {HOP}", "r.yaml")[0]
    machine = WindowMachine(rule.spec)  # type: ignore[arg-type]
    state = machine.initial(11_000)
    assert state.begin == 15_000
    assert not machine.missed(state, 14_999, 1_000_000)
    assert not machine.missed(state, 15_000, 26_999)
    assert machine.missed(state, 15_000, 27_000)


def test_windows_of_other_rules_beside_it_change_nothing() -> None:
    beside = "{name: other, kind: window, metric: pm25, aggregate: median, every: 3s, above: {yellow: 5}}"
    log = [frame(*(("a", "pm25", at, at % 7 + 2.5) for at in range(0, 40, 3))), tick(50)]
    alone = [answer(each) for each in judge(catalogue(HOP), log)]
    assert alone
    together = judge(catalogue(f"{beside}\n{HOP}", sensor("a")), log)
    assert [answer(each) for each in together if each.rule == "w"] == alone
