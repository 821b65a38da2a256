"""The desk: findings become alerts, and people act on them. What departments are owed is written in the same
transaction as the alert, and so is how far the topic is taken: after any crash the three agree."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from alerts.alert import Acknowledgement, Alert, State, Why, acknowledge, joined, take
from alerts.channels import CHANNELS
from alerts.channels.port import Telling
from alerts.database import Database
from alerts.departments import Channel, Department
from alerts.message import body, message_id
from alerts.outbox import WAITING, enable, retry_failed
from alerts.places import Places
from alerts.reading import DeskReader
from alerts.routing import channels_of, departments_of
from alerts.tables import AlertRow, HistoryRow, MemberRow, OutboxRow, PoisonRow, PositionRow
from alerts.views import AlertView, alert_view
from rules.finding import Finding, decode, encode
from rules.identity import alert_id

Positions = Mapping[tuple[str, int], int]
"""The next offset to take, by topic and partition."""

NOTE = 2_000
"""The longest note, in characters, that somebody leaves with an acknowledgement."""


class UnknownAlertError(LookupError):
    """No alert has this id."""


class Poison(NamedTuple):
    """A record that is no finding."""

    topic: str
    partition: int
    offset: int
    reason: str
    value: bytes


class Taken(NamedTuple):
    """What a batch did: alerts that changed, findings that changed none, messages put into the outbox."""

    changed: int
    seen: int
    messages: int


def wall_clock() -> int:
    """Now, ms since 1970."""
    return time.time_ns() // 1_000_000


class Desk(DeskReader):
    """Opens the database and brings its tables up to date. Safe to use from several threads and processes.

    `departments` is who is told, `places` the city's map for those who want it told; a desk that only reads and
    acknowledges needs none. With `create` False nothing is
    made or changed at opening. Raises as `Database` does.
    """

    def __init__(
        self,
        database_url: str,
        departments: Mapping[str, Department] | None = None,
        *,
        places: Places | None = None,
        create: bool = True,
        clock: Callable[[], int] = wall_clock,
    ) -> None:
        super().__init__(Database(database_url, create=create))
        self._departments, self._places = departments or {}, places or Places()
        self._clock = clock

    def take(
        self, findings: Sequence[Finding], positions: Positions | None = None, poison: Sequence[Poison] = ()
    ) -> Taken:
        """Takes findings, in one transaction with `positions` (how far the topic is taken by this) and `poison`.
        A finding already seen changes nothing, so a batch may be taken any number of times."""
        now = self._clock()
        changed = seen = messages = 0
        pairs = [(finding, department) for finding in findings for department in departments_of(finding)]
        with self.database.write() as session:
            known = _Known(session, {alert_id(finding.episode, department) for finding, department in pairs})
            for finding, department in pairs:
                written = self._take_one(session, known, finding, department, now)
                changed, seen = (changed, seen + 1) if written is None else (changed + 1, seen)
                messages += written or 0
            for each in poison:
                _keep_poison(session, each, now)
            for (topic, partition), following in (positions or {}).items():
                session.merge(PositionRow(topic=topic, partition=partition, next=following))
        return Taken(changed, seen, messages)

    def acknowledge(self, alert: str, by: str, at: int | None = None, note: str = "") -> AlertView:
        """`by` takes the alert on at `at` (wall ms, default now). The first one counts; again is no change.

        Raises UnknownAlertError, AlreadyResolvedError, and ValueError for an empty or too long name or note.
        """
        name, text = by.strip().replace("\0", ""), note.strip().replace("\0", "")
        if not 1 <= len(name) <= 200 or len(text) > NOTE:
            raise ValueError(f"a name has 1 to 200 characters, a note {NOTE} at most")
        now = self._clock() if at is None else at
        with self.database.write() as session:
            row = session.get(AlertRow, alert)
            if row is None:
                raise UnknownAlertError(f"no alert {alert[:64]!r}")
            before = _alert(row)
            after = acknowledge(before, Acknowledgement(name, now, text))
            if after is not before:
                _write(row, after, now)
                session.add(_happened(after, "acknowledged", now, by=name, note=text or None))
                session.flush()
            return alert_view(row)

    def enable(self, endpoint: str) -> bool:
        """Switches an endpoint on again after it answered 410: what waits for it is due at once, with all its
        attempts. False when it was not switched off."""
        return enable(self.database, endpoint, self._clock())

    def retry_failed(self, endpoint: str) -> int:
        """Puts the messages that were given up back into an endpoint's queue. Returns how many."""
        return retry_failed(self.database, endpoint, self._clock())

    def _take_one(self, session: Session, known: "_Known", finding: Finding, department: str, now: int) -> int | None:
        """How many messages the finding gave rise to; None when it changed nothing."""
        row = known.rows.get(alert_id(finding.episode, department))
        alert, why = take(_alert(row) if row is not None else None, finding, department)
        if alert is None or why is Why.ALREADY_SEEN:
            return None
        if row is None:
            row = AlertRow(id=alert.id, episode=finding.episode, department=department, opened_wall=now)
            known.rows[alert.id] = row
            session.add(row)
        _write(row, alert, now)
        session.add_all(MemberRow(alert=alert.id, sensor=sensor) for sensor in known.new_members(alert))
        news = joined(alert) if why is Why.OPENED else alert
        # What was otherwise before is told in the history too, for the alert shows only what it is now.
        note = finding.text[:NOTE] if finding.before is not None else None
        session.add(_happened(news, "reopened" if why is Why.REOPENED else news.finding.change, now, note=note))
        told = known.told.setdefault(alert.id, set())
        channels = channels_of(news.finding, department, self._departments, told)
        for channel in channels:
            session.add(_owed(alert, channel, self._body(session, news, channel, now), now))
        told |= {channel.endpoint for channel in channels}
        return len(channels)

    def _body(self, session: Session, alert: Alert, channel: Channel, now: int) -> bytes:
        compose = CHANNELS[channel.kind].compose
        if compose is None:
            return body(alert)
        query = (
            select(OutboxRow.body)
            .where(OutboxRow.alert == alert.id, OutboxRow.endpoint == channel.endpoint)
            .where(OutboxRow.revision < alert.finding.revision)
            .order_by(OutboxRow.revision)
        )
        earlier = session.scalars(query).all()
        return compose(channel.config, Telling(alert, channel.endpoint, now, earlier, self._places))


