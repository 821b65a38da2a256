"""What is no fault in a city's rules, but hardly meant: a rule that can never fire, a severity that nobody will see,
a hold that a single reading fulfils."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil, floor, inf

from rules.amend.amends import MOST
from rules.areas.book import MOST as MOST_EVENTS
from rules.areas.composite import CompositeSpec
from rules.areas.member import PlainValues, WindowValues
from rules.catalogue import Catalogue
from rules.duration import format_duration
from rules.faults import Fault
from rules.kinds.compare import CompareSpec
from rules.kinds.window import WindowSpec
from rules.levels import Level, Levels
from rules.rule import Rule
from rules.sensor import Sensor
from rules.units import METRICS
from urbanpulse.authors.area_doubts import area_doubts, measured, members_of
from urbanpulse.authors.time_doubts import idle_attributes, strange_hours

LIKE_READINGS = frozenset(("mean", "min", "max", "median", "percentile", "first", "last", "leq"))
"""Aggregates whose result lies within the range of what they are made of."""
WAITS = ("hold", "keep_firing", "after", "every")
PARTS = ("kind", "district", "department", "sensor")


def doubts(catalogue: Catalogue, now: int = 0) -> list[Fault]:
    """Each doubt with file, line, key and what to do, in the order of the files. `now` (ms): what is over by then is a
    doubt too; 0 for not asking."""
    found: list[Fault] = []
    for rule in catalogue.rules:
        selected = _selected(rule, catalogue)
        found += [
            *_out_of_range(rule),
            *_swallowed(rule),
            *_same_limits(rule),
            *_too_short(rule, selected),
            *_idle_words(rule, selected),
            *area_doubts(rule, catalogue),
            *_amends_all_the_time(rule, selected),
            *_amends_too_long(rule, selected),
            *_amends_too_many(rule, catalogue),
        ]
        for key, part in members_of(rule):
            found += [*_of_member(key, part)]
        others = [*idle_attributes(rule, catalogue), *(strange_hours(rule, catalogue, selected, now) if now else ())]
        found += [_doubt(rule, *each) for each in others]
    return sorted([*found, *_twins(catalogue)])


def _selected(rule: Rule, catalogue: Catalogue) -> list[Sensor]:
    return [
        sensor
        for sensor in catalogue.sensors.values()
        if catalogue.selects(rule, sensor) and any(catalogue.has(sensor, metric) for metric in rule.metrics)
    ]


def _doubt(rule: Rule, key: str, message: str, suggestion: str) -> Fault:
    place = rule.place
    line = place.lines.get(key) or place.line_of(key.split(".")[0])
    return Fault(place.file, line, f"{place.key}.{key}", message, suggestion)


def levels_of(rule: Rule) -> Levels | None:
    """The severities of a rule with their limits, if its kind has such."""
    spec = rule.spec if isinstance(rule.spec, Levels) else getattr(rule.spec, "levels", None)
    return spec if isinstance(spec, Levels) else None


def _counts(rule: Rule) -> bool:
    return getattr(rule.spec, "aggregate", "") == "count"


def _range(rule: Rule) -> tuple[float, float]:
    """The least and the greatest value that the rule can ever see."""
    if getattr(rule.spec, "aggregate", "") == "share_above":
        return 0.0, 1.0
    if _counts(rule):
        return 0.0, inf
    if (compared := measured(rule)) is not None:
        return compared
    metric = METRICS.get(rule.metrics[0]) if len(rule.metrics) == 1 else None
    like = rule.kind == "threshold" or getattr(rule.spec, "aggregate", "") in LIKE_READINGS
    return (metric.lowest, metric.highest) if metric is not None and like else (-inf, inf)


def _measure(rule: Rule) -> str:
    return f"a {rule.spec.comparison.measure}" if isinstance(rule.spec, CompareSpec) else ""


def _out_of_range(rule: Rule) -> Iterator[Fault]:
    levels = levels_of(rule)
    if levels is None:
        return
    lowest, highest = _range(rule)
    side = "above" if levels.above else "below"
    share = (lowest, highest) == (0.0, 1.0) and getattr(rule.spec, "aggregate", "") == "share_above"
    what = "a count" if _counts(rule) else "a share" if share else _measure(rule) or rule.metrics[0]
    span = f"{what} lies between {lowest:g} and {highest:g}" if highest < inf else f"{what} is never less than 0"
    hint = "limits are in the canonical unit, whatever a sensor sends"
    for level in levels.levels:
        key = f"{side}.{level.severity}"
        if level.limit >= highest if levels.above else level.limit <= lowest:
            yield _doubt(rule, key, f"can never fire: {span}", hint)
        elif level.limit < lowest if levels.above else level.limit > highest:
            yield _doubt(rule, key, f"fires with every value: {span}", hint)
        elif level.clear < lowest if levels.above else level.clear > highest:
            yield _doubt(rule, f"clear.{level.severity}", f"never clears: {span}", hint)


def _of_member(key: str, part: Rule) -> Iterator[Fault]:
    """Doubts about one condition of a rule on groups, which stands under `key`."""
    for doubt in (*_out_of_range(part), *_swallowed(part), *_same_limits(part)):
        place = part.place
        yield replace(doubt, line=place.line_of(key), key=f"{place.key}.{key}{doubt.key.removeprefix(place.key)}")


def _swallowed(rule: Rule) -> Iterator[Fault]:
    levels = levels_of(rule)
    for lower, graver in _neighbours(levels):
        assert levels is not None
        if graver.clear <= lower.limit if levels.above else graver.clear >= lower.limit:
            way = "above" if levels.above else "below"
            yield _doubt(
                rule,
                f"clear.{graver.severity}",
                f"{graver.severity} stays on until {graver.clear:g}, and {lower.severity} begins {way} "
                f"{lower.limit:g}: on the way back it swallows {lower.severity}",
                f"clear {graver.severity} between {lower.limit:g} and {graver.limit:g}",
            )


def _same_limits(rule: Rule) -> Iterator[Fault]:
    levels = levels_of(rule)
    if not _counts(rule):
        return
    for lower, graver in _neighbours(levels):
        assert levels is not None
        whole = floor if levels.above else ceil
        if whole(lower.limit) == whole(graver.limit):
            side = "above" if levels.above else "below"
            yield _doubt(
                rule,
                f"{side}.{graver.severity}",
                f"a count is whole, so {graver.severity} and {lower.severity} begin at the same one",
                "give limits that a whole number lies between",
            )


def _neighbours(levels: Levels | None) -> Iterator[tuple[Level, Level]]:
    return zip(levels.levels, levels.levels[1:], strict=False) if levels is not None else iter(())


def _too_short(rule: Rule, selected: Sequence[Sensor]) -> Iterator[Fault]:
    """Lengths of time within which a sensor says nothing: what they wait for is then a single reading, or none."""
    for key in WAITS:
        wait = getattr(rule.spec, key, None)
        if key == "every" and wait is not None:  # windows that overlap are longer than the distance between them
            wait = getattr(rule.spec, "length", wait)
        if wait is None and (levels := levels_of(rule)) is not None:
            wait = getattr(levels, key, None)
        if not isinstance(wait, int) or wait <= 0:
            continue
        # A sensor's next reading is never quite punctual, so a silence as long as the interval comes at each.
        slow = [sensor for sensor in selected if wait < sensor.interval or (key == "after" and wait == sensor.interval)]
        if slow:
            longest = max(slow, key=lambda sensor: sensor.interval)
            relation = "no longer" if wait == longest.interval else "shorter"
            yield _doubt(
                rule,
                key,
                f"{format_duration(wait)} is {relation} than the interval of {len(slow)} of {len(selected)} sensors "
                f"that it selects ({longest.id}: {format_duration(longest.interval)}): {_MEANING[key]}",
                f"at least twice the interval, {format_duration(2 * longest.interval)}, or narrow `where`",
            )


_MEANING = {
    "hold": "a single reading fulfils it",
    "keep_firing": "a single reading ends it",
    "after": "they are silent between any two readings",
    "every": "most windows are empty",
}


def _amends_all_the_time(rule: Rule, selected: Sequence[Sensor]) -> Iterator[Fault]:
    """A window without a delay is decided before the last of its readings, which is under way, has come."""
    spec = rule.spec
    if rule.amend and isinstance(spec, WindowSpec) and not spec.delay and selected:
        yield _doubt(
            rule,
            "amend",
            "without a delay each window is decided before its last readings are there, and then amended",
            "let it wait for what is usually late, such as delay: 30s; amend is for what is unusually late",
        )


def _amends_too_long(rule: Rule, selected: Sequence[Sensor]) -> Iterator[Fault]:
    """More readings than are kept to be judged again."""
    if not rule.amend or not _judges_readings(rule):
        return
    fast = [sensor for sensor in selected if rule.amend // sensor.interval > MOST]
    if fast:
        fastest = min(fast, key=lambda sensor: sensor.interval)
        yield _doubt(
            rule,
            "amend",
            f"of {len(fast)} sensors that it selects more than {MOST} readings would come within "
            f"{format_duration(rule.amend)} ({fastest.id}: each {format_duration(fastest.interval)}); no more are kept",
            f"{format_duration(MOST * fastest.interval)} is what that number lasts",
        )


def _judges_readings(rule: Rule) -> bool:
    """Whether it judges readings one by one, of a group those of one of its members at least."""
    if isinstance(rule.spec, CompositeSpec):
        return any(not isinstance(each.spec, WindowSpec | WindowValues) for each in rule.spec.members if not each.rule)
    return not isinstance(rule.spec, WindowSpec)


def _amends_too_many(rule: Rule, catalogue: Catalogue) -> Iterator[Fault]:
    """More values of a group than are kept to be judged again."""
    found = catalogue.areas.rules.get(rule.name)
    if found is None or not rule.amend:
        return
    values = [each.spec for each in found.spec.members if isinstance(each.spec, WindowValues | PlainValues)]
    for group in found.groups.values():
        sensors = [catalogue.sensors[each] for each in group.sensors]
        every = [each.window.every if isinstance(each, WindowValues) else 0 for each in values]
        expected = sum(rule.amend // (each or sensor.interval) for each in every for sensor in sensors)
        if expected > MOST_EVENTS:
            yield _doubt(
                rule,
                "amend",
                f"of {group.name} more than {MOST_EVENTS} values would come within {format_duration(rule.amend)}; "
                "no more are kept",
                f"{format_duration(rule.amend * MOST_EVENTS // expected // 1000 * 1000)} is what that number lasts",
            )
            return


def _idle_words(rule: Rule, selected: Sequence[Sensor]) -> Iterator[Fault]:
    """Words of `where` without which the rule would select the same sensors. That none is left is a fault."""
    if not selected:
        return
    for part in PARTS:
        have = {sensor.id if part == "sensor" else str(getattr(sensor, part)) for sensor in selected}
        for word in getattr(rule.where, part):
            if word not in have:
                metrics = " or ".join(rule.metrics)
                message = f"{word!r} selects no sensor: none there measures {metrics} and matches the rest"
                yield _doubt(
                    rule, f"where.{part}", message, f"remove it, or add the sensor to sensors.csv; {_has(have)}"
                )


def _has(words: set[str]) -> str:
    shown = sorted(words)
    return f"selected are {', '.join(shown[:8])}{' ...' if len(shown) > 8 else ''}"


def _twins(catalogue: Catalogue) -> Iterator[Fault]:
    """Rules that judge alike, for the same departments, about a common sensor: each matter is told twice."""
    first: dict[tuple[object, ...], list[Rule]] = {}
    for rule in catalogue.rules:
        for metric in rule.metrics:
            same = first.setdefault(
                (rule.judgement_hash + repr(rule.attributes), metric, tuple(sorted(rule.notify)) + rule.routes), []
            )
            for other in same:
                both = (sensor for sensor in _selected(rule, catalogue) if catalogue.selects(other, sensor))
                if any(catalogue.has(sensor, metric) for sensor in both):
                    message = f"says of {metric} the same as {other.name} in {other.place.file}:{other.place.line}"
                    yield _doubt(rule, "name", message, "remove one of them, or let `where` keep them apart")
                    break
            same.append(rule)
