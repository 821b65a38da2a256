"""What the area engine keeps for one group, and how events change it."""

from bisect import insort
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Literal

import msgspec

from rules.amend.story import Stand
from rules.areas.book import GroupBook, Step, pack_book, restore_book
from rules.areas.compiled import Composite
from rules.areas.event import Event
from rules.areas.group import Group
from rules.areas.state import Known, PackedGroup, PackedKnown, encode
from rules.episode import Episode
from rules.machine import FOREVER
from rules.state import StateError

Verdict = Literal["", "repeat", "late"]


class Judged:
    """A group and what is known of it. `known`: by member and sensor, the newest event that came. `waiting`: those that
    are not decided yet, in the order in which they will be. `spoken`: whether it was ever known how it stands. `look`:
    the time (ms) at which the group is judged anew because others are in it now. `armed`: the instant at which the
    engine looks at it next. `book`: of a rule that may take back what it said."""

    __slots__ = (
        "armed",
        "book",
        "composite",
        "doubt",
        "episode",
        "group",
        "known",
        "look",
        "makeup",
        "spoken",
        "state",
        "waiting",
    )

    def __init__(self, composite: Composite, group: Group) -> None:
        self.composite, self.group = composite, group
        self.state: Any = composite.machine.initial()
        self.known: dict[tuple[int, str], Known] = {}
        self.waiting: list[Event] = []
        self.episode: Episode | None = None
        self.doubt = ""
        self.spoken = False
        self.makeup = makeup_of(group)
        self.look = FOREVER
        self.armed = FOREVER
        self.book = GroupBook(composite) if composite.rule.amend else None

    @property
    def sensor(self) -> str:
        """The sensor that findings are about; empty for a group that is not just one by its rule."""
        return self.group.name if self.composite.spec.area.by == "sensor" else ""

    @property
    def standing(self) -> tuple[str, str]:
        """The severity, and why nothing is known, if so."""
        return "" if self.episode is None else self.episode.severity, self.doubt

    def take(self, event: Event, floor: int) -> Verdict:
        """An event of a sensor. What is as of a time before `floor` (ms), of which its own source had said that all was
        said, is late: a state counts from there, a value not at all."""
        number = event.member if event.member >= 0 else -1 - event.member
        if number >= len(self.composite.members) or not self.composite.asks(self.group.key, number, event.sensor):
            return ""
        before = self.known.get((event.member, event.sensor))
        if before is not None and (event.turn, event.at, event.order) <= (before.turn, before.at, before.order):
            return "repeat"
        values = event.member >= 0 and self.composite.spec.members[number].reports
        return "late" if self._accept(event, before, floor, values=values) else ""

    def hear(self, member: int, name: str, at: int, standing: tuple[str, str], value: float | None) -> None:
        """How the group `name` of a rule that is a member stands as of `at`, a time not decided yet."""
        before = self.known.get((member, name))
        order = turn = 0
        if before is not None:
            turn = before.turn
            if at <= before.at:
                at, order = before.at, before.order + 1
        severity, why = self._heard(member, *standing)
        if before is None or (before.severity, before.why) != (severity, why):
            event = Event(self.group.key, member, name, at, order, severity, value, -1, why, turn)
            self._accept(event, before, at, values=False)

    def hear_again(self, member: int, name: str, floor: int, stands: Sequence[Stand]) -> None:
        """How the group `name` has stood from the first of `stands` on, other than was heard. `floor`: the first
        instant (ms) that is not decided."""
        before = self.known.get((member, name))
        turn, at, order = 1 if before is None else before.turn + 1, -1, 0
        for stand in stands:
            order = order + 1 if stand.at == at else 0
            at = stand.at
            severity, why = self._heard(member, stand.severity, stand.why)
            event = Event(self.group.key, member, name, at, order, severity, stand.value, -1, why, turn)
            self._accept(event, self.known.get((member, name)), floor, values=False)

    def _heard(self, member: int, severity: str, why: str) -> tuple[str, str]:
        """What counts of the standing of a group."""
        on = self.composite.spec.members[member].severity
        known = self.composite.members[member].severities
        if severity and on in known and known.index(severity) < known.index(on):
            severity = ""
        return severity, why

    def _accept(self, event: Event, before: Known | None, floor: int, *, values: bool) -> bool:
        """Takes what is no repeat; `before`: the last that was known. Whether it is late."""
        self.known[event.member, event.sensor] = Known(event.at, event.order, event.severity, event.why, event.turn)
        turned = before is not None and event.turn > before.turn
        said = None if before is None or values or turned else (before.severity, before.why)
        if said == (event.severity, event.why):
            return False
        if event.at < floor and self.book is not None:
            return self.book.keep(floor, event)
        if event.at >= floor:
            if turned and self.book is not None:
                self.waiting = self.book.void(self.waiting, event)
            self._await(event)
            return False
        if not values:
            self._await(msgspec.structs.replace(event, at=floor))
        return True

    def due(self) -> int:
        """The next instant at which something happens, FOREVER for none."""
        first = self.waiting[0].at if self.waiting else FOREVER
        late = FOREVER if self.book is None else self.book.due
        return min(first, late, self.look, self.composite.machine.next_due(self.state, self.group))

    def step(self, at: int, first: int) -> Step:
        """The instant `at`, which is due. `first`: the offset of the record that decides."""
        looks, book = self.look <= at, self.book
        if book is not None and book.due <= at and not looks:
            self.state, self.waiting, step = book.revise(self.group, at, self.waiting, first)
            book.shorten(self.group)
            return step
        end = 0
        while end < len(self.waiting) and self.waiting[end].at <= at:
            end += 1
        events, self.waiting = self.waiting[:end], self.waiting[end:]
        if looks:
            self.look, self.makeup = FOREVER, makeup_of(self.group)
        self.state, outcomes = self.composite.machine.step(self.state, self.group, at, tuple(events))
        if book is None:
            return Step([(outcome, None) for outcome in outcomes])
        step = book.record(at, events, outcomes, first)
        if looks:
            return step._replace(lost=book.settle(self.state, at))
        book.shorten(self.group)
        return step

    def pack(self, decided: int) -> PackedGroup | None:
        """None when there is nothing to keep. `decided`: all instants up to it (ms) are."""
        if not self.known and not self.waiting and self.episode is None:
            return None
        if self.book is not None and self.look == FOREVER:
            self.book.tidy(self.group, decided)
        known = [PackedKnown(member, sensor, each) for (member, sensor), each in sorted(self.known.items())]
        return PackedGroup(
            self.group.key,
            self.group.rule,
            self.group.name,
            self.sensor,
            self.composite.metric,
            self.makeup,
            known,
            self.waiting,
            msgspec.Raw(encode(self.state)),
            self.episode,
            self.doubt,
            self.spoken,
            None if self.book is None else pack_book(self.book, encode),
        )

    def _await(self, event: Event) -> None:
        insort(self.waiting, event, key=self.composite.order)


