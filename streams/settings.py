"""What the two stream parts are told when they start."""

from dataclasses import dataclass
from pathlib import Path

from rules.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSettings:
    """`kafka` is host:port. `partitions` is the partition count of every topic here but `findings` and `catalogue`,
    which has one. `state` is the
    state of the stage that reads `readings`, `area_state` of the one that reads `summaries`. Times in seconds.
    `flush_seconds` bounds what is read again after a crash. `member` makes the worker a static member of
    its group, so that a quick restart moves no partitions. `idempotent` is False where the broker has no
    idempotent producer (the embedded one)."""

    kafka: str
    partitions: int
    data_dir: Path
    group: str = "urbanpulse-judge"
    readings: str = "readings"
    findings: str = "findings"
    derived: str = "derived"
    summaries: str = "summaries"
    state: str = "judge-state"
    area_state: str = "area-state"
    catalogue: str = "catalogue"
    flush_seconds: float = 5.0
    session_timeout: float = 6.0
    idempotent: bool = True
    member: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSettings:
    """As JudgeSettings; `store_url` and `store_secret` are what `streams.stores.open_store` takes."""

    kafka: str
    partitions: int
    store_url: str
    data_dir: Path
    store_secret: Secret | None = None
    group: str = "urbanpulse-record"
    readings: str = "readings"
    derived: str = "derived"
    refused: str = "refused"
    session_timeout: float = 6.0
    idempotent: bool = True
    member: str = ""
