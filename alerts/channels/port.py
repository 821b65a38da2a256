"""What a channel is: it sends one message once. Patience (retries, order, leases) is `alerts/delivery.py`'s."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from alerts.alert import Alert
from alerts.endpoint import Policy
from alerts.places import Places
from rules.strict_yaml import Node


class Reason(StrEnum):
    """Why a message was not delivered. A closed list: it becomes a metric label."""

    NAME = "name"  # the name server gave no answer, or no address
    ADDRESS = "address"  # an address that no webhook is sent to
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"  # the answer is not HTTP
    REDIRECT = "redirect"
    GONE = "gone"
    THROTTLED = "throttled"
    REFUSED = "refused"  # another 4xx
    SERVER = "server"  # 5xx
    REMOVED = "removed"  # the endpoint is in departments.yaml no more
    FAULT = "fault"  # a mistake of ours


class DeliveryError(Exception):
    """A department could not be told. Carries the verdict with the story: `gone` means that the endpoint wants no
    more messages; `retry_after` is the wait it asked for, ms."""

    def __init__(self, reason: Reason, detail: str, *, retry_after: int | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail, self.retry_after = reason, detail, retry_after

    @property
    def gone(self) -> bool:
        return self.reason is Reason.GONE


@dataclass(frozen=True, slots=True)
class Message:
    """`id` is the same at every attempt, and so is `body`."""

    id: str
    endpoint: str
    body: bytes


class Channel(Protocol):
    """Order of calls: `send` any number of times, several at once, then `close` once."""

    async def send(self, message: Message, now: int) -> None:
        """One attempt at `now` (wall ms), in bounded time. Returning means delivered; raises DeliveryError."""

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a channel is built from besides its settings: nothing else of the outside world reaches it.

    `environ` and `folder` are where secrets come from; `ca_file` replaces the system's certificate authorities.
    """

    policy: Policy
    environ: Mapping[str, str] = field(repr=False)
    folder: Path
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """What a channel's body is made of: the alert as its newest finding left it, the endpoint, when (wall ms), the
    bodies that this endpoint is owed or was sent of the same alert before, oldest first, and the city's map."""

    alert: Alert
    endpoint: str
    now: int
    earlier: Sequence[bytes]
    places: Places


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of channel. `parse` reads its keys from departments.yaml offline and returns None after a fault;
    `build` makes the channel, and raises ValueError when a secret is missing or wrong. `compose` makes its bodies;
    without it they are those of webhooks (`alerts.message.body`)."""

    parse: Callable[[Node], Any]
    build: Callable[[Any, Surroundings], Channel]
    compose: Callable[[Any, Telling], bytes] | None = None


COMMON = ("kind", "name", "severities")
"""Keys that every channel may have; `alerts/departments.py` reads them."""
