"""The one shape of a record on the topic `summaries`: what a source partition of `readings` has to say to the groups
of one partition, and through what time it has said all. No other file knows these bytes."""

import re

import msgspec

from rules.areas.event import MOST_WHY, Event, group_partition
from rules.frame import DAY, FrameError

VERSION = 1
MOST_EVENTS = 20_000
LONGEST = 400
"""Characters of a group's key or a sensor's name."""
MOST_MEMBERS = 64
_GREATEST = 1e15
_SEVERITY = re.compile(r"[a-z][a-z0-9_-]{0,31}|")
_CATALOGUE = re.compile(r"[0-9a-f]{8,64}|")


class Summary(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """`source`: the partition of `readings` it comes from. `wall`: when the record that led to it was received (ms).
    `through`: after these events all is said up to and with this time (ms), -1 when no time has passed. `catalogue`
    and `serial`: the catalogue in force at the source."""

    v: int
    source: int
    wall: int
    through: int = -1
    catalogue: str = ""
    serial: int = 0
    events: tuple[Event, ...] = ()


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Summary)
encode = _encoder.encode


class SummaryReader:
    """Decodes and checks the records of one partition: after `read` returns, all of it is sound."""

    def __init__(self, partition: int, partitions: int) -> None:
        self._partition, self._partitions = partition, partitions
        self._sound: set[str] = set()

    def read(self, value: bytes | None) -> Summary:
        """The summary in `value`. Raises FrameError; nothing else, whatever the bytes."""
        if value is None:
            raise FrameError("not_a_frame", "a record without a value")
        try:
            summary = _decoder.decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise FrameError("not_a_frame", str(error)) from error
        if summary.v != VERSION:
            raise FrameError("version", f"summary version {summary.v}, this reader knows {VERSION}")
        if not 0 <= summary.source < self._partitions:
            raise FrameError("columns", f"source {summary.source} of {self._partitions} partitions")
        if not 0 <= summary.wall < 1 << 43 or not -1 <= summary.through <= summary.wall + DAY:
            raise FrameError("time", f"wall {summary.wall}, through {summary.through}")
        if not 0 <= summary.serial < 1 << 53 or not _CATALOGUE.fullmatch(summary.catalogue):
            raise FrameError("columns", f"catalogue {summary.catalogue[:80]!r}, serial {summary.serial}")
        if len(summary.events) > MOST_EVENTS:
            raise FrameError("size", f"{len(summary.events)} events, {MOST_EVENTS} at most")
        for event in summary.events:
            self._check(event, summary.wall)
        return summary

    def _check(self, event: Event, wall: int) -> None:
        if event.group not in self._sound:
            if not 0 < len(event.group) <= LONGEST:
                raise FrameError("sensor", f"a group {event.group[:80]!r}")
            if (home := group_partition(event.group, self._partitions)) != self._partition:
                raise FrameError("misrouted", f"{event.group} in partition {self._partition}, belongs in {home}")
            self._sound.add(event.group)
        if not 0 < len(event.sensor) <= LONGEST or len(event.why) > MOST_WHY:
            raise FrameError("sensor", f"{event.sensor[:80]!r}: {event.why[:80]!r}")
        if not -MOST_MEMBERS <= event.member < MOST_MEMBERS or not _SEVERITY.fullmatch(event.severity):
            raise FrameError("columns", f"member {event.member}, severity {event.severity[:64]!r}")
        if not 0 <= event.at <= wall + DAY or not 0 <= event.order < 1 << 31 or not -1 <= event.offset < 1 << 62:
            raise FrameError("time", f"at {event.at}, order {event.order}, offset {event.offset}")
        if not 0 <= event.turn < 1 << 31:
            raise FrameError("time", f"turn {event.turn}")
        if event.value is not None and not abs(event.value) <= _GREATEST:
            raise FrameError("value", f"{event.value}")
