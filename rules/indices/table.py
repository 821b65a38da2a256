"""The files of tables beside this module: read once, when the module that wants one is imported. They are part of the
program like its modules are; what a city sets for itself is not here but in its standards.yaml."""

import tomllib
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

from rules.indices.source import Certainty, Source

Table = Mapping[str, Any]


@cache
def read(name: str) -> Table:
    """What is in `tables/<name>.toml`. Numbers with a point are fractions: exactly what is written."""
    text = files("rules.indices.tables").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Fraction)


def source_of(table: Table) -> Source:
    """Where its numbers come from: the keys title, edition, certainty, since, until and remark of a table."""
    return Source(
        table["title"],
        table.get("edition", ""),
        Certainty(table["certainty"]),
        table.get("since"),
        table.get("until"),
        " ".join(table.get("remark", "").split()),
    )
