"""The city folder as the console shows it: sensors as they are, rules in words."""

from collections.abc import Mapping, Sequence
from functools import singledispatch

from console.ports import Limit, RuleView
from console.words import measure, metric_unit, span
from rules.catalogue import Catalogue
from rules.kinds.change import ChangeSpec
from rules.kinds.silence import SilenceSpec
from rules.kinds.stretch import StretchSpec
from rules.kinds.window import WindowSpec
from rules.levels import Levels
from rules.rule import Rule, Where
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


class CityView:
    """The catalogue in force behind the console's port; without one a city that has nothing yet."""

    def __init__(self, catalogue: Catalogue | None = None) -> None:
        self.adopt(catalogue or Catalogue({}, ()))

    def adopt(self, catalogue: Catalogue) -> None:
        """From any thread: from the next question on this one is in force."""
        self._held = catalogue, {rule.name: describe(rule) for rule in catalogue.rules}

    @property
    def sensors(self) -> Mapping[str, Sensor]:
        return self._held[0].sensors

    @property
    def rules(self) -> Sequence[RuleView]:
        return tuple(self._held[1].values())

    def metrics(self, sensor: Sensor) -> Sequence[str]:
        catalogue, _ = self._held
        # A page may ask about a sensor that went while it was made.
        derived = catalogue.choice(sensor.id).metrics if sensor.id in catalogue.sensors else ()
        return (*sensor.channels, *sorted(derived))

    def rules_for(self, sensor: Sensor, metric: str) -> Sequence[RuleView]:
        catalogue, views = self._held
        return [views[rule.name] for rule in catalogue.rules_for(sensor.id, metric)]


def describe(rule: Rule) -> RuleView:
    spec = rule.spec
    levels = _levels(spec)
    metric, unit = rule.metrics[0], metric_unit(rule.metrics[0])
    # What is no value of the metric is not drawn on its chart.
    other = isinstance(spec, ChangeSpec) or (
        isinstance(spec, WindowSpec | StretchSpec) and spec.aggregate in _OTHER_UNITS
    )
    limits = tuple(Limit(one.severity, one.limit) for one in levels.levels) if levels and not other else ()
    if isinstance(spec, ChangeSpec):
        metric, unit = metric if spec.unit(unit) == unit else "", spec.unit(unit)
    elif other:
        metric, unit = "", ""
    return RuleView(
        name=rule.name,
        hash=rule.hash,
        kind=rule.kind,
        metrics=rule.metrics,
        condition=condition(spec, rule) + _amending(rule),
        where=place(rule.where),
        levels=_words(spec, levels, metric, unit),
        limits=limits,
        notify=rule.notify,
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


def _beyond(spec: Levels) -> str:
    return f"{'above' if spec.above else 'below'} {'a' if len(spec.levels) > 1 else 'the'} limit"


def _keeping(spec: Levels) -> str:
    return f" Clears after {span(spec.keep_firing)} without." if spec.keep_firing else ""


def _levels(spec: object) -> Levels | None:
    if isinstance(spec, WindowSpec | StretchSpec | ChangeSpec):
        return spec.levels
    return spec if isinstance(spec, Levels) else None


def _words(spec: object, levels: Levels | None, metric: str, unit: str) -> tuple[tuple[str, str], ...]:
    """The severities, each with its limit, and with its way back where that differs."""
    if levels is None:
        return ((spec.severity, ""),) if isinstance(spec, SilenceSpec) else ()
    side = "above" if levels.above else "below"
    found = []
    for one in levels.levels:
        back = f", until {measure(one.clear, metric, unit)}" if one.clear != one.limit else ""
        found.append((one.severity, f"{side} {measure(one.limit, metric, unit)}{back}"))
    return tuple(found)
