"""Rules on groups that are on at some times only.

its time      . . . # # # # . . . # # # .
it is so      - - * * * - - - * * * * * *
told                F   C           F     C
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from rules.areas.event import Event
from rules.areas.group import Group
from rules.areas.machine import Outcome
from rules.areas.pair import Pair
from rules.areas.timed_machine import TimedMachine
from rules.calendar import WEEKDAYS, Calendar
from rules.catalogue import Catalogue, check_catalogue, parse_rules
from rules.derived.settings import Indices
from rules.finding import Finding
from rules.geography import Shape
from rules.hours import Spell
from rules.machine import FOREVER
from tests.support.examples import examples
from tests.support.judging import T, catalogue, frame, sensor, tick

GROUP = Group("k", "r", "north", ("a",), "north")
END = 60


class ScriptState(msgspec.Struct, frozen=True, array_like=True):
    place: int = 0


class Script:
    """A machine that says what is written, each at its instant: a severity, "?" for a doubt."""

    state_type = ScriptState

    def __init__(self, says: Sequence[tuple[int, str]]) -> None:
        self._says = says

    def initial(self) -> ScriptState:
        return ScriptState()

    def next_due(self, state: ScriptState, group: Group) -> int:
        return self._says[state.place][0] if state.place < len(self._says) else FOREVER

    def step(
        self, state: ScriptState, group: Group, at: int, events: Sequence[Event]
    ) -> tuple[ScriptState, list[Outcome]]:
        found = []
        while state.place < len(self._says) and self._says[state.place][0] <= at:
            word = self._says[state.place][1]
            doubt = "nobody knows" if word == "?" else ""
            found.append(Outcome(at, "" if doubt else word, "never looked at", why=doubt))
            state = ScriptState(state.place + 1)
        return state, found


@dataclass(frozen=True)
class Times:
    """Hours that begin and end where they are told to."""

    spans: tuple[tuple[int, int], ...]

    def at(self, at: int) -> Spell:
        edges = sorted({0, FOREVER, *(edge for span in self.spans for edge in span)})
        for start, end in pairwise(edges):
            if start <= at < end:
                return Spell(start, end, any(begin <= at < over for begin, over in self.spans))
        raise AssertionError(at)


def played(says: Sequence[tuple[int, str]], spans: tuple[tuple[int, int], ...], looks: Sequence[int] = ()) -> list[str]:
    """What is told, the engine looking whenever something is due, and at `looks` beside, without any event."""
    machine = TimedMachine(Script(says), lambda group: Times(spans))  # type: ignore[arg-type, return-value]
    state, found, through = machine.initial(), list[str](), -1
    more = sorted(looks)
    while True:
        due = machine.next_due(state, GROUP)
        assert due > through, "later than the instant that was looked at"
        at = min([due, *(look for look in more if look > through)])
        if at > END:
            return found
        state, outcomes = machine.step(state, GROUP, at, ())
        state = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=machine.state_type)
        through = at
        found += [word for each in outcomes if (word := short(each))]


def short(outcome: Outcome) -> str:
    if outcome.why:
        return f"{outcome.at}?"
    if outcome.outside:
        return f"{outcome.at}-{outcome.was}!"
    if not outcome.severity:
        return f"{outcome.at}-{outcome.was}" if outcome.was else ""
    return f"{outcome.at}{outcome.was}>{outcome.severity}"


def expected(says: Sequence[tuple[int, str]], spans: tuple[tuple[int, int], ...]) -> list[str]:
    """Instant by instant: how it is, whether it is the rule's time, and what was told of that time so far."""
    found: list[str] = []
    told, doubt, was_inside = "", False, False
    for at in range(END + 1):
        known = [word for when, word in says if when <= at]
        inside = next((span for span in spans if span[0] <= at < span[1]), None)
        if was_inside and (inside is None or inside[0] == at):
            found += [f"{at}-{told}!"] if told else []
            was_inside = False
        if inside is not None and not was_inside:
            told, doubt, was_inside = "", not known, True
        news = [word for when, word in says if when == at]
        for word in (news or known[-1:]) if inside is not None else ():
            if word == "?":
                found += [] if doubt else [f"{at}?"]
                doubt = True
            elif word != told or doubt:
                found += [f"{at}{told}>{word}" if word else f"{at}-{told}"] if word or told else []
                told, doubt = word, False
    return found


scripts = st.lists(
    st.tuples(st.integers(0, END), st.sampled_from(["", "yellow", "red", "?"])), max_size=12, unique_by=lambda x: x[0]
).map(sorted)
spans_of = st.lists(st.integers(0, END + 5), max_size=8, unique=True).map(
    lambda edges: tuple(zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False))
)


@given(says=scripts, spans=spans_of, looks=st.lists(st.integers(0, END), max_size=6))
@examples(300)
def test_it_tells_what_is_so_within_its_times(
    says: list[tuple[int, str]], spans: tuple[tuple[int, int], ...], looks: list[int]
) -> None:
    assert played(says, spans, looks) == expected(says, spans)


