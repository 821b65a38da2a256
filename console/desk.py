"""The alert desk behind the console's port."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from typing import cast

from alerts.alert import AlreadyResolvedError
from alerts.desk import Desk, UnknownAlertError
from alerts.silences import Silence as DeskSilence
from alerts.silences import UnknownSilenceError
from alerts.views import AlertDetail, DeliveryView, HistoryView
from alerts.views import AlertView as DeskAlert
from console.ports import (
    AlertChange,
    AlertFile,
    AlertFilter,
    AlertView,
    Area,
    Dispatch,
    Member,
    Reason,
    Silence,
    State,
    Step,
)
from rules.finding import AreaFacts


class DeskView:
    """Asks the desk and translates its answers. Safe from several threads, as the desk is."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def alerts(self, wanted: AlertFilter, limit: int, offset: int = 0) -> Sequence[AlertView]:
        found = self._desk.alerts(
            wanted.states,
            severity=wanted.severity or None,
            department=wanted.department or None,
            sensor=wanted.sensor or None,
            limit=limit,
            offset=offset,
        )
        return [_alert(one) for one in found]

    def count(self, wanted: AlertFilter) -> int:
        return self._desk.count(
            wanted.states,
            severity=wanted.severity or None,
            department=wanted.department or None,
            sensor=wanted.sensor or None,
        )

    def alert(self, alert_id: str) -> AlertFile | None:
        found = self._desk.alert(alert_id)
        return None if found is None else _file(found)

    def acknowledge(self, alert_id: str, by: str, at: int) -> bool:
        with suppress(UnknownAlertError, AlreadyResolvedError):
            self._desk.acknowledge(alert_id, by, at)
            return True
        return False

    def silences(self, at: int) -> Sequence[Silence]:
        return [_silence(each) for each in self._desk.silences(at)]

    def silence(self, wanted: Silence) -> Silence:
        kept = self._desk.silence(DeskSilence(**{name: getattr(wanted, name) for name in _SILENCE}))
        return _silence(kept)

    def end_silence(self, number: int, by: str) -> bool:
        with suppress(UnknownSilenceError):
            self._desk.end_silence(number, by)
            return True
        return False

    def counts(self) -> Mapping[str, int]:
        return self._desk.counts()

    def deliveries(self) -> Mapping[str, int]:
        return self._desk.deliveries()

    def last_seq(self) -> int:
        return self._desk.last_change()

    def changes(self, since: int, limit: int) -> Sequence[AlertChange]:
        return [AlertChange(one.history.sequence, _alert(one.alert)) for one in self._desk.changes(since, limit)]


_SILENCE = tuple(each.name for each in fields(Silence))


def _silence(one: DeskSilence) -> Silence:
    return Silence(**{name: getattr(one, name) for name in _SILENCE})


def _alert(one: DeskAlert) -> AlertView:
    return AlertView(
        id=one.id,
        episode=one.episode,
        revision=one.revision,
        state=cast(State, one.state),
        severity=one.severity,
        rule=one.rule,
        rule_hash=one.rule_hash,
        kind=one.kind,
        sensor=one.sensor,
        metric=one.metric,
        district=one.district,
        department=one.department,
        unit=one.unit,
        text=one.text,
        since=one.onset,
        changed=one.at,
        value=one.value,
        limit=one.limit,
        acknowledged_by=one.acknowledged_by or "",
        acknowledged_at=one.acknowledged_wall,
        note=one.note or "",
        area=_area(one.area) if one.area is not None else None,
        change=one.change,
        silenced_until=one.silenced_until,
    )


def _area(area: AreaFacts) -> Area:
    members = tuple(Member(*each) for each in area.members)
    return Area(area.name, area.count, area.of, area.left_out, area.more, members)


def _file(found: AlertDetail) -> AlertFile:
    evidence = found.alert.evidence
    reason = Reason(
        evidence.topic,
        evidence.partition,
        evidence.first,
        evidence.last,
        evidence.count or len(evidence.seen),
        tuple((seen.ts, seen.value, seen.offset) for seen in evidence.seen),
    )
    return AlertFile(
        _alert(found.alert), reason, tuple(map(_step, found.history)), tuple(map(_dispatch, found.deliveries))
    )


def _step(one: HistoryView) -> Step:
    return Step(one.what, one.at, one.wall, one.revision, one.severity, one.value, one.by or "", one.note or "")


def _dispatch(one: DeliveryView) -> Dispatch:
    words = " ".join(word for word in (one.reason, one.detail) if word)
    settled = one.done_wall if one.done_wall is not None else one.due
    return Dispatch(one.channel, one.revision, "held" if one.held else one.state, one.attempts, settled, words)
