"""What area rules ask of each series, and whom its watches tell."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from rules.areas.compiled import City, Composite
from rules.areas.health import HealthSpec
from rules.areas.member import Member, Resolved
from rules.derived.names import DAILY, DERIVED
from rules.derived.program import HOUR
from rules.rule import HIDDEN, Rule
from rules.sensor import Sensor

PATIENT = 3
"""Intervals after which a sensor counts as silent where the rule does not say."""


class Feed(NamedTuple):
    """Whom a watch tells: the groups, and as which member of them. `on`: the severities that count; of a report, all
    that it says."""

    member: int
    groups: tuple[str, ...]
    on: frozenset[str] | None


class Feeds:
    """Who asks what of which series. `applies`: whether a member can be asked of a sensor."""

    def __init__(self, city: City, composites: Iterable[Composite], applies: Callable[[Member, Sensor], bool]) -> None:
        self._city, self._applies = city, applies
        self._rules = {rule.name: rule for rule in city.rules}
        # By sensor and metric, then by the name of the rule that watches it.
        self._plain: dict[tuple[str, str], dict[str, tuple[Feed, ...]]] = {}
        self._amended: dict[tuple[str, str], dict[str, tuple[Feed, ...]]] = {}
        self._hidden: dict[tuple[str, str], dict[str, Rule]] = {}
        self._connect(composites)

    @property
    def metrics(self) -> frozenset[str]:
        """Those of which something is asked."""
        return frozenset(metric for _, metric in (*self._plain, *self._amended))

    def hidden(self, sensor: str, metric: str) -> tuple[Rule, ...]:
        """The rules that no author has written and that watch this series, by name."""
        found = self._hidden.get((sensor, metric), {})
        return tuple(found[name] for name in sorted(found))

    def of(self, sensor: str, metric: str, *, amended: bool = False) -> Mapping[str, tuple[Feed, ...]]:
        """Whom the watches of a series tell, by the name of their rule. `amended`: those who want to know that the past
        was otherwise, in place of those who only want to know how things are."""
        return (self._amended if amended else self._plain).get((sensor, metric), {})

    def _connect(self, composites: Iterable[Composite]) -> None:
        for composite in composites:
            for number, (member, resolved) in enumerate(zip(composite.spec.members, composite.members, strict=True)):
                if resolved.area:
                    continue
                on = None if member.reports else _counted(member, resolved)
                amend = 0 if resolved.metric in DERIVED else composite.rule.amend
                asked = {member.sensor: tuple(composite.groups)} if member.sensor else composite.by_sensor
                for sensor, groups in asked.items():
                    if not groups or sensor not in self._city.sensors:
                        continue
                    if not member.sensor and not self._applies(member, self._city.sensors[sensor]):
                        continue
                    place = sensor, resolved.metric
                    if member.rule:
                        anew = bool(amend and self._rules[member.rule].amend)
                        self._feed(place, member.rule, Feed(number, groups, on), amended=anew)
                    else:
                        assert member.spec is not None
                        self._ask(place, hidden_rule(resolved.metric, member.spec, amend), Feed(number, groups, on))
                    if resolved.health:
                        after = composite.spec.silent or PATIENT * self._interval(sensor, resolved.metric)
                        watch = hidden_rule(resolved.metric, HealthSpec(after), amend)
                        self._ask(place, watch, Feed(-1 - number, groups, None))

    def _ask(self, place: tuple[str, str], watch: Rule, feed: Feed) -> None:
        self._hidden.setdefault(place, {})[watch.name] = watch
        self._feed(place, watch.name, feed, amended=bool(watch.amend))

    def _feed(self, place: tuple[str, str], name: str, feed: Feed, *, amended: bool) -> None:
        feeds = (self._amended if amended else self._plain).setdefault(place, {})
        feeds[name] = (*feeds.get(name, ()), feed)

    def _interval(self, sensor: str, metric: str) -> int:
        """How often (ms) there is news of a metric of a sensor."""
        if metric not in DERIVED:
            return self._city.sensors[sensor].interval
        if metric in DAILY:
            return 24 * HOUR
        return next(each.every for each in self._city.choice(sensor).programs if each.metric == metric)


def hidden_rule(metric: str, spec: Any, amend: int = 0) -> Rule:
    """The rule that asks of a series what `spec` says; alike questions are one rule, whoever asks."""
    digest = Rule("", "", (metric,), spec, amend=amend).judgement_hash
    return Rule(f"{HIDDEN}{digest}", "", (metric,), spec, amend=amend)


def _counted(member: Member, resolved: Resolved) -> frozenset[str]:
    """The severities with which the member is on."""
    known = resolved.severities
    return frozenset(known[known.index(member.severity) :] if member.severity in known else known)
