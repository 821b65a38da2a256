"""What a publisher must be told."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rules.secret import Secret
from rules.sensor import Sensor

FIRST_DAY = int(datetime(2026, 1, 20, tzinfo=UTC).timestamp() * 1000)
"""Where a simulated day begins when nobody says otherwise: a winter Tuesday, midnight UTC."""


@dataclass(frozen=True)
class MqttSettings:
    """The broker. `window`: how many messages may wait for its acknowledgement. `patience`: for how many seconds it
    may be away before the publisher gives up."""

    host: str = "127.0.0.1"
    port: int = 1883
    username: str = ""
    password: Secret | None = None
    tls: bool = False
    ca_file: Path | None = None
    client_id: str = "urbanpulse-simulator"
    keepalive: int = 30
    window: int = 100
    patience: float = 120.0
    clock_topic: str = "urbanpulse/clock"

    def context(self) -> ssl.SSLContext | None:
        """The TLS context, or None without TLS. Raises OSError when the CA file cannot be read."""
        return ssl.create_default_context(cafile=self.ca_file) if self.tls else None


@dataclass(frozen=True)
class SimulateSettings:
    """A day of `scenario` from `start` (ms, a whole hour) in `seconds` of wall time, in steps of `step` ms."""

    mqtt: MqttSettings
    sensors: dict[str, Sensor]
    scenario: str = "ordinary"
    seed: int = 1
    seconds: float = 60.0
    start: int = FIRST_DAY
    step: int = 300_000
    result: Path | None = None


@dataclass(frozen=True)
class ReplaySettings:
    """The recorded `files`, read by the map in `map_file`, at `speed` times their own pace (0: as fast as the broker
    takes them), limited to `since` <= ts < `until` (ms)."""

    mqtt: MqttSettings
    files: tuple[Path, ...]
    map_file: Path
    speed: float = 0.0
    since: int | None = None
    until: int | None = None
    result: Path | None = None
