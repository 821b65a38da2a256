"""A file of rules: from YAML to rules, with every fault in it."""

from collections.abc import Callable
from types import MappingProxyType, ModuleType

from rules.areas.composite import CompositeSpec
from rules.attribute_fields import take_references
from rules.derived.names import DERIVED, UNITS
from rules.duration import format_duration
from rules.faults import Fault, nearest
from rules.kinds import area, change, combine, compare, incident, quorum, sequence, silence, threshold, window
from rules.routes import parse_notify, severities_of, strange_routes
from rules.rule import RULE_NAME, Place, Rule, Spec
from rules.strict_yaml import Node, read_yaml
from rules.texts_file import parse_texts
from rules.when import parse_when
from rules.where import Where, parse_where
from rules.word_fields import distinct

KINDS: MappingProxyType[str, ModuleType] = MappingProxyType(
    {
        "threshold": threshold,
        "window": window,
        "silence": silence,
        "change": change,
        "area": area,
        "quorum": quorum,
        "sequence": sequence,
        "compare": compare,
        "combine": combine,
        "incident": incident,
    }
)
ATTRIBUTED = ("threshold", "window", "change")
"""Kinds of which single values may be those of a sensor's attributes."""
SHORTEST_AMEND = 1000
LONGEST_AMEND = 7 * 86_400_000
"""As long as the log is kept: whoever asks why a decision was changed finds the readings in it."""
_COMMON_OPTIONAL = ("where", "when", "amend", "notify", "text")


def parse_rules(text: str, file: str) -> tuple[list[Rule], list[Fault]]:
    """The sound rules of a file and all its faults. With a fault the list is for looking only: nothing may judge
    by part of a file."""
    root, faults = read_yaml(text, file)
    fields = root.fields(("rules",)) if root is not None else None
    items = fields["rules"].items() if fields is not None else None
    rules: dict[str, Rule] = {}
    for item in items or ():
        rule = _rule(item, file)
        if rule is not None and rule.name in rules:
            item.fault(f"a rule named {rule.name!r} is already in line {rules[rule.name].place.line}", "", "name")
        elif rule is not None:
            rules[rule.name] = rule
    return list(rules.values()), sorted(faults)


def _rule(item: Node, file: str) -> Rule | None:
    entries = item.entries()
    if entries is None:
        return None
    if "kind" not in entries:
        item.fault("the key 'kind' is missing", f"one of: {', '.join(KINDS)}")
        return None
    kind = entries["kind"].choice(KINDS)
    if kind is None:
        return None
    module = KINDS[kind]
    known = ("name", "kind", *module.REQUIRED, *module.OPTIONAL, *_COMMON_OPTIONAL)
    for key in [key for key in entries if key not in known]:
        entries.pop(key).fault(f"unknown key for a {kind} rule", nearest(key, known))
    missing = [key for key in ("name", *module.REQUIRED) if key not in entries]
    for key in missing:
        item.fault(f"the key {key!r} is missing")
    name = _name(entries["name"]) if "name" in entries else None
    metrics = _metrics(entries["metric"], module.METRICS) if "metric" in entries else None if module.METRICS else ()
    where = parse_where(entries["where"]) if "where" in entries else Where()
    when = parse_when(entries["when"]) if "when" in entries else ()
    told = parse_notify(entries["notify"]) if "notify" in entries else ((), ())
    texts = parse_texts(entries["text"]) if "text" in entries else (("", ""),)
    amend = _amend(entries["amend"]) if "amend" in entries else 0
    place = _place(item, entries, file)
    references = take_references(entries) if kind in ATTRIBUTED else ()
    parse: Callable[[Node, dict[str, Node]], Spec | None] = module.parse
    spec = parse(item, entries)
    if (
        name is None
        or metrics is None
        or where is None
        or when is None
        or told is None
        or references is None
        or texts is None
        or spec is None
        or amend is None
        or missing
    ):
        return None
    metrics = spec.metrics if isinstance(spec, CompositeSpec) else metrics
    if amend and not _may_be_late(entries["amend"], spec, metrics):
        return None
    notify, routes = told
    if routes and strange_routes(entries["notify"], routes, severities_of(spec)):
        return None
    by_language = texts if texts[0][0] else ()
    words = texts[0][1], by_language
    return Rule(name, kind, metrics, spec, where, notify, *words, place, when, routes, references, amend)


def _name(node: Node) -> str | None:
    name = node.text()
    if name is not None and not RULE_NAME.fullmatch(name):
        node.fault(f"{name[:80]!r} is not a name", "use a-z, 0-9 and -, 64 at most, such as smog-pm25")
        return None
    return name


def _metrics(node: Node, most: int) -> tuple[str, ...] | None:
    items = node.one_or_more()
    if items is None:
        return None
    if len(items) > most:
        node.fault(f"{len(items)} metrics, this kind takes {most}", "write a rule for each")
        return None
    return distinct([(item, item.choice(UNITS)) for item in items])


def _amend(node: Node) -> int | None:
    """How late (ms) a reading may still change a decision."""
    length = node.duration(SHORTEST_AMEND)
    if length is not None and length > LONGEST_AMEND:
        node.fault(f"is longer than {format_duration(LONGEST_AMEND)}", "as long as the log is kept, at most")
        return None
    return length


def _may_be_late(node: Node, spec: Spec, metrics: tuple[str, ...]) -> bool:
    """Whether anything that the rule is about can be late: of a group one of its metrics, or a rule that it names."""
    derived = [metric for metric in metrics if metric in DERIVED]
    if isinstance(spec, CompositeSpec) and (len(derived) < len(metrics) or any(each.rule for each in spec.members)):
        return True
    for metric in derived:
        node.fault(f"{metric} is derived, and what is derived is never late", "leave it out")
        return False
    return True


def _place(item: Node, entries: dict[str, Node], file: str) -> Place:
    lines: dict[str, int] = {}
    for name, node in entries.items():
        lines |= node.lines(name)
    return Place(file, item.key, item.line, lines)
