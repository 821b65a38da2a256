"""The catalogues that are in force somewhere in the log, by their hashes, as the topic `catalogue` holds them
(docs/decisions/0008-catalogue-in-the-log.md). Workers read no rule from a disk."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from rules.body import BodyError, decode, sound
from rules.catalogue import Catalogue
from rules.faults import FaultsError
from streams.kafka import Record

log = logging.getLogger("urbanpulse.streams")

KEPT = 4
"""So many stay at hand; the engines hold on to those that they judge by."""
PAUSE, REMIND = 1.0, 30.0
"""Seconds between two looks for one that is not there, and between two words about it."""


class MissingCatalogueError(LookupError):
    """Not at hand: fetch the catalogue of the hash `name` first."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"catalogue {name} is not at hand")


class CatalogueError(RuntimeError):
    """A body that is not what its hash says, or that this version cannot judge by."""


class Catalogues:
    """`read` gives all records of the topic; `holding` is told for what the part stands still, "" when no longer."""

    def __init__(
        self, topic: str, read: Callable[[], Awaitable[Sequence[Record]]], holding: Callable[[str], None]
    ) -> None:
        self._topic, self._read, self._holding = topic, read, holding
        self._known: dict[str, Catalogue] = {}
        self.waits = ""

    def get(self, name: str) -> Catalogue:
        """Raises MissingCatalogueError."""
        if name not in self._known:
            raise MissingCatalogueError(name)
        return self._known[name]

    async def fetch(self, name: str, wanted: Callable[[], bool]) -> bool:
        """Have it at hand, however long it takes; False when it is not `wanted` any more. Raises CatalogueError."""
        waited = 0.0
        while wanted() and name not in self._known:
            body = _body(await self._read(), name)
            if body is not None:
                await asyncio.to_thread(self._learn, name, body)
                break
            if waited % REMIND == 0:
                log.error("judge: the topic %r has no catalogue %s, by which the log goes on: nothing is judged until "
                          "it is there. `urbanpulse reload` brings one into force anew", self._topic, name)  # fmt: skip
            self._hold(f"waits for catalogue {name} in topic {self._topic!r}")
            await asyncio.sleep(PAUSE)
            waited += PAUSE
        if self.waits:
            log.warning("judge: goes on")
            self._hold("")
        return name in self._known

    def _hold(self, why: str) -> None:
        self.waits = why
        self._holding(why)

    def _learn(self, name: str, body: bytes) -> None:
        try:
            self._known[name] = sound(decode(body, name))
        except (BodyError, FaultsError) as error:
            raise CatalogueError(
                f"topic {self._topic!r}: catalogue {name} cannot be judged by: {error}. A judge as new as the front "
                "door that published it is needed"
            ) from error
        while len(self._known) > KEPT:
            del self._known[next(iter(self._known))]


def _body(records: Sequence[Record], name: str) -> bytes | None:
    found = None
    for key, value in records:
        if key == name.encode():
            found = value
    return found
