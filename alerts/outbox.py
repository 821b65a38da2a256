"""The outbox: which message may be sent next, by whom, and what came of it. Every step is one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, exists, func, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from alerts.channels.port import DeliveryError, Message, Reason
from alerts.database import Database
from alerts.schedule import next_due
from alerts.tables import EndpointRow, OutboxRow

WAITING, SENT, FAILED, HELD = "waiting", "sent", "failed", "held"
OUTCOMES = (SENT, WAITING, HELD, FAILED)

LEASE_MS = 60_000
"""How long a dispatcher holds a message that it has begun to send: longer than an attempt can take, so that two
never send the same one, unless the first one died."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this dispatcher may send once, until its lease ends."""

    message: Message
    channel: str
    attempts: int
    finding_wall: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt, at `at` (wall ms). `chance` is random, in [0, 1): it spreads the next attempts."""

    claim: Claim
    at: int
    error: DeliveryError | None = None
    chance: float = 0.0


class Outbox:
    """`holder` is the name of this dispatcher: no two that live at once may share it."""

    def __init__(self, database: Database, holder: str) -> None:
        self._database, self._holder = database, holder

    def claim(self, now: int, room: Mapping[str, int], outcomes: Sequence[Outcome] = ()) -> list[Claim]:
        """Keeps what came of earlier claims and gives messages to send now, in one transaction: at most
        `room[endpoint]` for each endpoint, the longest due first.

        A message waits while an earlier revision of the same alert is still waiting for the same endpoint, so a
        department never hears "cleared" before "fired"; one that was given up holds up nothing.
        """
        if not outcomes and not self._anything_due(now):
            return []
        claims = []
        with self._database.write() as session:
            self._keep(session, outcomes)
            for endpoint, places in room.items():
                if places > 0:
                    claims += _longest_due(session, endpoint, places, now)
            if claims:
                mine = [(claim.message.id, claim.message.endpoint) for claim in claims]
                session.execute(
                    update(OutboxRow).where(_KEY.in_(mine)).values(lease_by=self._holder, lease_until=now + LEASE_MS)
                )
        return claims

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Keeps what came of earlier claims."""
        if outcomes:
            with self._database.write() as session:
                self._keep(session, outcomes)

    def release(self) -> None:
        """Gives back what a dispatcher of this name held when it ended: nobody is sending it now."""
        with self._database.write() as session:
            session.execute(
                update(OutboxRow).where(OutboxRow.lease_by == self._holder).values(lease_until=0, lease_by=None)
            )

    def _anything_due(self, now: int) -> bool:
        """Looking needs no turn among the writers, and is all there is to do most of the time."""
        with self._database.read() as session:
            return session.scalar(select(OutboxRow.message).where(*_due(now)).limit(1)) is not None

    def _keep(self, session: Session, outcomes: Sequence[Outcome]) -> None:
        arrived: dict[int, list[tuple[str, str]]] = {}
        for outcome in outcomes:
            if outcome.error is None:
                message = outcome.claim.message
                arrived.setdefault(outcome.at, []).append((message.id, message.endpoint))
            else:
                self._keep_failure(session, outcome, outcome.error)
        for at, keys in arrived.items():  # true whoever holds the lease by now
            session.execute(
                update(OutboxRow)
                .where(_KEY.in_(keys), OutboxRow.state != SENT)
                .values(
                    state=SENT, attempts=OutboxRow.attempts + 1, done_wall=at, reason=None, detail=None, lease_until=0
                )
            )

    def _keep_failure(self, session: Session, outcome: Outcome, error: DeliveryError) -> None:
        """Waits as the schedule says, or gives up after its end. An endpoint that is gone is switched off, and its
        messages are kept for the day it is enabled again."""
        claim = outcome.claim
        attempts = claim.attempts + 1
        due = next_due(attempts, outcome.at, outcome.chance, error.retry_after)
        values: dict[str, object] = {"attempts": attempts, "reason": error.reason.value, "detail": error.detail[:500]}
        if due is None and not error.gone:
            values |= {"state": FAILED, "done_wall": outcome.at}
        else:
            values |= {"due": outcome.at if due is None else due}
        still_ours = and_(
            OutboxRow.message == claim.message.id,
            OutboxRow.endpoint == claim.message.endpoint,
            OutboxRow.state == WAITING,
            OutboxRow.lease_by == self._holder,
        )
        if session.scalar(select(OutboxRow.message).where(still_ours)) is None:
            return
        session.execute(update(OutboxRow).where(still_ours).values(**values, lease_until=0, lease_by=None))
        if error.gone:
            session.merge(EndpointRow(endpoint=claim.message.endpoint, wall=outcome.at, detail=error.detail[:500]))

    def drop_removed(self, endpoints: Collection[str], now: int) -> int:
        """Gives up what waits for endpoints that are in departments.yaml no more. Returns how many."""
        with self._database.write() as session:
            waiting = select(OutboxRow).where(OutboxRow.state == WAITING, OutboxRow.endpoint.not_in(endpoints))
            rows = session.scalars(waiting).all()
            for row in rows:
                row.state, row.done_wall = FAILED, now
                row.reason, row.detail = Reason.REMOVED.value, "the endpoint is in departments.yaml no more"
        return len(rows)


