"""Alerts, their history, the outbox, endpoints that are switched off, positions and poison."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.String(200)


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("episode", NAME, nullable=False),
        sa.Column("department", NAME, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("revision", LONG, nullable=False),
        sa.Column("severity", NAME, nullable=False),
        sa.Column("rule", NAME, nullable=False),
        sa.Column("sensor", NAME, nullable=False),
        sa.Column("metric", NAME, nullable=False),
        sa.Column("district", NAME, nullable=False),
        sa.Column("onset", LONG, nullable=False),
        sa.Column("at", LONG, nullable=False),
        sa.Column("finding", sa.LargeBinary(), nullable=False),
        sa.Column("opened_wall", LONG, nullable=False),
        sa.Column("changed_wall", LONG, nullable=False),
        sa.Column("acknowledged_by", NAME),
        sa.Column("acknowledged_wall", LONG),
        sa.Column("note", sa.Text()),
        sa.UniqueConstraint("episode", "department", name="one_alert_per_episode_and_department"),
    )
    op.create_index("alerts_by_state", "alerts", ["state", "at"])
    op.create_index("alerts_by_department", "alerts", ["department", "at"])
    op.create_table(
        "history",
        sa.Column("sequence", LONG, primary_key=True, autoincrement=True),
        sa.Column("alert", sa.String(64), sa.ForeignKey("alerts.id"), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("revision", LONG, nullable=False),
        sa.Column("severity", NAME, nullable=False),
        sa.Column("value", sa.Float(53)),
        sa.Column("at", LONG, nullable=False),
        sa.Column("wall", LONG, nullable=False),
        sa.Column("by", NAME),
        sa.Column("note", sa.Text()),
        sqlite_autoincrement=True,
    )
    op.create_index("history_by_alert", "history", ["alert", "sequence"])
    op.create_table(
        "outbox",
        sa.Column("message", sa.String(100), primary_key=True),
        sa.Column("endpoint", NAME, primary_key=True),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("alert", sa.String(64), sa.ForeignKey("alerts.id"), nullable=False),
        sa.Column("revision", LONG, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("due", LONG, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_by", sa.String(100)),
        sa.Column("lease_until", LONG, nullable=False),
        sa.Column("reason", sa.String(40)),
        sa.Column("detail", sa.Text()),
        sa.Column("created_wall", LONG, nullable=False),
        sa.Column("finding_wall", LONG, nullable=False),
        sa.Column("done_wall", LONG),
    )
    op.create_index("outbox_by_due", "outbox", ["state", "endpoint", "due"])
    op.create_index("outbox_by_alert", "outbox", ["alert", "endpoint", "revision"])
    op.create_table(
        "disabled_endpoints",
        sa.Column("endpoint", NAME, primary_key=True),
        sa.Column("wall", LONG, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
    )
    op.create_table(
        "positions",
        sa.Column("topic", sa.String(249), primary_key=True),
        sa.Column("partition", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("next", LONG, nullable=False),
    )
    op.create_table(
        "poison",
        sa.Column("topic", sa.String(249), primary_key=True),
        sa.Column("partition", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("offset", LONG, primary_key=True, autoincrement=False),
        sa.Column("wall", LONG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
    )


def downgrade() -> None:
    for table in ("poison", "positions", "disabled_endpoints", "outbox", "history", "alerts"):
        op.drop_table(table)
