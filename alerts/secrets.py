"""Where a secret comes from: an environment variable or a file, never departments.yaml itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rules.secret import Secret
from rules.strict_yaml import Node


@dataclass(frozen=True, slots=True)
class SecretSource:
    """Exactly one of the two is set."""

    env: str = ""
    file: str = ""

    def __str__(self) -> str:
        return f"environment variable {self.env}" if self.env else f"file {self.file}"


class SecretError(ValueError):
    """A secret that cannot be had. Its text names the source and never the secret."""


def parse_sources(node: Node) -> tuple[SecretSource, ...] | None:
    """`{env: NAME}`, `{file: path}`, or a list of them while a secret is being replaced; the first one is the new
    one. None after a fault."""
    nodes = node.one_or_more()
    sources = [_source(each) for each in nodes or []]
    found = tuple(source for source in sources if source is not None)
    return found if found and len(found) == len(sources) else None


def _source(node: Node) -> SecretSource | None:
    fields = node.fields([], ["env", "file"])
    if fields is None:
        return None
    if len(fields) != 1:
        node.fault("a secret has one source", "write {env: NAME} or {file: path}; the secret itself never stands here")
        return None
    ((kind, value),) = fields.items()
    text = value.text()
    return None if text is None else SecretSource(**{kind: text})


def resolve(source: SecretSource, environ: Mapping[str, str], folder: Path) -> Secret:
    """The secret itself; a relative file is one in `folder`. White space around it is no part of it.

    Raises SecretError when it is missing or empty.
    """
    if source.env:
        value = environ.get(source.env, "").strip()
    else:
        try:
            value = (folder / source.file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SecretError(f"{source}: {type(error).__name__}") from None
    if not value:
        raise SecretError(f"{source} is not set or empty")
    return Secret(value)
