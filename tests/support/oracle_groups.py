"""What the machines of groups must find, said the slow and obvious way: for every instant the whole history is read
again from its beginning, and nothing is remembered. Nothing but the data types is shared with the machines."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from rules.areas.event import SILENT, Event
from rules.areas.group import Group

Kleene = bool | None


class Stand(NamedTuple):
    """How a rule stands: its severity, None when nobody can know."""

    severity: str | None


class Told(NamedTuple):
    at: int
    severity: str
    was: str
    doubt: bool


def told(stands: Iterable[tuple[int, str | None]]) -> list[Told]:
    """What is told of how a rule stands at one instant after the other: what differs from before."""
    found: list[Told] = []
    severity, doubt = "", True
    for at, now in stands:
        if now is None:
            if not doubt:
                found.append(Told(at, "", "", True))
            doubt = True
        elif doubt or now != severity:
            found.append(Told(at, now, severity, False))
            severity, doubt = now, False
    return found


class History:
    """All events of a group up to and with an instant, in their order."""

    def __init__(self, events: Sequence[Event], group: Group, at: int) -> None:
        self.group = group
        self.events = [event for event in events if event.at <= at]

    def heard(self, member: int, sensor: str) -> bool:
        """Whether the sensor was ever heard and is not silent now."""
        pulses = [event for event in self.events if (event.member, event.sensor) == (-1 - member, sensor)]
        return bool(pulses) and pulses[-1].severity != SILENT

    def words(self, member: int, sensor: str) -> list[Event]:
        return [event for event in self.events if (event.member, event.sensor) == (member, sensor)]

    def lit(self, member: int, sensor: str) -> bool:
        """Whether the last that was known is that it is on."""
        known = [event for event in self.words(member, sensor) if not event.why]
        return bool(known) and known[-1].severity != ""

    def sensor(self, member: int, sensor: str) -> tuple[bool, Kleene]:
        """Whether the sensor can be asked at all, and if so whether the condition is on."""
        words = self.words(member, sensor)
        lit = self.lit(member, sensor)
        if sensor in self.group.away:
            return False, None
        if not self.heard(member, sensor):
            return lit, None
        if words and words[-1].why:
            return True, None
        return True, lit

    def truth(self, member: int, need: int, among: Sequence[str]) -> Kleene:
        """Tries whatever those in doubt may be."""
        asked = [stand for asked, stand in (self.sensor(member, each) for each in among) if asked]
        least = need or len(asked)
        if len(asked) < max(least, 1):
            return None
        lowest = sum(stand is True for stand in asked)
        highest = sum(stand is not False for stand in asked)
        return True if lowest >= least else False if highest < least else None

    def onsets(self, member: int, among: Sequence[str]) -> list[Event]:
        """The events with which the condition came."""
        found = []
        for place, event in enumerate(self.events):
            if event.member == member and event.sensor in among and event.severity and not event.why:
                before = [
                    e for e in self.events[:place] if (e.member, e.sensor) == (member, event.sensor) and not e.why
                ]
                if not before or not before[-1].severity:
                    found.append(event)
        return found


def sequence(
    events: Sequence[Event],
    group: Group,
    at: int,
    within: int,
    missing: bool,
    firsts: Sequence[str],
    thens: Sequence[str],
) -> str | None:
    """How a sequence of severity "red" stands at an instant."""
    history = History(events, group, at)
    comings = history.onsets(0, firsts)
    if not missing:
        matched = []
        for each in thens:
            mine = [event for event in history.onsets(1, thens) if event.sensor == each]
            if mine and history.lit(1, each):
                place = history.events.index(mine[-1])
                before = [a for a in comings if history.events.index(a) < place and mine[-1].at - a.at <= within]
                matched += [each] if before else []
        if not matched:
            return ""
        return "red" if any(history.sensor(1, each)[1] for each in matched) else None
    overdue = False
    for first in comings:
        mine = [event for event in comings if event.sensor == first.sensor]
        if first is not mine[-1] or not history.lit(0, first.sensor) or first.at + within > at:
            continue
        place = history.events.index(first)
        answers = [event for event in history.onsets(1, thens) if history.events.index(event) > place]
        later = {event.at for event in history.events if event.at >= first.at} | {at}
        states = [History(events, group, when).truth(1, 1, thens) for when in later]
        overdue = overdue or not (answers or True in states)
    if not overdue:
        return ""
    return "red" if history.truth(1, 1, thens) is False else None


def stands(instants: Iterable[int], stand: Callable[[int], str | None]) -> list[tuple[int, str | None]]:
    return [(at, stand(at)) for at in sorted(set(instants))]
