"""How the first stage tells groups what its watches find."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b

import msgspec

from rules.amend.story import Revised, Stand
from rules.areas.event import MOST_WHY, Event
from rules.areas.feeds import Feed, Feeds
from rules.areas.health import HealthSpec
from rules.areas.member import PlainValues, WindowValues
from rules.episode import Found, Told
from rules.kinds.silence import SilenceSpec
from rules.series import Series


class Teller:
    """Turns changes of watches into events. What was told last is kept with each series, so that the next event has an
    order of its own and whoever has not heard yet is told how things stand."""

    def __init__(self, feeds: Feeds) -> None:
        self._feeds = feeds
        self._digests: dict[tuple[Feed, ...], int] = {}

    def tell(self, series: Series, found: Sequence[Found]) -> list[Event]:
        """The events of these changes, after the findings were made of them, and of what was decided anew."""
        events: list[Event] = []
        revised = {} if series.amends is None else series.amends.revised
        if not found and not revised:
            return events
        for amended, feeds, told in self._books(series):
            for place, change, first, entry in found:
                watch = series.plan.watches[place]
                hearers = feeds.get(watch.rule.name)
                if hearers is None or (amended and place in revised):
                    continue
                last = change.seen[-1] if change.seen else None
                value = None if last is None else last.value
                offset = first if last is None else last.offset
                # Of what was decided anew only how things stand now is news for those who take nothing back.
                anew = not amended and entry is not None and (entry.what or _told_since(told.get(place), change.at))
                severity = self._standing(series, place, told) if change.why or anew else change.severity
                stand = Stand(change.at, severity, value, offset, change.why)
                events += self._say(series, place, told, hearers, stand)
            for place, story in sorted(revised.items()) if amended else ():
                if hearers := feeds.get(series.plan.watches[place].rule.name):
                    events += self._retell(series, place, told, hearers, story)
        revised.clear()
        return events

    def decided(self, series: Series, at: int) -> list[Event]:
        """Where the last that was told was a doubt: that it is over as of `at`, and how things stand."""
        events: list[Event] = []
        for _, feeds, told in self._books(series):
            for place, newest in sorted(told.items()):
                if newest.why:
                    hearers = feeds[series.plan.watches[place].rule.name]
                    events += self._say(series, place, told, hearers, Stand(at, newest.severity))
        return events

    def behind(self, series: Series) -> bool:
        """Whether there is somebody who has not been told how things stand."""
        return any(True for _ in self._behind(series))

    def catch_up(self, series: Series, clock: int) -> list[Event]:
        """Tells whoever has not heard yet, as of `clock`."""
        events: list[Event] = []
        for place, told, hearers in list(self._behind(series)):
            why = newest.why if (newest := told.get(place)) is not None else ""
            stand = Stand(clock, self._standing(series, place, told), why=why)
            events += self._say(series, place, told, hearers, stand)
        return events

    def _books(self, series: Series) -> Iterable[tuple[bool, Mapping[str, tuple[Feed, ...]], dict[int, Told]]]:
        """Who only wants to know how things are, and who wants to know how they were: whom the watches of each rule
        tell, and what was told last."""
        sensor, metric = series.sensor.id, series.metric
        yield False, self._feeds.of(sensor, metric), series.told
        if series.amends is not None:
            yield True, self._feeds.of(sensor, metric, amended=True), series.amends.said

    def _behind(self, series: Series) -> Iterable[tuple[int, dict[int, Told], tuple[Feed, ...]]]:
        for _, feeds, told in self._books(series):
            for place, watch in enumerate(series.plan.watches):
                newest = told.get(place)
                hearers = feeds.get(watch.rule.name)
                if hearers is None:
                    told.pop(place, None)
                elif isinstance(watch.rule.spec, WindowValues | PlainValues):
                    continue  # the next value says all
                elif series.episodes[place] is not None if newest is None else newest.digest != self._digest(hearers):
                    yield place, told, hearers

    def _standing(self, series: Series, place: int, told: Mapping[int, Told]) -> str:
        """The severity that the watch has now, or had before it began to doubt."""
        if (episode := series.episodes[place]) is not None:
            return episode.severity
        watch = series.plan.watches[place]
        return newest.severity if watch.rule.hidden and (newest := told.get(place)) is not None else ""

    def _retell(
        self, series: Series, place: int, told: dict[int, Told], hearers: tuple[Feed, ...], story: Revised
    ) -> Iterator[Event]:
        """What groups must hear of a watch whose story is another than it was told, in a turn of its own."""
        values = isinstance(series.plan.watches[place].rule.spec, WindowValues | PlainValues)
        stands = story.restated() if values else story.retold()
        if stands:
            turn = newest.turn + 1 if (newest := told.get(place)) is not None else 1
            told[place] = Told(-1, 0, "", "", 0, turn)
        for stand in stands:
            yield from self._say(series, place, told, hearers, stand)

    def _say(
        self, series: Series, place: int, told: dict[int, Told], hearers: tuple[Feed, ...], stand: Stand
    ) -> list[Event]:
        at, order, turn, why = stand.at, 0, 0, stand.why[:MOST_WHY]
        if (newest := told.get(place)) is not None:
            turn = newest.turn
            if at <= newest.at:
                at, order = newest.at, newest.order + 1
        told[place] = Told(at, order, stand.severity, why, self._digest(hearers), turn)
        silence = isinstance(series.plan.watches[place].rule.spec, SilenceSpec | HealthSpec)
        return [
            Event(
                group,
                feed.member,
                series.sensor.id,
                at,
                order,
                stand.severity if feed.on is None or stand.severity in feed.on else "",
                None if silence else stand.value,
                stand.offset,
                why,
                turn,
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


def _told_since(told: Told | None, at: int) -> bool:
    """Whether something was told of `at` (ms) or later."""
    return told is not None and at <= told.at
