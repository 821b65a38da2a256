"""As much of CBOR (RFC 8949) as SenML may use, and nothing else of what a stranger could send.

Integers, floats of three sizes, decimal fractions (tag 4), texts and bytes of definite length, arrays (also of
indefinite length, as streams are), maps, booleans and null. No other tag, no shared parts, no big numbers.
"""

import struct
from typing import Final

from ingest.jsontext import DEEPEST, LONGEST
from ingest.reading import RefusedError
from rules.refusal import Code

_BREAK: Final = object()
_FLOATS = {25: (">e", 2), 26: (">f", 4), 27: (">d", 8)}
_SELF_DESCRIBED, _DECIMAL_FRACTION = 55799, 4
_LONGEST_EXPONENT = 400


def parse(payload: bytes) -> object:
    """The value in `payload`. Raises RefusedError, nothing else."""
    if not payload:
        raise RefusedError(Code.empty, "no bytes")
    if len(payload) > LONGEST:
        raise RefusedError(Code.too_large, f"{len(payload)} bytes, {LONGEST} at most")
    reader = _Reader(payload)
    value = reader.item(0)
    if value is _BREAK:
        raise reader.wrong("a break without a beginning")
    if reader.at != len(payload):
        raise reader.wrong(f"{len(payload) - reader.at} bytes after the end")
    return value


class _Reader:
    """A place in the bytes. No read allocates more than the bytes that are there."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def wrong(self, what: str) -> RefusedError:
        return RefusedError(Code.not_cbor, f"{what} at byte {self.at}")

    def take(self, count: int) -> bytes:
        if count > len(self.data) - self.at:
            raise self.wrong("the end")
        self.at += count
        return self.data[self.at - count : self.at]

    def item(self, depth: int) -> object:
        """The next value, or _BREAK."""
        if depth > DEEPEST:
            raise RefusedError(Code.too_deep, f"more than {DEEPEST} levels")
        first = self.take(1)[0]
        major, short = first >> 5, first & 31
        if major == 7:
            return self.simple(short)
        if short == 31 and major == 4:
            return self.stream(depth)
        count = self.count(short)
        if major <= 1:
            return count if major == 0 else -1 - count
        if major == 2:
            return self.take(count)
        if major == 3:
            return self.text(count)
        if major == 4:
            return [self.inner(depth) for _ in range(self.possible(count))]
        if major == 5:
            return self.map(count, depth)
        return self.tagged(count, depth)

    def inner(self, depth: int) -> object:
        value = self.item(depth + 1)
        if value is _BREAK:
            raise self.wrong("a break without a beginning")
        return value

    def count(self, short: int) -> int:
        if short < 24:
            return short
        if short > 27:
            raise self.wrong("a length that SenML does not use")
        return int.from_bytes(self.take(1 << (short - 24)), "big")

    def possible(self, count: int) -> int:
        """So many values need as many bytes at least; who promises more than are there is not believed."""
        if count > len(self.data) - self.at:
            raise self.wrong(f"{count} values announced")
        return count

    def text(self, count: int) -> str:
        try:
            return self.take(count).decode()
        except UnicodeDecodeError as error:
            raise RefusedError(Code.bad_text, f"not UTF-8 before byte {self.at}") from error

    def stream(self, depth: int) -> list[object]:
        found: list[object] = []
        while (value := self.item(depth + 1)) is not _BREAK:
            found.append(value)
        return found

    def map(self, count: int, depth: int) -> dict[object, object]:
        found: dict[object, object] = {}
        for _ in range(self.possible(count)):
            key = self.inner(depth)
            if type(key) is not int and type(key) is not str:
                raise self.wrong("a key that is neither a number nor a text")
            if key in found:
                raise RefusedError(Code.duplicate_key, f"{key!r} twice in one map")
            found[key] = self.inner(depth)
        return found

    def simple(self, short: int) -> object:
        if short in _FLOATS:
            shape, size = _FLOATS[short]
            number: float = struct.unpack(shape, self.take(size))[0]
            return number
        known: dict[int, object] = {20: False, 21: True, 22: None, 31: _BREAK}
        if short not in known:
            raise self.wrong("a simple value that SenML does not use")
        return known[short]

    def tagged(self, tag: int, depth: int) -> object:
        value = self.inner(depth)
        if tag == _SELF_DESCRIBED:
            return value
        if tag != _DECIMAL_FRACTION:
            raise self.wrong(f"tag {tag}, which SenML does not use")
        match value:
            case [int(exponent), int(mantissa)] if abs(exponent) <= _LONGEST_EXPONENT:
                return float(f"{mantissa}e{exponent}")
        raise self.wrong("a decimal fraction is [exponent, mantissa]")
