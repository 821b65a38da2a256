"""What a rule on a group says when readings of its sensors come late, told one by one.

Times are minutes after T, where every sensor sends once a minute unless a drawing says otherwise.
"""

from dataclasses import replace

import msgspec
import pytest

from rules.areas import book
from rules.areas.engine import AreaEngine
from rules.areas.pair import Pair
from rules.catalogue import Catalogue
from rules.finding import Finding
from rules.state import StateError
from tests.support.area_amend import switch_both
from tests.support.judging import T, catalogue, frame, sensor, tick

SENSORS = [sensor("a", "pm25", "noise"), sensor("b", "pm25"), sensor("c", "pm25")]
TWO = "{name: two, kind: quorum, of: {metric: pm25, above: 10}, at_least: {red: 2}, silent: 1h, amend: 1h%s}"


def city(*rules: str) -> Catalogue:
    return catalogue("\n".join(rules), *SENSORS)


class Play:
    """A city of one partition: each call says what its area rules then find."""

    def __init__(self, *rules: str) -> None:
        self.pair = Pair(city(*rules))

    def read(self, at: float, **values: float) -> list[str]:
        readings = [(name, "pm25", at * 60, value) for name, value in values.items()]
        return self._short(self.pair.frame(self.pair.position, frame(*readings)))

    def hear(self, at: float, value: float) -> list[str]:
        """The noise at a."""
        return self._short(self.pair.frame(self.pair.position, frame(("a", "noise", at * 60, value))))

    def clock(self, at: float) -> list[str]:
        return self._short(self.pair.tick(self.pair.position, tick(at * 60)))

    def _short(self, found: list[Finding]) -> list[str]:
        return [short(each) for each in found if each.area is not None]


def short(each: Finding) -> str:
    assert each.area is not None
    severity = each.severity or (each.was if each.change != "amended" else "") or "-"
    said = f"{each.rule} {each.change} {severity} @{(each.at - T) / 60_000:g} r{each.revision}"
    return said if each.before is None else f"{said} of {steps(each.before.steps)}"


def steps(course: tuple[tuple[int, str], ...]) -> str:
    return ", ".join(f"{severity or 'over'}@{(at - T) / 60_000:g}" for at, severity in course)


def test_what_never_was_is_withdrawn() -> None:
    """a   on  ......|     b says at 5 that it was off again from 3 on, and a is on from 4 only
    b   on  .:......       ->  the two never were on together
    """
    play = Play(TWO % "")
    assert play.read(0, a=5, b=20, c=5) + play.clock(1) == []
    assert play.read(4, a=20) + play.clock(5) == ["two fired red @4 r1"]
    assert play.read(3, b=5) == []
    assert play.clock(6) == ["two withdrawn red @4 r2 of red@4"]
    assert play.read(6, b=30) + play.clock(7) == ["two fired red @6 r1"]


def test_what_comes_to_light_is_fired_late() -> None:
    """b was on from 2 to 4, and its readings of then come at 6."""
    play = Play(TWO % "")
    assert play.read(0, a=20, b=5, c=5) + play.clock(1) == []
    assert play.read(5, b=5) + play.clock(6) == []
    assert play.read(2, b=20) + play.read(4, b=6) == []
    assert play.clock(7) == ["two fired red @2 r1", "two cleared red @4 r2"]


def test_an_episode_begins_or_ends_at_another_time() -> None:
    play = Play(TWO % "")
    play.read(0, a=20, b=5, c=5)
    assert play.read(5, b=20) + play.clock(6) == ["two fired red @5 r1"]
    assert play.read(3, b=15) + play.clock(7) == ["two amended red @3 r2 of red@5"]
    assert play.read(7, b=5) + play.clock(8) == ["two cleared red @7 r3"]
    assert play.read(6, b=5) + play.clock(9) == ["two amended - @6 r4 of red@3, over@7"]


def test_a_backlog_in_order_is_one_amendment() -> None:
    """b is out of reach from 1 to 9 and then sends all it has, newest last: in order for itself, late for the group."""
    play = Play(TWO % "")
    play.read(0, a=20, b=5, c=5)
    assert play.clock(9) == []
    assert [play.read(at, b=20 if 3 <= at < 6 else 5) for at in range(1, 9)] == [[]] * 8
    assert play.clock(10) == ["two fired red @3 r1", "two cleared red @6 r2"]


def test_later_than_amend_it_counts_from_the_oldest_instant_that_can_be_judged_again() -> None:
    """As without `amend` a state counts from the first instant that is not decided. It is counted as late."""
    play = Play(TWO.replace("1h, amend: 1h%s", "2h, amend: 10min"))
    play.read(0, a=20, b=5, c=5)
    assert play.clock(60) == []
    assert play.read(20, b=20) == []
    assert play.clock(61) == ["two fired red @49.9167 r1"]  # 60 less 10 min less the delay of 5 s, and 1 ms
    assert play.pair.counts().late == 1


