"""A catalogue comes into force: its text durable, then a claim, then the switch in every partition of `readings`
(docs/decisions/0008-catalogue-in-the-log.md)."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from rules.body import Body, BodyError, decode, read_body
from rules.catalogue import Catalogue
from rules.frame import encode, switch
from rules.shelf import VERSION, Claim, Shelf, body_record, claim_record
from urbanpulse.account import READINGS, LogReader
from urbanpulse.kafka import Reader, producer, send_all
from urbanpulse.trouble import TroubleError

CATALOGUE = "catalogue"
NEEDED = 30 * 86_400_000
"""ms for which the text of a catalogue is kept that is no longer in force: as long as findings are."""
ATTEMPTS = 20

Send = Callable[[str, list[tuple[int, bytes | None, bytes | None]]], None]
"""Topic and (partition, key, value); returns when all are durable."""


class Kept(Protocol):
    """Of urbanpulse.account.LogReader, what is asked here."""

    def read(self, topic: str) -> Iterator[Any]: ...


@dataclass(frozen=True, slots=True)
class Switched:
    """`now` is in force and `before` was (None for nothing); `fresh`: whether that is a change, ours or another's."""

    now: Claim
    before: Claim | None
    fresh: bool


def read_shelf(reader: LogReader | Kept) -> Shelf:
    """The topic `catalogue` as it is now."""
    shelf = Shelf()
    for record in reader.read(CATALOGUE):
        shelf.take(record.key, record.value)
    return shelf


def catalogue_of(shelf: Shelf, name: str) -> Catalogue | None:
    """The catalogue of the hash `name`, as this version reads it; None when the log has none that can be read."""
    data = shelf.body(name)
    if data is None:
        return None
    try:
        return read_body(decode(data, name))[0]
    except BodyError:
        return None


def bring(body: Body, partitions: int, shelf: Shelf, read: Callable[[], Shelf], send: Send, wall: int) -> Switched:
    """Makes `body` the catalogue in force and returns when every partition says so. One that is in force already is
    said again, which changes nothing. `shelf`: the topic as it is; `read` reads it anew. Raises TroubleError."""
    before = shelf.current
    if before is not None and before.catalogue == body.hash:
        if shelf.body(body.hash) is None:
            send(CATALOGUE, [(0, *body_record(body))])
        send(READINGS, repeat(before, partitions, wall))
        return Switched(before, before, False)
    send(CATALOGUE, [(0, *body_record(body))])
    for _ in range(ATTEMPTS):
        serial = 1 if shelf.current is None else shelf.current.serial + 1
        send(CATALOGUE, [(0, *claim_record(Claim(VERSION, serial, body.hash, wall)))])
        shelf = read()
        held = shelf.claim(serial)
        if held is not None and held.catalogue == body.hash:
            send(READINGS, repeat(held, partitions, wall))
            send(CATALOGUE, [(0, name.encode(), None) for name in shelf.outdated(wall - NEEDED)])
            return Switched(held, before, True)
        before = shelf.current
    raise TroubleError("another front door keeps bringing its own catalogue into force: see that there is one alone")


def repeat(claim: Claim, partitions: int, wall: int) -> list[tuple[int, bytes | None, bytes | None]]:
    """The switch for every partition; said again it changes nothing."""
    value = encode(switch(claim.catalogue, claim.serial, wall))
    return [(number, None, value) for number in range(partitions)]


@contextmanager
def sending(servers: str) -> Iterator[Send]:
    """Raises KafkaTroubleError."""
    with closing(producer(servers)) as open_:
        yield lambda topic, records: send_all(open_, topic, records)


def bring_into_force(servers: str, partitions: int, body: Body, empty: bool = False) -> tuple[Switched, Shelf]:
    """Over Kafka. `empty`: the topic was made just now, by us. Returns the topic as it was before, too. Raises
    TroubleError."""
    wall = time.time_ns() // 1_000_000
    with Reader(servers) as reader, sending(servers) as send:
        shelf = Shelf() if empty else read_shelf(reader)
        return bring(body, partitions, shelf, lambda: read_shelf(reader), send, wall), shelf
