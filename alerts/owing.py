"""What departments are owed: which of their channels hears of an alert, in which words, unless a silence keeps it."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.alert import Alert
from alerts.channels import CHANNELS
from alerts.channels.port import Telling
from alerts.departments import Channel, Department
from alerts.message import body, message_id
from alerts.outbox import WAITING
from alerts.places import Places
from alerts.routing import channels_of
from alerts.silences import Silence, standing
from alerts.tables import AlertRow, MemberRow, OutboxRow


class Known:
    """What the database knows of some alerts, asked once for a whole batch: their `rows`, by alert the endpoints that
    were `told` of it and the sensors it rests on, and the `silences` that hold now."""

    def __init__(self, session: Session, ids: Collection[str], now: int) -> None:
        self.rows = {row.id: row for row in session.scalars(select(AlertRow).where(AlertRow.id.in_(ids)))}
        self.silences: list[Silence] = standing(session, now)
        self._told: dict[str, set[str]] = {}
        query = select(OutboxRow.alert, OutboxRow.endpoint).where(OutboxRow.alert.in_(ids)).distinct()
        for alert, endpoint in session.execute(query):
            self.told(alert).add(endpoint)
        self._members: dict[str, set[str]] = {}
        for alert, sensor in session.execute(select(MemberRow.alert, MemberRow.sensor).where(MemberRow.alert.in_(ids))):
            self._members.setdefault(alert, set()).add(sensor)

    def told(self, alert: str) -> set[str]:
        """The endpoints that were told of it."""
        return self._told.setdefault(alert, set())

    def new_members(self, alert: Alert) -> list[str]:
        """Sensors that the alert rests on for the first time; they are known from now on."""
        area, known = alert.finding.area, self._members.setdefault(alert.id, set())
        fresh = sorted({sensor for sensor, *_ in area.members} - known) if area is not None else []
        known.update(fresh)
        return fresh


class Owing:
    """For the city's `departments`, and its map for those who want it told."""

    def __init__(self, departments: Mapping[str, Department], places: Places) -> None:
        self._departments, self._places = departments, places

    def owe(self, session: Session, known: Known, news: Alert, now: int, since: int) -> int:
        """Puts the news of an alert into the outbox, for each channel that is told of it. `since` (wall ms): from when
        on the department could have been told, which its latency counts from. Returns how many."""
        told = known.told(news.id)
        channels = channels_of(news.finding, news.department, self._departments, told)
        session.add_all(
            _owed(news, channel, self._body(session, news, channel, now), now, since) for channel in channels
        )
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


def _owed(alert: Alert, channel: Channel, payload: bytes, now: int, since: int) -> OutboxRow:
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
        finding_wall=since,
    )
