"""What `run_alerts` needs to know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from alerts.departments import Department
from alerts.endpoint import Policy
from alerts.places import Places


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """`kafka` is host:port. `database_url` is SQLAlchemy's. `data_dir` keeps the name under which messages are held
    (see `alerts.holder`). Secret files named in departments.yaml are relative to `secrets_dir`. `policy` says which
    addresses webhooks may reach, `ca_file` replaces the system's certificate authorities. `places`: the city's map."""

    kafka: str
    database_url: str = field(repr=False)  # it may hold a password
    departments: Mapping[str, Department]
    data_dir: Path
    findings: str = "findings"
    group: str = "urbanpulse-alerts"
    secrets_dir: Path = Path()
    policy: Policy = field(default_factory=Policy)
    ca_file: Path | None = None
    places: Places = field(default_factory=Places, repr=False)