def enable(database: Database, endpoint: str, now: int) -> bool:
    """Switches an endpoint on again and makes what waits for it due at once, with all its attempts. False when it
    was not switched off."""
    with database.write() as session:
        found = session.get(EndpointRow, endpoint)
        session.execute(delete(EndpointRow).where(EndpointRow.endpoint == endpoint))
        if found is not None:
            session.execute(
                update(OutboxRow)
                .where(OutboxRow.endpoint == endpoint, OutboxRow.state == WAITING)
                .values(due=now, attempts=0)
            )
    return found is not None


def retry_failed(database: Database, endpoint: str, now: int) -> int:
    """Puts the messages that an endpoint never got back into its queue, with all their attempts. Returns how many."""
    with database.write() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.endpoint == endpoint, OutboxRow.state == FAILED)).all()
        for row in rows:
            row.state, row.due, row.attempts, row.done_wall = WAITING, now, 0, None
    return len(rows)


def deliveries_by_outcome(session: Session) -> dict[str, dict[str, int]]:
    """For each kind of channel, how many messages had which outcome; every outcome there."""
    off = EndpointRow.endpoint.is_not(None)
    query = (
        select(OutboxRow.channel, OutboxRow.state, off, func.count())
        .outerjoin(EndpointRow, EndpointRow.endpoint == OutboxRow.endpoint)
        .group_by(OutboxRow.channel, OutboxRow.state, off)
    )
    found: dict[str, dict[str, int]] = {}
    for channel, state, disabled, number in session.execute(query):
        outcomes = found.setdefault(channel, dict.fromkeys(OUTCOMES, 0))
        outcomes[HELD if state == WAITING and disabled else state] += number
    return found


_KEY = tuple_(OutboxRow.message, OutboxRow.endpoint)


def _due(now: int) -> tuple[ColumnElement[bool], ...]:
    """Waiting, its time has come, nobody holds it, and its endpoint is not switched off."""
    switched_on = OutboxRow.endpoint.not_in(select(EndpointRow.endpoint))
    return OutboxRow.state == WAITING, OutboxRow.due <= now, OutboxRow.lease_until <= now, switched_on


def _longest_due(session: Session, endpoint: str, places: int, now: int) -> list[Claim]:
    earlier = aliased(OutboxRow)
    kept_back = exists().where(
        earlier.alert == OutboxRow.alert,
        earlier.endpoint == OutboxRow.endpoint,
        earlier.revision < OutboxRow.revision,
        earlier.state == WAITING,
    )
    row = OutboxRow
    query = (
        select(row.message, row.body, row.channel, row.attempts, row.finding_wall)
        .where(row.endpoint == endpoint, *_due(now), ~kept_back)
        .order_by(row.due, row.created_wall, row.message)
        .limit(places)
    )
    return [
        Claim(Message(message, endpoint, body), channel, attempts, finding_wall)
        for message, body, channel, attempts, finding_wall in session.execute(query)
    ]
