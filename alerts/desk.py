"""The desk: findings become alerts, and people act on them. What departments are owed is written in the same
transaction as the alert, and so is how far the topic is taken: after any crash the three agree."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from alerts.alert import Acknowledgement, Alert, State, Why, acknowledge, joined, take
from alerts.database import Database
from alerts.departments import Department
from alerts.outbox import enable, retry_failed
from alerts.owing import Known, Owing
from alerts.places import Places
from alerts.reading import DeskReader
from alerts.routing import departments_of
from alerts.silences import Silence, UnknownSilenceError, checked, covering, silence_view
from alerts.tables import AlertRow, HistoryRow, MemberRow, PoisonRow, PositionRow, SilenceRow
from alerts.views import AlertView, alert_view
from rules.finding import Finding, decode, encode
from rules.identity import alert_id

Positions = Mapping[tuple[str, int], int]
"""The next offset to take, by topic and partition."""

NOTE = 2_000
"""The longest note, in characters, that somebody leaves with an acknowledgement."""


LIFTED = 500
"""Alerts whose silence has ended that are settled in one transaction."""


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
        self._owing = Owing(departments or {}, places or Places())
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
            known = Known(session, {alert_id(finding.episode, department) for finding, department in pairs}, now)
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

    def silence(self, wanted: Silence) -> Silence:
        """Keeps departments from being told, as `wanted` says, of what is found from now on; what is in the outbox
        already is sent. Gives the silence with its number. Raises ValueError."""
        now = self._clock()
        kept = checked(wanted, now)
        with self.database.write() as session:
            row = SilenceRow(
                rule=kept.rule, sensor=kept.sensor, district=kept.district, department=kept.department,
                begins=max(kept.begins, now), ends=kept.ends, by=kept.by, because=kept.because, ended_by="",
                made_wall=now,
            )  # fmt: skip
            session.add(row)
            session.flush()
            return silence_view(row)

    def end_silence(self, number: int, by: str) -> Silence:
        """Ends a silence now; `lift` tells what it kept. Raises UnknownSilenceError, and ValueError for no name."""
        name, now = by.strip().replace("\0", ""), self._clock()
        if not 1 <= len(name) <= 200:
            raise ValueError("a name has 1 to 200 characters")
        with self.database.write() as session:
            row = session.get(SilenceRow, number)
            if row is None or row.ends <= now:
                raise UnknownSilenceError(f"there is no silence {number}, or it has ended")
            row.ends, row.begins, row.ended_by = now, min(row.begins, now), name
            session.execute(update(AlertRow).where(AlertRow.silence == number).values(silenced_until=now))
            return silence_view(row)

    def lift(self) -> int:
        """Owes what silences that have ended kept from departments. Returns how many messages."""
        now = self._clock()
        ended = select(AlertRow.id).where(AlertRow.silenced_until <= now).order_by(AlertRow.id).limit(LIFTED)
        with self.database.read() as session:
            if session.scalar(ended.limit(1)) is None:
                return 0
        with self.database.write() as session:
            known = Known(session, set(session.scalars(ended)), now)
            alerts = [(row, _alert(row)) for row in known.rows.values()]
            return sum(self._tell(session, known, row, alert, alert, now) for row, alert in alerts)

    def enable(self, endpoint: str) -> bool:
        """Switches an endpoint on again after it answered 410: what waits for it is due at once, with all its
        attempts. False when it was not switched off."""
        return enable(self.database, endpoint, self._clock())

    def retry_failed(self, endpoint: str) -> int:
        """Puts the messages that were given up back into an endpoint's queue. Returns how many."""
        return retry_failed(self.database, endpoint, self._clock())

    def _take_one(self, session: Session, known: Known, finding: Finding, department: str, now: int) -> int | None:
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
        return self._tell(session, known, row, alert, news, now)

    def _tell(self, session: Session, known: Known, row: AlertRow, alert: Alert, news: Alert, now: int) -> int:
        """Owes the news, unless the alert is silenced: then it is owed what is so when the silence ends."""
        silence = covering(known.silences, alert)
        if silence is not None:
            if row.silenced_until is None:
                note = f"{silence.because} ({silence.by}, silence {silence.id})"
                session.add(_happened(alert, "silenced", now, note=note))
            row.silence, row.silenced_until = silence.id, silence.ends
            return 0
        since = alert.finding.wall
        if row.silenced_until is not None:
            row.silenced_until, since = None, now
            session.add(_happened(alert, "heard again", now))
        if row.silence is not None and not known.told(alert.id):
            if alert.state is State.RESOLVED:
                return 0  # over before anybody heard of it
            news = joined(alert)
        return self._owing.owe(session, known, news, now, since)


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