class _Known:
    """What the database knows of some alerts, asked once for a whole batch: their `rows`, and by alert the
    endpoints that were `told` of it and the sensors it rests on."""

    def __init__(self, session: Session, ids: Collection[str]) -> None:
        self.rows = {row.id: row for row in session.scalars(select(AlertRow).where(AlertRow.id.in_(ids)))}
        self.told: dict[str, set[str]] = {}
        query = select(OutboxRow.alert, OutboxRow.endpoint).where(OutboxRow.alert.in_(ids)).distinct()
        for alert, endpoint in session.execute(query):
            self.told.setdefault(alert, set()).add(endpoint)
        self._members: dict[str, set[str]] = {}
        for alert, sensor in session.execute(select(MemberRow.alert, MemberRow.sensor).where(MemberRow.alert.in_(ids))):
            self._members.setdefault(alert, set()).add(sensor)

    def new_members(self, alert: Alert) -> list[str]:
        """Sensors that the alert rests on for the first time; they are known from now on."""
        area, known = alert.finding.area, self._members.setdefault(alert.id, set())
        fresh = sorted({sensor for sensor, *_ in area.members} - known) if area is not None else []
        known.update(fresh)
        return fresh


def _owed(alert: Alert, channel: Channel, payload: bytes, now: int) -> OutboxRow:
    return OutboxRow(
        message=message_id(alert.id, alert.finding.revision),
        endpoint=channel.endpoint,
        channel=channel.kind,
        alert=alert.id,
        revision=alert.finding.revision,
        body=payload,
        state=WAITING,
        due=now,
        attempts=0,
        lease_until=0,
        created_wall=now,
        finding_wall=alert.finding.wall,
    )


def _alert(row: AlertRow) -> Alert:
    by = None
    if row.acknowledged_by is not None and row.acknowledged_wall is not None:
        by = Acknowledgement(row.acknowledged_by, row.acknowledged_wall, row.note or "")
    return Alert(row.department, decode(row.finding), State(row.state), by)


def _write(row: AlertRow, alert: Alert, now: int) -> None:
    finding, by = alert.finding, alert.acknowledged
    row.state, row.revision, row.severity = alert.state.value, finding.revision, finding.severity
    row.rule, row.sensor, row.metric, row.district = finding.rule, finding.sensor, finding.metric, finding.district
    row.onset, row.at, row.finding, row.changed_wall = finding.onset, finding.at, encode(finding), now
    row.acknowledged_by = by.by if by else None
    row.acknowledged_wall = by.at if by else None
    row.note = by.note or None if by else None


def _happened(alert: Alert, what: str, now: int, by: str | None = None, note: str | None = None) -> HistoryRow:
    finding = alert.finding
    return HistoryRow(
        alert=alert.id,
        what=what,
        state=alert.state.value,
        revision=finding.revision,
        severity=finding.severity,
        value=finding.value,
        at=finding.at,
        wall=now,
        by=by,
        note=note,
    )


def _keep_poison(session: Session, poison: Poison, now: int) -> None:
    """The first sight of a poison record stands: the same one may be met again after a crash."""
    row = {
        "topic": poison.topic,
        "partition": poison.partition,
        "offset": poison.offset,
        "wall": now,
        "reason": poison.reason.replace("\0", "\\0")[:500],
        "head": poison.value[:4096],
    }
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(PoisonRow).values(row).on_conflict_do_nothing())