def restore(packed: PackedGroup, groups: Mapping[str, tuple[Composite, Group]]) -> Judged | None:
    """The group that was packed; None when it is no more. Where others are in it now, what was known of those that
    left is let go, and it wants to be looked at. Raises StateError."""
    if packed.key not in groups:
        return None
    composite, group = groups[packed.key]
    judged = Judged(composite, group)
    try:
        judged.state = msgspec.msgpack.decode(packed.state, type=composite.machine.state_type)
        if judged.book is not None and packed.book is not None:
            judged.book = restore_book(packed.book, composite)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StateError(f"the state of {packed.key}: {error}") from error

    def stays(member: int, sensor: str) -> bool:
        number = member if member >= 0 else -1 - member
        return composite.members[number].area or composite.asks(group.key, number, sensor)

    judged.known = {(each.member, each.sensor): each.known for each in packed.known if stays(each.member, each.sensor)}
    judged.waiting = [each for each in packed.waiting if stays(each.member, each.sensor)]
    if judged.book is not None:
        judged.book.late = [each for each in judged.book.late if stays(each.event.member, each.event.sensor)]
    judged.episode, judged.doubt, judged.spoken = packed.episode, packed.doubt, packed.spoken
    judged.makeup = packed.makeup
    return judged


def makeup_of(group: Group) -> int:
    """Names who is in a group, and in which part."""
    content = msgspec.json.encode((group.sensors, dict(group.roles), dict(group.away)), order="deterministic")
    return int.from_bytes(blake2b(content, digest_size=6).digest(), "big")
