"""One group judged by itself: drawings in time become events, and a machine's outcomes become a drawing again.

A row of a drawing is a member at a sensor, one place a minute:

    0 a   --__##??..__      - never heard   _ off   # on   ? doubt (the sensor cannot decide)   . silent

What a machine makes of it is drawn the same way: _ nothing on, # on, ? on and in doubt, - in doubt with nothing on.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from rules.areas.event import SILENT, Event
from rules.areas.group import Group
from rules.areas.machine import GroupMachine, Outcome
from rules.areas.member import Resolved
from rules.machine import FOREVER

MINUTE = 60_000
ON = "on"
PAIR = Group("r#1|a>b", "r", "a>b", ("a", "b"), "north", {"upstream": ("a",), "downstream": ("b",)})


def alone(*sensors: str, **more: Any) -> Group:
    return Group("r#1|x", "r", "x", sensors or ("a",), "north", **more)


def asked(*metrics: str, **more: Any) -> tuple[Resolved, ...]:
    """Members that ask for these metrics."""
    whole = {"sensors": frozenset("abcdefgh"), **more}
    return tuple(Resolved(metric, "1", (ON,), **whole) for metric in metrics)


def drawn(*rows: str, step: int = MINUTE) -> list[Event]:
    """The events of a drawing, in the order of an area engine whose members' metrics are as their numbers."""
    events: list[Event] = []
    for row in rows:
        number, sensor, signs = row.split(None, 2)
        events += of_row(int(number), sensor, signs.strip(), step)
    return ordered(events)


def of_row(member: int, sensor: str, signs: str, step: int = MINUTE) -> list[Event]:
    """The changes along one row."""
    events: list[Event] = []
    heard, told = "-", "_"

    def say(number: int, place: int, severity: str = "", why: str = "") -> None:
        order = sum(event.at == place * step and event.member == number for event in events)
        value = None if number < 0 or why else float(place)
        events.append(Event("g", number, sensor, place * step, order, severity, value, place, why))

    for place, sign in enumerate(signs):
        if sign == "-":
            continue
        if (sign == ".") != (heard == ".") or heard == "-":
            say(-1 - member, place, SILENT if sign == "." else "")
            heard = "." if sign == "." else "_"
        if sign not in (".", told):
            say(member, place, ON if sign == "#" else "", "thin" if sign == "?" else "")
            told = sign
    return events


def values(member: int, sensor: str, *readings: tuple[float, float | None]) -> list[Event]:
    """Readings (minute, value) as events; None for a doubt."""
    return [
        Event("g", member, sensor, round(at * MINUTE), 0, "", value, number, "" if value is not None else "thin")
        for number, (at, value) in enumerate(readings)
    ]


def ordered(events: Iterable[Event]) -> list[Event]:
    """As the engine steps them: by (at, metric, sensor, member, order)."""

    def place(event: Event) -> tuple[int, int, str, int, int]:
        return (
            event.at,
            event.member if event.member >= 0 else -1 - event.member,
            event.sensor,
            event.member,
            event.order,
        )

    return sorted(events, key=place)


class Judged:
    """What a machine makes of events up to and with `until`. The state is packed and restored at every instant."""

    def __init__(self, machine: GroupMachine[Any], group: Group, events: Sequence[Event], until: int) -> None:
        self.outcomes: list[Outcome] = []
        self.state = machine.initial()
        at, place = -1, 0
        while True:
            due = machine.next_due(self.state, group)
            assert due > at, "time must go on"
            at = min(due, events[place].at if place < len(events) else FOREVER)
            if at > until:
                return
            end = place
            while end < len(events) and events[end].at == at:
                end += 1
            self.state, found = machine.step(self.state, group, at, events[place:end])
            self.outcomes += found
            place = end
            packed = msgspec.msgpack.encode(self.state)
            again = msgspec.msgpack.decode(packed, type=machine.state_type)
            assert again == self.state and msgspec.msgpack.encode(again) == packed
            again_state, more = machine.step(self.state, group, at, ())
            assert (again_state, more) == (self.state, []), "looked at again, an instant says nothing new"


def picture(outcomes: Sequence[Outcome], length: int, step: int = MINUTE) -> str:
    """How things stand at each place, drawn."""
    signs = []
    for place in range(length):
        on, doubt = "", True
        for outcome in outcomes:
            if outcome.at <= place * step:
                on, doubt = (on, True) if outcome.why else (outcome.severity, False)
        signs.append(("?" if on else "-") if doubt else "#" if on else "_")
    return "".join(signs)


def judge(machine: GroupMachine[Any], group: Group, events: Sequence[Event], until: int) -> list[Outcome]:
    return Judged(machine, group, events, until).outcomes


def draw(machine: GroupMachine[Any], group: Group, *rows: str) -> str:
    """The drawing that the machine makes of rows of members, as long as the longest of them."""
    length = max(len(row.split(None, 2)[2].strip()) for row in rows)
    return picture(judge(machine, group, drawn(*rows), (length - 1) * MINUTE), length)


def short(outcomes: Iterable[Outcome], names: Mapping[str, str] | None = None) -> list[str]:
    """Each as `severity @minutes`, "clear" for an end, and "doubt"."""
    return [f"{'doubt' if each.why else each.severity or 'clear'} @{each.at / MINUTE:.12g}" for each in outcomes]
