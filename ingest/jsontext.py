"""JSON as RFC 8259 has it, and nothing that Python's reader would let pass beside it.

Slow and exact: the fast path of the contract (ingest/fast.py) never says why it gives up, this says it.
"""

import json
import re
from math import inf

from ingest.reading import RefusedError, shown
from rules.refusal import Code

LONGEST = 65_536
DEEPEST = 32
_LONGEST_INT = 310  # digits; one more than the greatest double has

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_BOM = b"\xef\xbb\xbf"


def parse(payload: bytes) -> object:
    """The value in `payload`; a number too great for a double is an infinity. Raises RefusedError, nothing else."""
    if not payload:
        raise RefusedError(Code.empty, "no bytes")
    if len(payload) > LONGEST:
        raise RefusedError(Code.too_large, f"{len(payload)} bytes, {LONGEST} at most")
    if payload.startswith(_BOM):
        raise RefusedError(Code.bad_text, "a byte order mark")
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        raise RefusedError(Code.bad_text, f"not UTF-8 at byte {error.start}") from error
    if (deep := _depth(payload)) > DEEPEST:
        raise RefusedError(Code.too_deep, f"{deep} levels, {DEEPEST} at most")
    try:
        value: object = _decoder.decode(text)
    except json.JSONDecodeError as error:
        raise RefusedError(Code.not_json, f"{error.msg} at character {error.pos}") from error
    if _SURROGATE.search(payload):
        _refuse_lone_surrogates(value)
    return value


def _depth(payload: bytes) -> int:
    """How deep it nests, counted without recursion: the reader's own stack must not be the measure."""
    if payload.count(b"[") + payload.count(b"{") <= DEEPEST:
        return 0
    depth = deepest = 0
    for byte in _STRING.sub(b"", payload):
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _refuse_lone_surrogates(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise RefusedError(Code.bad_text, "half a surrogate pair") from error


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise RefusedError(Code.duplicate_key, f"{shown(key)} twice in one object")
            seen.add(key)
    return found


def _integer(digits: str) -> int | float:
    """Python refuses to read very long ones; no double is that great."""
    if len(digits) > _LONGEST_INT:
        return -inf if digits[0] == "-" else inf
    return int(digits)


def _constant(name: str) -> object:
    raise RefusedError(Code.not_finite, f"{name} is no JSON number")


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_constant=_constant)
