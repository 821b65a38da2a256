"""YAML read strictly: every value knows its line and its path, and every mistake is reported, not the first alone.

The file's shape is asked for, never guessed: whoever reads a `Node` says what it must be, and gets None (and a
fault in the list) where it is not. So a recursive alias or a strange tag can do no harm.
"""

import math
import re
from collections.abc import Collection, Iterable

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.nodes import Node as YamlNode

from rules.duration import HINT, parse_duration
from rules.faults import Fault, nearest

_TAG = "tag:yaml.org,2002:"
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")


class Node:
    """One value of a file: `line` (from 1), `key` (its path) and the list that collects faults."""

    __slots__ = ("_faults", "_file", "_node", "key", "line")

    def __init__(self, node: YamlNode, file: str, key: str, line: int, faults: list[Fault]) -> None:
        self._node, self._file, self._faults = node, file, faults
        self.key, self.line = key, line

    def fault(self, message: str, suggestion: str = "", under: str = "") -> None:
        key = f"{self.key}.{under}" if self.key and under else self.key or under
        self._faults.append(Fault(self._file, self.line, key, message, suggestion))

    def fields(self, required: Collection[str], optional: Collection[str] = ()) -> "dict[str, Node] | None":
        """A mapping with just these keys. None when it is no mapping or a required key is missing; unknown and
        repeated keys are faults and left out."""
        if (entries := self.entries()) is None:
            return None
        known = {*required, *optional}
        for name in [name for name in entries if name not in known]:
            entries.pop(name).fault("unknown key", nearest(name, known))
        missing = [name for name in required if name not in entries]
        for name in missing:
            self.fault(f"the key {name!r} is missing")
        return None if missing else entries

    def entries(self) -> "dict[str, Node] | None":
        """A mapping with any keys, in the order of the file; a repeated key is a fault and its first value stands."""
        if not isinstance(self._node, MappingNode):
            self.fault(f"must be a mapping (key: value), not {self._described()}")
            return None
        found: dict[str, Node] = {}
        for key, value in self._node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                self._faults.append(Fault(self._file, line, self.key, "a key must be a plain word"))
                continue
            path = f"{self.key}.{key.value}" if self.key else key.value
            if key.value in found:
                earlier = found[key.value].line
                self._faults.append(Fault(self._file, line, path, f"the key is there twice, first in line {earlier}"))
                continue
            found[key.value] = Node(value, self._file, path, line, self._faults)
        return found

    def items(self) -> "list[Node] | None":
        """A list, each item with its own line."""
        if not isinstance(self._node, SequenceNode):
            self.fault(f"must be a list, not {self._described()}")
            return None
        return [
            Node(item, self._file, f"{self.key}[{index}]", item.start_mark.line + 1, self._faults)
            for index, item in enumerate(self._node.value)
        ]

    def one_or_more(self) -> "list[Node] | None":
        """A list that is not empty, or a single value standing for a list of one."""
        if not isinstance(self._node, SequenceNode):
            return [self]
        items = self.items()
        if not items:
            self.fault("an empty list", "leave the key out, or name at least one")
            return None
        return items

    def text(self) -> str | None:
        if not self._is("str"):
            quote = "put it in quotes" if isinstance(self._node, ScalarNode) and self._node.value else ""
            self.fault(f"must be text, not {self._described()}", quote)
            return None
        return str(self._node.value)

    def scalar(self) -> str | None:
        """The characters of a single value, whatever YAML takes it for: a time of day, a date, a number with words."""
        if not isinstance(self._node, ScalarNode) or not self._node.value:
            self.fault(f"must be a single value, not {self._described()}")
            return None
        return str(self._node.value)

    def lines(self, name: str) -> dict[str, int]:
        """The line of this value, which is called `name`, and if it is a mapping of each of its entries."""
        found = {name: self.line}
        if isinstance(self._node, MappingNode):
            for key, _ in self._node.value:
                found.setdefault(f"{name}.{key.value}", key.start_mark.line + 1)
        return found

    def choice(self, known: Iterable[str]) -> str | None:
        """Text that must be one of `known`."""
        choices = list(known)
        text = self.text()
        if text is not None and text not in choices:
            self.fault(f"unknown: {text[:64]!r}", nearest(text, choices))
            return None
        return text

    def number(self) -> float | None:
        """A finite number; true and false are not numbers here."""
        if not self.is_number():
            self.fault(f"must be a number, not {self._described()}")
            return None
        if not _NUMBER.fullmatch(self._node.value) or not math.isfinite(number := float(self._node.value)):
            self.fault(f"{self._node.value!r} is not a finite decimal number")
            return None
        return number

    def whole(self, least: int, most: int) -> int | None:
        """A whole number from `least` to `most`."""
        number = self.number()
        if number is not None and (not number.is_integer() or not least <= number <= most):
            self.fault(f"must be a whole number from {least} to {most}")
            return None
        return None if number is None else int(number)

    def is_number(self) -> bool:
        return self._is("int") or self._is("float")

    def as_entry(self, name: str) -> "Node":
        """A mapping whose one entry is this value, called `name`: where a short form stands for a long one."""
        tag = ScalarNode(_TAG + "str", name, self._node.start_mark, self._node.end_mark)
        whole = MappingNode(_TAG + "map", [(tag, self._node)], self._node.start_mark, self._node.end_mark)
        return Node(whole, self._file, self.key, self.line, self._faults)

    def one_word(self) -> str:
        """The text, or "" for anything else; no fault is told."""
        return str(self._node.value) if self._is("str") else ""

    def duration(self, least: int = 0) -> int | None:
        """A length of time in ms, at least `least`."""
        if not self._is("str"):
            self.fault(f"must be a length of time, not {self._described()}", HINT)
            return None
        try:
            ms = parse_duration(self._node.value)
        except ValueError as error:
            self.fault(str(error), HINT)
            return None
        if ms < least:
            self.fault(f"{self._node.value} is too short, {least} ms at least")
            return None
        return ms

    def _is(self, tag: str) -> bool:
        return isinstance(self._node, ScalarNode) and str(self._node.tag) == _TAG + tag

    def _described(self) -> str:
        if isinstance(self._node, MappingNode):
            return "a mapping"
        if isinstance(self._node, SequenceNode):
            return "a list"
        kind = str(self._node.tag).removeprefix(_TAG)
        names = {"int": "the number", "float": "the number", "bool": "the truth value", "str": "the text"}
        return f"{names[kind]} {self._node.value[:40]!r}" if kind in names else "nothing" if kind == "null" else kind


def read_yaml(text: str, file: str) -> tuple[Node | None, list[Fault]]:
    """The root of the one document in `text`, and the list in which its readers collect faults. None, with one
    fault, when it is not YAML or is empty."""
    faults: list[Fault] = []
    try:
        root = YAML().compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.append(Fault(file, mark.line + 1 if mark else 0, "", f"not YAML: {error.problem or error.context}"))
        return None, faults
    except (YAMLError, RecursionError, ValueError) as error:
        first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
        faults.append(Fault(file, 0, "", f"not YAML: {first_line}"))
        return None, faults
    if root is None:
        faults.append(Fault(file, 0, "", "the file is empty"))
        return None, faults
    return Node(root, file, "", root.start_mark.line + 1, faults), faults
