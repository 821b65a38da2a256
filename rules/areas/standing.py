"""What a group knows of its members: of each sensor the newest word, and whether the sensor is heard at all.

A sensor that is silent, or out of service, is left out and named. But if its last word was that the condition is on,
it is doubtful: not to know is no all-clear.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from msgspec.structs import replace

from rules.areas.event import SILENT, Event
from rules.areas.group import Group
from rules.areas.member import Resolved
from rules.areas.roll import NEVER_HEARD

MOST_NAMED = 5
"""Sensors that a reason names at most."""

Words = dict[str, dict[str, Event]]
"""The newest event by member (as text) and sensor, health under -1 - member; one of doubt keeps the severity before."""

Named = tuple[tuple[str, str], ...]
"""Sensors, each with a reason."""


class View(NamedTuple):
    """How the sensors of a member stand. `on`: their events; `off`: how many."""

    on: tuple[Event, ...]
    off: int
    doubtful: Named
    left_out: Named

    @property
    def asked(self) -> int:
        return len(self.on) + self.off + len(self.doubtful)

    def truth(self, need: int) -> bool | None:
        """Whether at least `need` sensors have it on, 0 for all of them: None when nobody can know. What is doubtful
        may be on or off; who is left out is neither, and of fewer than `need` nothing can be said."""
        least = need or self.asked
        if not least or self.asked < least:
            return None
        if len(self.on) >= least:
            return True
        return False if len(self.on) + len(self.doubtful) < least else None

    def reason(self) -> str:
        """Why nothing is known."""
        named = [f"{sensor}: {why}" for sensor, why in (*self.doubtful, *self.left_out)]
        more = len(named) - MOST_NAMED
        return "; ".join(named[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "") if named else NEVER_HEARD


def take(words: Words, events: Iterable[Event]) -> Words:
    """The words after these events, which are in the order of time."""
    after = dict(words)
    for event in events:
        said = after.get(str(event.member), {})
        if event.why and (before := said.get(event.sensor)) is not None:
            event = replace(event, severity=before.severity)
        after[str(event.member)] = {**said, event.sensor: event}
    return after


def lit(words: Words, member: int, sensor: str) -> bool:
    """Whether the last that is known is that the condition is on."""
    event = words.get(str(member), {}).get(sensor)
    return event is not None and bool(event.severity)


def view(words: Words, group: Group, member: int, resolved: Resolved, among: Collection[str]) -> View:
    """How the member stands among some of the group's sensors; of an area rule, in whatever area that has told."""
    health, said = words.get(str(-1 - member), {}), words.get(str(member), {})
    on: list[Event] = []
    off = 0
    doubtful: list[tuple[str, str]] = []
    left_out: list[tuple[str, str]] = []
    for sensor in sorted(said if resolved.area else resolved.sensors & {*among}):
        event, pulse = said.get(sensor), health.get(sensor)
        silent = pulse is not None and pulse.severity == SILENT
        if away := group.away.get(sensor, ""):
            left_out.append((sensor, away))
        elif silent and lit(words, member, sensor):
            doubtful.append((sensor, SILENT))
        elif silent:
            left_out.append((sensor, SILENT))
        elif event is not None and event.why:
            doubtful.append((sensor, event.why))
        elif event is not None and event.severity:
            on.append(event)
        elif event is None and pulse is None and resolved.health:
            left_out.append((sensor, NEVER_HEARD))
        else:
            off += 1
    return View(tuple(on), off, tuple(doubtful), tuple(left_out))