def test_drawn() -> None:
    assert played([(2, "red"), (5, ""), (8, "red")], ((3, 7), (10, 13))) == ["3>red", "5-red", "10>red", "13-red!"]
    assert played([(2, "red"), (4, "yellow"), (6, "?"), (20, "")], ((3, 10),)) == [
        "3>red",
        "4red>yellow",
        "6?",
        "10-yellow!",
    ]
    assert played([(2, "?"), (8, "")], ((3, 10),)) == ["3?"]
    assert played([(1, "red")], ()) == []


def test_while_nothing_is_so_no_hour_is_looked_at() -> None:
    machine = TimedMachine(Script([(1, "")]), lambda group: Times(((3, 7),)))  # type: ignore[arg-type, return-value]
    state, _ = machine.step(machine.initial(), GROUP, 1, ())
    assert machine.next_due(state, GROUP) == FOREVER


def test_other_times_come_into_force_at_the_next_instant() -> None:
    """The days of a calendar may change without the rule being another: what is on may be off now, and the reverse."""
    script = Script([(2, "red")])
    one, other = (TimedMachine(script, lambda group, spans=spans: Times(spans)) for spans in (((0, 30),), ((40, 50),)))  # type: ignore[misc]
    on, _ = one.step(one.initial(), GROUP, 2, ())
    assert (one.next_due(on, GROUP), other.next_due(on, GROUP)) == (30, 3)
    off, found = other.step(on, GROUP, 3, ())
    assert [short(each) for each in found] == ["2-red!"]
    assert (other.next_due(off, GROUP), one.next_due(off, GROUP)) == (40, 4)
    _, found = one.step(off, GROUP, 4, ())
    assert [short(each) for each in found] == ["4>red"]


RULE = """
{name: many, kind: quorum, of: {metric: pm25, above: 10}, at_least: {red: 2}, delay: 0s, healthy: 1, when: WHEN}
{name: hears, kind: combine, area: district, all: [{rule: many}], severity: orange}
"""
CITY = (sensor("a"), sensor("b"))


def judged(city: Catalogue) -> list[str]:
    """Both sensors are bad from minute 5 to 15, and from minute 18 on."""
    pair, found = Pair(city), list[Finding]()
    for minute in range(40):
        value = 20.0 if 5 <= minute < 15 or minute >= 18 else 1.0
        found += pair.frame(pair.position, frame(*[(name, "pm25", minute * 60, value) for name in "ab"]))
        found += pair.tick(pair.position, tick(minute * 60 + 30))
    return [f"{f.rule} {f.change} {f.severity or f.was} @{(f.at - T) / 60_000:g} {f.reason}".strip() for f in found]


def test_a_quorum_of_the_night_and_a_rule_that_hears_it() -> None:
    """T is 22:00."""
    assert judged(catalogue(RULE.replace("WHEN", '{between: "22:10-22:20"}'), *CITY)) == [
        "many fired red @10", "hears fired orange @10", "many cleared red @15", "hears cleared orange @15",
        "many fired red @18", "hears fired orange @18", "many cleared red @20 outside of its hours",
        "hears cleared orange @20",
    ]  # fmt: skip


def test_the_hours_are_those_of_the_district() -> None:
    """At half past two in the morning of Kolkata it is 21:00 UTC, and T is 22:00 UTC, half past three there."""
    rules = RULE.replace("WHEN", '{between: "03:40-03:50"}')
    shapes = {"north": Shape("north", (), timezone="Asia/Kolkata")}
    here = catalogue(rules, *CITY, indices=Indices())
    assert judged(here) == []
    found = judged(replace(here, shapes=shapes))
    assert found[0] == "many fired red @10" and found[-1] == "hears cleared orange @20"


def test_a_group_of_several_districts_has_the_hours_of_the_city_and_a_shape_its_own() -> None:
    both = (sensor("a"), sensor("b", district="south"))
    rules = RULE.replace("healthy: 1,", "healthy: 1, area: city,").replace("WHEN", '{between: "22:10-22:20"}')
    assert judged(catalogue(rules, *both))[0] == "many fired red @10"


def test_its_sentence_says_why_it_ends_and_its_calendars_are_asked_for() -> None:
    city = catalogue(RULE.replace("WHEN", "{calendar: nights}"), *CITY)
    [fault] = check_catalogue(city, {"env"})
    assert "there is no calendar 'nights'" in str(fault)
    known = replace(city, calendars={"nights": Calendar("nights", frozenset(range(len(WEEKDAYS))))})
    assert check_catalogue(known, {"env"}) == [] and judged(known)[0] == "many fired red @5"
    texts = "rules: [{name: r, kind: quorum, of: {metric: pm25, above: 1}, at_least: {red: 1}, when: {days: mon}}]"
    rules, faults = parse_rules(texts, "r.yaml")
    assert rules[0].when and not faults
