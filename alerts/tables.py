"""What the desk keeps. Times ending in `wall` are by our clock, the others event time; both ms since 1970."""

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAME = 200
"""The longest name (rule, sensor, district, department, endpoint) that a row holds; `checks.py` refuses longer ones."""

Long = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    pass


class AlertRow(Base):
    """One alert. The columns beside `finding` are those that the board sorts and filters by. `sensor` is empty where it
    is of an area. The department is not told until `silenced_until` (wall), by
    the `silence`, which was the last one."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("episode", "department", name="one_alert_per_episode_and_department"),
        Index("alerts_by_state", "state", "at"),
        Index("alerts_by_department", "department", "at"),
        Index("alerts_silenced", "silenced_until"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    episode: Mapped[str] = mapped_column(String(NAME))
    department: Mapped[str] = mapped_column(String(NAME))
    state: Mapped[str] = mapped_column(String(20))
    revision: Mapped[int] = mapped_column(Long)
    severity: Mapped[str] = mapped_column(String(NAME))
    rule: Mapped[str] = mapped_column(String(NAME))
    sensor: Mapped[str] = mapped_column(String(NAME))
    metric: Mapped[str] = mapped_column(String(NAME))
    district: Mapped[str] = mapped_column(String(NAME))
    onset: Mapped[int] = mapped_column(Long)
    at: Mapped[int] = mapped_column(Long)
    finding: Mapped[bytes] = mapped_column(LargeBinary)
    opened_wall: Mapped[int] = mapped_column(Long)
    changed_wall: Mapped[int] = mapped_column(Long)
    acknowledged_by: Mapped[str | None] = mapped_column(String(NAME))
    acknowledged_wall: Mapped[int | None] = mapped_column(Long)
    note: Mapped[str | None] = mapped_column(Text)
    silence: Mapped[int | None] = mapped_column(Long)
    silenced_until: Mapped[int | None] = mapped_column(Long)


class SilenceRow(Base):
    """A while in which departments are not told of what matches all the names that are not empty."""

    __tablename__ = "silences"
    __table_args__ = (Index("silences_by_end", "ends"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Long, primary_key=True, autoincrement=True)
    rule: Mapped[str] = mapped_column(String(NAME))
    sensor: Mapped[str] = mapped_column(String(NAME))
    district: Mapped[str] = mapped_column(String(NAME))
    department: Mapped[str] = mapped_column(String(NAME))
    begins: Mapped[int] = mapped_column(Long)
    ends: Mapped[int] = mapped_column(Long)
    by: Mapped[str] = mapped_column(String(NAME))
    because: Mapped[str] = mapped_column(Text)
    ended_by: Mapped[str] = mapped_column(String(NAME))
    made_wall: Mapped[int] = mapped_column(Long)


class MemberRow(Base):
    """A sensor that an alert of an area rests on, or once did."""

    __tablename__ = "members"
    __table_args__ = (Index("members_by_sensor", "sensor"),)

    alert: Mapped[str] = mapped_column(ForeignKey("alerts.id"), primary_key=True)
    sensor: Mapped[str] = mapped_column(String(NAME), primary_key=True)


class HistoryRow(Base):
    """One thing that happened to an alert. `sequence` grows in the order of committing: writers take turns."""

    __tablename__ = "history"
    __table_args__ = (Index("history_by_alert", "alert", "sequence"), {"sqlite_autoincrement": True})

    sequence: Mapped[int] = mapped_column(Long, primary_key=True, autoincrement=True)
    alert: Mapped[str] = mapped_column(ForeignKey("alerts.id"))
    what: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    revision: Mapped[int] = mapped_column(Long)
    severity: Mapped[str] = mapped_column(String(NAME))
    value: Mapped[float | None] = mapped_column(Float(53))
    at: Mapped[int] = mapped_column(Long)
    wall: Mapped[int] = mapped_column(Long)
    by: Mapped[str | None] = mapped_column(String(NAME))
    note: Mapped[str | None] = mapped_column(Text)


class OutboxRow(Base):
    """One message for one endpoint. It is here before the finding counts as taken, and is never deleted.

    `state`: waiting, sent, or failed when the last attempt failed too. `due` is when the next attempt may start;
    whoever makes it holds the row until `lease_until`. `finding_wall` is when the record that decided was received.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_by_due", "state", "endpoint", "due"),
        Index("outbox_by_alert", "alert", "endpoint", "revision"),
    )

    message: Mapped[str] = mapped_column(String(100), primary_key=True)
    endpoint: Mapped[str] = mapped_column(String(NAME), primary_key=True)
    channel: Mapped[str] = mapped_column(String(40))
    alert: Mapped[str] = mapped_column(ForeignKey("alerts.id"))
    revision: Mapped[int] = mapped_column(Long)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(20))
    due: Mapped[int] = mapped_column(Long)
    attempts: Mapped[int] = mapped_column(Integer)
    lease_by: Mapped[str | None] = mapped_column(String(100))
    lease_until: Mapped[int] = mapped_column(Long)
    reason: Mapped[str | None] = mapped_column(String(40))
    detail: Mapped[str | None] = mapped_column(Text)
    created_wall: Mapped[int] = mapped_column(Long)
    finding_wall: Mapped[int] = mapped_column(Long)
    done_wall: Mapped[int | None] = mapped_column(Long)


class EndpointRow(Base):
    """An endpoint that said it wants no more (410). Its messages are kept until a person enables it again."""

    __tablename__ = "disabled_endpoints"

    endpoint: Mapped[str] = mapped_column(String(NAME), primary_key=True)
    wall: Mapped[int] = mapped_column(Long)
    detail: Mapped[str] = mapped_column(Text)


class PositionRow(Base):
    """How far the topic of findings is taken. Written with what was taken: this, not Kafka's copy, is the truth."""

    __tablename__ = "positions"

    topic: Mapped[str] = mapped_column(String(249), primary_key=True)
    partition: Mapped[int] = mapped_column(Integer, primary_key=True)
    next: Mapped[int] = mapped_column(Long)


class PoisonRow(Base):
    """A record on the topic of findings that is none. `head` is the first part of its bytes."""

    __tablename__ = "poison"

    topic: Mapped[str] = mapped_column(String(249), primary_key=True)
    partition: Mapped[int] = mapped_column(Integer, primary_key=True)
    offset: Mapped[int] = mapped_column(Long, primary_key=True)
    wall: Mapped[int] = mapped_column(Long)
    reason: Mapped[str] = mapped_column(Text)
    head: Mapped[bytes] = mapped_column(LargeBinary)
