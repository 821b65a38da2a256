"""The life of one episode for one department: the whole table of states, as pure functions.

A finding says how its episode stands as of its revision, so the greatest revision alone decides: whatever order
findings come in, and however often, the alert ends the same. People add one thing, the acknowledgement.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from msgspec import structs

from rules.finding import Finding
from rules.identity import alert_id

Signal = Literal["on", "off", "unknown"]
"""What a finding means for an alert: the rule holds, it holds no more, nothing can be said."""


class State(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Why(StrEnum):
    """Why a finding changed an alert, or did not."""

    OPENED = "opened"
    REOPENED = "reopened"
    UPDATED = "updated"
    RESOLVED = "resolved"
    AMENDED = "amended"
    WITHDRAWN = "withdrawn"
    ALREADY_SEEN = "already seen"
    NO_ALERT = "nothing to be in doubt about"


TABLE: Mapping[tuple[State | None, Signal], State | None] = {
    (None, "on"): State.OPEN,
    (None, "off"): State.RESOLVED,  # the clearing overtook the firing: the alert is known, and over
    (None, "unknown"): None,
    (State.OPEN, "on"): State.OPEN,
    (State.OPEN, "off"): State.RESOLVED,
    (State.OPEN, "unknown"): State.OPEN,  # doubt is never an all-clear
    (State.ACKNOWLEDGED, "on"): State.ACKNOWLEDGED,
    (State.ACKNOWLEDGED, "off"): State.RESOLVED,
    (State.ACKNOWLEDGED, "unknown"): State.ACKNOWLEDGED,
    (State.RESOLVED, "on"): State.OPEN,  # late readings took the all-clear back
    (State.RESOLVED, "off"): State.RESOLVED,
    (State.RESOLVED, "unknown"): State.RESOLVED,
}


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who took the alert on, when (wall ms), and what they wrote."""

    by: str
    at: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """`finding` is the greatest revision seen."""

    department: str
    finding: Finding
    state: State
    acknowledged: Acknowledgement | None = None

    @property
    def id(self) -> str:
        return alert_id(self.finding.episode, self.department)


class AlreadyResolvedError(ValueError):
    """The alert is over: there is nothing left to take on."""

    def __init__(self, alert: str) -> None:
        super().__init__(f"alert {alert} is resolved; only an open alert can be acknowledged")


def signal(finding: Finding) -> Signal:
    if finding.change in ("cleared", "withdrawn") or (finding.change == "amended" and not finding.severity):
        return "off"
    if finding.change == "undecided" and not finding.severity:
        return "unknown"
    return "on"


def take(alert: Alert | None, finding: Finding, department: str) -> tuple[Alert | None, Why]:
    """The alert after one finding of its episode, and why."""
    if alert is not None and finding.revision <= alert.finding.revision:
        return alert, Why.ALREADY_SEEN
    before = alert.state if alert is not None else None
    after = TABLE[before, signal(finding)]
    if after is None:
        return None, Why.NO_ALERT
    if finding.change == "withdrawn":
        return Alert(department, finding, after, alert.acknowledged if alert is not None else None), Why.WITHDRAWN
    if alert is None:
        return Alert(department, finding, after), Why.OPENED if after is State.OPEN else Why.RESOLVED
    reopened = before is State.RESOLVED and after is State.OPEN
    kept = None if reopened else alert.acknowledged
    why = Why.REOPENED if reopened else Why.RESOLVED if after is State.RESOLVED else Why.UPDATED
    if finding.change == "amended" and not reopened:
        why = Why.AMENDED
    return Alert(department, finding, after, kept), why


def joined(alert: Alert) -> Alert:
    """The alert as a department is told of it that hears of the episode for the first time, at whatever severity it
    has by then: for this department it begins here."""
    finding = alert.finding
    if finding.change not in ("changed", "amended") or not finding.severity:
        return alert
    return replace(alert, finding=structs.replace(finding, change="fired", was="", before=None, after=None))


def acknowledge(alert: Alert, by: Acknowledgement) -> Alert:
    """The alert once somebody has taken it on. The first one counts; again is no change.

    Raises AlreadyResolvedError when it is over.
    """
    if alert.state is State.RESOLVED:
        raise AlreadyResolvedError(alert.id)
    if alert.state is State.ACKNOWLEDGED:
        return alert
    return replace(alert, state=State.ACKNOWLEDGED, acknowledged=by)
