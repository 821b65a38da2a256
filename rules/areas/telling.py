"""How the first stage tells groups what its watches find."""

from collections.abc import Iterable
from hashlib import blake2b

import msgspec

from rules.areas.areas import Areas, Feed
from rules.areas.event import MOST_WHY, Event
from rules.areas.health import HealthSpec
from rules.areas.member import PlainValues, WindowValues
from rules.episode import Found, Told
from rules.kinds.silence import SilenceSpec
from rules.series import Series


class Teller:
    """Turns changes of watches into events. What was told last is kept with each series, so that the next event has an
    order of its own and whoever has not heard yet is told how things stand."""

    def __init__(self, areas: Areas) -> None:
        self._areas = areas
        self._digests: dict[tuple[Feed, ...], int] = {}

    def tell(self, series: Series, found: Iterable[Found]) -> list[Event]:
        """The events of these changes, after the findings were made of them."""
        feeds = self._areas.feeds(series.sensor.id, series.metric)
        events: list[Event] = []
        for place, change, first, entry in found:
            watch = series.plan.watches[place]
            if hearers := feeds.get(watch.rule.name):
                last = change.seen[-1] if change.seen else None
                silence = isinstance(watch.rule.spec, SilenceSpec | HealthSpec)
                value = None if last is None or silence else last.value
                offset = first if last is None else last.offset
                told = series.told.get(place)
                # Of what was decided anew only how things stand now is news: an area rule takes nothing back.
                anew = entry is not None and (entry.what or (told is not None and change.at <= told.at))
                severity = self._standing(series, place) if change.why or anew else change.severity
                events += self._say(series, place, hearers, change.at, severity, value, offset, change.why)
        return events

    def decided(self, series: Series, at: int) -> list[Event]:
        """Where the last that was told was a doubt: that it is over as of `at`, and how things stand."""
        feeds = self._areas.feeds(series.sensor.id, series.metric)
        events: list[Event] = []
        for place, told in sorted(series.told.items()):
            if told.why:
                hearers = feeds[series.plan.watches[place].rule.name]
                events += self._say(series, place, hearers, at, told.severity, None, -1, "")
        return events

    def behind(self, series: Series) -> bool:
        """Whether there is somebody who has not been told how things stand."""
        return any(True for _ in self._behind(series))

    def catch_up(self, series: Series, clock: int) -> list[Event]:
        """Tells whoever has not heard yet, as of `clock`."""
        events: list[Event] = []
        for place, hearers in list(self._behind(series)):
            why = told.why if (told := series.told.get(place)) is not None else ""
            events += self._say(series, place, hearers, clock, self._standing(series, place), None, -1, why)
        return events

    def _behind(self, series: Series) -> Iterable[tuple[int, tuple[Feed, ...]]]:
        feeds = self._areas.feeds(series.sensor.id, series.metric)
        for place, watch in enumerate(series.plan.watches):
            told = series.told.get(place)
            hearers = feeds.get(watch.rule.name)
            if hearers is None:
                series.told.pop(place, None)
            elif isinstance(watch.rule.spec, WindowValues | PlainValues):
                continue  # the next value says all
            elif series.episodes[place] is not None if told is None else told.digest != self._digest(hearers):
                yield place, hearers

    def _standing(self, series: Series, place: int) -> str:
        """The severity that the watch has now, or had before it began to doubt."""
        if (episode := series.episodes[place]) is not None:
            return episode.severity
        watch = series.plan.watches[place]
        return told.severity if watch.rule.hidden and (told := series.told.get(place)) is not None else ""

    def _say(
        self,
        series: Series,
        place: int,
        hearers: tuple[Feed, ...],
        at: int,
        severity: str,
        value: float | None,
        offset: int,
        why: str,
    ) -> list[Event]:
        told, order, why = series.told.get(place), 0, why[:MOST_WHY]
        if told is not None and at <= told.at:
            at, order = told.at, told.order + 1
        series.told[place] = Told(at, order, severity, why, self._digest(hearers))
        return [
            Event(
                group,
                feed.member,
                series.sensor.id,
                at,
                order,
                severity if feed.on is None or severity in feed.on else "",
                value,
                offset,
                why,
            )
            for feed in hearers
            for group in feed.groups
        ]

    def _digest(self, hearers: tuple[Feed, ...]) -> int:
        """Names who hears it."""
        if hearers not in self._digests:
            who = [(feed.member, feed.groups) for feed in hearers]
            self._digests[hearers] = int.from_bytes(blake2b(msgspec.json.encode(who), digest_size=6).digest(), "big")
        return self._digests[hearers]
