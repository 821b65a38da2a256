"""The keys of a window rule."""

from typing import NamedTuple

from rules.aggregates import AGGREGATES
from rules.derived.names import UNITS
from rules.kinds.stretch import MOST, StretchSpec
from rules.kinds.window_spec import WindowSpec
from rules.level_fields import parse_levels
from rules.levels import Levels
from rules.strict_yaml import Node

SHORTEST = 1000
WAYS = ("every", "sliding", "readings", "session")
_WAYS_HINT = "every: 1h for windows by the clock, or sliding: 1h, readings: 20, session: 30min"
MOST_READINGS = 1_000_000
_OWN = {"percentile": "percentile", "mark": "share_above"}
"""Keys that belong to one aggregate."""
_SOUND = "dB(A)"


def parse_window(rule: Node, fields: dict[str, Node]) -> WindowSpec | StretchSpec | None:
    """The spec in a rule's own keys; None when there is a fault among them."""
    aggregate = fields["aggregate"].choice(AGGREGATES) if "aggregate" in fields else None
    percent = fields["percentile"].whole(1, 99) if "percentile" in fields else 50
    mark = fields["mark"].number() if "mark" in fields else 0.0
    levels = parse_levels(rule, fields)
    sound = aggregate is None or _fits(rule, fields, aggregate)
    ways = [way for way in WAYS if way in fields]
    if len(ways) != 1:
        rule.fault(f"give one of {', '.join(ways)}" if ways else "the key 'every' is missing", _WAYS_HINT)
        return None
    shape = _aligned(fields) if ways == ["every"] else _stretch(ways[0], fields)
    if aggregate is None or percent is None or mark is None or levels is None or shape is None or not sound:
        return None
    if isinstance(shape, _Aligned):
        return WindowSpec(aggregate, shape.every, shape.delay, levels, shape.over, percent, mark, *shape.least)
    return StretchSpec(ways[0], shape, aggregate, levels, percent, mark)


def parse_window_values(rule: Node, fields: dict[str, Node]) -> WindowSpec | None:
    """The windows in line with the epoch that keys describe, without levels. `aggregate` and `every` are there."""
    aggregate = fields["aggregate"].choice(AGGREGATES)
    percent = fields["percentile"].whole(1, 99) if "percentile" in fields else 50
    mark = fields["mark"].number() if "mark" in fields else 0.0
    shape = _aligned(fields)
    if aggregate is None or not _fits(rule, fields, aggregate) or percent is None or mark is None or shape is None:
        return None
    return WindowSpec(aggregate, shape.every, shape.delay, Levels(True, ()), shape.over, percent, mark, *shape.least)


class _Aligned(NamedTuple):
    every: int
    delay: int
    over: int
    least: tuple[int, int]


def _aligned(fields: dict[str, Node]) -> _Aligned | None:
    """The keys of windows that stand in line with the epoch."""
    every = fields["every"].duration(SHORTEST)
    over = fields["over"].duration(SHORTEST) if "over" in fields else 0
    delay = fields["delay"].duration() if "delay" in fields else 0
    least = _at_least(fields["at_least"], over or every) if "at_least" in fields else (0, 0)
    if over and every is not None and over <= every:
        fields["over"].fault("must be longer than 'every'", "leave it out for windows that stand one after the other")
        return None
    if every is None or over is None or delay is None or least is None:
        return None
    return _Aligned(every, delay, over, least)


def _stretch(way: str, fields: dict[str, Node]) -> int | None:
    """The length of a window that readings begin and end."""
    strange = [key for key in ("over", "delay", "at_least") if key in fields]
    for key in strange:
        fields[key].fault(f"belongs to windows with 'every', not with {way!r}", "leave it out")
    length = fields[way].whole(2, MOST) if way == "readings" else fields[way].duration(SHORTEST)
    return None if strange else length


def _fits(rule: Node, fields: dict[str, Node], aggregate: str) -> bool:
    """Whether the aggregate has the keys that it needs, and no others."""
    sound = True
    for key, owner in _OWN.items():
        if key in fields and aggregate != owner:
            fields[key].fault(f"belongs to the aggregate {owner!r}", f"leave it out for {aggregate!r}")
            sound = False
        if key not in fields and aggregate == owner:
            rule.fault(f"the key {key!r} is missing", f"such as {key}: {95 if key == 'percentile' else 50}")
            sound = False
    if aggregate == "leq" and "metric" in fields and UNITS.get(fields["metric"].one_word(), _SOUND) != _SOUND:
        fields["aggregate"].fault("'leq' is of sound levels", "for other metrics take 'mean'")
        sound = False
    return sound


def _at_least(node: Node, length: int | None) -> tuple[int, int] | None:
    """A number of readings, or a length of time (ms) of which there must be some; the other is 0."""
    if node.is_number():
        count = node.whole(1, MOST_READINGS)
        return None if count is None else (count, 0)
    time = node.duration(1)
    if time is not None and length is not None and time > length:
        node.fault("is longer than the window", "such as 45min of 1h")
        return None
    return None if time is None else (0, time)
