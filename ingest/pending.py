"""The line of everything received and not yet durable. It tells which messages may be acknowledged.

Messages are numbered as they come. An entry remembers the number of the message that opened it, and all entries stand
in the order of opening. Everything below the number of the first entry that is not durable is safe, nothing else is:
the acknowledgements are a prefix in the order of receipt, and a message costs no counter of its own.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from ingest.kafka import Delivery


class Entry(Protocol):
    """`first`: number of the message that opened it."""

    first: int

    def durable(self) -> bool:
        """Asked at the head of the line only. Raises what makes it fail for good."""


class Refused:
    """A refusal on its way, or one of several of a message."""

    __slots__ = ("_delivery", "first")

    def __init__(self, first: int, delivery: Delivery) -> None:
        self.first, self._delivery = first, delivery

    def durable(self) -> bool:
        return self._delivery.done()


class Tick:
    """A tick that came back. It is written only once it is the head, that is, when all before it is durable: so no
    order inside the producer has to be trusted."""

    __slots__ = ("_deliveries", "_write", "first")

    def __init__(self, first: int, write: Callable[[], Sequence[Delivery]]) -> None:
        self.first, self._write = first, write
        self._deliveries: Sequence[Delivery] = ()

    def durable(self) -> bool:
        if not self._deliveries:
            self._deliveries = self._write()
        return all(delivery.done() for delivery in self._deliveries)


class Line:
    """The entries in order."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque()

    def __len__(self) -> int:
        return len(self._entries)

    def append(self, entry: Entry) -> None:
        self._entries.append(entry)

    def settle(self, received: int) -> int:
        """Leave out what is durable at the head; how many messages, of `received`, are then safe."""
        entries = self._entries
        while entries and entries[0].durable():
            entries.popleft()
        return entries[0].first if entries else received
