"""What a bridge must be told. Plain values: the front door reads them from the city's folder."""

from dataclasses import dataclass
from typing import Literal

from rules.secret import Secret
from rules.sensor import ID

WEEK = 7 * 86_400


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """The MQTT 5 broker and how to enter it.

    `receive_maximum`: messages that may be unacknowledged at once; rumqttd keeps a window of 100 whatever is asked,
    so ask it for no more. `keepalive` and `session_expiry` (how long the broker keeps messages for us) in seconds.
    `ca_file` empty: the system's certificates. `cert_file` and `key_file`: the bridge's own certificate, if asked for.
    """

    host: str = "127.0.0.1"
    port: int = 1883
    username: str = ""
    password: Secret | None = None
    tls: bool = False
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    keepalive: int = 15
    receive_maximum: int = 1000
    session_expiry: int = WEEK


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """One bridge. Several share a city by different `id` and disjoint `filter` (commas between several filters).

    `kafka`: host:port, commas between several. `partitions`: how many `topic` has; another number is refused.
    `clock`: who tells the log's time, this bridge (wall clock) or the publisher on `urbanpulse/clock`.
    A reading more than `ahead_ms` ahead of that clock, or more than `past_ms` behind it, is refused.
    """

    id: str
    partitions: int
    mqtt: MqttSettings = MqttSettings()
    kafka: str = "127.0.0.1:9092"
    topic: str = "readings"
    refused: str = "refused"
    filter: str = "city/#"
    clock: Literal["bridge", "publisher"] = "bridge"
    ahead_ms: int = 60_000
    past_ms: int = WEEK * 1000

    def __post_init__(self) -> None:
        """Raises ValueError for what no bridge can run with."""
        if not ID.fullmatch(self.id):
            raise ValueError(f"a bridge's id is letters, digits and ._:- only, at most 64: {self.id!r}")
        if self.partitions < 1 or not self.filters:
            raise ValueError(f"{self.partitions} partitions, filters {self.filter!r}: a bridge needs one of each")

    @property
    def filters(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.filter.split(",") if part.strip())

    def subscriptions(self, tick_topic: str) -> tuple[str, ...]:
        """The filters and the topic of ticks, which the filter "#" covers already. rumqttd serves each filter from a
        queue of its own and lets the busier one overtake: only with one filter does its order hold both ways."""
        return self.filters if "#" in self.filters else (*self.filters, tick_topic)
