"""What the area engine keeps for one group, and how events change it."""

from bisect import insort
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Literal

import msgspec

from rules.areas.areas import Composite
from rules.areas.event import Event
from rules.areas.group import Group
from rules.areas.machine import Outcome
from rules.areas.state import Known, PackedGroup, PackedKnown, encode
from rules.episode import Episode
from rules.machine import FOREVER
from rules.state import StateError

Verdict = Literal["", "repeat", "late"]


class Judged:
    """A group and what is known of it. `known`: by member and sensor, the newest event that came. `waiting`: those that
    are not decided yet, in the order in which they will be. `spoken`: whether it was ever known how it stands. `look`:
    the time (ms) at which the group is judged anew because others are in it now. `armed`: the instant at which the
    engine looks at it next."""

    __slots__ = (
        "armed",
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
        key = event.member, event.sensor
        before = self.known.get(key)
        if before is not None and (event.at, event.order) <= (before.at, before.order):
            return "repeat"
        self.known[key] = Known(event.at, event.order, event.severity, event.why)
        values = event.member >= 0 and self.composite.spec.members[number].reports
        if not values and before is not None and (before.severity, before.why) == (event.severity, event.why):
            return ""
        if event.at >= floor:
            self._await(event)
            return ""
        if not values:
            self._await(msgspec.structs.replace(event, at=floor))
        return "late"

    def hear(self, member: int, name: str, at: int, standing: tuple[str, str], value: float | None) -> None:
        """How the group `name` of a rule that is a member stands as of `at`, a time not decided yet."""
        before = self.known.get((member, name))
        order = 0
        if before is not None and at <= before.at:
            at, order = before.at, before.order + 1
        severity, why = standing
        on = self.composite.spec.members[member].severity
        known = self.composite.members[member].severities
        if severity and on in known and known.index(severity) < known.index(on):
            severity = ""
        if before is None or (before.severity, before.why) != (severity, why):
            self.known[member, name] = Known(at, order, severity, why)
            self._await(Event(self.group.key, member, name, at, order, severity, value, -1, why))

    def due(self) -> int:
        """The next instant at which something happens, FOREVER for none."""
        first = self.waiting[0].at if self.waiting else FOREVER
        return min(first, self.look, self.composite.machine.next_due(self.state, self.group))

    def step(self, at: int) -> list[Outcome]:
        """The instant `at`, which is due."""
        end = 0
        while end < len(self.waiting) and self.waiting[end].at <= at:
            end += 1
        events, self.waiting = tuple(self.waiting[:end]), self.waiting[end:]
        if self.look <= at:
            self.look, self.makeup = FOREVER, makeup_of(self.group)
        self.state, outcomes = self.composite.machine.step(self.state, self.group, at, events)
        return outcomes

    def pack(self) -> PackedGroup | None:
        """None when there is nothing to keep."""
        if not self.known and not self.waiting and self.episode is None:
            return None
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
        )

    def _await(self, event: Event) -> None:
        insort(self.waiting, event, key=self._order)

    def _order(self, event: Event) -> tuple[int, str, str, int]:
        """Events of one watch at one time stay in the order in which they came."""
        number = event.member if event.member >= 0 else -1 - event.member
        return event.at, self.composite.members[number].metric, event.sensor, event.member


def restore(packed: PackedGroup, groups: Mapping[str, tuple[Composite, Group]]) -> Judged | None:
    """The group that was packed; None when it is no more. Where others are in it now, what was known of those that
    left is let go, and it wants to be looked at. Raises StateError."""
    if packed.key not in groups:
        return None
    composite, group = groups[packed.key]
    judged = Judged(composite, group)
    try:
        judged.state = msgspec.msgpack.decode(packed.state, type=composite.machine.state_type)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StateError(f"the state of {packed.key}: {error}") from error

    def stays(member: int, sensor: str) -> bool:
        number = member if member >= 0 else -1 - member
        return composite.members[number].area or composite.asks(group.key, number, sensor)

    judged.known = {(each.member, each.sensor): each.known for each in packed.known if stays(each.member, each.sensor)}
    judged.waiting = [each for each in packed.waiting if stays(each.member, each.sensor)]
    judged.episode, judged.doubt, judged.spoken = packed.episode, packed.doubt, packed.spoken
    judged.makeup = packed.makeup
    return judged


def makeup_of(group: Group) -> int:
    """Names who is in a group, and in which part."""
    content = msgspec.json.encode((group.sensors, dict(group.roles), dict(group.away)), order="deterministic")
    return int.from_bytes(blake2b(content, digest_size=6).digest(), "big")
