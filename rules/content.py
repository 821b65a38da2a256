"""What a rule says, as plain data that two hashes name (rules/rule.py)."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType

ADDED: Mapping[str, bool] = MappingProxyType({"added": True})
"""Metadata of a field that came to a spec later. While it has its default it is no part of the content, so that the
rules that do not use it keep their hashes, and with them the state of every series they watch."""


def content(value: object) -> object:
    """Dataclasses as mappings, without the fields that are marked as `ADDED` and say nothing new."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: content(part)
            for field in fields(value)
            if (part := getattr(value, field.name)) != field.default or not field.metadata.get("added")
        }
    return [content(part) for part in value] if isinstance(value, tuple) else value
