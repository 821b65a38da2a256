"""What a person asked `urbanpulse up` for."""

from dataclasses import dataclass
from pathlib import Path

from urbanpulse.publishing import PublishPlan


@dataclass(frozen=True, slots=True)
class Wish:
    """`finish`: publish to the end, drain, settle the account and stop; else run until told
    to stop. `seconds`: how long a replay may publish at most (0: to its end)."""

    city: Path
    plan: PublishPlan
    playing: str
    finish: bool = False
    seconds: float = 0.0
    report: Path | None = None
    sensors: str = ""
    receiver: bool = True
