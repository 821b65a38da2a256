"""The desk's read side: what the board, the account and the metrics look at. Changes nothing."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, func, or_, select

from alerts.alert import State
from alerts.database import Database
from alerts.outbox import OUTCOMES, deliveries_by_outcome
from alerts.silences import Silence, silence_view
from alerts.tables import AlertRow, EndpointRow, HistoryRow, MemberRow, OutboxRow, PoisonRow, PositionRow, SilenceRow
from alerts.views import (
    AlertDetail,
    AlertView,
    Change,
    DeliveryView,
    alert_view,
    delivery_view,
    history_view,
)

MOST = 1_000
"""The most rows that one question gets back."""


class DeskReader:
    def __init__(self, database: Database) -> None:
        self.database = database

    def alerts(
        self,
        state: State | str | Collection[str] | None = None,
        *,
        department: str | None = None,
        district: str | None = None,
        severity: str | None = None,
        rule: str | None = None,
        sensor: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[AlertView]:
        """Alerts that match all that is given (`state`: one, or any of several; `sensor`: its own, and those of areas
        that rest on it), the latest change first; at most `limit`, and never over `MOST`."""
        wanted = _matching(state, department, district, severity, rule, sensor)
        query = select(AlertRow).where(*wanted).order_by(AlertRow.at.desc(), AlertRow.id)
        with self.database.read() as session:
            return [alert_view(row) for row in session.scalars(query.limit(min(limit, MOST)).offset(offset))]

    def count(
        self,
        state: State | str | Collection[str] | None = None,
        *,
        department: str | None = None,
        district: str | None = None,
        severity: str | None = None,
        rule: str | None = None,
        sensor: str | None = None,
    ) -> int:
        """How many alerts match all that is given."""
        wanted = _matching(state, department, district, severity, rule, sensor)
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(AlertRow).where(*wanted)) or 0

    def alert(self, alert: str) -> AlertDetail | None:
        """One alert with its history and its deliveries; None when there is none of this id."""
        with self.database.read() as session:
            row = session.get(AlertRow, alert)
            if row is None:
                return None
            happened = session.scalars(
                select(HistoryRow).where(HistoryRow.alert == alert).order_by(HistoryRow.sequence).limit(MOST)
            )
            return AlertDetail(alert_view(row), tuple(map(history_view, happened)), tuple(self._told(alert)))

    def of_episode(self, episode: str) -> list[AlertDetail]:
        """The alerts of an episode, one for each department."""
        with self.database.read() as session:
            query = select(AlertRow.id).where(AlertRow.episode == episode).order_by(AlertRow.department)
            found = session.scalars(query).all()
        return [detail for each in found if (detail := self.alert(each)) is not None]

    def counts(self) -> dict[str, int]:
        """Alerts by state, every state there."""
        query = select(AlertRow.state, func.count()).group_by(AlertRow.state)
        with self.database.read() as session:
            found = {row[0]: row[1] for row in session.execute(query)}
        return {state.value: found.get(state.value, 0) for state in State}

    def deliveries(self, channel: str | None = None) -> dict[str, int]:
        """Messages by outcome, of one kind of channel or of all: sent, waiting, held (waiting for an endpoint that is
        switched off) and failed (given up after the last attempt)."""
        with self.database.read() as session:
            found = deliveries_by_outcome(session)
        chosen = [outcomes for kind, outcomes in found.items() if channel in (None, kind)]
        return {name: sum(outcomes[name] for outcomes in chosen) for name in OUTCOMES}

    def deliveries_by_channel(self) -> dict[str, dict[str, int]]:
        """Messages by outcome for each kind of channel that has any."""
        with self.database.read() as session:
            return deliveries_by_outcome(session)

    def disabled(self) -> dict[str, str]:
        """Endpoints that are switched off, and what they said."""
        with self.database.read() as session:
            return {row.endpoint: row.detail for row in session.scalars(select(EndpointRow))}

    def changes(self, since: int, limit: int = 100) -> list[Change]:
        """What happened after sequence number `since`, oldest first. Nothing with a lower number comes later, so a
        reader that keeps the last number misses nothing."""
        query = (
            select(HistoryRow, AlertRow)
            .join(AlertRow, AlertRow.id == HistoryRow.alert)
            .where(HistoryRow.sequence > since)
            .order_by(HistoryRow.sequence)
            .limit(min(limit, MOST))
        )
        with self.database.read() as session:
            return [Change(history_view(happened), alert_view(row)) for happened, row in session.execute(query)]

    def last_change(self) -> int:
        """The greatest sequence number so far; 0 when nothing happened yet."""
        with self.database.read() as session:
            return session.scalar(select(func.max(HistoryRow.sequence))) or 0

    def positions(self, topic: str) -> dict[int, int]:
        """By partition, the next offset of the topic of findings that is not taken yet."""
        query = select(PositionRow).where(PositionRow.topic == topic)
        with self.database.read() as session:
            return {row.partition: row.next for row in session.scalars(query)}

    def poison_count(self) -> int:
        """Records on the topic of findings that were none."""
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(PoisonRow)) or 0

    def silences(self, at: int, *, ended: bool = False) -> list[Silence]:
        """Those that have not ended at `at` (wall ms), the one that ends last first; with `ended` the others too."""
        query = select(SilenceRow).order_by(SilenceRow.ends.desc(), SilenceRow.id.desc()).limit(MOST)
        with self.database.read() as session:
            rows = session.scalars(query if ended else query.where(SilenceRow.ends > at))
            return [silence_view(row) for row in rows]

    def close(self) -> None:
        self.database.close()

    def _told(self, alert: str) -> list[DeliveryView]:
        query = (
            select(OutboxRow, EndpointRow.endpoint)
            .outerjoin(EndpointRow, EndpointRow.endpoint == OutboxRow.endpoint)
            .where(OutboxRow.alert == alert)
            .order_by(OutboxRow.revision, OutboxRow.endpoint)
            .limit(MOST)
        )
        with self.database.read() as session:
            return [delivery_view(row, disabled is not None) for row, disabled in session.execute(query)]


def _matching(
    state: State | str | Collection[str] | None,
    department: str | None,
    district: str | None,
    severity: str | None,
    rule: str | None,
    sensor: str | None,
) -> list[ColumnElement[bool]]:
    wanted = {
        AlertRow.department: department,
        AlertRow.district: district,
        AlertRow.severity: severity,
        AlertRow.rule: rule,
    }
    matching = [column == value for column, value in wanted.items() if value is not None]
    if sensor is not None:
        resting = select(MemberRow.alert).where(MemberRow.sensor == sensor)
        matching.append(or_(AlertRow.sensor == sensor, AlertRow.id.in_(resting)))
    if state is not None:
        states = (state,) if isinstance(state, str) else state
        matching.append(AlertRow.state.in_([str(one) for one in states]))
    return matching
