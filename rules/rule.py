"""A rule of the city: what is watched, where, for whom. Two hashes say which version of it judged."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b

import msgspec

from rules.areas.composite import CompositeSpec
from rules.areas.health import HealthSpec
from rules.areas.member import Values
from rules.attributes import Reference
from rules.content import ADDED, content
from rules.kinds.change import ChangeSpec
from rules.kinds.silence import SilenceSpec
from rules.kinds.stretch import StretchSpec
from rules.kinds.threshold import ThresholdSpec
from rules.kinds.window import WindowSpec
from rules.routes import Routes
from rules.when import When
from rules.where import EVERYWHERE, Where

__all__ = ["RULE_NAME", "Place", "Rule", "Spec", "Where"]

Spec = ThresholdSpec | WindowSpec | StretchSpec | SilenceSpec | ChangeSpec | CompositeSpec | Values | HealthSpec
RULE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
HIDDEN = "#"
"""How the names of hidden rules begin; no name in a file does."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule was written: the file, the path of the rule in it and the line of each of its keys."""

    file: str = ""
    key: str = ""
    line: int = 0
    lines: Mapping[str, int] = field(default_factory=dict)

    def line_of(self, key: str) -> int:
        return self.lines.get(key, self.line)


@dataclass(frozen=True, slots=True)
class Rule:
    """`notify`: the departments told, none meaning the sensor's own. `text`: the sentence of its findings, empty
    for the kind's own (rules/text.py); `texts`: that of each language (tag, sentence) where there are several, `text`
    being the first. `place` is no part of the rule's content. `when`: the times at which it is on, any of them, none
    meaning always. `routes`: the departments told of single severities, instead of `notify`. `attributes`: values of
    the spec that a sensor's attributes give, if it has them. `amend`: how late (ms) a reading may come and still change
    what was decided, 0 for never."""

    name: str
    kind: str
    metrics: tuple[str, ...]
    spec: Spec
    where: Where = EVERYWHERE
    notify: tuple[str, ...] = ()
    text: str = ""
    texts: tuple[tuple[str, str], ...] = field(default=(), metadata=ADDED)
    place: Place = field(default=Place(), compare=False, repr=False)
    when: tuple[When, ...] = field(default=(), metadata=ADDED)
    routes: Routes = field(default=(), metadata=ADDED)
    attributes: tuple[Reference, ...] = field(default=(), metadata=ADDED)
    amend: int = field(default=0, metadata=ADDED)

    @property
    def hash(self) -> str:
        """Names the whole content: two rules with the same hash say the same in every respect."""
        says = content(replace(self, place=Place()))
        assert isinstance(says, dict)
        del says["place"]
        return _hash(says)

    @property
    def hidden(self) -> bool:
        """Whether no author has written it: it asks a sensor what area rules want to know, and makes no finding."""
        return self.name.startswith(HIDDEN)

    @property
    def judgement_hash(self) -> str:
        """Names what decides about a series. Whom the rule tells, in which words and about which sensors may
        change without its state being lost, and so may the days of a calendar. Ask the rule as it is for the series,
        with all values in place."""
        when = {"when": content(self.when)} if self.when else {}
        amend = {"amend": self.amend} if self.amend else {}
        return _hash({"kind": self.kind, "spec": content(self.spec)} | when | amend)


def _hash(says: object) -> str:
    return blake2b(msgspec.json.encode(says, order="deterministic"), digest_size=8).hexdigest()
