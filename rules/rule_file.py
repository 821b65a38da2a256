"""A file of rules: from YAML to rules, with every fault in it."""

from collections.abc import Callable
from types import MappingProxyType, ModuleType

from rules.areas.composite import CompositeSpec
from rules.derived.names import DERIVED, UNITS
from rules.duration import format_duration
from rules.faults import Fault, nearest
from rules.kinds import area, change, quorum, silence, threshold, window
from rules.rule import RULE_NAME, Place, Rule, Spec, Where
from rules.sensor import ID
from rules.strict_yaml import Node, read_yaml
from rules.text import PLACEHOLDERS, strangers

KINDS: MappingProxyType[str, ModuleType] = MappingProxyType(
    {
        "threshold": threshold,
        "window": window,
        "silence": silence,
        "change": change,
        "area": area,
        "quorum": quorum,
    }
)
LONGEST_TEXT = 500
_COMMON_OPTIONAL = ("where", "notify", "text")
AMENDABLE = ("threshold", "window", "silence", "change")
"""The kinds that can take back what they said; they have the key `amend`."""
SHORTEST_AMEND = 1000
LONGEST_AMEND = 7 * 86_400_000
"""As long as the log is kept: whoever asks why a decision was changed finds the readings in it."""


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
    known += ("amend",) if kind in AMENDABLE else ()
    for key in [key for key in entries if key not in known]:
        entries.pop(key).fault(f"unknown key for a {kind} rule", nearest(key, known))
    missing = [key for key in ("name", *module.REQUIRED) if key not in entries]
    for key in missing:
        item.fault(f"the key {key!r} is missing")
    name = _name(entries["name"]) if "name" in entries else None
    metrics = _metrics(entries["metric"], module.METRICS) if "metric" in entries else None if module.METRICS else ()
    where = _where(entries["where"]) if "where" in entries else Where()
    notify = _words(entries["notify"]) if "notify" in entries else ()
    sentence = _text(entries["text"]) if "text" in entries else ""
    amend = _amend(entries["amend"], metrics or ()) if "amend" in entries else 0
    parse: Callable[[Node, dict[str, Node]], Spec | None] = module.parse
    spec = parse(item, entries)
    if (
        name is None
        or metrics is None
        or where is None
        or notify is None
        or sentence is None
        or spec is None
        or amend is None
        or missing
    ):
        return None
    metrics = spec.metrics if isinstance(spec, CompositeSpec) else metrics
    return Rule(name, kind, metrics, spec, where, notify, sentence, _place(item, entries, file), amend)


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
    return _distinct([(item, item.choice(UNITS)) for item in items])


def _words(node: Node) -> tuple[str, ...] | None:
    items = node.one_or_more()
    if items is None:
        return None
    words = [(item, item.text()) for item in items]
    sound = True
    for item, word in words:
        if word is not None and not ID.fullmatch(word):
            item.fault(f"{word[:80]!r} is not a name", "use letters, digits and . _ : -, 64 at most")
            sound = False
    return _distinct(words) if sound else None


def _distinct(words: list[tuple[Node, str | None]]) -> tuple[str, ...] | None:
    """The words in the order of the file; a word given twice is a fault, so that order and number mean nothing."""
    found: list[str] = []
    sound = True
    for item, word in words:
        if word is None:
            sound = False
        elif word in found:
            item.fault(f"{word!r} is there twice")
            sound = False
        else:
            found.append(word)
    return tuple(found) if sound else None


def _where(node: Node) -> Where | None:
    fields = node.fields((), ("kind", "district", "department", "sensor"))
    if fields is None:
        return None
    parts = {name: _words(value) for name, value in fields.items()}
    found = {name: tuple(sorted(words)) for name, words in parts.items() if words is not None}
    return Where(**found) if len(found) == len(parts) else None


def _text(node: Node) -> str | None:
    text = node.text()
    if text is None:
        return None
    if not 1 <= len(text) <= LONGEST_TEXT or not text.isprintable():
        node.fault(f"must be one line of 1 to {LONGEST_TEXT} printable characters")
        return None
    unknown = list(strangers(text))
    for name in unknown:
        node.fault(f"unknown placeholder {{{name}}}", nearest(name, PLACEHOLDERS))
    return None if unknown else text


def _amend(node: Node, metrics: tuple[str, ...]) -> int | None:
    """How late (ms) a reading may still change a decision."""
    length = node.duration(SHORTEST_AMEND)
    if length is not None and length > LONGEST_AMEND:
        node.fault(f"is longer than {format_duration(LONGEST_AMEND)}", "as long as the log is kept, at most")
        return None
    for metric in metrics:
        if metric in DERIVED:
            node.fault(f"{metric} is derived, and what is derived is never late", "leave it out")
            return None
    return length


def _place(item: Node, entries: dict[str, Node], file: str) -> Place:
    lines: dict[str, int] = {}
    for name, node in entries.items():
        lines |= node.lines(name)
    return Place(file, item.key, item.line, lines)
