"""The city folder as the console shows it: sensors as they are, rules in words."""

from collections.abc import Callable, Mapping, Sequence
from functools import singledispatch
from math import isfinite
from typing import cast

from console.area_words import sentence
from console.ports import Limit, RuleView
from console.times import times
from console.words import measure, metric_unit, span
from rules.areas.composite import CompositeSpec
from rules.areas.member import Member, PlainValues, WindowValues
from rules.areas.quorum_machine import Step
from rules.attributes import AttributeFaultError
from rules.catalogue import Catalogue
from rules.kinds.area import AreaSpec
from rules.kinds.change import ChangeSpec
from rules.kinds.compare import CompareSpec
from rules.kinds.quorum import QuorumSpec
from rules.kinds.silence import SilenceSpec
from rules.kinds.stretch import StretchSpec
from rules.kinds.window import WindowSpec
from rules.levels import Levels
from rules.rule import Rule, Spec, Where
from rules.sensor import Sensor

_AGGREGATES = {
    "mean": "mean",
    "max": "highest",
    "min": "lowest",
    "count": "number of readings",
    "sum": "sum",
    "median": "median",
    "stddev": "standard deviation",
    "first": "first",
    "last": "last",
    "slope": "rise an hour",
    "leq": "equivalent level",
}
_OTHER_UNITS = ("count", "share_above", "slope")
"""Aggregates whose limits are no values of the metric."""

OWN = " A sensor may have values of its own in the registry."


class CityView:
    """The catalogue in force behind the console's port; without one a city that has nothing yet."""

    def __init__(self, catalogue: Catalogue | None = None, refused: Callable[[], Sequence[str]] = tuple) -> None:
        self.adopt(catalogue or Catalogue({}, ()))
        self._refused = refused

    def adopt(self, catalogue: Catalogue) -> None:
        """From any thread: from the next question on this one is in force."""
        self._held = catalogue, {rule.name: describe(rule) for rule in catalogue.rules}

    @property
    def sensors(self) -> Mapping[str, Sensor]:
        return self._held[0].sensors

    @property
    def rules(self) -> Sequence[RuleView]:
        return tuple(self._held[1].values())

    @property
    def refused(self) -> Sequence[str]:
        return self._refused()

    def metrics(self, sensor: Sensor) -> Sequence[str]:
        catalogue, _ = self._held
        # A page may ask about a sensor that went while it was made.
        derived = catalogue.choice(sensor.id).metrics if sensor.id in catalogue.sensors else ()
        return (*sensor.channels, *sorted(derived))

    def rules_for(self, sensor: Sensor, metric: str) -> Sequence[RuleView]:
        catalogue, views = self._held
        return [
            _own(catalogue, rule, sensor, views[rule.name]) if rule.attributes else views[rule.name]
            for rule in catalogue.rules_for(sensor.id, metric)
        ]


def _own(catalogue: Catalogue, rule: Rule, sensor: Sensor, written: RuleView) -> RuleView:
    """The rule with the limits that the sensor has."""
    try:
        return describe(catalogue.own(rule, sensor))
    except AttributeFaultError:
        return written


def describe(rule: Rule) -> RuleView:
    spec = rule.spec
    levels = _levels(spec)
    metric = rule.metrics[0] if rule.metrics else ""  # a rule on other rules alone has none
    unit = metric_unit(metric)
    # What is no value of the metric is not drawn on its chart.
    other = isinstance(spec, ChangeSpec) or (
        isinstance(spec, WindowSpec | StretchSpec) and spec.aggregate in _OTHER_UNITS
    )
    drawn = levels and not other and not isinstance(spec, CompositeSpec)
    known = (
        [one for one in levels.levels if isfinite(one.limit)] if levels and drawn else []
    )  # others only a sensor has
    limits = tuple(Limit(one.severity, one.limit) for one in known)
    if isinstance(spec, ChangeSpec):
        metric, unit = metric if spec.unit(unit) == unit else "", spec.unit(unit)
    elif other or isinstance(spec, CompositeSpec):
        metric, unit = "", ""
    return RuleView(
        name=rule.name,
        hash=rule.hash,
        kind=rule.kind,
        metrics=rule.metrics,
        condition=condition(spec, rule) + times(rule) + (OWN if rule.attributes else "") + _amending(rule),
        where=place(rule.where),
        levels=_words(spec, levels, metric, unit),
        limits=limits,
        notify=tuple(dict.fromkeys((*rule.notify, *(each for _, told in rule.routes for each in told)))),
        text=rule.text,
    )


def _amending(rule: Rule) -> str:
    return f" What it said is decided anew when readings come up to {span(rule.amend)} late." if rule.amend else ""


def place(where: Where) -> str:
    """Which sensors, in words: "air sensors in north, west"."""
    words = [f"{', '.join(where.kind)} sensors" if where.kind else "all sensors"]
    if where.district:
        words.append(f"in {', '.join(where.district)}")
    if where.department:
        words.append(f"of {', '.join(where.department)}")
    if where.sensor:
        words.append(f"named {', '.join(where.sensor)}")
    if where.inside:
        words.append(f"inside {' or '.join(where.inside)}")
    if (near := where.near) is not None:
        middle = near.sensor or f"{near.lat:g}, {near.lon:g}"
        words.append(f"within {near.radius} m of {middle}")
    return " ".join(words)


@singledispatch
def condition(spec: object, rule: Rule) -> str:
    """When the rule fires, as a sentence. A kind without words of its own is named."""
    return f"A rule of the kind {rule.kind} on {', '.join(rule.metrics)}."


