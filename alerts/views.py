"""What the read side shows: alerts, what happened to them, and their deliveries, as plain records."""

from typing import Any

import msgspec

from alerts.tables import AlertRow, HistoryRow, OutboxRow
from rules.finding import AreaFacts, Evidence, decode


class AlertView(msgspec.Struct, frozen=True):
    """One alert as it stands. `onset` and `at` are event time, those ending in `wall` are by the desk's clock; ms.
    `lasted` (ms) and `reason` as in the finding. `area` is of a rule on areas; `sensor` is then empty, unless the area
    is one sensor. `silenced_until` (wall): until then its department is not told."""

    id: str
    department: str
    state: str
    severity: str
    rule: str
    kind: str
    sensor: str
    metric: str
    district: str
    value: float | None
    limit: float | None
    unit: str
    text: str
    onset: int
    at: int
    change: str
    revision: int
    episode: str
    rule_hash: str
    evidence: Evidence
    opened_wall: int
    changed_wall: int
    acknowledged_by: str | None
    acknowledged_wall: int | None
    note: str | None
    area: AreaFacts | None
    lasted: int | None = None
    reason: str = ""
    silenced_until: int | None = None


class HistoryView(msgspec.Struct, frozen=True):
    """One thing that happened to an alert: `what` is a finding's change, `reopened`,
    `acknowledged`, `silenced` or `heard again`. `state` and
    `severity` are those since then; `sequence` grows, over all alerts, in the order in which readers see it."""

    sequence: int
    alert: str
    what: str
    state: str
    revision: int
    severity: str
    value: float | None
    at: int
    wall: int
    by: str | None
    note: str | None


class DeliveryView(msgspec.Struct, frozen=True):
    """One message to one endpoint: `state` is waiting, sent or failed; `held` that the endpoint is switched off."""

    message: str
    endpoint: str
    channel: str
    revision: int
    state: str
    held: bool
    attempts: int
    due: int
    reason: str | None
    detail: str | None
    created_wall: int
    done_wall: int | None


class AlertDetail(msgspec.Struct, frozen=True):
    """One alert with everything that happened to it, oldest first, and its deliveries."""

    alert: AlertView
    history: tuple[HistoryView, ...]
    deliveries: tuple[DeliveryView, ...]


class Change(msgspec.Struct, frozen=True):
    """What happened, and the alert as it stands now (which may be later)."""

    history: HistoryView
    alert: AlertView


def alert_view(row: AlertRow) -> AlertView:
    finding = decode(row.finding)
    given: dict[str, Any] = {name: getattr(row, name) for name in AlertView.__struct_fields__ if hasattr(row, name)}
    kept = {name: getattr(finding, name) for name in AlertView.__struct_fields__ if name not in given}
    return AlertView(**given, **kept)


def history_view(row: HistoryRow) -> HistoryView:
    return HistoryView(**{name: getattr(row, name) for name in HistoryView.__struct_fields__})


def delivery_view(row: OutboxRow, disabled: bool) -> DeliveryView:
    names = [name for name in DeliveryView.__struct_fields__ if name != "held"]
    return DeliveryView(**{name: getattr(row, name) for name in names}, held=disabled and row.state == "waiting")
