"""The records of the topic `catalogue`, and what they say together (docs/decisions/0008-catalogue-in-the-log.md).

* key `<hash>`: the body of a catalogue; without a value it is no longer kept;
* key `s<serial>-<hash>`: a claim that the catalogue comes into force as switch `serial`. Of several claims to one
  serial the first in the log holds, so that two who write at the same time agree on who was first.
"""

from collections.abc import Iterator
from itertools import pairwise

import msgspec

from rules.body import Body, encode

VERSION = 1


class Claim(msgspec.Struct, frozen=True):
    """That `catalogue` (its hash) comes into force as switch number `serial`, said at `wall` (ms)."""

    v: int
    serial: int
    catalogue: str
    wall: int


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Claim)


def claim_record(claim: Claim) -> tuple[bytes, bytes]:
    """Key and value."""
    return f"s{claim.serial:012d}-{claim.catalogue}".encode(), _encoder.encode(claim)


def body_record(body: Body) -> tuple[bytes, bytes]:
    """Key and value."""
    return body.hash.encode(), encode(body)


class Shelf:
    """All that was said so far; `take` the records in their order. Records that are none of ours are passed over."""

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}
        self._claims: dict[int, Claim] = {}

    def take(self, key: bytes | None, value: bytes | None) -> None:
        name = (key or b"").decode(errors="replace")
        if not name.startswith("s"):
            if value is None:
                self._bodies.pop(name, None)
            else:
                self._bodies[name] = value
            return
        try:
            claim = _decoder.decode(value or b"")
        except (msgspec.DecodeError, UnicodeDecodeError):
            return
        if claim.v == VERSION and claim.serial > 0:
            self._claims.setdefault(claim.serial, claim)

    @property
    def current(self) -> Claim | None:
        """The newest claim that holds; None before the first."""
        return self._claims[max(self._claims)] if self._claims else None

    def claim(self, serial: int) -> Claim | None:
        """The one that holds for this serial."""
        return self._claims.get(serial)

    def body(self, catalogue: str) -> bytes | None:
        """Its bytes, which rules.body.decode reads."""
        return self._bodies.get(catalogue)

    def outdated(self, before: int) -> Iterator[str]:
        """The hashes of bodies that no claim needs any more: another one came into force before the time `before`
        (ms), and they did not come into force since."""
        claims = [self._claims[serial] for serial in sorted(self._claims)]
        needed = {one.catalogue for one, after in pairwise(claims) if after.wall >= before}
        needed |= {one.catalogue for one in claims[-1:]}
        claimed = {one.catalogue for one in claims}
        yield from sorted((claimed - needed) & self._bodies.keys())
