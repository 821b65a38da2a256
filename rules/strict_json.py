"""JSON read strictly: no key twice, no NaN, and the line of any value found when a fault has to name it."""

import json
import re
from typing import Any

from rules.faults import Fault

Path = tuple[str | int, ...]
"""The way to a value: keys and places, such as ("features", 2, "geometry")."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


class _RepeatedKeyError(ValueError):
    pass


def read_json(text: str, file: str) -> tuple[Any, list[Fault]]:
    """The value in `text`; None, with a fault, when it is not JSON as RFC 8259 has it."""
    try:
        return json.loads(text, object_pairs_hook=_mapping, parse_constant=_constant), []
    except json.JSONDecodeError as error:
        return None, [Fault(file, error.lineno, "", f"not JSON: {error.msg}")]
    except RecursionError:
        return None, [Fault(file, 0, "", "not JSON: too deep")]
    except ValueError as error:
        return None, [Fault(file, 0, "", str(error))]


def line_of(text: str, path: Path) -> int:
    """The line (from 1) at which the value at `path` begins in sound JSON; that of the value it would be in when there
    is none."""
    here: list[str | int] = []
    begin, best, matched = True, 1, -1
    kinds: list[str] = []
    for token in _TOKEN.finditer(text):
        word = token[0]
        if word in "}]":
            kinds.pop()
            here.pop()
            begin = False
            continue
        if word == ",":
            last = here[-1]
            here[-1] = last + 1 if isinstance(last, int) else ""
            begin = True
            continue
        if word == ":":
            begin = True
            continue
        if begin and kinds and kinds[-1] == "{" and here[-1] == "":
            here[-1] = str(json.loads(word))
            begin = False
            continue
        if begin and len(here) > matched and tuple(here) == path[: len(here)]:
            best, matched = text.count("\n", 0, token.start()) + 1, len(here)
            if matched == len(path):
                return best
        if word in "{[":
            kinds.append(word)
            here.append("" if word == "{" else 0)
            begin = True
    return best


def shown(path: Path) -> str:
    """
    >>> shown(("features", 2, "geometry"))
    'features[2].geometry'
    """
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _RepeatedKeyError(f"the key {key[:64]!r} is there twice in one object")
        found[key] = value
    return found


def _constant(name: str) -> None:
    raise ValueError(f"not JSON: {name} is no number")