@condition.register
def _threshold(spec: Levels, rule: Rule) -> str:
    hold = f" for {span(spec.hold)}" if spec.hold else ""
    if spec.times > 1:
        hold = f" {spec.times} times {f'within {span(spec.within)}' if spec.within else 'in a row'}"
    return f"{rule.metrics[0]} {_beyond(spec)}{hold}.{_keeping(spec)}"


@condition.register
def _window(spec: WindowSpec, rule: Rule) -> str:
    waits = f" Waits {span(spec.delay)} for stragglers." if spec.delay else ""
    windows = f"each {span(spec.every)}" if not spec.over else f"the last {span(spec.over)}, each {span(spec.every)},"
    least = span(spec.least_time) if spec.least_time else f"{spec.least_count} readings"
    thin = f" Cannot decide with less than {least}." if spec.demanding else ""
    return f"{_aggregate(spec, rule)} over {windows} {_beyond(spec.levels)}.{waits}{thin}"


@condition.register
def _stretch(spec: StretchSpec, rule: Rule) -> str:
    stretches = {
        "sliding": f"the {span(spec.size)} before each reading",
        "readings": f"each {spec.size} readings",
        "session": f"each session, which {span(spec.size)} of silence end,",
    }
    return f"{_aggregate(spec, rule)} over {stretches[spec.by]} {_beyond(spec.levels)}."


def _aggregate(spec: WindowSpec | StretchSpec, rule: Rule) -> str:
    metric, name = rule.metrics[0], _AGGREGATES.get(spec.aggregate, "")
    if spec.aggregate == "percentile":
        name = f"{spec.percent}th percentile"
    if spec.aggregate == "share_above":
        return f"The share of time with {metric} above {measure(spec.mark, metric, metric_unit(metric))}"
    return f"The {name} of {metric}"


@condition.register
def _change(spec: ChangeSpec, rule: Rule) -> str:
    words = {
        "delta": "change from one reading to the next",
        "jump": "change from one reading to the next, up or down,",
        "percent": "change from one reading to the next in per cent",
        "rate": f"change in {span(spec.per)}",
        "range": f"range within {span(spec.over)}",
        "stuck": "time without any change in minutes",
    }
    hold = f" for {span(spec.levels.hold)}" if spec.levels.hold else ""
    gap = f" Compares no readings more than {span(spec.gap)} apart." if spec.gap else ""
    way = f"{_beyond(spec.levels)}{hold}.{_keeping(spec.levels)}"
    return f"The {words[spec.measure]} of {rule.metrics[0]} {way}{gap}"


@condition.register
def _silence(spec: SilenceSpec, rule: Rule) -> str:
    return f"No {' or '.join(rule.metrics)} for {span(spec.after)}."


@condition.register
def _composite(spec: CompositeSpec, rule: Rule) -> str:
    return sentence(spec, _asked) or f"A rule of the kind {rule.kind}."


def _asked(member: Member) -> str:
    """What a rule on areas asks of one sensor."""
    if member.rule:
        return f"{member.rule} {f'at {member.severity} or graver' if member.severity else 'is on'}"
    spec, metric = member.spec, member.metric
    alone = Rule("", "", (metric,), cast(Spec, spec))
    if isinstance(spec, PlainValues):
        return metric
    if isinstance(spec, WindowValues):
        return f"the {_aggregate(spec.window, alone).removeprefix('The ')} over {span(spec.window.every)}"
    levels = _levels(spec)
    words = ", ".join(words for _, words in _words(spec, levels, metric, metric_unit(metric)) if words)
    said = condition(spec, alone).partition(".")[0]
    if levels is not None and len(levels.levels) == 1:  # the one limit itself instead of a word for it
        return f"{said[0].lower()}{said[1:]}".replace(_beyond(levels), words)
    return f"{said[0].lower()}{said[1:]}" + (f" ({words})" if words else "")


def _beyond(spec: Levels) -> str:
    return f"{'above' if spec.above else 'below'} {'a' if len(spec.levels) > 1 else 'the'} limit"


def _keeping(spec: Levels) -> str:
    return f" Clears after {span(spec.keep_firing)} without." if spec.keep_firing else ""


def _levels(spec: object) -> Levels | None:
    if isinstance(spec, WindowSpec | StretchSpec | ChangeSpec | AreaSpec | CompareSpec):
        return spec.levels
    return spec if isinstance(spec, Levels) else None


def _words(spec: object, levels: Levels | None, metric: str, unit: str) -> tuple[tuple[str, str], ...]:
    """The severities, each with its limit, and with its way back where that differs."""
    if isinstance(spec, QuorumSpec):
        least = [(step, "" if step.least.percent else " sensors") for step in spec.steps]
        return tuple((step.severity, f"from {step.least}{unit}{_ends(step)}") for step, unit in least)
    if levels is None:
        if isinstance(spec, CompositeSpec):
            return tuple((severity, "") for severity in spec.severities())
        return ((spec.severity, ""),) if isinstance(spec, SilenceSpec) else ()
    side = "above" if levels.above else "below"
    found = []
    for one in levels.levels:
        if not isfinite(one.limit):
            found.append((one.severity, f"{side} what the registry says of the sensor"))
            continue
        back = f", until {measure(one.clear, metric, unit)}" if one.clear != one.limit else ""
        found.append((one.severity, f"{side} {measure(one.limit, metric, unit)}{back}"))
    return tuple(found)


def _ends(step: Step) -> str:
    return "" if step.clear is None else f", until {step.clear} or fewer"