def test_later_than_amend_a_value_counts_nowhere_and_is_counted() -> None:
    """The noise of 10 comes at 61, more than the amend of 30 minutes behind."""
    rule = "{name: apart, kind: compare, left: {metric: pm25}, right: {metric: noise}, measure: ratio, age: 2h, "
    play = Play(rule + "above: {red: 2}, silent: 9h, amend: 30min}")
    play.read(0, a=30)
    assert play.clock(60) == []
    assert play.hear(10, 10) + play.clock(61) == []
    assert play.pair.counts().late == 2  # the value, and that its sensor is heard
    assert play.hear(40, 10) + play.clock(62) == ["apart fired red @40 r1"]


def test_windows_of_all_sensors_are_made_into_one_again() -> None:
    """10      20      30
    a, b, c     20      20      20      at 31 a says that it had 0 at 15: with (0 + 20) / 2, 20, 20 the mean is 16.7
    """
    rule = "{name: mean, kind: area, metric: pm25, aggregate: mean, every: 10min, across: mean, above: {red: 18}, "
    play = Play(rule + "silent: 1h, amend: 1h}")
    for at in (5, 14, 25):
        play.read(at, a=20, b=20, c=20)
    assert play.clock(31) == ["mean fired red @10 r1"]
    assert play.read(15, a=0) + play.clock(32) == [
        "mean amended - @20 r2 of red@10",
        "mean fired red @30 r1",
    ]


def test_a_window_that_comes_to_be_known_is_judged_in_its_place() -> None:
    rule = "{name: mean, kind: area, metric: pm25, aggregate: mean, every: 10min, at_least: 2, across: max, "
    play = Play(rule + "above: {red: 18}, healthy: 1, silent: 1h, amend: 1h}")
    play.read(4, a=20, b=5)
    assert play.read(5, a=20) + play.clock(11) == ["mean fired red @10 r1"]
    assert play.read(14, a=5) + play.clock(21) == ["mean undecided red @20 r2"]
    assert play.read(15, a=5) + play.clock(22) == ["mean amended - @20 r3 of red@10"]


def test_two_sensors_side_by_side_are_compared_as_they_were() -> None:
    rule = "{name: apart, kind: compare, left: {metric: pm25}, right: {metric: noise}, measure: ratio, age: 10min, "
    play = Play(rule + "above: {red: 2}, silent: 1h, amend: 1h}")
    play.read(0, a=30)
    play.hear(0, 10)
    assert play.clock(1) == ["apart fired red @0 r1"]
    play.read(5, a=30)
    play.hear(6, 10)
    assert play.clock(7) == []
    assert play.read(3, a=10) + play.clock(8) == ["apart amended - @3 r2 of red@0", "apart fired red @5 r1"]


def test_who_refers_to_a_group_is_put_right_with_it() -> None:
    """`both` is on while `two` and the noise are."""
    both = "{name: both, kind: combine, area: district, all: [{rule: two}, {metric: noise, above: 50}], severity: red, "
    play = Play(TWO % ", area: district", both + "silent: 1h, amend: 30min}")
    play.read(0, a=20, b=5, c=5)
    play.hear(0, 60)
    assert play.read(4, b=20) + play.clock(5) == ["two fired red @4 r1", "both fired red @4 r1"]
    assert play.read(2, b=20) + play.clock(6) == ["two amended red @2 r2 of red@4", "both amended red @2 r2 of red@4"]
    assert play.read(1, a=5) + play.read(5, a=20) + play.clock(7) == [
        "two amended red @5 r3 of red@2",
        "both amended red @5 r3 of red@2",
    ]
    assert play.read(4.5, b=5) + play.clock(8) == [
        "two withdrawn red @5 r4 of red@5",
        "both withdrawn red @5 r4 of red@5",
    ]


def test_who_takes_nothing_back_hears_how_a_group_stands_now() -> None:
    both = "{name: both, kind: combine, area: district, all: [{rule: two}], severity: red, silent: 1h}"
    play = Play(TWO % ", area: district", both)
    play.read(0, a=20, b=5, c=5)
    assert play.read(4, b=20) + play.clock(5) == ["two fired red @4 r1", "both fired red @4 r1"]
    assert play.read(3, b=20) + play.clock(6) == ["two amended red @3 r2 of red@4"]
    [withdrawn, cleared] = play.read(2, a=5) + play.clock(7)
    assert withdrawn == "two withdrawn red @3 r3 of red@3"
    assert cleared.startswith("both cleared red @5.91")  # the first instant that was not decided: 6 min less 5 s


