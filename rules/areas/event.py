"""What one sensor has to say to a group that it belongs to."""

import msgspec

from rules.identity import CHUNKS, chunk_of

MOST_WHY = 300
"""Characters that the reason of an event has at most."""


class Event(msgspec.Struct, frozen=True, array_like=True):
    """A member of the group is another for one sensor from `at` (ms) on. (group, member, sensor, turn, at, order) is
    its identity: whatever else comes under it again is a repeat.

    `group`: the key of a `Group`. `member`: the place of the condition in the rule, from 0; -1 - m tells of the health
    of the sensor in what member m needs: `severity` is `SILENT` or, when it is heard, empty. `sensor`: its id; of
    another area rule's state the name of the group. `order` counts from 0 the events of one watch at one `at`.
    `severity`: the one from now on, empty for none and for values. `value` in the metric's or window's unit.
    `offset`: of the record of `readings` that led to it, -1 for none. `why`: nothing is known as of `at`, for this
    reason; then severity and value say nothing. `turn` counts how often the watch has changed its mind about the past:
    with the first event of a turn, what was told in earlier ones of that time and later counts no more; of values, that
    of the same time.
    """

    group: str
    member: int
    sensor: str
    at: int
    order: int
    severity: str = ""
    value: float | None = None
    offset: int = -1
    why: str = ""
    turn: int = 0


SILENT = "silent"


def group_key(rule: str, mark: str, area: str, family: str = "") -> str:
    """The key of the group `area` of a rule. `mark` names how the rule judges, so that what is meant for the rule as
    it was is never taken for it as it is. `family`: the least name of the rules that refer to each other, if any."""
    return f"{family}/{rule}#{mark}|{area}" if family else f"{rule}#{mark}|{area}"


def group_chunk(key: str) -> int:
    """The chunk, 0 to 1023, whose state holds this group. A family shares one, so that its rules can tell each other
    at once; neither depends on how the rules judge. Never changes: it is part of the stored state."""
    head, _, area = key.partition("|")
    family, slash, rule = head.rpartition("/")
    return chunk_of(f"family|{family}" if slash else f"{rule.partition('#')[0]}|{area}")


def group_partition(key: str, partitions: int) -> int:
    """The partition of `summaries` and of the area stage's state that this group belongs to."""
    assert 0 < partitions <= CHUNKS
    return group_chunk(key) % partitions
