"""departments.yaml: who is told, and how. Read strictly and offline; every mistake has its line."""

import re
from dataclasses import dataclass
from typing import Any

from alerts.channels import CHANNELS
from rules.faults import Fault
from rules.strict_yaml import Node, read_yaml

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
_NAME_HINT = "small letters, digits and dashes, 64 at most"


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to tell a department. `endpoint` (`environment/webhook`) is its lasting name: the outbox knows it by
    that. Empty `severities` means every one. `config` belongs to the kind."""

    endpoint: str
    kind: str
    severities: frozenset[str]
    config: Any


@dataclass(frozen=True, slots=True)
class Department:
    name: str
    title: str
    channels: tuple[Channel, ...]


def parse_departments(text: str, file: str) -> tuple[dict[str, Department], list[Fault]]:
    """The departments of a city by name, and every fault of the file. With faults, use nothing of it."""
    root, faults = read_yaml(text, file)
    fields = root.fields(["departments"]) if root is not None else None
    entries = fields["departments"].entries() if fields is not None else None
    found = {}
    for name, node in (entries or {}).items():
        if not _NAME.fullmatch(name):
            node.fault("not a name for a department", _NAME_HINT)
        department = _department(name, node)
        if department is not None:
            found[name] = department
    return found, list(dict.fromkeys(faults))  # a channel's keys are read twice: for its kind, then by its kind


def _department(name: str, node: Node) -> Department | None:
    fields = node.fields(["channels"], ["title"])
    if fields is None:
        return None
    title = fields["title"].text() if "title" in fields else name
    channels: dict[str, Channel] = {}
    for each in fields["channels"].items() or []:
        channel = _channel(name, each)
        if channel is None:
            continue
        if channel.endpoint in channels:
            each.fault(f"a second channel {channel.endpoint!r}", "give each a name of its own: name: duty-office")
        channels[channel.endpoint] = channel
    return Department(name, title or name, tuple(channels.values()))


def _channel(department: str, node: Node) -> Channel | None:
    entries = node.entries()
    if entries is None:
        return None
    if "kind" not in entries:
        node.fault("the key 'kind' is missing", f"one of: {', '.join(sorted(CHANNELS))}")
        return None
    kind = entries["kind"].choice(CHANNELS)
    if kind is None:
        return None
    config = CHANNELS[kind].parse(node)
    name = entries["name"].text() if "name" in entries else kind
    if name is not None and not _NAME.fullmatch(name):
        entries["name"].fault("not a name for a channel", _NAME_HINT)
    severities = _severities(entries["severities"]) if "severities" in entries else frozenset()
    if config is None or name is None or severities is None:
        return None
    return Channel(f"{department}/{name}", kind, severities, config)


def _severities(node: Node) -> frozenset[str] | None:
    nodes = node.one_or_more()
    if nodes is None:
        return None
    texts = [each.text() for each in nodes]
    return frozenset(text for text in texts if text is not None)