def test_a_rule_that_is_a_member_says_both_how_it_was_and_how_it_is() -> None:
    """`smog` is a member of a rule that takes back what it said and of one that does not."""
    smog = "{name: smog, kind: threshold, metric: pm25, above: {red: 10}, amend: 1h}"
    right = "{name: right, kind: quorum, of: {rule: smog}, at_least: {red: 2}, silent: 1h, amend: 1h}"
    now = "{name: now, kind: quorum, of: {rule: smog}, at_least: {red: 2}, silent: 1h}"
    play = Play(smog, right, now)
    play.read(0, a=20, b=5, c=5)
    assert play.read(4, b=20) + play.clock(5) == ["now fired red @4 r1", "right fired red @4 r1"]
    assert play.read(3, b=20) + play.clock(6) == ["right amended red @3 r2 of red@4"]
    now_found, right_found = play.read(2, a=5) + play.clock(7)
    assert right_found == "right withdrawn red @3 r3 of red@3"
    assert now_found.startswith("now cleared red @5.91")  # the first instant that was not decided: 6 min less 5 s


def test_an_episode_goes_on_under_its_name_after_it_was_taken_back() -> None:
    play = Play(TWO % "")
    play.read(0, a=5, b=20, c=5)
    assert play.read(4, a=20) + play.clock(5) == ["two fired red @4 r1"]
    assert play.read(3, b=5) + play.clock(6) == ["two withdrawn red @4 r2 of red@4"]
    assert play.read(3.5, b=20) + play.clock(7) == ["two fired red @4 r3"]


def test_a_doubt_that_is_news_is_told_once() -> None:
    """All three must be heard. None is after 9; then it turns out that all were, until 15 at least."""
    play = Play(TWO.replace("1h, amend: 1h%s", "10min, amend: 1h, healthy: 3"))
    play.read(0, a=5, b=5, c=5)
    play.read(9, a=5, b=5, c=5)
    assert play.clock(12) == []
    assert play.clock(20) == ["two undecided - @19 r1"]
    assert play.read(15, a=5, b=5) + play.clock(21) == []  # c is silent all the same
    assert play.read(16, c=5) + play.clock(22) == []
    assert play.clock(40) == ["two undecided - @25 r1"]


def test_when_others_are_in_the_group_the_past_is_let_be() -> None:
    """c leaves: what was said with it stands, and what comes late for then changes nothing before now."""
    play = Play(TWO % "")
    play.read(0, a=20, b=5, c=5)
    assert play.read(4, b=20) + play.clock(5) == ["two fired red @4 r1"]
    away = [replace(each, status="maintained") if each.id == "c" else each for each in SENSORS]
    after = catalogue(TWO % "", *away)
    switch_both(after, play.pair)
    assert play.read(3, b=5) + play.clock(6) == []
    assert play.read(6, b=5) + play.clock(7) == ["two cleared red @6 r2"]


def test_more_than_can_be_kept_is_judged_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes for a time that is judged for good counts from then on, as if `amend` were that short."""
    monkeypatch.setattr(book, "MOST", 8)
    play = Play(TWO % "")
    play.read(0, a=20, b=5, c=5)
    for at in range(1, 30):
        play.read(at, b=20 if at % 2 else 5)
        play.clock(at + 0.5)
    assert play.read(2, c=20) + play.clock(31) == [
        "two amended red @22 r3 of red@23, over@24",
        "two withdrawn - @25 r3 of red@25, over@26",
        "two withdrawn - @27 r3 of red@27, over@28",
        "two withdrawn red @29 r2 of red@29",
    ]
    [judged] = [each for chunk in play.pair.areas._chunks.values() for each in chunk.groups.values()]
    assert judged.book is not None and len(judged.book.journal) < 10


def test_a_value_for_a_time_that_is_judged_for_good_is_lost_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "MOST", 8)
    rule = "{name: apart, kind: compare, left: {metric: pm25}, right: {metric: noise}, measure: ratio, age: 2h, "
    play = Play(rule + "above: {red: 2}, silent: 9h, amend: 1h}")
    for at in range(30):
        play.read(at, a=30)
        play.clock(at + 0.5)
    assert play.hear(1, 10) + play.clock(31) == []
    assert play.pair.counts().late == 1


def test_a_book_that_nobody_can_read_is_no_state() -> None:
    play = Play(TWO % "")
    play.read(0, a=20, b=5, c=5)
    play.clock(1)
    [(number, data)] = play.pair.areas.pack().items()
    chunk = msgspec.msgpack.decode(data)
    group = chunk[4][0]
    group[-1][2] = "what is no base"
    again = AreaEngine(city(TWO % ""), partition=0, partitions=1)
    with pytest.raises(StateError, match="the state of two#"):
        again.start(2, play.pair.areas.clock, {number: (2, msgspec.msgpack.encode(chunk))})
