"""A rule's change of mind about an entity, with its evidence. The one shape on the topic `findings`."""

from typing import Literal

import msgspec

Change = Literal["fired", "changed", "cleared", "undecided", "amended", "withdrawn"]


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """A value that the decision rests on: event time (ms), value, offset of the record that brought it."""

    ts: int
    value: float
    offset: int


class Evidence(msgspec.Struct, frozen=True):
    """Where in the log the decision stands: records `first` to `last` of one partition, `last` being the one at
    which it was made, and the values it rests on (one for a level, a window's result, none for silence)."""

    topic: str
    partition: int
    first: int
    last: int
    seen: tuple[Seen, ...] = ()
    count: int = 0


class Course(msgspec.Struct, frozen=True):
    """How an episode went: its onset (ms), and each severity that it had with the time (ms) since when, "" for its end.
    Of a long one only what could still be changed, from the severity before that on."""

    onset: int
    steps: tuple[tuple[int, str], ...]

    @property
    def end(self) -> int | None:
        """None while it lasts."""
        at, severity = self.steps[-1]
        return None if severity else at


MOST_NAMED = 50
"""Sensors of a group that a finding names one by one."""


class AreaFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a finding about a group of sensors rests on. `name` of the area. `count` of `of` sensors said so;
    `left_out`: those that were not asked, each with the reason, and `more` than are named. `members`: sensor, severity,
    value and event time (ms) of what was decisive."""

    name: str
    count: int = 0
    of: int = 0
    left_out: tuple[tuple[str, str], ...] = ()
    more: int = 0
    members: tuple[tuple[str, str, float | None, int], ...] = ()


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """Revision `revision` (from 1) of an episode. Two findings with the same (episode, revision) are the same.

    `at`: event time of the change (ms). `onset`: when the episode began, the first event time at which it was true
    for good (a hold's end). `severity` is the one from now on, empty when cleared; `was` the one before, empty when
    fired.
    `sensor` is empty where the rule judges a group of them, which `area` tells of.
    `value` and `limit` are in `unit`. `wall`: wall time at which the record that decided was received (ms).
    `lasted`: of a cleared one how long the episode was (ms). `reason`: what more is known of the why: of a silence, who
    else is silent; of an undecided one, what is missing. `texts`: the rule's sentence by language, where it has one for
    several; unlike `text` they do not say that it is cleared.

    Late readings can change what was decided (a rule's `amend`). Then `before` is how the episode went as far as was
    known, and `after` how it did go: of an amended one both, of a withdrawn one, which never was, `before` alone. Its
    identity stays what it was, so `onset` may be another than the one that it was made of.
    """

    v: int
    episode: str
    revision: int
    change: Change
    rule: str
    rule_hash: str
    kind: str
    sensor: str
    metric: str
    district: str
    departments: tuple[str, ...]
    severity: str
    was: str
    at: int
    onset: int
    unit: str
    text: str
    evidence: Evidence
    wall: int
    value: float | None = None
    limit: float | None = None
    area: AreaFacts | None = None
    lasted: int | None = None
    reason: str = ""
    texts: dict[str, str] = {}
    before: Course | None = None
    after: Course | None = None

    @property
    def entity(self) -> str:
        """The sensor, or for a group of sensors the name of its area, and the metric."""
        return f"{self.sensor or (self.area.name if self.area is not None else '')}/{self.metric}"

    @property
    def about(self) -> str:
        """The severity that it speaks of: the one from now on, or the one that is over or never was."""
        told = [severity for _, severity in self.before.steps if severity] if self.before is not None else []
        return self.severity or self.was or next(reversed(told), "")

    @property
    def key(self) -> bytes:
        """The Kafka key: one entity of one rule stays in order."""
        return f"{self.rule}|{self.entity}".encode()


_encoder = msgspec.json.Encoder()
encode = _encoder.encode
decode = msgspec.json.Decoder(Finding).decode
